package emulator

// state is all that a restart keeps. Whoever touches it holds Emulator.mu.
type state struct {
	Seq      int64              `json:"seq"`
	Stamps   map[string]int64   `json:"stamps"` // last timestamp by author
	Accounts []*business        `json:"accounts"`
	People   []*person          `json:"people"`
	Groups   []*group           `json:"groups"`
	Threads  map[string]*thread `json:"threads"`
	Files    map[string]*file   `json:"files"`
}

func newState() *state {
	return &state{Stamps: map[string]int64{}, Threads: map[string]*thread{}, Files: map[string]*file{}}
}
