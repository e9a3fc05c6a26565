package hub

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// notedPause is how soon an event is looked at again that is about a message that is being noted.
const notedPause = time.Second

// awaitNoted is an errs.Temporary while evt is about a customer's message that stands in the room and is not noted
// here yet: a kill fell between the two, and the message's journal entry, which notes it, is not done again so far.
func (b *hosted) awaitNoted(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	for _, target := range targetsOf(evt) {
		noted, err := b.isNoted(ctx, evt.Type, target)
		if err != nil {
			return errs.Temporary(fmt.Errorf("look for what %s is about: %w", evt.ID, err), 0)
		} else if noted || !b.hub.mayStillCome(entry.ReceivedAt) {
			continue
		}
		if waits, err := b.hub.Journal.Waits(ctx, b.network.ID, time.Time{}, entry.ReceivedAt); err != nil {
			return errs.Temporary(err, 0)
		} else if !waits {
			continue // it would be noted, or never will be
		}
		if isCustomers, err := b.isCustomers(ctx, evt, target); err != nil {
			return err
		} else if isCustomers {
			return errs.Temporary(fmt.Errorf("message that %s is about, which is being noted: %w", evt.ID, errs.ErrNotFound), notedPause)
		}
	}
	return nil
}

// targetsOf returns the events of others that evt may be about: it reacts to, deletes, answers them, or votes in them.
func targetsOf(evt *event.Event) (targets []id.EventID) {
	switch content := evt.Content.Parsed.(type) {
	case *event.RedactionEventContent:
		return []id.EventID{max(content.Redacts, evt.Redacts)} // one place or the other, by the room's version
	case *event.ReactionEventContent:
		return []id.EventID{content.RelatesTo.EventID}
	case *event.PollResponseEventContent:
		return []id.EventID{content.RelatesTo.EventID}
	case *event.MessageEventContent:
		for _, target := range []id.EventID{content.RelatesTo.GetReplyTo(), content.RelatesTo.GetThreadParent()} {
			if target != "" {
				targets = append(targets, target)
			}
		}
	}
	return targets
}

func (b *hosted) isNoted(ctx context.Context, about event.Type, target id.EventID) (bool, error) {
	message, err := b.bridge.DB.Message.GetPartByMXID(ctx, target)
	if err != nil || message != nil || about != event.EventRedaction {
		return message != nil, err
	}
	reaction, err := b.bridge.DB.Reaction.GetByMXID(ctx, target)
	return reaction != nil, err
}

// isCustomers asks the homeserver whether the event came from the network, and was not gone before evt.
func (b *hosted) isCustomers(ctx context.Context, evt *event.Event, target id.EventID) (bool, error) {
	found, err := b.matrix.Bot.GetEvent(ctx, evt.RoomID, target)
	if isRefusal(err) {
		return false, nil
	} else if err != nil {
		return false, errs.Temporary(fmt.Errorf("read what %s is about: %w", evt.ID, err), 0)
	}
	gone := found.Unsigned.RedactedBecause != nil && found.Unsigned.RedactedBecause.ID != evt.ID
	return b.hub.IsGhost(found.Sender) && !gone, nil
}
