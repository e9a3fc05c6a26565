package hub

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

func refOf(chat string, room id.RoomID) channel.Ref {
	return channel.Ref{Network: "red", Account: "account", Chat: chat, Room: room.String()}
}

// aFace shows something of everything.
func aFace() channel.Face {
	return channel.Face{Card: "**The card**", Topic: "open", Buttons: []string{"✋", "✅"}, Facts: object{"status": "open"}}
}

// asked are the requests by which something in rooms was changed, or said, since the last time.
func (w *world) asked() []string {
	return slices.DeleteFunc(w.hs.takeRequests(), func(request string) bool {
		return strings.HasPrefix(request, "GET") || !strings.Contains(request, "v3/rooms/") && !strings.HasSuffix(request, "createRoom")
	})
}

// cards are the notices of the bridge's bot that are, or change, a card.
func (w *world) cards(room id.RoomID) (cards, edits []sentEvent) {
	for _, evt := range w.hs.sent(room, event.EventMessage) {
		about, _ := evt.Content["m.relates_to"].(map[string]any)
		switch {
		case evt.Content["msgtype"] != "m.notice":
		case about["rel_type"] == "m.replace":
			edits = append(edits, evt)
		default:
			cards = append(cards, evt)
		}
	}
	return cards, edits
}

// buttonsOf are the reactions of the bridge's bot to an event.
func (w *world) buttonsOf(room id.RoomID, card id.EventID) (keys []string) {
	for _, evt := range w.hs.sent(room, event.EventReaction) {
		about, _ := evt.Content["m.relates_to"].(map[string]any)
		if about["event_id"] == card.String() {
			keys = append(keys, about["key"].(string))
		}
	}
	return keys
}

// pinned is what is pinned in a room.
func (w *world) pinned(room id.RoomID) (list []string) {
	raw, _ := w.hs.shows(room, event.StatePinnedEvents, "")["pinned"].([]any)
	for _, one := range raw {
		list = append(list, one.(string))
	}
	return list
}

func TestAFaceIsShown(t *testing.T) {
	each(t, nil, func(w *world) {
		t := w.TB.(*testing.T)
		room := w.customer(w.red, "c1", "hello")
		portal, err := w.red.bridge.GetPortalByMXID(w.ctx, room)
		w.must(err)
		portal.Topic = "what the network says"
		w.must(portal.Save(w.ctx))
		face, ref := aFace(), refOf("c1", room)
		show := func(w *world) {
			w.Helper()
			w.hs.takeRequests()
			w.must(w.hub.ShowFace(w.ctx, ref, face))
		}
		w.fact(t, "AllOfIt", func(w *world) {
			show(w)
			cards, edits := w.cards(room)
			if len(cards) != 1 || len(edits) != 0 || cards[0].body() != "**The card**" || cards[0].Content["formatted_body"] != "<strong>The card</strong>" {
				w.Fatalf("the card is %+v, changed by %+v", cards, edits)
			}
			if mentions := cards[0].Content["m.mentions"]; !sameJSON(mentions, object{}) {
				w.Errorf("the card mentions %v", mentions)
			}
			if got := w.pinned(room); !slices.Equal(got, []string{cards[0].ID.String()}) {
				w.Errorf("pinned are %v", got)
			}
			if got := w.buttonsOf(room, cards[0].ID); !slices.Equal(got, []string{"✋", "✅"}) {
				w.Errorf("the buttons are %v", got)
			}
			if got := w.hs.shows(room, event.StateTopic, "")["topic"]; got != "open · what the network says" {
				w.Errorf("the topic is %q", got)
			}
			if got := w.hs.shows(room, factsEvent, ""); !sameJSON(got, object{"status": "open"}) {
				w.Errorf("the facts are %v", got)
			}
			if kept, err := w.hub.notes.has(w.ctx, cards[0].ID); err != nil || !kept {
				w.Errorf("the card is no note: %v", err)
			}
		})
		w.fact(t, "NothingAgain", func(w *world) {
			if show(w); len(w.asked()) != 0 {
				w.Error("what was shown already was shown again")
			}
			w.restart()
			if show(w); slices.ContainsFunc(w.asked(), func(request string) bool { return strings.HasPrefix(request, "PUT client/v3/rooms") }) {
				w.Error("after a restart it was shown again")
			}
		})
		for name, part := range map[string]struct {
			change func()
			asks   string
		}{
			"ACard":      {func() { face.Card = "**Another card**" }, "PUT client/v3/rooms/{room}/send/m.room.message/{txn}"},
			"ATopic":     {func() { face.Topic = "resolved" }, "PUT client/v3/rooms/{room}/state/m.room.topic/"},
			"TheFacts":   {func() { face.Facts = object{"status": "resolved"} }, "PUT client/v3/rooms/{room}/state/dev.puente.conversation/"},
			"AButton":    {func() { face.Buttons = append(face.Buttons, "💤") }, "PUT client/v3/rooms/{room}/send/m.reaction/{txn}"},
			"TheNetwork": {func() { portal.Topic = "something else" }, "PUT client/v3/rooms/{room}/state/m.room.topic/"},
		} {
			w.fact(t, "OnlyWhatChanged/"+name, func(w *world) {
				portal, err = w.hub.byID["red"].bridge.GetPortalByMXID(w.ctx, room)
				w.must(err)
				part.change()
				show(w)
				if got := w.asked(); !slices.Equal(got, []string{part.asks}) {
					w.Errorf("asked was %q", got)
				}
			})
		}
		w.fact(t, "ACardIsChangedInPlace", func(w *world) {
			for _, words := range []string{"one", "two", "one"} {
				face.Card = words
				show(w)
			}
			cards, edits := w.cards(room)
			if len(cards) != 1 || len(edits) != 4 {
				w.Fatalf("there are %d cards with %d changes", len(cards), len(edits))
			}
			for _, edit := range edits {
				content, _ := edit.Content["m.new_content"].(map[string]any)
				if about := edit.Content["m.relates_to"].(map[string]any); about["event_id"] != cards[0].ID.String() || content["msgtype"] != "m.notice" {
					w.Errorf("a change is %v", edit.Content)
				}
				if kept, err := w.hub.notes.has(w.ctx, edit.ID); err != nil || !kept {
					w.Errorf("a change of the card is no note: %v", err)
				}
			}
		})
	})
}

