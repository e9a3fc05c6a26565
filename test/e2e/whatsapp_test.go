package e2e

import (
	"testing"

	"puente/bridges/whatsapp/emulator"
)

func TestConversation(t *testing.T) {
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
	ana.sees("the answer", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "Yes, come by until six" })
	w.bob.receipt(answer, w.opts.IsPuppet)
}
