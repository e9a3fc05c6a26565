package emulator

import "time"

// state is all that a restart keeps. Whoever touches it holds Emulator.mu.
type state struct {
	Seq       int64                 `json:"seq"`
	People    []*person             `json:"people"`
	Chats     map[string]*chatState `json:"chats"`
	Groups    []*group              `json:"groups"`
	Templates []*template           `json:"templates"`
	Media     map[string]*mediaFile `json:"media"`
	Profiles  map[string]object     `json:"profiles"`
	Blocked   map[string][]string   `json:"blocked"` // user IDs by phone number ID
	Callbacks callbacks             `json:"callbacks"`
	Queue     []*update             `json:"queue"`
}

// callbacks is where webhooks go. ref: reference/whatsapp-cloud.md §2, lookup order number, account, app
type callbacks struct {
	App          string            `json:"app"`
	Account      string            `json:"account"`
	ByNumber     map[string]string `json:"by_number"`
	Unsubscribed bool              `json:"unsubscribed"`
}

// person is a customer and what their phone is set to.
type person struct {
	Customer
	ReceiptsOff bool       `json:"receipts_off"`
	Offline     bool       `json:"offline"`
	Messages    []*Message `json:"messages"`
}

// group is a WhatsApp group that a business number made, and its messages.
type group struct {
	Group
	Messages []*Message `json:"messages"`
}

// chatState is what the provider knows of one customer and one business number.
type chatState struct {
	LastInbound time.Time `json:"last_inbound"` // opens the 24-hour window
	KnownUntil  time.Time `json:"known_until"`  // until then webhooks name a hidden phone number
	Stopped     bool      `json:"stopped"`      // no marketing wanted
	TypingUntil time.Time `json:"typing_until"`
}

func newState() *state {
	return &state{
		Chats: map[string]*chatState{}, Media: map[string]*mediaFile{},
		Profiles: map[string]object{}, Blocked: map[string][]string{},
		Callbacks: callbacks{ByNumber: map[string]string{}},
	}
}

func (s *state) person(userID string) *person {
	for _, p := range s.People {
		if p.UserID == userID {
			return p
		}
	}
	return nil
}

func (s *state) personByWaID(waID string) *person {
	if waID == "" {
		return nil
	}
	for _, p := range s.People {
		if p.WaID == waID {
			return p
		}
	}
	return nil
}

func (s *state) group(id string) *group {
	for _, g := range s.Groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// chat returns what is known of a customer at a business number, made on first use.
func (s *state) chat(userID, pnid string) *chatState {
	key := userID + "|" + pnid
	if s.Chats[key] == nil {
		s.Chats[key] = &chatState{}
	}
	return s.Chats[key]
}

func (s *state) indexMessages() map[string]*Message {
	index := map[string]*Message{}
	for _, p := range s.People {
		for _, m := range p.Messages {
			index[m.ID] = m
		}
	}
	for _, g := range s.Groups {
		for _, m := range g.Messages {
			index[m.ID] = m
		}
	}
	return index
}
