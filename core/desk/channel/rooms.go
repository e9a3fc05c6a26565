package channel

import (
	"context"
	"time"
)

// Face is what the team sees of a conversation beside its messages.
type Face struct {
	Topic   string   // one line, in front of what the network says of the chat
	Card    string   // Markdown: a notice at the room's beginning that is kept up to date
	Buttons []string // emoji that may be pressed on the card
	Facts   any      // the same for programs, as JSON; every member of the room and its homeserver can read it
	Views   []string // the keys of the views that the conversation is in
	Order   string   // where it stands in them: by ASCII order, at most 50 characters; "" for no particular place
	// Since is when what is to be shown came about: messages go first, but not for ever. Zero: now.
	Since time.Time
}

// View is a list of conversations that fills and empties itself.
type View struct {
	Key     string // stable: "unassigned", "mine:@anna:example.com"
	Name    string // as people read it
	Topic   string
	Members []string // who sees it
	Rooms   []string // whose rooms' members may come in by themselves, by its link
}

// Message is what the business says to a customer by Puente, for one of our own people or by itself.
type Message struct {
	Key  string // chosen by the cause: what is said under a key is said once
	By   string // who asked for it; "" for Puente itself
	Text string // Markdown
	// Purpose is what it is for: "" an answer to what the customer wrote, else a word that customers can allow or forbid:
	// "marketing".
	Purpose string
	// Choices are answers to pick from, where the network has buttons or lists; they are part of the text elsewhere.
	Choices []string
}

// Copy is something said in one conversation that is to be said in another.
type Copy struct {
	Key    string // chosen by the cause: what is copied under a key is copied once
	From   Ref
	ID     string // the message in From's room
	Kind   string // as Content.Kind
	By     string // who is named as its author; "" for nobody
	Target string // the message in the other room that it answers, changes, reacts to or takes back; "" for none
}

// Rooms is how the business floor shows something to the team, and writes.
type Rooms interface {
	// ShowFace makes the room look like this. It changes only what differs, and may be repeated.
	ShowFace(ctx context.Context, ref Ref, face Face) error
	// ShowView makes the view if it is not there, and lets its members in and others out.
	ShowView(ctx context.Context, view View) error
	// ViewLink is an address that opens a view that was shown, in a Matrix client.
	ViewLink(ctx context.Context, key string) (string, error)
	// Notify says something to the team in a conversation's room; the customer never sees it. What is said under a
	// key is said once. to is the message that it answers, "" for none.
	Notify(ctx context.Context, ref Ref, key, to, text string) error
	// Send says something to the customer: it stands in the room, and passes the Gate like an agent's words. It returns
	// the message's ID.
	Send(ctx context.Context, ref Ref, msg Message) (id string, err error)
	// Copy says something again in another conversation, files too, and returns the ID that it has there. It passes the
	// Gate like everything else. A message that is gone is an errs.ErrNotFound; a template, and what has a purpose, an
	// errs.ErrForbidden that says so: in other rooms they would pass for answers.
	Copy(ctx context.Context, to Ref, what Copy) (id string, err error)
	// Invite lets a person into a conversation's room, and Remove takes them out; user is a Matrix user ID.
	Invite(ctx context.Context, ref Ref, user string) error
	Remove(ctx context.Context, ref Ref, user, reason string) error
	// Templates lists the templates of the conversation's account; none where the network has none.
	Templates(ctx context.Context, ref Ref) ([]Template, error)
	// Team lists our own people.
	Team(ctx context.Context) ([]Party, error)
	// Rules is what the conversation's network demands of whoever writes.
	Rules(ref Ref) Rules
	// NetworkName is what people call a network: "WhatsApp".
	NetworkName(network string) string
	// Link is an address that opens the conversation's room, or a message in it, in a Matrix client.
	Link(ref Ref, message string) string
}
