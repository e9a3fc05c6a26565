package hub

import (
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/core/base/clock"
)

// takesNothingNew has a table refuse rows, or take them again.
func (w *world) takesNothingNew(table string, refuses bool) {
	w.Helper()
	statement := map[bool]map[dbutil.Dialect]string{
		true: {
			dbutil.SQLite:   "CREATE TRIGGER refuses BEFORE INSERT ON " + table + " BEGIN SELECT RAISE(ABORT, 'refused'); END",
			dbutil.Postgres: "ALTER TABLE " + table + " ADD CONSTRAINT refuses CHECK (false) NOT VALID",
		},
		false: {dbutil.SQLite: "DROP TRIGGER refuses", dbutil.Postgres: "ALTER TABLE " + table + " DROP CONSTRAINT refuses"},
	}
	_, err := w.db.Exec(w.ctx, statement[refuses][w.db.Dialect])
	w.must(err)
}

func TestMessageThatLeftAndCouldNotBeNoted(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.takesNothingNew("message", true)
		sent := w.evt(room, ana, event.EventMessage, words("good day"))
		w.until("it is tried again", func() bool { return w.attempts(sent) > 0 })
		w.takesNothingNew("message", false)
		w.settled()
		if got := w.text("SELECT sender_mxid FROM message WHERE mxid=$1", sent); got != ana.String() {
			w.Errorf("it is noted as %q's", got)
		}
		w.evt(room, ana, event.EventRedaction, object{"redacts": sent}, object{"redacts": sent})
		w.settled()
		if got := one(w, w.red, "removal"); got.Target != "of-"+sent.String() {
			w.Errorf("removed at the network: %+v", got)
		}
	})
}

func TestReactionThatLeftAndCouldNotBeNoted(t *testing.T) {
	each(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		message := w.hs.sent(room, event.EventMessage)[0].ID
		w.takesNothingNew("reaction", true)
		sent := w.evt(room, ana, event.EventReaction, object{"m.relates_to": object{"rel_type": "m.annotation", "event_id": message, "key": "👍"}})
		w.until("it is tried again", func() bool { return w.attempts(sent) > 0 })
		w.takesNothingNew("reaction", false)
		w.settled()
		w.evt(room, ana, event.EventRedaction, object{"redacts": sent}, object{"redacts": sent})
		w.settled()
		one(w, w.red, "unreaction")
	})
}

// TestMessageThatTheNetworkToldOfFirst: its row is there, under another event.
func TestMessageThatTheNetworkToldOfFirst(t *testing.T) {
	moved := clock.NewManual(time.Now())
	alone(t, func(w *world) { w.opts.Clock = shiftedClock{moved} }, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		sent := "$mine"
		w.must(w.red.bridge.DB.Message.Insert(w.ctx, &database.Message{
			ID: networkid.MessageID("of-" + sent), MXID: "$told", Room: news{Chat: "c1"}.key(), SenderID: "c1", SenderMXID: ana, Timestamp: moved.Now(),
		}))
		w.evt(room, ana, event.EventMessage, words("good day"), object{"event_id": sent})
		w.until("it is tried again", func() bool { return w.attempts("$mine") > 0 })
		moved.Advance(underwayPatience + time.Second)
		w.settled()
		if len(w.failed()) != 0 {
			w.Errorf("set aside: %v", w.failed())
		}
	})
}
