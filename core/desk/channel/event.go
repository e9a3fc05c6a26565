package channel

import (
	"context"
	"time"
)

// Event is something that happened on a channel: PortalOpened, MessageIn, MessageOut or StatusChanged; or, in no
// conversation, PresenceChanged.
// Each comes at least once, in the order of its conversation; Key is the same when it comes again.
type Event interface {
	Conversation() Ref
	EventKey() string
}

// Base is what all events carry.
type Base struct {
	Ref Ref
	Key string    // stable over repetitions; use it as the idempotency key
	At  time.Time // when it happened, as the network or the homeserver dates it
}

// Conversation returns the conversation that the event belongs to.
func (b Base) Conversation() Ref { return b.Ref }

// EventKey returns the key by which a repetition is known.
func (b Base) EventKey() string { return b.Key }

// PortalOpened: a conversation got its room.
type PortalOpened struct {
	Base
	Customer Party // the chat's one customer; of a group only its name
	Group    bool  // several customers are in it
}

// Content is what a message says, whatever network it came by.
type Content struct {
	Kind    string // text, image, video, audio, voice, file, sticker, location, reaction, edit, deletion, notice
	Text    string // the words, or the caption; plain text
	File    string // the attachment's address, "" if there is none; opaque, for Files, and a secret like the text
	Target  string // for a reply, reaction, edit or deletion: the message that it is about
	Payload map[string]any
}

// MessageIn: a customer wrote.
type MessageIn struct {
	Base
	ID      string // the message in the room; opaque
	From    Party
	Content Content
}

// MessageOut: one of our own people (or a rule, or the API) wrote.
type MessageOut struct {
	Base
	ID      string // the message in the room; opaque
	From    Party
	Content Content
}

// StatusChanged: an outgoing message got further, or failed.
type StatusChanged struct {
	Base
	ID     string // the message in the room, as MessageOut named it
	State  State
	Reason string // for Failed: why, in plain words
	// Objection is, for Failed, what the network says that the customer does not want: "marketing"; "" mostly.
	Objection string
}

// PresenceChanged: whether one of our own people is there, as their clients show it.
type PresenceChanged struct {
	Base            // without a conversation
	Who      string // the person's ID
	Presence string // online, unavailable (nobody touches the keyboard), offline
}

// Listener takes events. An error makes the hub offer the event again later; a nil means that it is dealt with.
type Listener interface {
	HandleChannelEvent(ctx context.Context, evt Event) error
}
