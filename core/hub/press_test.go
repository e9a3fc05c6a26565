package hub

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// reacts has somebody react to an event.
func (w *world) reacts(room id.RoomID, who id.UserID, target id.EventID, key string) id.EventID {
	w.Helper()
	reaction := w.evt(room, who, event.EventReaction, relates(object{"rel_type": "m.annotation", "event_id": target, "key": key}))
	w.handled()
	return reaction
}

// takenOff tells how often an event was redacted.
func (w *world) takenOff(room id.RoomID, target id.EventID) (n int) {
	for _, evt := range w.hs.sent(room, event.EventRedaction) {
		if evt.Content["redacts"] == target.String() {
			n++
		}
	}
	return n
}

func TestAButtonIsPressed(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		w.evt(p.room, berta, event.StateMember, object{"membership": "join", "displayname": "Berta B."}, object{"state_key": berta})
		said := func() int { return len(w.notices(p.room)) }
		w.fact(t, "TheDeskIsToldWhoWhatAndWhere", func(w *world) {
			before := said()
			reaction := w.reacts(p.room, berta, p.card, "✋")
			want := channel.Press{
				Ref: refOf("c1", p.room), ID: reaction.String(), By: channel.Party{ID: berta.String(), Name: "Berta B."}, Button: "✋", At: time.UnixMilli(1_700_000_000_000).UTC(),
			}
			if got := desk.pressed(); len(got) != 1 || got[0] != want {
				w.Errorf("the desk was told %+v", got)
			}
			if n := w.takenOff(p.room, reaction); n != 1 || said() != before {
				w.Errorf("the button was taken off %d times, and %d things were said", n, said()-before)
			}
		})
		w.fact(t, "AnotherTime", func(w *world) {
			w.reacts(p.room, berta, p.card, "✋")
			if got := desk.pressed(); len(got) != 1 {
				w.Errorf("the desk was told %+v", got)
			}
		})
		for name, key := range map[string]string{"AsAPicture": "✋\ufe0f", "InAnotherColour": "✋🏽", "Both": "✋🏿\ufe0f"} {
			w.fact(t, "TheSameEmoji/"+name, func(w *world) {
				w.reacts(p.room, ana, p.card, key)
				if got := desk.pressed(); len(got) != 1 || got[0].Button != "✋" {
					w.Errorf("the desk was told %+v", got)
				}
			})
		}
		w.fact(t, "TheAnswerIsSaid", func(w *world) {
			desk.decides(func(o *office) { o.press = func(channel.Press) (string, error) { return "It is yours.", nil } })
			before := said()
			w.reacts(p.room, ana, p.card, "✋")
			if got := w.notices(p.room); len(got) != before+1 || got[before] != "It is yours." {
				w.Errorf("the room was told %q", got[before:])
			}
		})
		w.fact(t, "SoAreTheWordsOfARefusal", func(w *world) {
			desk.decides(func(o *office) {
				o.press = func(channel.Press) (string, error) {
					return "", errs.Tell(fmt.Errorf("claim: %w", errs.ErrConflict), "Berta has it.")
				}
			})
			before := said()
			reaction := w.reacts(p.room, ana, p.card, "✋")
			if got := w.notices(p.room); len(got) != before+1 || got[before] != "Berta has it." || w.takenOff(p.room, reaction) != 1 {
				w.Errorf("the room was told %q", got[before:])
			}
			desk.decides(func(o *office) { o.press = func(channel.Press) (string, error) { return "", errToy } })
			if w.reacts(p.room, ana, p.card, "✋"); w.notices(p.room)[said()-1] != reasonOf(errToy) {
				w.Errorf("the room was told %q", w.notices(p.room)[before:])
			}
		})
		w.fact(t, "LaterIfTheDeskSaysSo", func(w *world) {
			desk.pressed()
			tries := 0
			desk.decides(func(o *office) {
				o.press = func(channel.Press) (string, error) {
					if tries++; tries == 1 {
						return "", errs.Temporary(errToy, 0)
					}
					return "Done.", nil
				}
			})
			before := said()
			reaction := w.reacts(p.room, ana, p.card, "✋")
			if got := desk.pressed(); len(got) != 2 || got[0].ID != got[1].ID || w.takenOff(p.room, reaction) != 1 || said() != before+1 {
				w.Errorf("the desk was told %+v, the room %q", got, w.notices(p.room)[before:])
			}
		})
		w.fact(t, "OnceAlsoIfTheHomeserverFails", func(w *world) {
			desk.decides(func(o *office) { o.press = func(channel.Press) (string, error) { return "Done.", nil } })
			before := said()
			w.hs.loseWith(once(http.MethodPut, "redact"))
			reaction := w.reacts(p.room, ana, p.card, "✋")
			w.hs.loseWith(once(http.MethodPut, "m.room.message"))
			other := w.reacts(p.room, ana, p.card, "✅")
			w.hs.loseWith(nil)
			keys := map[string]int{}
			for _, press := range desk.pressed() {
				keys[press.ID]++
			}
			if keys[reaction.String()] != 2 || len(keys) != 2 { // the contract: at least once, under the same ID
				w.Errorf("the desk was told %v", keys)
			}
			if w.takenOff(p.room, reaction) != 1 || w.takenOff(p.room, other) != 1 || said() != before+2 {
				w.Errorf("the room was told %q", w.notices(p.room)[before:])
			}
		})
		if got := w.red.got(""); len(got) > 0 || len(w.setAside()) > 0 {
			w.Errorf("the network got %+v; set aside were %v", got, w.setAside())
		}
	})
}

