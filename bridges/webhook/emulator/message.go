package emulator

import (
	"context"
	"slices"
	"sort"
	"time"

	"puente/bridges/bridgekit/emulation"
)

// Message is one message as the phones of a conversation show it.
type Message struct {
	ID           string     `json:"id"`                  // the system's own
	PuenteID     string     `json:"puente_id,omitempty"` // of what the business sent by Puente
	Seq          int64      `json:"seq"`
	Chat         string     `json:"chat"`
	Group        bool       `json:"group,omitempty"`
	Author       string     `json:"author,omitempty"` // ID of the customer who wrote it; empty: the business
	FromBusiness bool       `json:"from_business"`
	At           time.Time  `json:"at"`
	Text         string     `json:"text,omitempty"`
	HTML         string     `json:"html,omitempty"` // empty if nothing is styled
	File         *File      `json:"file,omitempty"`
	Location     *Location  `json:"location,omitempty"`
	Contact      *Contact   `json:"contact,omitempty"`
	Choices      *Choices   `json:"choices,omitempty"`
	ReplyTo      string     `json:"reply_to,omitempty"`
	Reactions    []Reaction `json:"reactions,omitempty"`
	Odd          string     `json:"odd,omitempty"` // what Puente cannot know
	Edited       bool       `json:"edited,omitempty"`
	Deleted      bool       `json:"deleted,omitempty"`
	Status       string     `json:"status"`           // sent, delivered, read
	Chosen       string     `json:"chosen,omitempty"` // which of Choices was pressed
}

// File is a file in a message.
type File struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // image, video, audio, voice, file, sticker
	Mime string `json:"mime"`
	Name string `json:"name,omitempty"`
	Size int64  `json:"size"`
}

// Location is a place, in degrees.
type Location struct {
	Latitude, Longitude float64
	Name, Address       string
}

// Contact is a card of the address book.
type Contact struct{ Name, Phone, Email string }

// Choices are buttons, or a list if Open is set.
type Choices struct {
	Header, Footer, Open string
	List                 []Choice
}

// Choice is one button, or one row of a list.
type Choice struct{ ID, Title, Description string }

// Reaction is one side's emoji on a message.
type Reaction struct {
	By    string // ID of a customer; empty: the business
	Emoji string
}

// Phone is what a customer sees at one moment.
type Phone struct {
	// Messages are those of all the customer's conversations, oldest first.
	Messages []Message
	// Typing holds the IDs of the conversations in which the business is typing.
	Typing []string
}

// Phone returns what a customer's phone shows now.
func (e *Emulator) Phone(customerID string) (Phone, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phone(customerID)
}

// Wait returns a customer's phone as soon as fact holds for it; with the error of ctx, what it shows then.
func (e *Emulator) Wait(ctx context.Context, customerID string, fact func(Phone) bool) (Phone, error) {
	return emulation.Wait(ctx, &e.mu, &e.changed, "wait for a customer's phone",
		func() (Phone, error) { return e.phone(customerID) }, fact)
}

// phone copies what a customer sees. The caller holds mu.
func (e *Emulator) phone(customerID string) (out Phone, err error) {
	if _, err = e.st.person(customerID); err != nil {
		return out, err
	}
	now := e.clock.Now()
	for _, c := range e.st.Chats {
		if !slices.Contains(c.Members, customerID) {
			continue
		}
		for _, m := range c.Messages {
			out.Messages = append(out.Messages, m.copy())
		}
		if c.Typing.After(now) {
			out.Typing = append(out.Typing, c.ID)
		}
	}
	sort.SliceStable(out.Messages, func(i, j int) bool { return out.Messages[i].Seq < out.Messages[j].Seq })
	return out, nil
}

func (m *Message) copy() Message {
	made := *m
	made.Reactions = slices.Clone(m.Reactions)
	return made
}

// react sets, changes or (with an empty emoji) removes one side's reaction.
func (m *Message) react(by, emoji string) {
	m.Reactions = slices.DeleteFunc(m.Reactions, func(r Reaction) bool { return r.By == by })
	if emoji != "" {
		m.Reactions = append(m.Reactions, Reaction{By: by, Emoji: emoji})
	}
}

// Repeats counts the callbacks that came more than once and were passed over.
func (e *Emulator) Repeats() (count int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range e.st.Seen {
		count += one.Repeats
	}
	return count
}
