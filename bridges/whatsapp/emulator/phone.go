package emulator

import (
	"context"
	"fmt"
	"sort"
	"time"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

// The states of a message, in the order in which they may follow one another; Failed may come at any time.
const (
	Accepted  = "accepted"
	Sent      = "sent"
	Delivered = "delivered"
	Read      = "read"
	Played    = "played"
	Failed    = "failed"
)

// Message is one message as the customer's phone shows it.
type Message struct {
	ID           string    `json:"id"` // wamid.…
	Seq          int64     `json:"seq"`
	Number       string    `json:"number"`             // phone number ID of the business side
	GroupID      string    `json:"group_id,omitempty"` // if it stands in a group
	Author       string    `json:"author,omitempty"`   // user ID of the customer who wrote it; empty: the business
	FromBusiness bool      `json:"from_business"`
	Echo         bool      `json:"echo,omitempty"` // typed in the WhatsApp Business app
	At           time.Time `json:"at"`
	// Kind is WhatsApp's type: text image video audio document sticker location contacts interactive template
	// order button unsupported system call.
	Kind string `json:"kind"`
	// Subtype is the interactive type, or what an unsupported message was.
	Subtype  string     `json:"subtype,omitempty"`
	Header   string     `json:"header,omitempty"` // of an interactive message or a template
	Text     string     `json:"text,omitempty"`   // body or caption, template variables filled in
	Footer   string     `json:"footer,omitempty"`
	Media    *Media     `json:"media,omitempty"` // the file, or the media header
	Location *Location  `json:"location,omitempty"`
	Contacts []Contact  `json:"contacts,omitempty"`
	Template string     `json:"template,omitempty"` // name
	Language string     `json:"language,omitempty"`
	Buttons  []Button   `json:"buttons,omitempty"`
	List     *List      `json:"list,omitempty"`
	Order    *Purchase  `json:"order,omitempty"`
	Quote    string     `json:"quote,omitempty"` // ID of the message it answers
	React    []Reaction `json:"reactions,omitempty"`

	Preview   bool   `json:"preview,omitempty"` // the business asked for a link preview
	Forwarded bool   `json:"forwarded,omitempty"`
	Edited    bool   `json:"edited,omitempty"`
	Deleted   bool   `json:"deleted,omitempty"`
	Status    string `json:"status"`          // of what the business sent; of what the customer sent: sent, delivered, read
	Error     int    `json:"error,omitempty"` // Meta's code, if Failed
	Category  string `json:"category,omitempty"`
	Callback  string `json:"callback,omitempty"`   // biz_opaque_callback_data
	Told      []told `json:"told,omitempty"`       // per participant, in a group
	Chosen    string `json:"chosen,omitempty"`     // which button was pressed
	ByUserID  bool   `json:"by_user_id,omitempty"` // the business addressed the customer by user ID
}

// told is how far a group message has come with one participant.
type told struct {
	UserID string `json:"user_id"`
	Status string `json:"status"`
}

// Media is a file in a message.
type Media struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"` // image video audio document sticker
	Mime     string `json:"mime"`
	SHA256   string `json:"sha256"` // hex
	Name     string `json:"name,omitempty"`
	Size     int64  `json:"size"` // bytes
	Voice    bool   `json:"voice,omitempty"`
	Animated bool   `json:"animated,omitempty"`
}

// Location is a point, in degrees, with an optional name and address.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// Contact is a card of an address book.
type Contact struct {
	Name   string   `json:"name"`
	Phones []string `json:"phones,omitempty"`
	Emails []string `json:"emails,omitempty"`
	Org    string   `json:"org,omitempty"`
}

// Button is something that the customer can press.
type Button struct {
	// Kind: reply (interactive), quick_reply (template), url, phone_number, copy_code, location, contact.
	Kind  string `json:"kind"`
	ID    string `json:"id,omitempty"` // reply ID or payload
	Title string `json:"title"`
	URL   string `json:"url,omitempty"` // url, phone number or code
}

// List is what opens when the customer presses the button of a list message.
type List struct {
	Button   string    `json:"button"`
	Sections []Section `json:"sections"`
}

// Section is one part of a List.
type Section struct {
	Title string `json:"title,omitempty"`
	Rows  []Row  `json:"rows"`
}

// Row is one choice of a Section.
type Row struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Reaction is one side's emoji on a message.
type Reaction struct {
	By    string `json:"by"` // user ID of a customer; empty: the business
	Emoji string `json:"emoji"`
}

// Phone is what a customer sees at one moment.
type Phone struct {
	Customer Customer
	// Messages are those with all business numbers and in groups, oldest first.
	Messages []Message
	// Typing holds the phone number IDs of the businesses that are typing now.
	Typing []string
	// ReadReceipts tells whether the customer lets others see what they have read.
	ReadReceipts bool
	// Online is false while nothing can be delivered.
	Online bool
}

// Message returns the message with an ID, or false.
func (p Phone) Message(id string) (Message, bool) {
	for _, m := range p.Messages {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}

// Phone returns what a customer's phone shows now.
func (e *Emulator) Phone(userID string) (Phone, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phone(userID)
}

// Inbox returns every message on a customer's phone, oldest first; nil if there is no such customer.
func (e *Emulator) Inbox(userID string) []Message {
	p, err := e.Phone(userID)
	if err != nil {
		return nil
	}
	return p.Messages
}

// Wait returns a customer's phone as soon as fact holds for it, or the error of ctx.
func (e *Emulator) Wait(ctx context.Context, userID string, fact func(Phone) bool) (Phone, error) {
	return emulation.Wait(ctx, &e.mu, &e.changed, "wait for a customer's phone",
		func() (Phone, error) { return e.phone(userID) }, fact)
}

// phone copies what a customer sees. The caller holds mu.
func (e *Emulator) phone(userID string) (Phone, error) {
	p := e.st.person(userID)
	if p == nil {
		return Phone{}, fmt.Errorf("customer of the emulator: %w", errs.ErrNotFound)
	}
	out := Phone{Customer: p.Customer, ReadReceipts: !p.ReceiptsOff, Online: !p.Offline}
	for _, m := range p.Messages {
		if m.arrived() {
			out.Messages = append(out.Messages, m.copy())
		}
	}
	for _, g := range e.st.Groups {
		if g.member(userID) {
			for _, m := range g.Messages {
				out.Messages = append(out.Messages, m.copy())
			}
		}
	}
	sort.SliceStable(out.Messages, func(i, j int) bool { return out.Messages[i].Seq < out.Messages[j].Seq })
	now := e.clock.Now()
	for _, n := range e.opt.Numbers {
		if chat, ok := e.st.Chats[userID+"|"+n.PhoneNumberID]; ok && chat.TypingUntil.After(now) {
			out.Typing = append(out.Typing, n.PhoneNumberID)
		}
	}
	return out, nil
}

// arrived tells whether the customer's phone has the message: all but what is still under way or has failed.
func (m *Message) arrived() bool {
	return !m.FromBusiness || m.GroupID != "" || rank(m.Status) >= rank(Delivered)
}

func (m *Message) copy() Message {
	c := *m
	c.React = append([]Reaction(nil), m.React...)
	c.Told = append([]told(nil), m.Told...)
	return c
}

// react sets, changes or (with an empty emoji) removes one side's reaction.
func (m *Message) react(by, emoji string) {
	kept := m.React[:0]
	for _, r := range m.React {
		if r.By != by {
			kept = append(kept, r)
		}
	}
	m.React = kept
	if emoji != "" {
		m.React = append(m.React, Reaction{By: by, Emoji: emoji})
	}
}
