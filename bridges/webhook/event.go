package webhook

import (
	"time"

	"puente/core/hub/network"
)

// The types of event. Those without a remark come from systems and go to them.
const (
	typeMessageCreated      = "message.created"
	typeMessageEdited       = "message.edited"
	typeMessageDeleted      = "message.deleted"
	typeMessageStatus       = "message.status" // from systems: how far a message of ours got
	typeReactionAdded       = "reaction.added"
	typeReactionRemoved     = "reaction.removed"
	typeTyping              = "typing"
	typeRead                = "read"                 // everything up to a message
	typeConversationUpdated = "conversation.updated" // from systems
	typePing                = "ping"                 // to systems: a test
)

// Event is one thing that somebody did, as it goes over the wire in both directions. Which parts it needs its type says.
type Event struct {
	ID           string        `json:"id"` // the sender's own, the same when the event is sent again
	Type         string        `json:"type"`
	SentAt       string        `json:"sent_at,omitempty"` // RFC 3339; when it happened
	Conversation *Conversation `json:"conversation,omitempty"`
	From         *Person       `json:"from,omitempty"`       // who did it; never in what Puente sends
	Message      *Message      `json:"message,omitempty"`    // of message.created and message.edited
	MessageID    string        `json:"message_id,omitempty"` // which message all other types are about
	Emoji        string        `json:"emoji,omitempty"`
	Typing       *bool         `json:"typing,omitempty"`
	Status       string        `json:"status,omitempty"` // delivered, read, failed
	Reason       string        `json:"reason,omitempty"` // of a failure, for the agent to read
}

// Conversation is a chat. All but the ID may be left out: what is left out stays as it was.
type Conversation struct {
	ID        string   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Topic     string   `json:"topic,omitempty"`
	AvatarURL string   `json:"avatar_url,omitempty"`
	Members   []Person `json:"members,omitempty"` // all of them; more than one makes it a group
}

// Person is somebody on the system's side.
type Person struct {
	ID        string `json:"id"` // the system's own, which never becomes somebody else's
	Name      string `json:"name,omitempty"`
	AvatarURL string `json:"avatar_url,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
	Role      string `json:"role,omitempty"` // "business": the company's own side wrote, in its own system
}

const roleBusiness = "business"

// Message is what somebody said: a text, files with a text under the first, a place, a contact, or an answer.
type Message struct {
	ID       string                  `json:"id"`
	Text     string                  `json:"text,omitempty"`
	HTML     string                  `json:"html,omitempty"`
	ReplyTo  string                  `json:"reply_to,omitempty"`
	Media    []Media                 `json:"media,omitempty"`
	Location *Location               `json:"location,omitempty"`
	Contact  *Contact                `json:"contact,omitempty"` // from systems
	Answer   *Answer                 `json:"answer,omitempty"`  // from systems: which of Choices was picked
	Choices  *network.ChoicesContent `json:"choices,omitempty"` // to systems
}

// Media is a file.
type Media struct {
	Kind     string `json:"kind"` // image, video, audio, voice, file, sticker
	URL      string `json:"url,omitempty"`
	UploadID string `json:"upload_id,omitempty"` // from systems, in the place of the URL
	Mime     string `json:"mime,omitempty"`
	Name     string `json:"name,omitempty"`
	Size     int64  `json:"size,omitempty"`    // in bytes; to systems
	Caption  string `json:"caption,omitempty"` // from systems, for all files but the first
}

// Location is a place, in degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// Contact is a card of an address book.
type Contact struct {
	Name         string   `json:"name"`
	Phones       []string `json:"phones,omitempty"`
	Emails       []string `json:"emails,omitempty"`
	Organization string   `json:"organization,omitempty"`
}

// Answer is a choice that somebody made.
type Answer struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// at is when the event happened: not later than when it came, and then if it does not say.
func (e *Event) at(receivedAt time.Time) time.Time {
	sent, err := time.Parse(time.RFC3339, e.SentAt)
	if err != nil || sent.After(receivedAt) {
		return receivedAt
	}
	return sent
}
