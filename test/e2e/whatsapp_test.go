package e2e

import (
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
)

// TestMainJob plays a day of a company, with a restart.
func TestMainJob(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	if _, err := ana.SendText("Hello, is my order ready?"); err != nil {
		t.Fatal(err)
	}
	hello := w.alice.text("Hello, is my order ready?")
	w.bob.text("Hello, is my order ready?")
	room := hello.RoomID
	answer := w.bob.say(room, "Yes, come by until six")
	got := ana.sees("the answer", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "Yes, come by until six" })
	if err := ana.MarkRead(got.ID); err != nil {
		t.Fatal(err)
	}
	w.bob.receipt(answer, w.opts.IsPuppet)
	if _, err := ana.SendImage(emulator.File{Data: pngOf(t, picture(40, 30, false)), Mime: "image/png", Caption: "This one?"}); err != nil {
		t.Fatal(err)
	}
	w.alice.message("the picture", func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgImage && msg.Body == "This one?"
	})
	if _, err := ana.React(got.ID, "👍"); err != nil {
		t.Fatal(err)
	}
	w.alice.sees("the reaction", func(evt *event.Event) bool {
		return evt.Type == event.EventReaction && evt.Content.AsReaction().RelatesTo.EventID == answer
	})
	w.stop()
	if _, err := ana.SendText("Are you there?"); err != nil {
		t.Fatal(err)
	}
	w.start()
	if again := w.alice.text("Are you there?"); again.RoomID != room {
		t.Errorf("after the restart the customer is in %s, before it was %s", again.RoomID, room)
	}
	w.alice.say(room, "We are back")
	ana.sees("the answer after the restart", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "We are back" })
}

func TestMarketingPreference(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana, ben := w.customer("Ana"), w.customer("Ben")
	if _, err := ana.SendText("Hello"); err != nil {
		t.Fatal(err)
	}
	room := w.alice.text("Hello").RoomID
	if err := ben.SetMarketing(false); err != nil { // Ben never wrote: he has no room, and gets none
		t.Fatal(err)
	}
	if err := ana.SetMarketing(false); err != nil {
		t.Fatal(err)
	}
	stop := w.alice.message("that Ana wants no marketing", func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID == room && msg.MsgType == event.MsgNotice && evt.Content.Raw["dev.puente.preference"] != nil
	})
	if stop.Content.Raw["dev.puente.preference"].(map[string]any)["value"] != "stop" {
		t.Errorf("the notice says %v", stop.Content.Raw["dev.puente.preference"])
	}
	if err := ana.SetMarketing(true); err != nil {
		t.Fatal(err)
	}
	w.alice.message("that Ana takes marketing again", func(evt *event.Event, msg *event.MessageEventContent) bool {
		preference, ok := evt.Content.Raw["dev.puente.preference"].(map[string]any)
		return evt.RoomID == room && ok && preference["value"] == "resume"
	})
	bot := id.NewUserID(w.opts.BridgeBot("whatsapp"), domain)
	if rooms := w.alice.seen(func(evt *event.Event) bool {
		return evt.Type == event.StateCreate && evt.Sender == bot && evt.RoomID != room && evt.Content.AsCreate().Type != event.RoomTypeSpace
	}); len(rooms) > 0 {
		t.Errorf("there is another customer's room: %s", rooms[0].RoomID)
	}
}
