package hub

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// sourceShown is the journal's name for what rooms are to be shown of messages that went well. It waits there, so that
// it survives a crash, in one lane for each network: messages have the other workers, and the homeserver, first.
const sourceShown = "shown"

const (
	// lullAfter is for how long no message may have passed before states are shown.
	lullAfter = 250 * time.Millisecond
	// lullPatience is after how long a state is shown although messages keep coming.
	lullPatience = 5 * time.Second
	// mostShows is how often the homeserver may refuse to show a state before the next one has its turn.
	mostShows = 5
)

// shown is a state that a room is to be shown of a message.
type shown struct {
	Event id.EventID    `json:"event"`
	State channel.State `json:"state"`
	By    id.UserID     `json:"by,omitempty"` // the ghost who received or read it
}

// showLater puts a state into the journal, from where it is shown when messages leave the time for it.
func (o *outcomes) showLater(ctx context.Context, row outcome, report network.Report) error {
	what := shown{Event: row.eventID, State: report.State}
	if report.By != nil {
		what.By = report.By.Intent.GetMXID()
	}
	return o.bridge.owe(ctx, sourceShown, row.eventID.String()+":"+string(report.State), o.bridge.network.ID, what)
}

// handleShown shows a room what was kept for it.
func (h *Hub) handleShown(ctx context.Context, entry journal.Entry) error {
	var what shown
	b, err := h.owed(entry, &what)
	if err != nil {
		return err
	}
	if err = h.lull.wait(ctx, h.Clock, entry.ReceivedAt); err != nil {
		return err
	}
	row, err := b.outcomes.byEvent(ctx, what.Event)
	if err != nil {
		return err
	} else if what.outdated(row.state) {
		return nil
	}
	err = b.outcomes.show(ctx, row, what)
	var refused mautrix.HTTPError
	if errors.As(err, &refused) && refused.RespError != nil && entry.Attempts+1 >= mostShows {
		return errs.Final(fmt.Errorf("show the state of %s: %w", what.Event, err)) // the lane's others must not wait for it
	} else if err != nil {
		return errs.Temporary(err, 0)
	}
	return nil
}

// outdated tells whether what is known by now makes showing the state needless, or wrong.
func (s shown) outdated(known channel.State) bool {
	switch known {
	case channel.Failed:
		return true
	case channel.Delivered, channel.Read:
		return s.State == channel.Sent
	}
	return false
}

// lull knows when messages passed last.
type lull struct {
	after  time.Duration            // for how long nothing may have passed: lullAfter
	recent [streamSize]atomic.Int64 // when the last of them passed, in milliseconds since 1970, in a ring
	newest atomic.Uint64            // its place in the ring, counted on
}

const (
	// streamSize and streamTime: so many messages into rooms within such a time are a stream.
	streamSize = 10
	streamTime = 500 * time.Millisecond
)

func (l *lull) messagePasses(c clock.Clock) {
	l.recent[l.newest.Add(1)%streamSize].Store(c.Now().UnixMilli())
}

// streaming tells whether messages pass one after another.
func (l *lull) streaming(c clock.Clock) bool {
	oldest := l.recent[(l.newest.Load()+1)%streamSize].Load()
	return c.Now().UnixMilli()-oldest < streamTime.Milliseconds()
}

// wait returns when no message has passed for a moment, or when whoever waits has waited since long enough.
func (l *lull) wait(ctx context.Context, c clock.Clock, since time.Time) error {
	for {
		now := c.Now()
		last := l.recent[l.newest.Load()%streamSize].Load()
		rest := min(time.UnixMilli(last).Add(l.after).Sub(now), since.Add(lullPatience).Sub(now))
		if rest <= 0 {
			return nil
		}
		if err := clock.Sleep(ctx, c, rest); err != nil {
			return fmt.Errorf("wait until no message passes: %w", err)
		}
	}
}
