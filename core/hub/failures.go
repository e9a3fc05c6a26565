package hub

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/hub/network"
)

// failures tells the operators what was set aside of what providers sent. One that comes alone is told at once;
// those that follow it soon are told together, for a provider that sends nonsense may send much of it.
type failures struct {
	hub *Hub

	mu      sync.Mutex
	waiting map[string]int // network → how many came since it was last told; a key while the time for the next runs
}

// failuresEvery is the least time between two tellings of one network's failures.
const failuresEvery = 10 * time.Minute

func newFailures(h *Hub) *failures { return &failures{hub: h, waiting: map[string]int{}} }

// note takes one thing that a provider sent and that cannot be shown.
func (f *failures) note(ctx context.Context, b *hosted, kind, reason string) {
	f.mu.Lock()
	_, running := f.waiting[b.network.ID]
	if running {
		f.waiting[b.network.ID]++
	} else {
		f.waiting[b.network.ID] = 0
	}
	f.mu.Unlock()
	if running {
		return
	}
	f.hub.operators.Tell(ctx, "failed:"+b.network.ID, fmt.Sprintf(
		"⚠️ **%s** sent something that could not be shown and is kept (%s, %s): %s. `failed` lists what is kept, `retry <number>` tries again.",
		b.network.DisplayName, network.Plain(kind), f.hub.Clock.Now().UTC().Format("15:04 UTC"), network.Plain(reason)))
	f.hub.goDo(func() { f.tellLater(b) })
}

// tellLater tells of what came in the meantime, again and again until nothing did.
func (f *failures) tellLater(b *hosted) {
	ctx := f.hub.background
	for {
		if clock.Sleep(ctx, f.hub.Clock, failuresEvery) != nil {
			return
		}
		f.mu.Lock()
		more := f.waiting[b.network.ID]
		if more == 0 {
			delete(f.waiting, b.network.ID)
		} else {
			f.waiting[b.network.ID] = 0
		}
		f.mu.Unlock()
		if more == 0 {
			return
		}
		f.hub.operators.Tell(ctx, "failed:"+b.network.ID, fmt.Sprintf("⚠️ **%s** sent %s more that could not be shown since (%s). `failed` lists them.",
			b.network.DisplayName, count(more, "thing"), f.hub.Clock.Now().UTC().Format("15:04 UTC")))
	}
}

// setAside is told of each journal entry that is given up: whoever wrote the message learns it in the room, and the
// operators learn of what a provider sent.
func (h *Hub) setAside(ctx context.Context, entry journal.Entry, cause error) {
	if b := h.byID[entry.Source]; b != nil {
		h.failures.note(ctx, b, entry.Kind, cause.Error())
		return
	}
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
		fmt.Fprintf(&text, "* `%d` %s, %s %s: %s\n", record.ID, record.ReceivedAt.Format("2006-01-02 15:04"), record.Source, network.Plain(record.Kind), network.Plain(record.Reason))
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
