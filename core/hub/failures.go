package hub

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// setAside is told of each journal entry that is given up: whoever wrote the message learns it in the room.
func (h *Hub) setAside(ctx context.Context, entry journal.Entry, cause error) {
	if entry.Source != sourceMatrix || entry.Kind != kindEvent {
		return
	}
	if err := h.tellAuthor(ctx, entry, cause); err != nil {
		h.Log.Error().Err(err).Int64("entry_id", entry.ID).Msg("Could not tell an author that a message was set aside")
	}
}

func (h *Hub) tellAuthor(ctx context.Context, entry journal.Entry, cause error) error {
	evt, err := parseEvent(entry.Kind, entry.Payload)
	if err != nil {
		return err
	}
	if h.IsPuppet(evt.Sender) || !(fromPerson(evt) || evt.Type == event.EventEncrypted) {
		return nil
	}
	owner, ok, err := h.rooms.find(ctx, evt.RoomID)
	if err != nil || !ok || h.byID[owner.network] == nil {
		return err
	}
	return h.byID[owner.network].onFailed(ctx, evt, cause)
}

const failuresShown = 20

// failed lists what was set aside, newest first.
func (f *front) failed(ctx context.Context, _ request) (string, error) {
	records, err := f.hub.Journal.List(ctx, journal.Filter{State: journal.Failed, Limit: failuresShown})
	if err != nil {
		return "", err
	} else if len(records) == 0 {
		return "Nothing was set aside.", nil
	}
	var text strings.Builder
	for _, record := range records {
		fmt.Fprintf(&text, "* `%d` %s, %s %s: %s\n", record.ID, record.ReceivedAt.Format("2006-01-02 15:04"), record.Source, record.Kind, record.Reason)
	}
	return text.String() + "\nTry again with `retry <number>`.", nil
}

// retry puts entries that were set aside back in their turn.
func (f *front) retry(ctx context.Context, req request) (string, error) {
	ids := make([]int64, 0, len(req.args))
	for _, arg := range req.args {
		id, err := strconv.ParseInt(strings.Trim(arg, "`,"), 10, 64)
		if err != nil {
			return "", errs.Tell(fmt.Errorf("entry number: %w", errs.ErrInvalid), "write the numbers that `failed` shows.")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return "Write the numbers that `failed` shows behind `retry`.", nil
	}
	retried, err := f.hub.Journal.Retry(ctx, ids...)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Trying %s again.", count(retried, "message")), nil
}

// waitingAndFailed counts what is not done.
func waitingAndFailed(counts []journal.Count) (waiting, failed int64) {
	for _, c := range counts {
		switch c.State {
		case journal.Waiting:
			waiting += c.Entries
		case journal.Failed:
			failed += c.Entries
		}
	}
	return waiting, failed
}
