package inbox

import (
	"context"
	"errors"
	"fmt"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

var _ channel.Listener = (*Inbox)(nil)

// HandleChannelEvent implements channel.Listener.
func (i *Inbox) HandleChannelEvent(ctx context.Context, evt channel.Event) error {
	switch one := evt.(type) {
	case channel.PortalOpened:
		return i.opened(ctx, one)
	case channel.MessageIn:
		return i.received(ctx, one)
	case channel.MessageOut:
		return i.answered(ctx, one)
	case channel.PresenceChanged:
		return i.HandlePresence(ctx, one.Who, one.Presence)
	case channel.StatusChanged:
		return i.went(ctx, one)
	}
	return nil
}

// opened makes a conversation when it has its room.
func (i *Inbox) opened(ctx context.Context, evt channel.PortalOpened) error {
	known, err := i.store.byRoom(ctx, evt.Ref.Room)
	if err == nil {
		return i.renamed(ctx, known, evt)
	} else if !errors.Is(err, errs.ErrNotFound) {
		return err
	}
	who := ""
	if !evt.Group && evt.Customer.ID != "" {
		found, err := i.Customers.Ensure(ctx, evt.Ref.Network, evt.Customer.ID, evt.Customer.Name)
		if err != nil {
			return err
		}
		who = found.ID
	}
	moved, err := i.store.exec(ctx, "note that a conversation has another room", movedQuery, evt.Ref.Network, evt.Ref.Account, evt.Ref.Chat, evt.Ref.Room, i.store.now())
	if err != nil || moved {
		return err
	}
	if err = i.store.insert(ctx, evt.Ref, who, evt.Customer.Name, i.teamFor(evt.Ref), evt.At); err != nil {
		return err
	}
	i.showSoon()
	if who == "" {
		return nil
	}
	return i.Touch(ctx, who) // the customer's other rooms name this one
}

// movedQuery follows a conversation whose old room is gone.
const movedQuery = `UPDATE pu_conversation SET room_id=$4, version=version+1, changed_at=$5 WHERE network=$1 AND account=$2 AND chat=$3 AND room_id<>$4`

// renamed follows the name of the chat.
func (i *Inbox) renamed(ctx context.Context, known *Conversation, evt channel.PortalOpened) error {
	if evt.Customer.Name == "" || evt.Customer.Name == known.Name {
		return nil
	}
	_, _, err := i.change(ctx, known.ID, deed{action: "conversation.renamed", by: audit.Puente, do: func(_ context.Context, c *Conversation) error {
		c.Name = evt.Customer.Name
		return nil
	}})
	return err
}

// received deals with what a customer wrote.
func (i *Inbox) received(ctx context.Context, evt channel.MessageIn) error {
	known, err := i.store.byRoom(ctx, evt.Ref.Room)
	if err != nil {
		return orGone(err)
	}
	author, err := i.Customers.Ensure(ctx, evt.Ref.Network, evt.From.ID, evt.From.Name)
	if err != nil {
		return err
	}
	before, after, err := i.change(ctx, known.ID, deed{action: "conversation.reopened", by: audit.Puente, do: func(ctx context.Context, c *Conversation) error {
		news, err := i.store.exec(ctx, "note a message", insertMessage, evt.ID, c.ID, "in", author.ID, evt.Content.Kind, evt.At.UnixMilli())
		if err != nil || !news || !counts(evt.Content) {
			return err
		}
		if rated, err := i.rated(ctx, c, evt); err != nil || rated {
			c.LastIn = later(c.LastIn, evt.At)
			return err
		}
		if c.Customer == "" {
			if _, err = i.store.exec(ctx, "note who is in a group", participate, c.ID, author.ID, evt.At.UnixMilli()); err != nil {
				return err
			}
		}
		was := c.Status
		if c.received(evt.At); was != Resolved {
			return nil
		}
		return i.returnToQueue(ctx, c)
	}})
	if err != nil {
		return err
	}
	if after.Assignee == "" && after.active() && (before.Status != after.Status || before.LastIn.IsZero()) {
		i.showSoon() // and the queue is looked at
	}
	return nil
}

// returnToQueue takes a conversation that opens again from an agent who is not there.
func (i *Inbox) returnToQueue(ctx context.Context, c *Conversation) error {
	if c.Assignee == "" || i.OfflineGrace == 0 {
		return nil
	}
	there, err := i.agents.available(ctx, c.Assignee)
	if err == nil && there == Offline {
		c.give("", i.Clock.Now())
	}
	return err
}

// answered deals with what one of our own people wrote, or what Puente did.
func (i *Inbox) answered(ctx context.Context, evt channel.MessageOut) error {
	known, err := i.store.byRoom(ctx, evt.Ref.Room)
	if err != nil {
		return orGone(err)
	}
	_, _, err = i.change(ctx, known.ID, deed{action: "conversation.answered", by: evt.From.ID, do: func(ctx context.Context, c *Conversation) error {
		news, err := i.store.exec(ctx, "note a message", insertMessage, evt.ID, c.ID, "out", evt.From.ID, evt.Content.Kind, evt.At.UnixMilli())
		if err != nil || !news || !isAnswer(evt.Content) {
			return err
		}
		if evt.From.ID == "" { // Puente by itself: somebody is still to answer, and a bot still has what it has
			c.LastOut = later(c.LastOut, evt.At)
			return nil
		}
		if err = i.measureAnswer(ctx, c, evt.At, evt.From.ID); err != nil {
			return err
		}
		c.answered(evt.At)
		return nil
	}})
	return err
}

// orGone lets an event pass whose conversation nobody knows: its opening always comes first, so it was removed.
func orGone(err error) error {
	if errors.Is(err, errs.ErrNotFound) {
		return nil
	}
	return fmt.Errorf("conversation of an event: %w", err)
}
