package hub

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// hurried is the machine's clock for those who look at it, and a thousand times as quick for those who wait.
type hurried struct{ clock.System }

// After implements clock.Clock.
func (hurried) After(d time.Duration) <-chan time.Time { return time.After(d / 1000) }

func inAHurry(w *world) { w.opts.Clock = hurried{} }

func words(text string) object { return object{"msgtype": "m.text", "body": text} }

func TestWhatWasNotHandedOverIsTakenIn(t *testing.T) {
	each(t, inAHurry, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		talk := w.chat(operator)
		known := w.says(room, ana, "handed over")
		w.hs.says(room, ana, words("kept back"))
		w.hs.says(talk, operator, words("channels"))
		w.hub.reconciler.troubled()
		w.until("the answer to what was kept back", func() bool { return len(w.red.got("message")) == 2 })
		w.until("the answer of @puente", func() bool { return strings.Contains(strings.Join(w.notices(talk), " "), "Toy red") })
		if got := w.red.got("message"); got[1].Text != "kept back" {
			w.Errorf("the network got %+v", got)
		}
		if taken := w.hub.reconciler.late.Load(); taken != 2 {
			w.Errorf("%d events were taken in", taken)
		}
		w.evt(room, ana, event.EventMessage, words("kept back"), object{"event_id": w.keptIn(room)}) // handed over after all
		w.settled()
		if got := w.red.got("message"); len(got) != 2 {
			w.Errorf("after the hand-over the network has %+v; the first was %s", got, known)
		}
	})
}

func (w *world) keptIn(room id.RoomID) (last id.EventID) {
	w.hs.mu.Lock()
	defer w.hs.mu.Unlock()
	for _, evt := range w.hs.events {
		if evt.Room == room && evt.body() == "kept back" {
			last = evt.ID
		}
	}
	return last
}

func TestPositionThatIsLost(t *testing.T) {
	alone(t, inAHurry, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		_, err := w.db.Exec(w.ctx, "UPDATE pu_sync_position SET next_batch='nonsense'")
		w.must(err)
		if _, err = w.hub.reconciler.all(w.ctx); err != nil {
			w.Fatalf("a lost position cannot be mended: %v", err)
		}
		w.hs.says(room, ana, words("after it"))
		if taken, err := w.hub.reconciler.all(w.ctx); taken > 1 || err != nil {
			w.Errorf("%d events were taken in, %v", taken, err)
		}
		w.settled() // the hub's own look may have come first
		if got := one(w, w.red, "message"); got.Text != "after it" {
			w.Errorf("the network got %+v", got)
		}
	})
}

// TestRestoredBackup: the homeserver has what agents wrote since the backup was made. They got it sent then.
func TestRestoredBackup(t *testing.T) {
	alone(t, inAHurry, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		w.hub.Stop()
		w.hs.says(room, ana, words("since the backup"))
		_, err := w.db.Exec(w.ctx, "DELETE FROM pu_sync_position") // as docs/operations.md has it
		w.must(err)
		w.start()
		w.firstLook()
		w.hs.says(room, ana, words("after the restart"))
		_, err = w.hub.reconciler.all(w.ctx)
		w.must(err)
		w.settled()
		if got := one(w, w.red, "message"); got.Text != "after the restart" {
			w.Errorf("the network got %+v", got)
		}
	})
}

