package hub

import (
	"context"
	"errors"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

const (
	// underwayPatience is for how long what somebody does to a message waits until the message is noted here.
	underwayPatience = 2 * time.Minute
	// mostUnderway is how many of a room's first waiting entries are looked at: a room's messages go out one by one, and
	// before the one that goes out are only those that are not written as done yet.
	mostUnderway = 64
)

type receivedKey struct{}

// withReceived tells Underway when the entry arrived that is handled in ctx.
func withReceived(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, receivedKey{}, at)
}

// mayStillCome tells whether something that arrived then may wait longer for the message that it is about. What
// waited while Puente was down gets its time from the start on.
func (h *Hub) mayStillCome(since time.Time) bool {
	if since.Before(h.started) {
		since = h.started
	}
	return h.Clock.Now().Sub(since) <= underwayPatience
}

// Underway implements network.Outcomes: a message is underway from the note that an attempt begins until its entry in
// the journal is done.
func (o *outcomes) Underway(ctx context.Context, roomID id.RoomID) (bool, error) {
	hub := o.bridge.hub
	if since, _ := ctx.Value(receivedKey{}).(time.Time); !hub.mayStillCome(since) {
		return false, nil
	}
	keys, err := hub.Journal.Heads(ctx, sourceMatrix, roomID.String(), mostUnderway)
	if err != nil {
		return false, errs.Temporary(err, 0)
	}
	for _, key := range keys {
		row, err := o.byEvent(ctx, id.EventID(key))
		switch {
		case errors.Is(err, errs.ErrNotFound):
		case err != nil:
			return false, err
		case row.attempts > 0:
			return true, nil
		}
	}
	return false, nil
}
