package hub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// steps are the requests by which a face is shown for the first time, in their order.
var steps = []string{"m.room.message", "m.room.pinned_events", "m.reaction", "m.room.topic", factsEvent.Type, "m.space.child"}

// isStep tells whether a request is the one of a step.
func isStep(r *http.Request, parts []string, step string) bool {
	return r.Method == http.MethodPut && slices.Contains(parts, step)
}

// crash is a way in which a step fails once.
type crash struct {
	name string
	// on arms it for a step in a room; it is over when the step was asked for once.
	on func(w *world, step string)
}

// crashes are those before the homeserver does it, after it did, and after it said so.
func crashes() []crash {
	return []crash{
		{"TheHomeserverDidNot", func(w *world, step string) { w.hs.failWith(once(http.MethodPut, step)) }},
		{"TheAnswerWasLost", func(w *world, step string) { w.hs.loseWith(once(http.MethodPut, step)) }},
		{"ItWasNotNoted", func(w *world, step string) {
			done := false
			w.hs.loseWith(func(r *http.Request, parts []string) int {
				if isStep(r, parts, step) && !done {
					done = true
					for _, table := range []string{"pu_face", "pu_view_room"} {
						if _, err := w.db.Exec(w.ctx, "ALTER TABLE "+table+" RENAME TO "+table+"_gone"); err != nil {
							w.Error(err)
						}
					}
				}
				return 0
			})
		}},
	}
}

// mended ends what a crash does.
func (w *world) mended() {
	w.Helper()
	w.hs.failWith(nil)
	w.hs.loseWith(nil)
	for _, table := range []string{"pu_face", "pu_view_room"} {
		_, _ = w.db.Exec(w.ctx, "ALTER TABLE "+table+"_gone RENAME TO "+table) // it fails where it was not renamed
	}
}

// TestAFaceThatWasCutOffIsCompleted: each step fails once in each way, and is repeated without doubling anything, also if
// something else is to be shown by then.
func TestAFaceThatWasCutOffIsCompleted(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		w.must(w.hub.ShowView(w.ctx, channel.View{Key: "open", Name: "Open"}))
		space := id.RoomID(w.text(`SELECT room_id FROM pu_view WHERE key='open'`))
		chat := 0
		for _, how := range crashes() {
			for _, step := range steps {
				for name, then := range map[string]func(*channel.Face){"": func(*channel.Face) {}, "AndChanged": func(face *channel.Face) {
					face.Card, face.Topic, face.Facts = "**Another card**", "resolved", object{"status": "resolved"}
				}} {
					chat++
					w.fact(t, how.name+name+"/"+step, func(w *world) { w.cutOff(fmt.Sprint("c", chat), space, how, step, then) })
				}
			}
		}
	})
}

func (w *world) cutOff(chat string, space id.RoomID, how crash, step string, then func(*channel.Face)) {
	w.Helper()
	room := w.customer(w.red, chat, "hello")
	face := aFace()
	face.Views = []string{"open"}
	w.calm()
	how.on(w, step)
	if err := w.hub.ShowFace(w.ctx, refOf(chat, room), face); err == nil {
		w.Error("nobody was told")
	}
	w.mended()
	then(&face)
	w.must(w.hub.ShowFace(w.ctx, refOf(chat, room), face))
	cards, edits := w.cards(room)
	if len(cards) != 1 {
		w.Fatalf("there are %d cards: %v", len(cards), cards)
	}
	shows := cards[0].body()
	for _, edit := range edits {
		shows = strings.TrimPrefix(edit.body(), "* ")
	}
	if shows != face.Card || len(edits) > 1 || len(edits) == 1 && cards[0].body() == face.Card && step != "m.room.message" {
		w.Errorf("the card shows %q after %d changes", shows, len(edits))
	}
	if got := w.pinned(room); !slices.Equal(got, []string{cards[0].ID.String()}) {
		w.Errorf("pinned are %v", got)
	}
	if got := w.buttonsOf(room, cards[0].ID); !slices.Equal(got, []string{"✋", "✅"}) {
		w.Errorf("the buttons are %v", got)
	}
	if got := w.hs.shows(room, event.StateTopic, "")["topic"]; got != face.Topic {
		w.Errorf("the topic is %v", got)
	}
	if got := w.hs.shows(room, factsEvent, ""); !sameJSON(got, face.Facts) {
		w.Errorf("the facts are %v", got)
	}
	if got := w.hs.changed(space, event.StateSpaceChild, room.String()); len(got) != 1 {
		w.Errorf("its place in the view was changed %d times", len(got))
	}
	for _, evt := range slices.Concat(cards, edits) {
		if kept, err := w.hub.notes.has(w.ctx, evt.ID); err != nil || !kept {
			w.Errorf("%s is no note: %v", evt.ID, err)
		}
	}
	w.hs.takeRequests()
	w.must(w.hub.ShowFace(w.ctx, refOf(chat, room), face))
	if got := w.asked(); len(got) > 0 {
		w.Errorf("then it asks for %q", got)
	}
}
