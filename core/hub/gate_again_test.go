package hub

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// next is the event that is pushed last so far.
func (w *world) next() id.EventID { return id.EventID(fmt.Sprintf("$pushed%d", w.sent-1)) }

// TestWhatMayHaveLeftIsNotAskedForAgain: a refusal could not take it back.
func TestWhatMayHaveLeftIsNotAskedForAgain(t *testing.T) {
	desk := &office{}
	refuses := func() {
		desk.asked()
		desk.decides(func(o *office) {
			o.leave = func(channel.Outgoing) error { return errs.Tell(errs.ErrForbidden, "too late.") }
		})
	}
	agrees := func() { desk.decides(func(o *office) { o.leave = nil }) }
	each(t, staffed(desk), func(w *world) {
		t := w.TB.(*testing.T)
		agrees()
		room := w.customer(w.red, "c1", "hello")
		w.fact(t, "ItsFateIsUnknown", func(w *world) {
			var tries atomic.Int32
			w.red.fail(func(string) error {
				if tries.Add(1) == 1 {
					w.begin(room, w.next())
					refuses()
					return errs.Temporary(errToy, 0)
				}
				return nil
			})
			w.says(room, ana, "one")
			if got := desk.asked(); len(got) > 0 || len(w.red.got("message")) != 1 || len(w.setAside()) > 0 {
				w.Errorf("asked was %+v; set aside were %v", got, w.setAside())
			}
		})
		w.fact(t, "AnOperatorTriesAgain", func(w *world) {
			agrees()
			w.red.forget()
			w.red.fail(func(string) error {
				w.begin(room, w.next())
				return errs.Tell(errs.Final(errToy), "nobody knows whether it arrived.")
			})
			doubtful := w.says(room, ana, "two")
			refuses()
			w.red.fail(nil)
			w.retry(doubtful)
			if got := desk.asked(); len(got) > 0 || len(w.red.got("message")) != 1 {
				w.Errorf("asked was %+v", got)
			}
		})
		w.fact(t, "ItHasLeft", func(w *world) {
			agrees()
			for _, one := range []sample{{"message", event.EventMessage, words("three")}, {"reaction", event.EventReaction, refersTo("m.annotation", w.hs.sent(room, event.EventMessage)[0].ID)}} {
				eventID := w.evt(room, ana, one.kind, one.content)
				w.settled()
				refuses()
				if err := w.again(room, eventID, ana, one.kind, one.content); err != nil || len(desk.asked()) > 0 {
					w.Errorf("handled again, the %s was asked for: %v", one.name, err)
				}
				agrees()
			}
		})
		w.fact(t, "ItWasHandedOverAndRefused", func(w *world) {
			var tries atomic.Int32
			w.red.fail(func(string) error {
				if tries.Add(1) == 1 {
					w.begin(room, w.next())
					w.must(w.red.env.Outcomes.Refused(w.ctx, w.next()))
					return errs.Temporary(errToy, 0)
				}
				return nil
			})
			desk.asked()
			w.says(room, ana, "four")
			if got := desk.asked(); len(got) != 2 || got[0].Again || !got[1].Again {
				w.Errorf("asked was %+v", got)
			}
		})
		w.fact(t, "TheGateRefusedIt", func(w *world) {
			refuses()
			w.red.fail(nil)
			refused := w.says(room, ana, "five")
			agrees()
			w.retry(refused)
			if got := desk.asked(); len(got) != 2 || got[1].ID != refused.String() || got[1].Again {
				w.Errorf("asked was %+v", got)
			}
		})
	})
}

// TestTheDeskKnowsAConversationBeforeItIsAsked, also of one from before the start.
func TestTheDeskKnowsAConversationBeforeItIsAsked(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		knows := func() bool {
			return slices.ContainsFunc(ofKind[channel.PortalOpened](w.desk), func(evt channel.PortalOpened) bool { return evt.Ref == refOf("c1", room) })
		}
		unknown := 0
		desk.decides(func(o *office) {
			o.leave = func(channel.Outgoing) error {
				if !knows() {
					unknown++
				}
				return nil
			}
		})
		w.says(room, ana, "one")
		w.hub.Stop()
		w.desk.mu.Lock()
		w.desk.events = nil
		w.desk.mu.Unlock()
		w.start()
		var deaf atomic.Bool
		deaf.Store(true)
		w.desk.failWith(func(channel.Event) error {
			if deaf.Swap(false) {
				return errToy
			}
			return nil
		})
		w.says(room, ana, "two")
		opened := ofKind[channel.PortalOpened](w.desk)
		if unknown != 0 || len(opened) != 1 || opened[0].Customer.Name != "Customer c1" || opened[0].Group || len(w.red.got("message")) != 2 {
			w.Errorf("the gate was asked %d times of what nobody knew; opened were %+v", unknown, opened)
		}
	})
}

// TestTheDeskKnowsAConversationBeforeACommand: an agent may be as quick as the customer's first words.
func TestTheDeskKnowsAConversationBeforeACommand(t *testing.T) {
	desk := &office{verbs: []channel.Verb{{Name: "claim", Help: "take it", Room: true}}}
	each(t, staffed(desk), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hub.Stop()
		w.desk.mu.Lock()
		w.desk.events = nil
		w.desk.mu.Unlock()
		w.start()
		w.asks(room, ana, "!puente claim")
		if opened := ofKind[channel.PortalOpened](w.desk); len(opened) != 1 || opened[0].Ref != refOf("c1", room) || len(desk.ordered()) != 1 {
			w.Errorf("opened were %+v, ordered %+v", opened, desk.ordered())
		}
	})
}

// objecting is a network's refusal because of what the customer wants.
type objecting struct{ error }

func (objecting) Objection() string { return "marketing" }

func TestAnObjectionOfTheNetworkIsPassedOn(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.red.fail(func(string) error {
			return errs.Tell(fmt.Errorf("send: %w: %w", errs.ErrForbidden, objecting{errors.New("code 131050")}), "the customer does not want marketing.")
		})
		said := w.says(room, ana, "buy this")
		w.begin(room, "$sent")
		w.must(w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: "$sent", State: channel.Failed, Reason: "as said", Objection: "utility"}))
		w.begin(room, "$failed")
		w.must(w.red.env.Outcomes.Report(w.ctx, network.Report{EventID: "$failed", State: channel.Failed, Reason: "for no reason"}))
		objections := map[string]string{}
		for _, change := range ofKind[channel.StatusChanged](w.desk) {
			if change.State == channel.Failed {
				objections[change.ID] = change.Objection
			}
		}
		want := map[string]string{said.String(): "marketing", "$sent": "utility", "$failed": ""}
		if fmt.Sprint(objections) != fmt.Sprint(want) {
			w.Errorf("the desk heard %v", objections)
		}
	})
}
