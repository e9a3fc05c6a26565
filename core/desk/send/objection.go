package send

import (
	"context"
	"errors"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/inbox"
)

var _ channel.Listener = (*Gate)(nil)

// HandleChannelEvent implements channel.Listener: it hears what customers allow and forbid, and confirms it once.
func (g *Gate) HandleChannelEvent(ctx context.Context, evt channel.Event) error {
	switch one := evt.(type) {
	case channel.MessageIn:
		return g.heard(ctx, one)
	case channel.StatusChanged:
		return g.objected(ctx, one)
	}
	return nil
}

// heard passes a customer's words on to the ledger. In a group people speak to each other. One who is blocked is not
// answered.
func (g *Gate) heard(ctx context.Context, evt channel.MessageIn) error {
	if !g.Consent.Concerns(evt.Content) {
		return nil
	}
	c, err := g.private(ctx, evt.Ref)
	if err != nil || c == nil {
		return err
	}
	who, err := g.Customers.Get(ctx, c.Customer)
	if err != nil {
		return err
	}
	outcome, err := g.Consent.Heard(ctx, consent.Heard{
		Customer: who.ID, Conversation: c.ID, Network: evt.Ref.Network, Event: evt.ID, Key: evt.Key, At: evt.At, Language: who.Language, Content: evt.Content,
	})
	if err != nil || outcome.Confirmation == "" || !who.Blocked.IsZero() {
		return err
	}
	_, err = g.Rooms.Send(ctx, evt.Ref, channel.Message{Key: "consent:" + evt.Key, Text: outcome.Confirmation})
	return err
}

// objected notes what a network's refusal says of the customer's will.
func (g *Gate) objected(ctx context.Context, evt channel.StatusChanged) error {
	if evt.Objection == "" {
		return nil
	}
	c, err := g.private(ctx, evt.Ref)
	if err != nil || c == nil {
		return err
	}
	_, err = g.Consent.Failed(ctx, consent.Failure{
		Customer: c.Customer, Conversation: c.ID, Network: evt.Ref.Network, Event: evt.ID, Objection: consent.Purpose(evt.Objection), At: evt.At,
	})
	return err
}

// private is the conversation with one customer in a room; nil if it is none.
func (g *Gate) private(ctx context.Context, ref channel.Ref) (*inbox.Conversation, error) {
	c, err := g.Inbox.Find(ctx, ref.Room)
	if errors.Is(err, errs.ErrNotFound) || (err == nil && c.Customer == "") {
		return nil, nil
	}
	return c, err
}