func TestWhatIsNoButtonIsNotPressed(t *testing.T) {
	desk := &office{}
	each(t, staffed(desk), func(w *world) {
		p, other := w.furnish("c1"), w.furnish("c2")
		face := aFace()
		face.Card = "Another card"
		w.must(w.hub.ShowFace(w.ctx, refOf("c1", p.room), face))
		_, edits := w.cards(p.room)
		targets := []id.EventID{p.note, p.notice, p.command, p.threaded, edits[0].ID, other.card}
		var reactions []id.EventID
		for _, target := range targets {
			reactions = append(reactions, w.reacts(p.room, ana, target, "✋"))
		}
		reactions = append(reactions, w.evt(p.room, ana, event.EventReaction, with(relates(object{"rel_type": "m.annotation", "m.in_reply_to": object{"event_id": p.card}}))))
		unshown := w.customer(w.red, "c3", "hello")
		w.hs.failWith(once(http.MethodPut, "m.room.message"))
		if w.hub.ShowFace(w.ctx, refOf("c3", unshown), face) == nil {
			w.Error("a card was shown")
		}
		note := w.evt(unshown, ana, event.EventMessage, words("!puente note x"))
		reactions = append(reactions, w.evt(unshown, ana, event.EventReaction, relates(object{"rel_type": "m.annotation", "m.in_reply_to": object{"event_id": note}})))
		w.evt(p.room, ana, event.EventRedaction, object{"redacts": reactions[0]})
		w.handled()
		if got := desk.pressed(); len(got) > 0 {
			w.Errorf("the desk was told %+v", got)
		}
		for _, reaction := range reactions {
			if w.takenOff(p.room, reaction)+w.takenOff(unshown, reaction) > 0 {
				w.Errorf("a reaction was taken off")
			}
		}
		if got := w.red.got(""); len(got) > 0 || len(w.setAside()) > 0 {
			w.Errorf("the network got %+v; set aside were %v", got, w.setAside())
		}
		if got := w.reacts(p.room, ana, p.card, "✋"); len(desk.pressed()) != 1 || w.takenOff(p.room, got) != 1 {
			w.Error("the card itself has no buttons any more")
		}
	})
}

func TestWithoutADeskNothingIsPressed(t *testing.T) {
	alone(t, nil, func(w *world) {
		p := w.furnish("c1")
		if reaction := w.reacts(p.room, ana, p.card, "✋"); w.takenOff(p.room, reaction) > 0 || len(w.setAside()) > 0 || len(w.red.got("")) > 0 {
			w.Errorf("set aside were %v", w.setAside())
		}
	})
}

func TestPlainKey(t *testing.T) {
	for key, want := range map[string]string{"✋": "✋", "✋\ufe0f": "✋", "✋🏻": "✋", "✋🏿": "✋", "👩🏽‍💻": "👩‍💻", "": "", "claim": "claim"} {
		if got := plainKey(key); got != want {
			t.Errorf("%q is %q", key, got)
		}
	}
	if keys := []string{"🔒", "🌟"}; !slices.Equal([]string{plainKey(keys[0]), plainKey(keys[1])}, keys) {
		t.Error("another emoji was changed")
	}
}
