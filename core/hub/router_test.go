package hub

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
	"puente/core/hub/network"
)

func TestListenerLetsOnlyTheHomeserverIn(t *testing.T) {
	alone(t, nil, func(w *world) {
		const body = `{"events":[{"event_id":"$x","room_id":"!r:example.org","sender":"@ana:example.org","type":"m.room.message","content":{}}]}`
		for token, want := range map[string]int{"": 401, "wrong": 403, testASToken: 403} {
			if got := push(w, w.hub, "t", token, body); got != want {
				w.Errorf("token %q was answered with %d", token, got)
			}
		}
		if counts, err := w.journal.Counts(w.ctx); err != nil || len(counts) != 0 {
			w.Fatalf("the journal took %v, %v", counts, err)
		}
		if got := push(w, w.hub, "t", testHSToken, `{"events":`); got != 400 {
			w.Errorf("broken JSON was answered with %d", got)
		}
		if got := push(w, w.hub, "t", testHSToken, `{"events":["`+strings.Repeat("x", maxTransaction)+`"]}`); got != 413 {
			w.Errorf("an oversized transaction was answered with %d", got)
		}
		if got := push(w, w.hub, "t", testHSToken, body); got != 200 {
			w.Errorf("a transaction was answered with %d", got)
		}
		if got := push(w, w.hub, "t", testHSToken, body); got != 200 {
			w.Errorf("a repeated transaction was answered with %d", got)
		}
		w.settled()
		if counts, err := w.journal.Counts(w.ctx); err != nil || len(counts) != 1 || counts[0].Entries != 1 {
			w.Errorf("the journal holds %v, %v", counts, err)
		}
		for path, want := range map[string]int{
			"/_matrix/app/v1/users/@x:example.org": 404, "/_matrix/app/v1/rooms/%23x:example.org": 404, "/healthz": 200, "/nowhere": 404,
		} {
			if got, _ := w.get(path, testHSToken); got != want {
				w.Errorf("%s was answered with %d", path, got)
			}
		}
		w.hub.ready.Store(false)
		if got, _ := w.get("/healthz", ""); got != 503 {
			w.Errorf("health before all is up was answered with %d", got)
		}
		w.hub.ready.Store(true)
	})
}

func (w *world) get(path, token string) (int, string) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.hub.URL()+path, nil)
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+token)
	return do(w, req)
}

func TestTransactionIsNotTakenWhenTheJournalFails(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.journal.Stop()
		if got := push(w, w.hub, "t", testHSToken, `{"events":[{"event_id":"$x","room_id":"!r:example.org"}]}`); got != 503 {
			w.Errorf("answered with %d", got)
		}
	})
}

func TestTwoBridgesAreKeptApart(t *testing.T) {
	each(t, nil, func(w *world) {
		red, blue := w.customer(w.red, "c1", "hello"), w.customer(w.blue, "c1", "hello")
		w.says(red, ana, "to red")
		w.says(blue, ana, "to blue")
		if got := one(w, w.red, "message"); got.Text != "to red" {
			w.Fatalf("red got %v", got)
		}
		if got := one(w, w.blue, "message"); got.Text != "to blue" {
			w.Fatalf("blue got %v", got)
		}
		commands := []string{"!puente help", "!PUENTE", "!puente\nhelp", "!puentehelp", " !puente nonsense", "!puente note psst", "> <@x:y> z\n\n!puente help"}
		for _, room := range []id.RoomID{red, blue} {
			for _, command := range commands {
				w.evt(room, ana, event.EventMessage, object{"msgtype": "m.text", "body": command, "m.relates_to": object{"m.in_reply_to": object{"event_id": "$x"}}})
			}
			w.evt(room, ana, event.EventMessage, object{
				"msgtype": "m.text", "body": "* x", "m.new_content": object{"msgtype": "m.text", "body": "!puente help"},
				"m.relates_to": object{"rel_type": "m.replace", "event_id": "$x"},
			})
		}
		w.settled()
		if len(w.red.got("")) != 1 || len(w.blue.got("")) != 1 {
			w.Fatalf("a command reached a network: %v %v", w.red.got(""), w.blue.got(""))
		}
		// All but the note are answered, once each, by the room's own bot.
		for _, room := range []id.RoomID{red, blue} {
			if got := w.notices(room); len(got) != len(commands) {
				w.Errorf("%d answers: %q", len(got), got)
			}
		}
		w.evt("!unknown:example.org", ana, event.EventMessage, object{"msgtype": "m.text", "body": "anybody?"})
		w.settled()
		if len(w.red.got("")) != 1 || len(w.blue.got("")) != 1 || len(w.failed()) != 0 {
			w.Error("an unknown room reached somebody")
		}
	})
}

func TestNoBridgeIsReachedThroughAnother(t *testing.T) {
	alone(t, nil, func(w *world) {
		for path, want := range map[string]string{
			"/red/hook": "red /hook", "/blue/hook": "blue /hook", "/red/blue/hook": "red /blue/hook", "/red/..%2fblue/hook": "red /../blue/hook", "/": "", "/green/hook": "",
		} {
			status, got := w.get(path, "")
			if want == "" && status != 404 || want != "" && got != want {
				w.Errorf("%s: %d %q", path, status, got)
			}
		}
	})
}

func TestRoomOfANetworkThatIsGone(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		delete(w.hub.byID, "red")
		w.says(room, ana, "one")
		w.push(object{"ephemeral": []any{object{"type": "m.typing", "room_id": room, "content": object{"user_ids": []id.UserID{ana}}}}})
		w.settled()
		if failed := w.failed(); len(failed) != 1 || !strings.Contains(failed[0].Reason, "not in this program") {
			w.Errorf("set aside %+v", failed)
		}
	})
}

func TestStaleTypingIsDropped(t *testing.T) {
	alone(t, nil, func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		old := journal.Entry{
			Source: sourceMatrix, Kind: kindEphemeral, Lane: "x", ReceivedAt: w.hub.Clock.Now().Add(-typingIsStale * 2),
			Payload: fmt.Appendf(nil, `{"type":"m.typing","room_id":%q,"content":{"user_ids":[%q]}}`, room, ana),
		}
		w.must(w.hub.handleMatrixEntry(w.ctx, old))
		if len(w.red.got("typing")) != 0 {
			w.Error("old typing was shown")
		}
		old.Payload = []byte("{")
		if w.hub.handleMatrixEntry(w.ctx, old) == nil {
			w.Error("broken JSON was handled")
		}
	})
}

func TestIntakeKeepsWhatTheProviderSent(t *testing.T) {
	each(t, nil, func(w *world) {
		payload := []byte(`{"Chat":"c9","From":"c9","ID":"m1","Parts":["hello"]}`)
		entries := []network.Entry{{Key: "m1", Lane: "c9", Kind: "message", Payload: payload}, {Kind: "message", Payload: []byte("{"), Failed: "broken JSON"}}
		w.must(w.red.env.Intake.Take(w.ctx, entries...))
		w.must(w.red.env.Intake.Take(w.ctx, entries[:1]...))
		w.settled()
		if got := w.hs.sent(w.room(w.red, "c9"), event.EventMessage); len(got) != 1 || got[0].body() != "hello" {
			w.Errorf("the room holds %v", got)
		}
		if failed := w.failed(); len(failed) != 1 || failed[0].Source != "red" || failed[0].Reason != "broken JSON" {
			w.Errorf("set aside %+v", failed)
		}
		w.journal.Stop()
		if w.red.env.Intake.Take(w.ctx, entries...) == nil {
			w.Error("a stopped journal took something")
		}
	})
}
