package hub

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// TestWhatIsAboutARefusedMessage: the customer does not have it, so whoever answers it speaks to the team.
func TestWhatIsAboutARefusedMessage(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(string) error { return errs.Tell(fmt.Errorf("send: %w", errs.ErrForbidden), "not now.") })
		refused := w.says(room, ana, "this never went out")
		w.red.fail(nil)
		w.fact(t, "StaysAmongTheTeam", func(w *world) {
			reply := w.evt(room, berta, event.EventMessage, with(words("better so"), replyTo(refused)))
			w.evt(room, berta, event.EventReaction, refersTo("m.annotation", refused))
			w.evt(room, berta, event.EventRedaction, object{"redacts": refused})
			if rest := w.outwardAfter(room); len(rest) > 0 || w.locks(room, reply) != 1 || len(w.setAside()) != 1 {
				w.Errorf("the network got %q; the reply has %d locks; set aside were %v", rest, w.locks(room, reply), w.setAside())
			}
		})
		w.fact(t, "AChangeOfItIsRefused", func(w *world) {
			edit := w.evt(room, ana, event.EventMessage, with(words("* now"), editOf(refused)))
			w.handled()
			notices := w.notices(room)
			if !slices.Contains(w.setAside(), edit.String()) || !strings.Contains(notices[len(notices)-1], "never went to the customer") {
				w.Errorf("set aside were %v; the room was told %q", w.setAside(), notices)
			}
		})
		w.fact(t, "GoesOutOnceItWent", func(w *world) {
			w.retry(refused)
			w.red.forget()
			w.evt(room, berta, event.EventMessage, with(words("and this"), replyTo(refused)))
			w.handled()
			if got := one(w, w.red, "message"); got.Target != "of-"+refused.String() {
				w.Errorf("the network got %+v", got)
			}
		})
	})
}

// retry has an operator try again what was set aside.
func (w *world) retry(eventID id.EventID) {
	w.Helper()
	for _, record := range w.failed() {
		if record.Key == eventID.String() {
			if n, err := w.journal.Retry(w.ctx, record.ID); err != nil || n != 1 {
				w.Fatal(n, err)
			}
		}
	}
	w.handled()
}

// TestWhatIsAboutAMessageInDoubt goes out: the customer may have it.
func TestWhatIsAboutAMessageInDoubt(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(what string) error {
			w.begin(room, id.EventID(fmt.Sprintf("$pushed%d", w.sent-1)))
			return errs.Tell(errs.Final(errToy), "nobody knows whether it arrived.")
		})
		doubtful := w.says(room, ana, "perhaps")
		w.red.fail(nil)
		w.evt(room, ana, event.EventMessage, with(words("and this"), replyTo(doubtful)))
		w.handled()
		if got := w.red.got("message"); len(got) != 1 || got[0].Text != "and this" {
			w.Errorf("the network got %+v", got)
		}
	})
}
