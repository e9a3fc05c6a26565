package hub

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/journal"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

func TestOutdatedStatesAreNotShown(t *testing.T) {
	for _, test := range []struct {
		state, known channel.State
		outdated     bool
	}{
		{channel.Sent, "", false}, // it is noted a moment after it was kept
		{channel.Sent, channel.Sent, false},
		{channel.Sent, channel.Delivered, true},
		{channel.Sent, channel.Read, true},
		{channel.Delivered, channel.Read, false}, // it moves the bot's receipt, which nothing else does
		{channel.Delivered, channel.Failed, true},
	} {
		if got := (shown{State: test.state}).outdated(test.known); got != test.outdated {
			t.Errorf("%s, when %q is known, is outdated: %v", test.state, test.known, got)
		}
	}
}

func TestALullIsWaitedFor(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	waiting := func(at *clock.Manual, l *lull, since time.Time) <-chan error {
		ended := make(chan error, 1)
		go func() { ended <- l.wait(context.Background(), at, since) }()
		return ended
	}
	t.Run("NothingPasses", func(t *testing.T) {
		if err := <-waiting(clock.NewManual(began), &lull{after: lullAfter}, began); err != nil {
			t.Error(err)
		}
	})
	t.Run("AMessagePassed", func(t *testing.T) {
		at, l := clock.NewManual(began), &lull{after: lullAfter}
		l.messagePasses(at)
		ended := waiting(at, l, began)
		for at.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		select {
		case err := <-ended:
			t.Fatalf("it was not waited: %v", err)
		default:
		}
		at.Advance(lullAfter)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Run("ItHasWaitedLongEnough", func(t *testing.T) {
		at, l := clock.NewManual(began), &lull{after: lullAfter}
		l.messagePasses(at)
		if err := <-waiting(at, l, began.Add(-lullPatience)); err != nil {
			t.Error(err)
		}
	})
	t.Run("TheEnd", func(t *testing.T) {
		at, l := clock.NewManual(began), &lull{after: lullAfter}
		l.messagePasses(at)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := l.wait(ctx, at, began); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestAStateThatTheHomeserverRefusesHoldsUpNoOther: the lane is the whole network's.
func TestAStateThatTheHomeserverRefusesHoldsUpNoOther(t *testing.T) {
	alone(t, nil, func(w *world) {
		first, second := w.customer(w.red, "c1", "hello"), w.customer(w.red, "c2", "hello")
		w.hs.failWith(func(r *http.Request, _ []string) int {
			if strings.Contains(r.URL.Path, first.String()) && strings.Contains(r.URL.Path, event.BeeperMessageStatus.Type) {
				return 403
			}
			return 0
		})
		for _, one := range []struct {
			room  id.RoomID
			event id.EventID
		}{{first, "$e"}, {second, "$f"}} {
			w.begin(one.room, one.event)
			w.must(w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: one.event, State: channel.Delivered}))
		}
		w.settled()
		if got := w.statuses(second, "$f"); !slices.Equal(got, []string{"SUCCESS"}) {
			w.Errorf("the other room was shown %v", got)
		}
		if failed := w.failed(); len(failed) != 1 || failed[0].Source != sourceShown || failed[0].Attempts != mostShows {
			w.Errorf("set aside were %+v", failed)
		}
	})
}

func TestAStateOfANetworkThatIsGoneIsSetAside(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.must(w.journal.Append(w.ctx, journal.Entry{Source: sourceShown, Kind: "green", Payload: []byte(`{}`)}))
		w.settled()
		if failed := w.failed(); len(failed) != 1 {
			w.Errorf("set aside were %+v", failed)
		}
	})
}

func TestMessagesThatFollowEachOtherAreAStream(t *testing.T) {
	at := clock.NewManual(time.Unix(1_800_000_000, 0))
	var l lull
	for n := range streamSize {
		if l.streaming(at) {
			t.Fatalf("%d messages are a stream", n)
		}
		l.messagePasses(at)
		at.Advance(streamTime / (2 * streamSize))
	}
	if !l.streaming(at) {
		t.Errorf("%d messages in %s are no stream", streamSize, streamTime/2)
	}
	at.Advance(streamTime)
	if l.streaming(at) {
		t.Error("a stream does not end")
	}
	for range 3 * streamSize {
		l.messagePasses(at)
		at.Advance(streamTime / 4)
	}
	if l.streaming(at) {
		t.Error("messages that come singly are a stream")
	}
}

// waits is a hurried clock that notes for how long it was to be waited.
type waits struct {
	hurried
	mu   sync.Mutex
	list []time.Duration
}

// After implements clock.Clock.
func (w *waits) After(d time.Duration) <-chan time.Time {
	w.mu.Lock()
	w.list = append(w.list, d)
	w.mu.Unlock()
	return w.hurried.After(d)
}

// count is how often it was to be waited up to a lull's length.
func (w *waits) count() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.list {
		if d > 0 && d <= lullAfter {
			n++
		}
	}
	return n
}

// of returns the waits of these lengths, in order.
func (w *waits) of(lengths ...time.Duration) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.list), func(d time.Duration) bool { return !slices.Contains(lengths, d) })
}

func TestEchoesOfAStreamAreAnsweredLater(t *testing.T) {
	at := &waits{}
	alone(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		echo := object{"events": []any{object{
			"event_id": "$echo", "room_id": room, "sender": "@" + w.hub.BridgeBot("red") + ":" + testDomain, "type": "m.room.message", "content": words("echo"),
		}}}
		held := func() int { return len(at.of(echoPause)) }
		stream := func() {
			for range streamSize {
				w.hub.lull.messagePasses(w.hub.Clock)
			}
		}
		if w.push(echo); held() != 0 {
			w.Error("an echo that comes singly waits")
		}
		stream()
		if w.push(echo); held() != 1 {
			w.Errorf("the echoes of a stream waited %d times", held())
		}
		stream()
		if w.says(room, ana, "hello"); held() != 1 {
			w.Error("what an agent says waits like an echo")
		}
	})
}
