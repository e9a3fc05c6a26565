package channel

import (
	"context"
	"time"
)

// Outgoing is something that is about to leave for a customer.
type Outgoing struct {
	Ref
	ID       string // the message in the room; opaque
	From     Party  // who wrote it, or asked for it
	Content  Content
	Template string    // the name of the approved template that it is; "" if it is none
	Purpose  string    // as Message.Purpose; "" also for what people write
	Rules    Rules     // what the network demands
	At       time.Time // when it was written, as the homeserver dates it
	// Again tells that it has passed the gate before and is being tried again: what was decided by who may write
	// stays decided.
	Again bool
}

// Gate is the one place through which everything must pass that leaves for a customer.
type Gate interface {
	// MayLeave returns nil, or why it may not leave: an error whose errs.Message tells its author why, and what to
	// do next. An errs.Temporary is asked again later, and holds up what follows in the same conversation.
	MayLeave(ctx context.Context, out Outgoing) error
}