func TestVerify(t *testing.T) {
	each(t, inAHurry, func(w *world) {
		start := time.Now().Add(-time.Hour)
		room := w.customer(w.red, "c1", "hello")
		answered := w.hs.says(room, ana, words("an answer"))
		w.evt(room, ana, event.EventMessage, words("an answer"), object{"event_id": answered, "origin_server_ts": time.Now().UnixMilli()})
		w.settled()
		tallies := func() map[string]Tally {
			rooms := 0
			found, err := w.hub.Verify(w.ctx, start, func(done, of int) { rooms = of })
			w.must(err)
			if rooms != found.Rooms || rooms != 1 {
				w.Errorf("progress was told of %d rooms, the result of %d", rooms, found.Rooms)
			}
			all := map[string]Tally{}
			for _, one := range found.Tallies {
				all[one.Network+" "+string(one.Direction)] = one
			}
			if whole := len(found.Examples) == 0; whole != found.Whole() {
				w.Errorf("the result is whole: %v, with %v", found.Whole(), found.Examples)
			}
			return all
		}
		got := tallies()
		if got["red in"] != (Tally{Network: "red", Direction: In, Seen: 1}) || got["red out"] != (Tally{Network: "red", Direction: Out, Seen: 1}) {
			w.Fatalf("all is well, and it finds %+v", got)
		}
		ghost := w.hs.sent(room, event.EventMessage)[0].Sender
		w.hs.says(room, ghost, words("hello")) // once more than the bridge knows
		_, err := w.db.Exec(w.ctx, `INSERT INTO message (bridge_id, id, part_id, mxid, room_id, room_receiver, sender_id, sender_mxid, timestamp, edit_count, metadata)
			SELECT bridge_id, 'gone', '', '$gone', room_id, room_receiver, sender_id, sender_mxid, $1, 0, '{}' FROM message WHERE mxid LIKE '$event%' LIMIT 1`, time.Now().UnixNano())
		w.must(err)
		_, err = w.db.Exec(w.ctx, `UPDATE pu_outcome SET attempt_started_at=1, network_message_id=NULL, state='pending' WHERE event_id=$1`, answered)
		w.must(err)
		got = tallies()
		if got["red in"].Doubled != 1 || got["red in"].Lost != 1 {
			w.Errorf("it finds of the customers' %+v", got["red in"])
		}
		if got["red out"].Lost != 1 {
			w.Errorf("it finds of the agents' %+v", got["red out"])
		}
	})
}

func TestMetrics(t *testing.T) {
	alone(t, func(w *world) { w.opts.MetricsToken = "a-token-for-prometheus" }, func(w *world) {
		w.customer(w.red, "c1", "hello")
		_, err := w.hub.Verify(w.ctx, time.Now().Add(-time.Hour), func(int, int) {})
		w.must(err)
		ask := func(token string) (int, string) {
			req, err := http.NewRequest(http.MethodGet, w.hub.URL()+"/metrics", http.NoBody)
			w.must(err)
			req.Header.Set("Authorization", "Bearer "+token)
			return do(w, req)
		}
		if status, _ := ask("another"); status != http.StatusUnauthorized {
			w.Errorf("with a wrong token the answer is %d", status)
		}
		status, text := ask("a-token-for-prometheus")
		for _, want := range []string{
			`puente_hub_messages_lost{direction="in",network="red"} 0`, `puente_hub_messages_late{direction="out",network="blue"} 0`,
			`puente_hub_messages_doubled{direction="in",network="red"} 0`, "puente_hub_homeserver_requests_total", "go_goroutines",
		} {
			if status != 200 || !strings.Contains(text, want) {
				w.Errorf("%d without %s:\n%s", status, want, text)
			}
		}
	})
}

func TestAfterTroubleItIsLookedSoonAndThenAfterEverLonger(t *testing.T) {
	at := &waits{}
	alone(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		soon := []time.Duration{reconcileSoon, 4 * reconcileSoon, 16 * reconcileSoon, reconcileEvery}
		looks := func() []time.Duration { return at.of(soon...) }
		w.until("four looks after the start", func() bool { return len(looks()) >= 4 })
		if got := looks()[:4]; !slices.Equal(got, soon) {
			w.Errorf("after the start it was waited %v", got)
		}
		before := len(looks())
		w.hub.reconciler.troubled()
		w.until("a look soon after trouble", func() bool { return slices.Contains(looks()[before:], reconcileSoon) })
	})
}