func TestWhatPeoplePinnedStays(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hs.setState(room, event.StatePinnedEvents, "", object{"pinned": []any{"$mine"}})
		face := aFace()
		w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), face))
		cards, _ := w.cards(room)
		if got := w.pinned(room); !slices.Equal(got, []string{"$mine", cards[0].ID.String()}) {
			w.Errorf("pinned are %v", got)
		}
		w.hs.setState(room, event.StatePinnedEvents, "", object{"pinned": []any{"$mine"}})
		face.Card = "another"
		w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), face))
		if got := w.pinned(room); !slices.Equal(got, []string{"$mine"}) {
			w.Errorf("what somebody took off was pinned again: %v", got)
		}
	})
}

func TestPinsThatCannotBeReadHoldNothingUp(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hs.setState(room, event.StatePinnedEvents, "", object{"pinned": "nonsense"})
		w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), aFace()))
		if cards, _ := w.cards(room); !slices.Equal(w.pinned(room), []string{cards[0].ID.String()}) {
			w.Errorf("pinned are %v", w.hs.shows(room, event.StatePinnedEvents, ""))
		}
	})
}

// TestFacesOfDifferentRoomsAtOnce: the inbox shows several at a time.
func TestFacesOfDifferentRoomsAtOnce(t *testing.T) {
	alone(t, nil, func(w *world) {
		var rooms []id.RoomID
		for _, chat := range []string{"c1", "c2", "c3", "c4"} {
			rooms = append(rooms, w.customer(w.red, chat, "hello"))
		}
		w.must(w.hub.ShowView(w.ctx, channel.View{Key: "open", Name: "Open"}))
		face := aFace()
		face.Views = []string{"open"}
		var showing sync.WaitGroup
		for i, room := range rooms {
			showing.Go(func() {
				if err := w.hub.ShowFace(w.ctx, refOf([]string{"c1", "c2", "c3", "c4"}[i], room), face); err != nil {
					w.Error(err)
				}
			})
		}
		showing.Wait()
		for _, room := range rooms {
			if cards, edits := w.cards(room); len(cards) != 1 || len(edits) != 0 || len(w.buttonsOf(room, cards[0].ID)) != 2 {
				w.Errorf("a room has %d cards and %d changes", len(cards), len(edits))
			}
		}
	})
}

// TestARoomWaitsForMessagesFromItsChangeOn: where they never end, each room's own wait would come on top of those before it.
func TestARoomWaitsForMessagesFromItsChangeOn(t *testing.T) {
	at := &waits{}
	alone(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		shows := func(since time.Time) int {
			face := aFace()
			face.Since = since
			w.hub.lull.messagePasses(w.hub.Clock)
			before := at.count()
			w.must(w.hub.ShowFace(w.ctx, refOf("c1", room), face))
			return at.count() - before
		}
		if shows(time.Time{}) == 0 {
			w.Error("messages do not go first")
		}
		if n := shows(at.Now().Add(-lullPatience)); n != 0 {
			w.Errorf("what changed long ago waits %d times more", n)
		}
	})
}
