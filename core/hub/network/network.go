// Package network is what a bridge hands over to the hub, and what it gets from it. A bridge imports
// this, desk/channel, base/errs, base/clock, bridgekit and mautrix, and nothing else of Puente.
package network

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/desk/channel"
)

// Network is one kind of outside network, as cmd/puente/networks.go lists it.
type Network struct {
	// ID names the network in the config, in paths, in user IDs and in the database: lower-case letters only.
	ID string
	// DisplayName is what people read.
	DisplayName string
	// AlsoCalled is what customers call it otherwise: for short, in other scripts and cases.
	AlsoCalled []string
	// ExampleConfig is the YAML of the network's part of the config, with every key explained.
	ExampleConfig string
	// New makes the bridge. A wrong config value is an errs.ErrInvalid that names the key and the mend.
	New func(Env) (Connector, error)
	// Capabilities is what the network can do, whatever the config says.
	Capabilities Capabilities
	// Setup is what `puente init` must know or make up before the network can be turned on; nil: nothing.
	Setup []Setting
}

// Setting is one value of the network's config that has no default.
type Setting struct {
	// Key is the config's key under networks.<ID>: "app_secret".
	Key string
	// Ask is what a person is asked, without a question mark; empty: the value is made at random.
	Ask string
}

// Connector is a bridge as the hub hosts it.
type Connector interface {
	bridgev2.NetworkConnector
	// Webhooks answers what the provider calls under /<network ID>/; nil if it never calls. What it takes in it
	// hands to Env.Intake and answers 200 only when that has returned nil.
	Webhooks() http.Handler
	// HandleEntry deals with one entry that Intake took. It is called in order per lane and in parallel across
	// lanes, again after a crash, and again after an errs.Temporary; any other error sets the entry aside as failed.
	HandleEntry(ctx context.Context, entry Entry) error
	// Rules returns what the network demands of whoever writes to its users.
	Rules() channel.Rules
}

// Pauser is implemented by a connector that takes things in by itself, without the provider asking again for what was
// not taken: whoever polls, and whoever is handed what is then gone.
type Pauser interface {
	// Pause takes nothing more from the provider and returns when all that was taken is with Env.Intake. It is called
	// once, before the journal stops; what agents send may still go out until Stop.
	Pause()
	// Hold has the connector take nothing more from the provider, as far as that can be had, until it is called with
	// false: another process may have the database. Env.Intake still takes what has come. It does not wait.
	Hold(held bool)
}

// Checker is implemented by a connector that can tell whether its set-up works; `puente check` prints the lines.
type Checker interface {
	Check(ctx context.Context) []Finding
}

// Finding is one line of `puente check`.
type Finding struct {
	OK    bool
	About string // what was looked at: "whatsapp token of 1065…"
	Mend  string // what to do about it; empty if OK
}

// Env is what the hub lends a bridge.
type Env struct {
	// Config decodes the network's part of the config strictly into a struct with yaml tags.
	Config func(into any) error
	// Intake takes what the provider sent.
	Intake Intake
	// Outcomes remembers what became of each message that went out.
	Outcomes Outcomes
	// Handles knows which person is behind the names and numbers that the network gives.
	Handles Handles
	// Operators are told what they must act on. How each login is (BridgeState) the hub tells them by itself.
	Operators Operators
	// Clock is the time.
	Clock clock.Clock
	// Log is the bridge's own logger.
	Log zerolog.Logger
	// Away is the time before this start in which nobody listened to the provider, as far as that is known: from what
	// arrived last until the start. Both are zero if nothing ever arrived.
	Away func() (from, until time.Time)
	// PublicURL is where the world reaches the hub's listener, without a trailing slash; the bridge's webhooks are
	// under PublicURL + "/" + its ID. Empty if none is set.
	PublicURL string
}

// Entry is one thing that the provider sent and that must not get lost.
type Entry struct {
	// Key is how a repetition is known, unique within the network; empty if it cannot be known.
	Key string
	// Lane is what must stay in order: entries of one lane are handled one after another.
	Lane string
	// Kind says what Payload is: "message", "status".
	Kind string
	// Payload is the thing itself, as the provider sent it.
	Payload []byte
	// Failed, if not empty, keeps the entry as failed from the start, with this reason: broken JSON, an unknown account.
	Failed string
	// ReceivedAt is when it was taken in; the hub sets it.
	ReceivedAt time.Time
}

// Intake takes entries.
type Intake interface {
	// Take commits the entries durably, all or none; those whose Key is known already are passed over. When it
	// returns an error the caller must not answer 200, so that the provider sends them again.
	Take(ctx context.Context, entries ...Entry) error
}

// Outcomes remembers what became of each message that went out, so that a crash or a time-out between the
// provider's acceptance and our noting it does not send the message twice.
type Outcomes interface {
	// Look returns what is known of a message's attempts so far; nothing if there were none.
	Look(ctx context.Context, eventID id.EventID) (Earlier, error)
	// Begin notes, before the provider is called, that the event is about to be handed over, and returns what is
	// known of earlier attempts.
	Begin(ctx context.Context, attempt Attempt) (Earlier, error)
	// Refused notes that the provider certainly did not take the message, so that another attempt is safe.
	Refused(ctx context.Context, eventID id.EventID) error
	// Accepted notes the ID that the provider gave to the message.
	Accepted(ctx context.Context, eventID id.EventID, networkMessageID string) error
	// Open lists the room's messages of which nobody knows whether the provider took them, the oldest first, so that
	// something that the provider says later, such as a receipt, can settle them.
	Open(ctx context.Context, roomID id.RoomID) ([]Unresolved, error)
	// Underway tells whether a message of the room has gone out, or may have, of which the bridge's own notes are not
	// written: it is being sent, or its sending broke off. It is asked while an entry is being handled, of which it stays
	// true for some minutes at most: nothing waits for ever for a message that hangs.
	Underway(ctx context.Context, roomID id.RoomID) (bool, error)
	// Unheard tells whether something that the provider sent from one time to another is not dealt with yet: it may be
	// what tells of a message whose fate is not known.
	Unheard(ctx context.Context, from, until time.Time) (bool, error)
	// Report moves a message on; what is no news is passed over. Unknown messages are an errs.ErrNotFound.
	Report(ctx context.Context, report Report) error
}

// Attempt is one message about to be handed to the provider.
type Attempt struct {
	EventID id.EventID
	RoomID  id.RoomID
}

// Earlier is what is known of a message's earlier attempts.
type Earlier struct {
	// NetworkMessageID is set if the provider is known to have taken the message: do not send it again.
	NetworkMessageID string
	// Unresolved is when an attempt began of which nobody knows whether the provider took it; zero if none did.
	Unresolved time.Time
	// Attempts is how many attempts began so far, those that were refused included; the one that Begin notes itself
	// is not counted in Begin's answer.
	Attempts int
}

// Objector is implemented by an error of a bridge that may say what the customer objects to; "" for nothing.
type Objector interface {
	error
	Objection() string
}

// Unresolved is a message whose fate is not known.
type Unresolved struct {
	EventID id.EventID
	Began   time.Time // when the attempt began
}

// Report is what a provider says about a message that went out.
type Report struct {
	// EventID names the message, if the provider gave back what we sent along; else NetworkMessageID does.
	EventID          id.EventID
	NetworkMessageID string
	State            channel.State
	At               time.Time
	// By is the ghost who received or read it.
	By *bridgev2.Ghost
	// Reason says, for channel.Failed, why and what to do next; shown to the agent.
	Reason string
	// Objection is as in channel.StatusChanged.
	Objection string
}
