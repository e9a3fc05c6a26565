// Package phone is the page on which a person plays the customers of a business: one phone per emulated network,
// side by side. The emulators implement Network; the page knows none of them.
package phone

import (
	"context"
	"html/template"
	"io"
	"time"
)

// Network is an emulated network as its customers see it on their phones. All methods may be called at the same time.
type Network interface {
	// ID names the network in paths: "telegram".
	ID() string
	// Name is what people read: "Telegram".
	Name() string
	// Customers lists who has a phone here, the oldest first.
	Customers() []Customer
	// AddCustomer makes a new one. An empty address has one made; else it must be of the network's form, and its
	// ending may choose a Failure. What is wrong is an errs.ErrInvalid or errs.ErrConflict with words for people.
	AddCustomer(ctx context.Context, name, address string) (Customer, error)
	// Chats lists a customer's chats with the business, the main one first; errs.ErrNotFound for nobody's ID.
	Chats(customerID string) ([]Chat, error)
	// Messages lists what the customer sees in a chat, the oldest first.
	Messages(customerID, chatID string) ([]Message, error)
	// Gestures lists what a customer can do on this network, in the order in which the page offers it.
	Gestures() []Offer
	// Do does it. What the network does not allow is an error with words for people.
	Do(ctx context.Context, customerID, chatID string, what Gesture) error
	// Open opens a file that a message of the customer's shows; errs.ErrNotFound otherwise.
	Open(customerID, fileID string) (io.ReadSeekCloser, File, error)
	// Changed returns a channel that is closed at the next change of whatever a phone shows.
	Changed() <-chan struct{}
	// Failures lists the endings of addresses that make sending to a customer fail.
	Failures() []Failure
}

// Customer is one person with a phone.
type Customer struct {
	ID      string
	Name    string
	Address string // phone number or username, as people write it
}

// Chat is one conversation of a customer with the business, or a group that the business is in.
type Chat struct {
	ID       string
	Name     string // the business, or the group
	Group    bool
	Typing   bool      // the business is typing
	Note     string    // one line for people: "window open, 23 h left"
	Unread   int       // messages of others that the customer has not read
	Settings []Setting // what the customer can switch here: "Read receipts"
}

// Setting is a switch; the page turns it by the gesture "set".
type Setting struct {
	ID, Name string
	On       bool
}

// Message is one message as the customer's phone shows it.
type Message struct {
	ID   string
	Mine bool   // the customer wrote it
	From string // who wrote it, if neither the customer nor simply the business
	At   time.Time
	// Line, if set, makes it a line in the middle instead of a bubble: a call, a change of the group.
	Line string
	// HTML is the formatted text or caption, made safe by the emulator; Text is the same without markup.
	HTML      template.HTML
	Text      string
	Header    string // of a message with buttons
	Footer    string
	File      *File
	Place     *Place
	Poll      *Poll
	Cards     []Card // shared contacts
	Buttons   []Button
	List      string   // words on what opens Buttons as a list; empty: they stand below the message
	Quote     string   // ID of the message that it answers
	Reactions []string // emoji
	Forwarded bool
	Edited    bool
	Deleted   bool
	State     string // of the customer's own: sent, delivered, read; of the business's: empty
	// CanEdit and CanDelete tell whether the network lets the customer do so now.
	CanEdit, CanDelete bool
}

// File is a file in a message.
type File struct {
	ID       string
	Kind     string // image, video, audio, voice, file, sticker, video_note
	Mime     string
	Name     string
	Size     int64
	Width    int // pixels; 0 if unknown
	Height   int
	Duration time.Duration
	Once     bool // can be viewed once
}

// Place is a spot on the map.
type Place struct {
	Latitude, Longitude float64
	Name, Address       string
}

// Card is a contact of an address book.
type Card struct {
	Name  string
	Lines []string // phone numbers, e-mail addresses, the company
}

// Poll is a question with its options and how many chose each; the page votes by the gesture "vote".
type Poll struct {
	Question string
	Options  []Option
	Multiple bool
	Closed   bool
}

// Option is one answer of a poll.
type Option struct {
	Text  string
	Votes int
	Mine  bool
}

// Button is below a message; the page presses it by the gesture "press". With a URL it is a link instead; with
// neither ID nor URL it can be read but not pressed.
type Button struct {
	ID, Text, Description, URL string
	Section                    string // heading over this and the following ones of a list
	Pressed                    bool
}

// The kinds of gesture.
const (
	Text      = "text" // Text, Message: the one it answers, if any
	SendFile  = "file" // File, Text: the caption, Message
	Voice     = "voice"
	Sticker   = "sticker"
	Location  = "location" // Place
	Contact   = "contact"  // the customer's own contact, or Text: somebody's name
	PollStart = "poll"     // Text: the question, Choices, On: several may be chosen
	Vote      = "vote"     // Message, Choices: indexes as text
	React     = "react"    // Message, Text: the emoji
	Unreact   = "unreact"  // Message
	Edit      = "edit"     // Message, Text
	Delete    = "delete"   // Message
	Press     = "press"    // Message, Choices: one button's ID
	Read      = "read"     // marks all as read
	Played    = "played"   // Message: the voice message was listened to
	Typing    = "typing"   // On
	Call      = "call"     //
	Odd       = "odd"      // something that the business cannot be shown
	Set       = "set"      // Choices: one setting's ID, On
)

// Offer is a gesture that the page offers.
type Offer struct {
	Kind string
	Name string // on the button: "Send a sticker"
}

// Gesture is something that a customer does.
type Gesture struct {
	Kind    string
	Message string
	Text    string
	Choices []string
	On      bool
	Place   *Place
	File    *Upload // for SendFile, Voice and Sticker; nil: the emulator takes a sample of its own
}

// Upload is a file that the person picked.
type Upload struct {
	Name, Mime string
	Content    []byte
}

// Failure is an ending of a customer's address and what sending to them then does.
type Failure struct {
	Ending, Effect string
}
