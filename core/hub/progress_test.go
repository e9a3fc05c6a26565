package hub

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// stays tells whether an event goes on being tried, however much is done meanwhile.
func (w *world) stays(evt id.EventID, meanwhile func()) {
	w.Helper()
	for before := w.attempts(evt); w.attempts(evt) < before+3*w.most; {
		meanwhile()
		if len(w.failed()) != 0 {
			w.Fatalf("set aside: %v", w.failed())
		}
	}
}

// isSetAside waits until one entry is set aside.
func (w *world) isSetAside(meanwhile func()) {
	w.Helper()
	for len(w.failed()) == 0 {
		meanwhile()
	}
}

// TestANetworksOutageSetsNothingAside: another network takes messages meanwhile, and people do in the rooms what needs none.
func TestANetworksOutageSetsNothingAside(t *testing.T) {
	each(t, func(w *world) { w.most = 3 }, func(w *world) {
		one, other, blue := w.customer(w.red, "c1", "hello"), w.customer(w.red, "c2", "hello"), w.customer(w.blue, "c3", "hello")
		w.red.failing = func(string) error { return errs.Temporary(errors.New("nobody is there"), 0) }
		sent := w.evt(one, ana, event.EventMessage, words("good day"))
		w.until("a try", func() bool { return w.attempts(sent) > 0 })
		w.stays(sent, func() {
			w.evt(blue, ana, event.EventMessage, words("to another network"))
			w.evt(other, ana, event.StateMember, object{"membership": "join"}, object{"state_key": ana})
			w.evt(other, ana, event.EventMessage, words("!puente note nobody needs a network for it"))
		})
		if got := w.red.got("message"); len(got) != 0 {
			t.Errorf("the network got %+v", got)
		}
	})
}

// TestWhatFailsWhileItsNetworkTakesOthersIsSetAside: then it is the message.
func TestWhatFailsWhileItsNetworkTakesOthersIsSetAside(t *testing.T) {
	each(t, func(w *world) { w.most = 3 }, func(w *world) {
		one, other := w.customer(w.red, "c1", "hello"), w.customer(w.red, "c2", "hello")
		w.red.failing = func(what string) error {
			if what == "reaction" {
				return errs.Temporary(errors.New("it cannot be digested"), 0)
			}
			return nil
		}
		message := w.hs.sent(one, event.EventMessage)[0].ID
		w.evt(one, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": message, "key": "👍"}})
		w.isSetAside(func() { w.evt(other, ana, event.EventMessage, words("well")) })
	})
}

// TestAHomeserversOutageSetsNothingAside: the provider tells of what it sent earlier meanwhile, which needs no homeserver.
func TestAHomeserversOutageSetsNothingAside(t *testing.T) {
	each(t, func(w *world) { w.most = 3 }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.customer(w.red, "c2", "hello")
		var down atomic.Bool
		down.Store(true)
		w.hs.failWith(func(_ *http.Request, parts []string) int {
			if slices.Contains(parts, "send") && (down.Load() || slices.Contains(parts, room.String())) {
				return 502
			}
			return 0
		})
		entry := w.takes(news{Chat: "c1", From: "c1", ID: "late", Parts: []string{"are you there?"}})
		w.must(w.journal.Append(w.ctx, entry))
		evt := id.EventID(entry.Key)
		w.until("a try", func() bool { return w.attempts(evt) > 0 })
		known := w.takes(news{Chat: "c2", From: "c2", ID: "c2-2", Parts: []string{"hello"}}) // is in its room already
		w.stays(evt, func() {
			w.sent++
			known.Key = fmt.Sprint("again", w.sent)
			w.must(w.journal.Append(w.ctx, known))
		})
		down.Store(false)
		w.isSetAside(func() {
			w.customer(w.red, "c2", "more")
		})
	})
}
