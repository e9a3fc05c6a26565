package e2e

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// talk opens a chat between the agent and @puente.
func (a *agent) talk() id.RoomID {
	a.w.tb.Helper()
	created, err := a.CreateRoom(a.w.ctx, &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", Invite: []id.UserID{a.w.opts.Front()}, IsDirect: true})
	if err != nil {
		a.w.tb.Fatalf("open a chat with Puente: %v", err)
	}
	a.message("Puente's greeting", func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == created.RoomID && strings.Contains(msg.Body, "this is Puente")
	})
	return created.RoomID
}

// ask says something to @puente and returns the answer.
func (a *agent) ask(room id.RoomID, text string) string {
	a.w.tb.Helper()
	asked := a.say(room, text)
	after := false
	return a.message("an answer to "+text, func(evt *event.Event, msg *event.MessageEventContent) bool {
		after = after || evt.ID == asked
		return after && evt.RoomID == room && evt.Sender == a.w.opts.Front() && msg.MsgType == event.MsgNotice
	}).Content.AsMessage().Body
}

// asks says something to @puente until the answer contains one of the words.
func (a *agent) asks(room id.RoomID, text string, words ...string) {
	a.w.tb.Helper()
	answer := ""
	for end := time.Now().Add(patience); time.Now().Before(end); {
		answer = strings.ToLower(a.ask(room, text))
		for _, word := range words {
			if strings.Contains(answer, word) {
				return
			}
		}
	}
	a.w.tb.Fatalf("%s never answered any of %q, at last %q", text, words, answer)
}

// connect logs the business's number in as an operator does.
func (w *world) connect() {
	w.tb.Helper()
	room := w.alice.talk()
	for _, step := range [][2]string{
		{"login whatsapp", "Phone number ID"}, {phoneNumberID, "Business Account ID"}, {wabaID, "Access token"}, {accessToken, "Connected"},
	} {
		if answer := w.alice.ask(room, step[0]); !strings.Contains(answer, step[1]) {
			w.tb.Fatalf("asked %q, Puente answered %q, want %q in it", step[0], answer, step[1])
		}
	}
}

func TestFront(t *testing.T) {
	w := build(t, nil)
	room := w.alice.talk()
	w.sub(t, "HelpListsTheCommands", func(t *testing.T) {
		if answer := w.alice.ask(room, "help"); !strings.Contains(answer, "login") || !strings.Contains(answer, "channels") {
			t.Errorf("help answers %q", answer)
		}
	})
	w.sub(t, "ChannelsListsWhatsApp", func(t *testing.T) {
		if answer := w.alice.ask(room, "channels"); !strings.Contains(answer, "WhatsApp") {
			t.Errorf("channels answers %q", answer)
		}
	})
	w.sub(t, "AnUnknownCommandSaysSo", func(t *testing.T) {
		if answer := w.alice.ask(room, "dance"); !strings.Contains(answer, "do not know") {
			t.Errorf("an unknown command answers %q", answer)
		}
	})
	w.sub(t, "OnlyOperatorsLogIn", func(t *testing.T) {
		bobs := w.bob.talk()
		if answer := w.bob.ask(bobs, "login whatsapp"); !strings.Contains(answer, "operator") {
			t.Errorf("login by an agent answers %q", answer)
		}
	})
	w.sub(t, "AWrongTokenIsRefusedWithTheReason", func(t *testing.T) {
		w.alice.ask(room, "login whatsapp")
		w.alice.ask(room, phoneNumberID)
		w.alice.ask(room, wabaID)
		if answer := w.alice.ask(room, "EAAwrongTokenWrongToken"); !strings.Contains(answer, "failed") {
			t.Errorf("a wrong token answers %q", answer)
		}
	})
	w.sub(t, "AWrongFieldIsAskedForAgain", func(t *testing.T) {
		w.alice.ask(room, "login whatsapp")
		if answer := w.alice.ask(room, "+1 555 078 3881"); !strings.Contains(answer, "That is no Phone number ID") {
			t.Errorf("a wrong field answers %q", answer)
		}
		if answer := w.alice.ask(room, "cancel"); !strings.Contains(answer, "stopped") {
			t.Errorf("cancel answers %q", answer)
		}
	})
	w.sub(t, "LoginConnectsAndHidesTheToken", func(t *testing.T) {
		w.connect()
		w.alice.asks(room, "logins", "connected")
		if answer := w.alice.ask(room, "logins"); !strings.Contains(answer, "Corner Shop") {
			t.Errorf("logins answers %q", answer)
		}
		w.alice.sees("the token's redaction", func(evt *event.Event) bool { return evt.Type == event.EventRedaction && evt.Sender == w.opts.Front() })
	})
}
