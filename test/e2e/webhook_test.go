package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
	"puente/core/desk/channel"
)

const otherNumberID = "205555555555555"

func withOtherNumber(o *emulator.Options) {
	o.Numbers = append(o.Numbers, emulator.Number{PhoneNumberID: otherNumberID, DisplayPhoneNumber: "+1 555-078-4992", VerifiedName: "Corner Café"})
}

// entries counts what the journal holds of WhatsApp.
func (w *world) entries() string {
	w.tb.Helper()
	return w.column(`SELECT CAST(COUNT(*) AS TEXT) FROM pu_journal WHERE source='whatsapp'`)[0]
}

func TestWebhook(t *testing.T) {
	w := build(t, nil, withOtherNumber)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	front := w.alice.talk()
	raw := func(body []byte, signed bool) int {
		w.tb.Helper()
		code, err := w.emulator.Raw(w.ctx, body, signed)
		w.must(err)
		return code
	}

	w.sub(t, "VerificationAnswersTheChallengeOnly", func(t *testing.T) {
		w.must(w.emulator.VerifyCallback(w.ctx))
		req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, "http://"+listen+"/whatsapp/webhook?hub.mode=subscribe&hub.challenge=12345&hub.verify_token=wrong", nil)
		w.must(err)
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		w.must(err)
		if resp.StatusCode != http.StatusForbidden || bytes.Contains(body, []byte("12345")) {
			t.Errorf("a wrong verify token is answered %d %q", resp.StatusCode, body)
		}
	})
	w.sub(t, "AWrongSignatureIsRefusedAndForgotten", func(t *testing.T) {
		before := w.entries()
		body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
		forged, err := w.emulator.RawSigned(w.ctx, body, "sha256="+strings.Repeat("00", 32))
		w.must(err)
		for what, code := range map[string]int{"no signature": raw(body, false), "a forged one": forged, "broken JSON without one": raw([]byte("{"), false)} {
			if code != http.StatusUnauthorized {
				t.Errorf("%s is answered %d", what, code)
			}
		}
		if after := w.entries(); after != before {
			t.Errorf("the journal went from %s to %s entries", before, after)
		}
	})
	w.sub(t, "BrokenJSONIsKeptAsFailed", func(t *testing.T) {
		if code := raw([]byte(`{"object":"whatsapp_business_account","entry":[{`), true); code != http.StatusOK {
			t.Errorf("answered %d", code)
		}
		if answer := w.alice.ask(front, "failed"); !strings.Contains(answer, "whatsapp broken") || !strings.Contains(answer, "not JSON") {
			t.Errorf("failed answers %q", answer)
		}
	})
	w.sub(t, "AMalformedElementFailsAlone", func(t *testing.T) {
		good := w.value(ana, map[string]any{"id": "wamid.good-sibling", "type": "text", "text": map[string]any{"body": "the good sibling"}})
		good["messages"] = append([]any{"no object", map[string]any{"id": "wamid.bad", "type": "text", "text": 7, "from": ana.WaID, "from_user_id": ana.UserID}}, good["messages"].([]any)...)
		if code := w.post(good); code != http.StatusOK {
			t.Errorf("answered %d", code)
		}
		w.bob.text("the good sibling")
		if failed := w.failedEntries(); len(failed) < 3 {
			t.Errorf("only these failed: %v", failed)
		}
	})
	w.sub(t, "ABodyOverThreeMegabytesIsRefused", func(t *testing.T) {
		before := w.entries()
		if code := raw(append([]byte(`{"x":"`), bytes.Repeat([]byte("x"), 3<<20)...), true); code != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", code)
		}
		if after := w.entries(); after != before {
			t.Errorf("the journal went from %s to %s entries", before, after)
		}
	})
	w.sub(t, "AnUnknownNumberIsKeptUntilItIsConnected", func(t *testing.T) {
		chat, err := w.emulator.Chat(ana.UserID, otherNumberID)
		w.must(err)
		_, err = chat.SendText("to the number that nobody connected")
		w.must(err)
		w.must(w.emulator.WaitDelivered(w.ctx))
		number := w.untilFailed(w.alice.talk(), otherNumberID)
		for _, step := range [][2]string{
			{"login whatsapp", "Phone number ID"}, {otherNumberID, "Business Account ID"}, {wabaID, "Access token"}, {accessToken, "Connected"},
		} {
			if answer := w.alice.ask(front, step[0]); !strings.Contains(answer, step[1]) {
				t.Fatalf("asked %q, Puente answered %q", step[0], answer)
			}
		}
		if answer := w.alice.ask(front, "retry "+number); !strings.Contains(answer, "1 message") {
			t.Errorf("retry answers %q", answer)
		}
		late := w.bob.text("to the number that nobody connected")
		if late.RoomID == room {
			t.Error("two numbers of the business share a room")
		}
		w.alice.say(late.RoomID, "from the café")
		got := ana.gets("from the café")
		if got.Number != otherNumberID {
			t.Errorf("the answer came from %s", got.Number)
		}
	})
	w.sub(t, "AThousandUpdatesInOnePost", func(t *testing.T) {
		const people, each = 4, 50
		ours := w.bob.say(room, "with eight hundred statuses")
		wamid := ana.gets("with eight hundred statuses").ID
		w.states(ours, channel.Delivered)
		var values []map[string]any
		all := make([]*customer, people)
		for p := range all {
			all[p] = w.customer(fmt.Sprintf("Crowd %d", p))
			value := w.value(all[p], map[string]any{"id": "unused"})
			var messages []any
			for n := range each {
				one := w.value(all[p], map[string]any{"id": fmt.Sprintf("wamid.crowd-%d-%d", p, n), "type": "text", "text": map[string]any{"body": fmt.Sprintf("crowd %d line %d", p, n)}})
				messages = append(messages, one["messages"].([]any)...)
			}
			value["messages"] = messages
			values = append(values, value)
		}
		statuses := statusValue(ana, wamid, "read", ours.String())
		for n := range 1000 - people*each - 1 {
			other := statusValue(ana, fmt.Sprintf("wamid.elsewhere-%d", n), "delivered", "")
			statuses["statuses"] = append(statuses["statuses"].([]any), other["statuses"].([]any)...)
		}
		if code := w.post(append(values, statuses)...); code != http.StatusOK {
			t.Fatalf("answered %d", code)
		}
		w.states(ours, channel.Read)
		for p := range all {
			last := w.bob.text(fmt.Sprintf("crowd %d line %d", p, each-1))
			got := w.bob.bodies(last.RoomID, "crowd ")
			for n, body := range got {
				if body != fmt.Sprintf("crowd %d line %d", p, n) {
					t.Fatalf("the crowd's lines came as %v", got)
				}
			}
			if len(got) != each {
				t.Errorf("%d of %d lines came", len(got), each)
			}
		}
	})
}

