package hub

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// handleUnowned deals with what happens in a room that is noted as nobody's: one in which people talk to Puente, or one
// that a bridge has made, and a kill or a database that failed kept it from noting it. What people write there is for a
// customer; it waits until the room is noted, which comes with what had it made.
func (h *Hub) handleUnowned(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	b := h.makerOf(ctx, evt.RoomID)
	if b == nil {
		return h.front.handle(ctx, evt)
	} else if !fromPerson(evt) && evt.Type != event.EventEncrypted {
		return nil
	}
	noted, err := b.noteRoom(ctx, evt.RoomID)
	if err != nil {
		return errs.Temporary(err, 0)
	} else if noted {
		return b.handleMatrix(ctx, evt, entry)
	}
	err = fmt.Errorf("conversation of %s: %w", evt.RoomID, errs.ErrNotFound)
	if h.mayStillCome(entry.ReceivedAt) {
		return errs.Temporary(err, notedPause)
	}
	return b.refuse(ctx, evt, errs.Tell(err, "this room is not connected to a conversation."))
}

// makerOf is the bridge whose bot is in the room; nil if none is.
func (h *Hub) makerOf(ctx context.Context, room id.RoomID) *hosted {
	for _, b := range h.bridges {
		if h.as.StateStore.IsInRoom(ctx, room, b.matrix.Bot.UserID) {
			return b
		}
	}
	return nil
}

const noteRoomQuery = `UPDATE portal SET mxid=$1 WHERE bridge_id=$2 AND id=$3 AND receiver=$4 AND COALESCE(mxid, '')=''`

// noteRoom notes whose a room is, if the bridge knows it and could not write it down when the room was made: it writes
// it with the conversation's next change only. noted is false if the bridge does not know the room.
func (b *hosted) noteRoom(ctx context.Context, room id.RoomID) (noted bool, err error) {
	portal, err := b.bridge.GetPortalByMXID(ctx, room)
	if err != nil {
		return false, fmt.Errorf("find the conversation of %s: %w", room, err)
	} else if portal == nil {
		return false, nil
	}
	if _, err = b.hub.DB.Exec(ctx, noteRoomQuery, room, b.network.ID, portal.ID, portal.Receiver); err != nil {
		return false, fmt.Errorf("note whose %s is: %w", room, err)
	}
	return true, nil
}
