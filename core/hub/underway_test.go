package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestAMessageIsUnderwayUntilItIsDone(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		underway := func(bounds ...time.Time) bool {
			w.Helper()
			ctx := w.ctx
			for _, received := range bounds {
				ctx = withReceived(ctx, received)
			}
			got, err := w.red.env.Outcomes.Underway(ctx, room)
			w.must(err)
			return got
		}
		if underway() {
			w.Error("something is underway in a quiet room")
		}
		var tries, noted atomic.Int32
		eventID := id.EventID(fmt.Sprintf("$pushed%d", w.sent+1))
		w.red.fail(func(string) error {
			if tries.Add(1) > 1 && noted.Load() == 0 {
				w.begin(room, eventID)
				noted.Add(1)
			}
			return errs.Temporary(errors.New("not now"), 0)
		})
		w.evt(room, ana, event.EventMessage, words("hello"))
		w.until("the message's turn", func() bool { return tries.Load() > 0 })
		if is := underway(); is && tries.Load() == 1 {
			w.Error("one of which no attempt was noted is underway")
		}
		w.until("an attempt", func() bool { return noted.Load() > 0 })
		if !underway() {
			w.Error("one whose sending broke off is not underway")
		}
		target := func() error {
			w.Helper()
			_, err := w.red.env.Target(w.ctx, w.red.bridge, news{Chat: "c1"}.key(), "unknown")
			return err
		}
		if _, again := errs.IsTemporary(target()); !again {
			w.Errorf("what is about a message that is not known: %v", target())
		}
		if found, err := w.red.env.Target(w.ctx, w.red.bridge, news{Chat: "c1"}.key(), "c1-1"); err != nil || found == nil {
			w.Errorf("a message that is known: %v, %v", found, err)
		}
		w.must(w.red.env.Outcomes.Accepted(w.ctx, eventID, "net-1"))
		if !underway() {
			w.Error("one that the network has and the bridge's notes have not is not underway")
		}
		w.red.fail(nil)
		w.until("the end", func() bool { return !underway() })
		w.must(target())
	})
}

func TestNothingWaitsForEverForAMessageUnderway(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		var noted atomic.Bool
		w.red.fail(func(string) error {
			w.begin(room, id.EventID(fmt.Sprintf("$pushed%d", w.sent-1))) // the transaction has a number, too
			noted.Store(true)
			return errs.Temporary(errors.New("not now"), time.Hour)
		})
		w.evt(room, ana, event.EventMessage, words("hello"))
		w.until("an attempt", noted.Load)
		for _, ago := range []struct {
			started, received time.Duration
			want              bool
		}{
			{0, time.Hour, true},
			{underwayPatience - time.Minute, time.Hour, true},
			{underwayPatience + time.Minute, time.Hour, false},
			{time.Hour, underwayPatience - time.Minute, true},
			{time.Hour, underwayPatience + time.Minute, false},
		} {
			w.hub.started = time.Now().Add(-ago.started)
			got, err := w.red.env.Outcomes.Underway(withReceived(w.ctx, time.Now().Add(-ago.received)), room)
			if err != nil || got != ago.want {
				w.Errorf("Puente started %s ago, what waits came %s ago: %v, %v", ago.started, ago.received, got, err)
			}
		}
	})
}

func TestWhatTheProviderSentIsUnheardUntilItIsDealtWith(t *testing.T) {
	each(t, nil, func(w *world) {
		before := time.Now().Add(-time.Second)
		unheard := func(from, until time.Time) bool {
			w.Helper()
			got, err := w.red.env.Outcomes.Unheard(w.ctx, from, until)
			w.must(err)
			return got
		}
		if unheard(before, time.Now()) {
			w.Error("something is unheard although nothing was sent")
		}
		payload, err := json.Marshal(news{Kind: "not yet"})
		w.must(err)
		w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: "late", Lane: "c9", Kind: "message", Payload: payload}))
		if after := time.Now().Add(time.Second); !unheard(before, after) || unheard(after, after.Add(time.Hour)) {
			w.Error("what waits is not told apart by its time")
		}
		if other, err := w.blue.env.Outcomes.Unheard(w.ctx, before, time.Now().Add(time.Second)); err != nil || other {
			w.Errorf("another network hears of it: %v, %v", other, err)
		}
	})
}
