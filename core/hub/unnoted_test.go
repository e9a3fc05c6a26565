package hub

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// unnote has the database not know whose a room is, as when a kill fell between the room's making and its note.
func (w *world) unnote(room id.RoomID) {
	w.Helper()
	w.hub.Stop()
	_, err := w.db.Exec(w.ctx, "UPDATE portal SET mxid=NULL WHERE mxid=$1", room)
	w.must(err)
	w.start()
}

func TestWhatIsWrittenIntoARoomThatIsNotNotedYet(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.unnote(room)
		first := w.evt(room, ana, event.EventMessage, words("good day"))
		w.evt(room, ana, event.EventMessage, words("how are you?"))
		w.until("it waits", func() bool { return w.attempts(first) > 0 })
		if got := w.red.got("message"); len(got) != 0 {
			w.Fatalf("the network got %+v", got)
		}
		w.customer(w.red, "c1", "hello, once more") // the room is adopted
		w.settled()
		if got := w.red.got("message"); len(got) != 2 || got[0].Text != "good day" || got[1].Text != "how are you?" {
			w.Errorf("the network got %+v", got)
		}
		if len(w.failed()) != 0 {
			w.Errorf("set aside: %v", w.failed())
		}
	})
}

// attempts is how often an event was tried in vain.
func (w *world) attempts(evt id.EventID) (n int) {
	w.Helper()
	w.must(w.db.QueryRow(w.ctx, "SELECT COALESCE(MAX(attempts), 0) FROM pu_journal WHERE key=$1", evt).Scan(&n))
	return n
}

// TestRoomWhoseNoteFailed: bridgev2 knows the room, and its database was full when the room was made.
func TestRoomWhoseNoteFailed(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		_, err := w.db.Exec(w.ctx, "UPDATE portal SET mxid=NULL WHERE mxid=$1", room)
		w.must(err)
		w.hub.rooms.forget(room)
		w.says(room, ana, "good day")
		if got := one(w, w.red, "message"); got.Text != "good day" {
			w.Errorf("the network got %+v", got)
		}
		if got := w.text("SELECT id FROM portal WHERE mxid=$1", room); got != "c1" {
			w.Errorf("the room is %q's", got)
		}
	})
}

func TestRoomThatIsNobodys(t *testing.T) {
	moved := clock.NewManual(time.Now())
	alone(t, func(w *world) { w.opts.Clock = shiftedClock{moved} }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.unnote(room)
		evt := w.evt(room, ana, event.EventMessage, words("good day"))
		w.until("it waits", func() bool { return w.attempts(evt) > 0 })
		moved.Advance(underwayPatience + time.Second)
		w.settled()
		said := w.hs.sent(room, event.EventMessage)
		if last := said[len(said)-1]; !strings.Contains(last.body(), "not connected") {
			w.Errorf("the room says %q", last.body())
		}
		if got := w.failed(); len(got) != 1 || got[0].Key != evt.String() {
			w.Errorf("set aside: %v", got)
		}
	})
}
