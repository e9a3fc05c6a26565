package hub

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// TestWhatIsAboutTheCustomersOrOursGoesOut: nothing of it is held back, and nobody is told of a note.
func TestWhatIsAboutTheCustomersOrOursGoesOut(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		reply := func(target id.EventID) object { return with(words("yes"), replyTo(target)) }
		thread := func(target id.EventID) object { return with(words("yes"), threadOf(target)) }
		edit := with(words("* new words"), editOf(p.sent))
		for _, one := range []struct {
			name    string
			kind    event.Type
			content object
			redacts id.EventID
			want    handed
		}{
			{"ReplyToTheCustomer", event.EventMessage, reply(p.asked), "", handed{What: "message", Text: "yes", Target: "c1-1"}},
			{"ReplyToAnAgent", event.EventMessage, reply(p.sent), "", handed{What: "message", Text: "yes", Target: "of-" + p.sent.String()}},
			{"ThreadOfTheCustomer", event.EventMessage, thread(p.asked), "", handed{What: "message", Text: "yes", Target: "c1-1"}},
			{"ThreadOfAnAgent", event.EventMessage, thread(p.sent), "", handed{What: "message", Text: "yes", Target: "of-" + p.sent.String()}},
			{"ReactionToTheCustomer", event.EventReaction, refersTo("m.annotation", p.asked), "", handed{What: "reaction", Text: "👍", Target: "c1-1"}},
			{"ReactionToAnAgent", event.EventReaction, refersTo("m.annotation", p.sent), "", handed{What: "reaction", Text: "👍", Target: "of-" + p.sent.String()}},
			{"EditOfAnAgents", event.EventMessage, edit, "", handed{What: "edit", Text: "new words", Target: "of-" + p.sent.String()}},
			{"DeletionOfAnAgents", event.EventRedaction, object{}, p.sent, handed{What: "removal", Target: "of-" + p.sent.String()}},
			{"DeletionOfTheCustomers", event.EventRedaction, object{"redacts": p.asked}, "", handed{What: "removal", Target: "c1-1"}},
		} {
			w.fact(t, one.name, func(w *world) {
				w.red.forget()
				extra := object{}
				if one.redacts != "" {
					extra["redacts"] = one.redacts
				}
				eventID := w.evt(p.room, ana, one.kind, one.content, extra)
				w.until("the network's turn", func() bool { return len(w.red.got("")) > 0 || len(w.setAside()) > 0 })
				if got := w.red.got(""); len(got) != 1 || got[0].What != one.want.What || got[0].Text != one.want.Text || got[0].Target != one.want.Target {
					w.Errorf("the network got %+v, not %+v", got, one.want)
				}
				if n := w.locks(p.room, eventID); n > 0 {
					w.Errorf("it was shown as a note")
				}
			})
		}
		if aside := w.setAside(); len(aside) > 0 {
			w.Errorf("set aside were %v", aside)
		}
	})
}

func TestWhatIsAboutSomethingUnknownIsRefused(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		other := w.furnish("c2")
		for name, target := range map[string]id.EventID{
			"Nowhere": "$nowhere", "NoEventID": "nowhere", "AnotherPath": "..", "WithAZero": "$a\x00b", "TooLong": id.EventID("$" + strings.Repeat("a", 300)),
			"TheCustomersInAnotherRoom": other.asked, "AnAgentsInAnotherRoom": other.sent,
		} {
			w.fact(t, name, func(w *world) {
				w.hs.takeRequests()
				about := map[string]sample{
					"reply":    {kind: event.EventMessage, content: with(words("yes"), replyTo(target))},
					"thread":   {kind: event.EventMessage, content: with(words("yes"), threadOf(target))},
					"edit":     {kind: event.EventMessage, content: with(words("* new"), editOf(target))},
					"reaction": {kind: event.EventReaction, content: refersTo("m.annotation", target)},
					"vote":     {kind: event.EventUnstablePollResponse, content: with(sampleOf("vote").content, refersTo("m.reference", target))},
				}
				for _, what := range slices.Sorted(maps.Keys(about)) {
					eventID := w.pushAll(p.room, ana, []sample{about[what]}, nil, nil)[0]
					if rest := w.outwardAfter(p.room); len(rest) > 0 {
						w.Errorf("by a %s the network got %q", what, rest)
					}
					if !slices.Contains(w.setAside(), eventID.String()) {
						w.Errorf("the %s was not refused", what)
					}
					if notices := w.notices(p.room); !strings.Contains(notices[len(notices)-1], "did not reach Toy red") {
						w.Errorf("of the %s the room was told %q", what, notices[len(notices)-1])
					}
				}
				w.pushAll(p.room, ana, []sample{{kind: event.EventRedaction, content: object{"redacts": target}}}, nil, object{"redacts": target})
				if rest := w.outwardAfter(p.room); len(rest) > 0 {
					w.Errorf("by a deletion the network got %q", rest)
				}
				asked := slices.ContainsFunc(w.hs.takeRequests(), func(request string) bool { return strings.HasPrefix(request, "GET client/v3/rooms/{room}/event/") })
				if asked != (strings.HasPrefix(target.String(), "$") && !strings.HasPrefix(name, "With") && name != "TooLong") {
					w.Errorf("the homeserver was asked for it: %v", asked)
				}
			})
		}
	})
}