var failedLine = regexp.MustCompile(`^(\d+) `)

// untilFailed asks @puente for what failed until a line names the words, and returns that line's number.
func (w *world) untilFailed(room roomID, words string) string {
	w.tb.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		for line := range strings.Lines(w.alice.ask(room, "failed")) {
			line = strings.TrimLeft(strings.ReplaceAll(line, "`", ""), "*• ")
			if number := failedLine.FindStringSubmatch(line); number != nil && strings.Contains(line, words) {
				return number[1]
			}
		}
	}
	w.tb.Fatalf("nothing that failed names %s", words)
	return ""
}

// TestRepeatedAndReordered lets Meta do its worst: everything comes twice, out of order, in batches, and some of it
// again because our answer was lost.
func TestRepeatedAndReordered(t *testing.T) {
	w := build(t, nil, func(o *emulator.Options) { o.Duplicate, o.Order, o.BatchSize = true, emulator.ReversedMessages, 7 })
	w.connect()
	people := []*customer{w.customer("Ana"), w.customer("Luis"), w.customer("Eva")}
	rooms := make([]roomID, len(people))
	for p, one := range people {
		rooms[p] = one.opens()
	}
	w.emulator.Hold()
	w.emulator.CutAnswers(3)
	const each = 12
	data := pngOf(t, picture(9, 9, false))
	for n := range each {
		for p, one := range people {
			one.says(fmt.Sprintf("again %d-%d", p, n))
		}
	}
	for _, one := range people {
		_, err := one.SendImage(emulator.File{Data: data, Mime: "image/png", Caption: "again a picture"})
		w.must(err)
	}
	w.emulator.Release()
	w.must(w.emulator.WaitDelivered(w.ctx))
	for p := range people {
		for n := range each {
			w.bob.text(fmt.Sprintf("again %d-%d", p, n))
		}
		w.bob.message("the picture", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == rooms[p] && msg.Body == "again a picture"
		})
	}
	for p, one := range people {
		one.says("fence")
		w.bob.message("the fence", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == rooms[p] && msg.Body == "fence"
		})
		if got := w.bob.bodies(rooms[p], "again "); len(got) != each+1 {
			t.Errorf("%d messages stand for %d: %v", len(got), each+1, got)
		}
	}
}
