package hub

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// sourceTakeBack is the journal's name for what customers took back and the homeserver did not take out of the room at
// once. bridgev2 forgets a message whether or not it could be redacted: whoever tried again by its way would find nothing.
const sourceTakeBack = "take-back"

// takeBack is an event that is still to be redacted, in the room that is its lane.
type takeBack struct {
	As      id.UserID  `json:"as"`
	Redacts id.EventID `json:"redacts"`
	Reason  string     `json:"reason,omitempty"`
	At      time.Time  `json:"at"`            // when it was taken back
	Own     bool       `json:"own,omitempty"` // by the business itself
}

// takeBackLater keeps a redaction that did not get through.
func (b *hosted) takeBackLater(ctx context.Context, room id.RoomID, what takeBack) error {
	return b.owe(ctx, sourceTakeBack, what.Redacts.String(), room.String(), what)
}

// handleTakeBack redacts what was kept.
func (h *Hub) handleTakeBack(ctx context.Context, entry journal.Entry) error {
	var what takeBack
	b, err := h.owed(entry, &what)
	if err != nil {
		return err
	}
	if entry.Earlier {
		defer h.doubts.begin()()
	}
	room := id.RoomID(entry.Lane)
	sending := withTxn(onceAndQuietly(ctx, h.Log), "take back", what.Redacts.String())
	done, err := b.matrix.AS.Intent(what.As).RedactEvent(sending, room, what.Redacts, mautrix.ReqRedact{Reason: what.Reason})
	if err != nil && isRefusal(err) {
		return fmt.Errorf("redact %s: %w", what.Redacts, err)
	} else if err != nil {
		return errs.Temporary(fmt.Errorf("redact %s: %w", what.Redacts, err), 0)
	}
	said := contentOf(event.EventRedaction, &event.Content{Parsed: &event.RedactionEventContent{Redacts: what.Redacts}})
	return errs.Temporary(b.announceSaid(ctx, room, done.EventID, what.As, what.Own, *said, what.At), 0)
}