// TestANoteOfAnotherRoomIsOneHere: a homeserver does not look where an event is that another is about.
func TestANoteOfAnotherRoomIsOneHere(t *testing.T) {
	alone(t, nil, func(w *world) {
		p, other := w.furnish("c1"), w.furnish("c2")
		for _, about := range []object{replyTo(other.note), threadOf(other.card), refersTo("m.annotation", other.card), editOf(other.note)} {
			w.pushAll(p.room, ana, samples(), about, object{"redacts": other.note})
		}
		if rest := w.outwardAfter(p.room); len(rest) > 0 || len(w.setAside()) > 0 {
			w.Errorf("the network got %q, set aside were %v", rest, w.setAside())
		}
	})
}

// TestWhatCannotBeLookedUpWaits: nothing goes out before it is known what an event is about.
func TestWhatCannotBeLookedUpWaits(t *testing.T) {
	notice := object{"msgtype": "m.notice", "body": "beep"}
	for name, end := range map[string]struct {
		content object // of what is answered; nil: it is nowhere
		beside  id.EventID
	}{
		"ABotsNotice": {content: notice}, "Nobodys": {}, "ABotsNoticeBesideNobodys": {content: notice, beside: "$nobodys"},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, nil, func(w *world) {
				room := w.customer(w.red, "c1", "hello")
				target := id.EventID("$nowhere")
				if end.content != nil {
					said, err := w.red.bridge.Bot.SendMessage(w.ctx, room, event.EventMessage, &event.Content{Raw: end.content}, nil)
					w.must(err)
					target = said.EventID
				}
				var asked, calm atomic.Int32
				w.hs.failWith(func(_ *http.Request, parts []string) int {
					if len(parts) > 5 && parts[4] == "event" && parts[5] != "$nobodys" && calm.Load() == 0 {
						asked.Add(1)
						return 500
					}
					return 0
				})
				relation := object{"m.in_reply_to": object{"event_id": target}}
				if end.beside != "" {
					relation = with(relation, object{"rel_type": "m.thread", "event_id": end.beside})
				}
				reply := w.evt(room, ana, event.EventMessage, with(words("yes"), relates(relation)))
				behind := w.evt(room, ana, event.EventMessage, words("behind it"))
				w.until("several tries", func() bool { return asked.Load() > 2 })
				if got := w.red.got(""); len(got) > 0 || len(w.setAside()) > 0 {
					w.Errorf("the network got %+v, set aside were %v", got, w.setAside())
				}
				calm.Store(1)
				w.until("the one behind it", func() bool { return len(w.red.got("")) > 0 })
				if got := one(w, w.red, ""); got.Event != behind.String() {
					w.Errorf("the network got %+v", got)
				}
				if refused := slices.Contains(w.setAside(), reply.String()); refused != (end.content == nil) {
					w.Errorf("it was refused: %v", refused)
				}
			})
		})
	}
}

// TestRelationsThatAreNone: what no client writes holds nothing up, and does not let out what is below the card.
func TestRelationsThatAreNone(t *testing.T) {
	each(t, nil, func(w *world) {
		p := w.furnish("c1")
		for _, about := range []object{
			{"m.relates_to": "x"}, {"m.relates_to": []any{threadOf(p.card)["m.relates_to"]}}, {"m.relates_to": 7}, {"m.relates_to": nil},
			{"m.relates_to": object{}}, {"m.relates_to": object{"m.relates_to": threadOf(p.card)["m.relates_to"]}},
			relates(object{"rel_type": "m.thread"}), relates(object{"event_id": object{"event_id": p.card}}), relates(object{"m.in_reply_to": []any{p.card}}),
			{"m.new_content": []any{}}, {"m.new_content": object{"m.relates_to": []any{}}}, {"redacts": []any{p.card}},
		} {
			ids := w.pushAll(p.room, ana, samples(), about, object{})
			w.outwardAfter(p.room) // it may be for the customer, or be refused: it is about nothing
			for i, eventID := range ids {
				if kept, err := w.hub.notes.has(w.ctx, eventID); err != nil || kept {
					w.Errorf("a %s with %v is a note: %v", samples()[i].name, about, err)
				}
			}
		}
	})
}
