package emulator

import (
	"fmt"
	"slices"
	"time"

	"puente/core/base/errs"
)

// object is a JSON object on its way to Puente. The emulator shares no types with the bridge, so that a mistake in one
// is caught by the other.
type object = map[string]any

// state is all that a restart keeps. Whoever touches it holds Emulator.mu.
type state struct {
	Token  string            `json:"token"`
	Secret string            `json:"secret"`
	Seq    int64             `json:"seq"`
	People []*person         `json:"people"`
	Chats  []*chat           `json:"chats"`
	Files  map[string]*file  `json:"files"`
	Queue  []*update         `json:"queue"`
	Seen   map[string]*taken `json:"seen"` // by webhook-id
}

// person is somebody with the widget on their phone.
type person struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Phone   string `json:"phone,omitempty"`
	Picture string `json:"picture,omitempty"` // ID of a file
	Quiet   bool   `json:"quiet,omitempty"`   // sends no marks of reading
}

// chat is a conversation with the business.
type chat struct {
	ID       string     `json:"id"`
	Name     string     `json:"name,omitempty"` // of a group
	Members  []string   `json:"members"`
	Messages []*Message `json:"messages"`
	Typing   time.Time  `json:"typing"` // until when the business types
}

func (c *chat) group() bool { return c.Name != "" }

// file is something that a message shows.
type file struct {
	ID       string `json:"id"`
	Mime     string `json:"mime"`
	Name     string `json:"name,omitempty"`
	Data     []byte `json:"data"`
	UploadID string `json:"upload_id,omitempty"` // once it was uploaded to Puente
	ByUpload bool   `json:"by_upload,omitempty"` // it goes to Puente by upload, not by address
}

// update is one event on its way to Puente.
type update struct {
	Event object   `json:"event"`
	Files []string `json:"files,omitempty"` // what the event's media are, in order
}

// taken is a callback that was taken, so that it is answered alike when it comes again.
type taken struct {
	Answer  object `json:"answer,omitempty"`
	Repeats int    `json:"repeats"`
}

func newState() *state { return &state{Files: map[string]*file{}, Seen: map[string]*taken{}} }

func (s *state) person(id string) (*person, error) {
	for _, p := range s.People {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
}

func (s *state) chat(id string) (*chat, error) {
	for _, c := range s.Chats {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, fmt.Errorf("conversation of the emulator: %w", errs.ErrNotFound)
}

// chatOf is a conversation that a person is in.
func (s *state) chatOf(personID, chatID string) (*chat, error) {
	c, err := s.chat(chatID)
	if err != nil || !slices.Contains(c.Members, personID) {
		return nil, fmt.Errorf("conversation of an emulated customer: %w", errs.ErrNotFound)
	}
	return c, nil
}

// message finds a message by its ID, or by the one that Puente gave it.
func (c *chat) message(id string) (*Message, error) {
	for _, m := range c.Messages {
		if m.ID == id || (m.PuenteID == id && id != "") {
			return m, nil
		}
	}
	return nil, fmt.Errorf("message of the emulator: %w", errs.ErrNotFound)
}

// next is a new ID of some kind.
func (s *state) next(kind string) string {
	s.Seq++
	return fmt.Sprintf("%s-%d", kind, s.Seq)
}
