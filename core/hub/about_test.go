package hub

import (
	"encoding/json"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
)

// unnoted is a world in which a customer's message stands in the room and was not noted before a kill; again tells
// whether its entry waits to be handled again.
func unnoted(w *world, again bool) (room id.RoomID, message id.EventID, note func()) {
	w.Helper()
	room = w.customer(w.red, "c1", "hello")
	message = w.hs.sent(room, event.EventMessage)[0].ID
	change := func(query string, args ...any) {
		w.Helper()
		_, err := w.db.Exec(w.ctx, query, args...)
		w.must(err)
	}
	change(`UPDATE message SET mxid='$nobody' WHERE mxid=$1`, message)
	if again {
		payload, err := json.Marshal(news{Kind: "not yet"})
		w.must(err)
		w.must(w.red.env.Intake.Take(w.ctx, network.Entry{Key: "again", Lane: "c1", Kind: "message", Payload: payload}))
	}
	return room, message, func() { change(`UPDATE message SET mxid=$1 WHERE mxid='$nobody'`, message) }
}

// tried waits until an agent's event was looked at.
func (w *world) tried(eventID id.EventID) {
	w.Helper()
	w.until("a try", func() bool {
		found, err := w.journal.ByKey(w.ctx, sourceMatrix, []string{eventID.String()})
		w.must(err)
		return found[eventID.String()].Attempts > 0
	})
}

func TestWhatAnAgentDoesToACustomersMessageWaitsUntilItIsNoted(t *testing.T) {
	for _, does := range []struct {
		what    string
		kind    event.Type
		content func(target id.EventID) any
		extra   func(target id.EventID) object
	}{
		{"reaction", event.EventReaction, func(target id.EventID) any {
			return object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": target, "key": "👍"}}
		}, nil},
		{"message", event.EventMessage, func(target id.EventID) any {
			return object{"msgtype": "m.text", "body": "yes", "m.relates_to": object{"m.in_reply_to": object{"event_id": target}}}
		}, nil},
		{"vote", event.EventUnstablePollResponse, func(target id.EventID) any {
			return object{"m.relates_to": object{"rel_type": "m.reference", "event_id": target}, "org.matrix.msc3381.poll.response": object{"answers": []string{"1"}}}
		}, nil},
		{"removal", event.EventRedaction, func(id.EventID) any { return object{} }, func(target id.EventID) object { return object{"redacts": target} }},
	} {
		t.Run(does.what, func(t *testing.T) {
			each(t, nil, func(w *world) {
				room, message, note := unnoted(w, true)
				var extra []object
				if does.extra != nil {
					extra = append(extra, does.extra(message))
				}
				eventID := w.evt(room, ana, does.kind, does.content(message), extra...)
				w.tried(eventID)
				if got := w.red.got(does.what); len(got) > 0 || len(w.failed()) > 0 {
					w.Fatalf("before the message was noted the network got %+v; set aside: %+v", got, w.failed())
				}
				note()
				w.until("the network's turn", func() bool { return len(w.red.got(does.what)) > 0 })
				if got := one(w, w.red, does.what); got.Target != "c1-1" {
					w.Errorf("the network got %+v", got)
				}
			})
		})
	}
}

func TestWhatWillNotBeNotedIsNotWaitedFor(t *testing.T) {
	react := func(w *world, room id.RoomID, target id.EventID) {
		w.Helper()
		w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": target, "key": "👍"}})
		w.until("the end", func() bool { return len(w.failed()) > 0 })
		if failed := w.failed(); failed[0].Attempts > 1 {
			w.Errorf("it was tried %d times", failed[0].Attempts)
		}
	}
	t.Run("no entry waits", func(t *testing.T) {
		each(t, nil, func(w *world) {
			room, message, _ := unnoted(w, false)
			react(w, room, message)
		})
	})
	t.Run("nobody's", func(t *testing.T) {
		each(t, nil, func(w *world) {
			room, _, _ := unnoted(w, true)
			react(w, room, "$unknown")
		})
	})
	t.Run("Puente's own words", func(t *testing.T) {
		each(t, nil, func(w *world) {
			room, _, _ := unnoted(w, true)
			said, err := w.red.bridge.Bot.SendMessage(w.ctx, room, event.EventMessage, &event.Content{Parsed: text("a card")}, nil)
			w.must(err)
			reaction := w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": said.EventID, "key": "👍"}})
			w.until("its note", func() bool {
				kept, err := w.hub.notes.has(w.ctx, reaction)
				w.must(err)
				return kept
			})
			if got := w.red.got("reaction"); len(got) > 0 || len(w.failed()) > 0 {
				w.Errorf("the network got %+v; set aside: %+v", got, w.failed())
			}
		})
	})
	t.Run("taken back since", func(t *testing.T) {
		each(t, nil, func(w *world) {
			room, message, note := unnoted(w, true)
			note()
			w.must(w.red.tell(news{Kind: "removal", Chat: "c1", From: "c1", Target: "c1-1"}))
			react(w, room, message)
		})
	})
	t.Run("too late", func(t *testing.T) {
		alone(t, nil, func(w *world) {
			room, message, _ := unnoted(w, true)
			w.hub.started = time.Now().Add(-time.Hour)
			if _, err := w.db.Exec(w.ctx, `UPDATE pu_journal SET received_at=0 WHERE key='again'`); err != nil {
				w.Fatal(err)
			}
			w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": message, "key": "👍"}})
			w.until("the event's turn", func() bool { return len(w.hs.sent(room, event.BeeperMessageStatus)) > 0 })
			if _, err := w.db.Exec(w.ctx, `UPDATE pu_journal SET received_at=$1 WHERE source=$2 AND state='waiting'`,
				time.Now().Add(-underwayPatience-time.Minute).UnixMilli(), sourceMatrix); err != nil {
				w.Fatal(err)
			}
			w.until("the end", func() bool { return len(w.failed()) > 0 })
		})
	})
}
