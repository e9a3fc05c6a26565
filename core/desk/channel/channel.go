// Package channel is the seam between the networks and the business floor: conversations, messages
// and their fate in plain words, with no Matrix type in them. The hub fills it in, the desk reads it.
package channel

import "time"

// Ref names one conversation for good: one chat on one network through one of the business's own accounts.
type Ref struct {
	Network string // the network's ID as the config names it: "whatsapp"
	Account string // the business's own account on it; on WhatsApp the phone number ID
	Chat    string // the chat on that account; stable, opaque, no phone number
	Room    string // where the team sees it; opaque to the desk
}

// Party is somebody who takes part: a customer or one of our own people.
type Party struct {
	ID   string // stable and opaque: the network's own ID of a customer, or an agent's user ID
	Name string // as shown; may be empty
}

// State is how far a message got. Later states include the earlier ones; Failed stands beside them.
type State string

// The states, in the order in which they come. ref: reference/field-map.md, message states.
const (
	Pending   State = "pending" // accepted by us, the network has not answered yet
	Sent      State = "sent"    // the network has taken it
	Delivered State = "delivered"
	Read      State = "read"
	Failed    State = "failed" // final: it will not arrive; the reason stands beside it
)

// rank orders the states; a message never goes back.
func (s State) rank() int {
	switch s {
	case Pending:
		return 1
	case Sent:
		return 2
	case Delivered:
		return 3
	case Read:
		return 4
	}
	return 0
}

// Advances tells whether next is news after s: networks repeat and reorder their reports. A failure
// is news until the message is known to have been delivered; nothing is news after a failure, except
// that it was delivered after all.
func (s State) Advances(next State) bool {
	switch {
	case next == Failed:
		return s != Failed && s.rank() < Delivered.rank()
	case s == Failed:
		return next.rank() >= Delivered.rank()
	}
	return next.rank() > s.rank()
}

// Rules is what a network demands of whoever writes to its users.
type Rules struct {
	// FreeTextWindow is how long after the customer's last message free text may be sent; 0 means always.
	FreeTextWindow time.Duration
	// Templates tells that approved templates may be sent outside the window.
	Templates bool
}

// AllowsFreeText tells whether free text may be sent now to a customer whose last message came at lastInbound
// (zero: never).
func (r Rules) AllowsFreeText(now, lastInbound time.Time) bool {
	if r.FreeTextWindow == 0 {
		return true
	}
	return !lastInbound.IsZero() && now.Sub(lastInbound) < r.FreeTextWindow
}
