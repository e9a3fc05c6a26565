package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

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

func stateFile(dataDir string) string { return filepath.Join(dataDir, "state.json") }

func loadState(dataDir string) (*state, error) {
	raw, err := os.ReadFile(stateFile(dataDir))
	if err != nil {
		return nil, fmt.Errorf("read the emulator's state: %w", err)
	}
	st := newState()
	if err = json.Unmarshal(raw, st); err != nil {
		return nil, fmt.Errorf("read the emulator's state: %w", err)
	}
	return st, nil
}

// save writes the state beside the old one and then puts it in its place, so that a crash leaves either whole.
func (e *Emulator) save() error {
	e.mu.Lock()
	raw, err := json.Marshal(e.st)
	e.mu.Unlock()
	if err != nil {
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	fresh, err := os.CreateTemp(e.opt.DataDir, "state-*.tmp")
	if err != nil {
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	_, err = fresh.Write(raw)
	if err == nil {
		err = fresh.Sync()
	}
	if closeErr := fresh.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(fresh.Name(), stateFile(e.opt.DataDir))
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return fmt.Errorf("write the emulator's state: %w", err)
	}
	return nil
}

// keepSaving writes the state after changes, many at a time.
func (e *Emulator) keepSaving(ctx context.Context) {
	saved := int64(-1)
	for {
		e.mu.Lock()
		changed, rev := e.changed, e.rev
		e.mu.Unlock()
		if rev != saved {
			e.saveOrTell()
			saved = rev
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return // Stop saves the rest, when nothing changes any more
		}
	}
}

func (e *Emulator) saveOrTell() {
	if err := e.save(); err != nil {
		e.log.Err(err).Msg("Emulator state not saved")
	}
}
