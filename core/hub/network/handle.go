package network

import (
	"context"

	"maunium.net/go/mautrix/bridgev2/networkid"
)

// Handle is one name by which a network knows a person: its own ID for them, a phone number, a username. All but
// the network's own ID may change and may later belong to somebody else.
type Handle struct {
	Kind  string // as the bridge names it: "user_id", "wa_id", "username"
	Value string
}

// Handles knows which person is behind the handles of one network. A person has an opaque ID of Puente's making,
// which never changes, so that rooms stay whatever the network or the person renames.
type Handles interface {
	// Resolve returns the person behind the handles, which are given strongest first and all belong together; a
	// person is made if none is known. A weaker handle does not lead to a person who is known by another value of
	// a stronger one: the number was given to somebody else.
	Resolve(ctx context.Context, handles ...Handle) (networkid.UserID, error)
	// Lookup returns the person behind one handle, or errs.ErrNotFound.
	Lookup(ctx context.Context, handle Handle) (networkid.UserID, error)
	// Attach gives the person another handle, taking it from whoever had it.
	Attach(ctx context.Context, person networkid.UserID, handle Handle) error
	// Of returns the person's handles, the newest of each kind first.
	Of(ctx context.Context, person networkid.UserID) ([]Handle, error)
}
