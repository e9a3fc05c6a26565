package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
	payload, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode the redaction of %s: %w", what.Redacts, err)
	}
	err = b.hub.Journal.Append(ctx, journal.Entry{
		Source: sourceTakeBack, Key: what.Redacts.String(), Lane: room.String(), Kind: b.network.ID, Payload: payload,
	})
	if err != nil {
		return fmt.Errorf("keep the redaction of %s: %w", what.Redacts, err)
	}
	return nil
}

// handleTakeBack redacts what was kept.
func (h *Hub) handleTakeBack(ctx context.Context, entry journal.Entry) error {
	b := h.byID[entry.Kind]
	if b == nil {
		return fmt.Errorf("redaction on network %q, which is not in this program: %w", entry.Kind, errs.ErrNotFound)
	}
	var what takeBack
	if err := json.Unmarshal(entry.Payload, &what); err != nil {
		return fmt.Errorf("read a redaction: %w: %w", errs.ErrInvalid, err)
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

// isRefusal tells whether the homeserver will not redact it ever: nobody may, or there is nothing.
func isRefusal(err error) bool {
	var refused mautrix.HTTPError
	return errors.As(err, &refused) && (refused.IsStatus(http.StatusForbidden) || refused.IsStatus(http.StatusNotFound))
}
