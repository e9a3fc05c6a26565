package hub

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

const (
	attributeMessageQuery  = `UPDATE message SET sender_mxid=$1 WHERE bridge_id=$2 AND mxid=$3`
	attributeReactionQuery = `UPDATE reaction SET sender_mxid=$1 WHERE bridge_id=$2 AND mxid=$3`
)

// attribute notes who really wrote a message that went out as the business's. It is an errs.Temporary if bridgev2 has not
// noted the message itself: of a note that failed it only logs that it did, and whoever deletes the message later would
// delete nothing.
func (b *hosted) attribute(ctx context.Context, evt *event.Event, entry journal.Entry, res bridgev2.EventHandlingResult) error {
	query := attributeMessageQuery
	if evt.Type == event.EventReaction {
		query = attributeReactionQuery
	} else if evt.Type == event.EventRedaction {
		return nil
	}
	noted, err := b.hub.DB.Exec(ctx, query, evt.Sender, b.network.ID, evt.ID)
	if err != nil {
		return errs.Temporary(fmt.Errorf("note the author of %s: %w", evt.ID, err), 0)
	} else if rows, err := noted.RowsAffected(); err != nil || rows > 0 || res.Ignored || !isNotedByID(evt) {
		return errs.Temporary(err, 0)
	}
	return b.unnoted(ctx, evt, entry)
}

// isNotedByID tells whether bridgev2 notes such an event by its own ID.
func isNotedByID(evt *event.Event) bool {
	switch evt.Type {
	case event.EventMessage, event.EventSticker:
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && msg.RelatesTo.GetReplaceID() == ""
	case event.EventReaction, event.EventUnstablePollStart:
		return true
	}
	return false
}

// unnoted has a message handled once more that has left and is not noted. Its bridge knows that it has left. After some
// time it is let go: the network may have told of it first, and it is noted as that.
func (b *hosted) unnoted(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	since := entry.ReceivedAt
	if row, err := b.outcomes.byEvent(ctx, evt.ID); err == nil {
		since = row.updatedAt
	} else if !errors.Is(err, errs.ErrNotFound) {
		return err
	}
	if b.hub.mayStillCome(since) {
		return errs.Temporary(fmt.Errorf("note of %s, which has left: %w", evt.ID, errs.ErrNotFound), notedPause)
	}
	b.log.Warn().Stringer("event_id", evt.ID).Msg("A message that has left is not noted: it cannot be edited or deleted at the network")
	return nil
}
