package hub

import (
	"maps"
	"slices"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// wayIn is a way in which an event is about something internal.
type wayIn struct {
	name    string
	content object
	redacts id.EventID // for deletions
	refused bool       // it is meant to be told that it cannot be
}

// waysInto are all of them, with each internal event.
func waysInto(p places) (list []wayIn) {
	internal := p.internal()
	for _, what := range slices.Sorted(maps.Keys(internal)) {
		target := internal[what]
		list = append(list,
			wayIn{name: "ThreadUnder " + what, content: threadOf(target)},
			wayIn{name: "ReplyTo " + what, content: replyTo(target)},
			wayIn{name: "EditOf " + what, content: editOf(target)},
			wayIn{name: "ReactionTo " + what, content: refersTo("m.annotation", target)},
			wayIn{name: "ReferenceTo " + what, content: refersTo("m.reference", target)},
			wayIn{name: "AnotherRelationTo " + what, content: refersTo("org.example.unknown", target)},
			wayIn{name: "RedactionOf " + what, content: relates(object{"event_id": target}), redacts: target},
			wayIn{name: "EditIntoAReplyTo " + what, content: editOf(p.sent, replyTo(target)), refused: true},
		)
	}
	return append(list,
		wayIn{name: "EditIntoTheCardsThread", content: editOf(p.sent, threadOf(p.card)), refused: true},
		wayIn{name: "NewContentInTheCardsThread", content: object{"m.new_content": threadOf(p.card)}},
		wayIn{name: "ReplyToTheCustomerInTheCardsThread", content: relates(object{"rel_type": "m.thread", "event_id": p.card, "m.in_reply_to": object{"event_id": p.asked}})},
		wayIn{name: "ReplyToANoteInTheCustomersThread", content: relates(object{"rel_type": "m.thread", "event_id": p.asked, "m.in_reply_to": object{"event_id": p.note}})},
		wayIn{name: "ReplyToWhatIsNowhereInTheCardsThread", content: relates(object{"rel_type": "m.thread", "event_id": p.card, "m.in_reply_to": object{"event_id": "$nowhere"}})},
		wayIn{name: "ReplyToANoteInAThreadThatIsNowhere", content: relates(object{"rel_type": "m.thread", "event_id": "$nowhere", "m.in_reply_to": object{"event_id": p.note}})},
		wayIn{name: "TheKindIsANumber", content: relates(object{"rel_type": 7, "event_id": p.card})},
		wayIn{name: "TheReplyIsText", content: relates(object{"rel_type": "m.thread", "event_id": p.card, "m.in_reply_to": "x"})},
		wayIn{name: "TheRootIsAList", content: relates(object{"rel_type": "m.thread", "event_id": []any{"x"}, "m.in_reply_to": object{"event_id": p.card}})},
		wayIn{name: "TheNewContentIsText", content: with(threadOf(p.card), object{"m.new_content": "x"})},
		wayIn{name: "OtherSpellingsBesideIt", content: with(refersTo("m.thread", p.card), object{"M.Relates_To": "x", "m.relateſ_to": object{"event_id": p.asked}})},
	)
}

// TestNothingInternalReachesTheNetwork: every type of event in every relation to something internal, and after them
// something for the customer, which must come through.
func TestNothingInternalReachesTheNetwork(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		for _, how := range waysInto(p) {
			w.fact(t, how.name, func(w *world) {
				told, list := len(w.notices(p.room)), samples()
				extra := object{}
				if how.redacts != "" {
					extra["redacts"] = how.redacts
				}
				ids := w.pushAll(p.room, berta, list, how.content, extra)
				if rest := w.outwardAfter(p.room); len(rest) > 0 {
					w.Errorf("the network got %q", rest)
				}
				aside, refused := w.setAside(), 0
				for i, one := range list {
					is := slices.Contains(aside, ids[i].String())
					if want := how.refused && !one.silent() && one.kind != event.EventReaction; is != want {
						w.Errorf("the %s was set aside: %v", one.name, is)
					} else if want {
						refused++
					}
				}
				if got := len(w.notices(p.room)) - told; got != refused {
					w.Errorf("the room was told %d things of %d refusals", got, refused)
				}
			})
		}
		if got := w.blue.got(""); len(got) > 0 {
			w.Errorf("another network got %+v", got)
		}
	})
}

// TestWhatIsAboutWhatIsAboutANoteStays: what was kept is itself internal, whatever it is.
func TestWhatIsAboutWhatIsAboutANoteStays(t *testing.T) {
	alone(t, nil, func(w *world) {
		p := w.furnish("c1")
		list := slices.DeleteFunc(samples(), func(s sample) bool { return s.silent() })
		kept := w.pushAll(p.room, berta, list, threadOf(p.card), object{})
		for i, target := range kept {
			for _, about := range []object{replyTo(target), threadOf(target), refersTo("m.annotation", target), editOf(target)} {
				w.pushAll(p.room, ana, samples(), about, object{"redacts": target})
			}
			if rest := w.outwardAfter(p.room); len(rest) > 0 {
				w.Errorf("about a kept %s the network got %q", list[i].name, rest)
			}
		}
		if aside := w.setAside(); len(aside) > 0 {
			w.Errorf("set aside were %v", aside)
		}
	})
}
