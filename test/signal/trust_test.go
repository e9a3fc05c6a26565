package signal_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

// reinstalled is a world whose customer was answered, and then installed Signal anew.
func reinstalled(t *testing.T, tune ...tuning) (w *world, ana *customer, room id.RoomID) {
	t.Helper()
	w = build(t, tune...)
	w.connect()
	ana = w.customer("Ana")
	room = ana.opens()
	w.alice.say(room, "before")
	ana.gets("before")
	w.must(w.emulator.Reinstall(ana.ACI))
	return w, ana, room
}

func TestMessagesWaitUntilANewSafetyNumberIsTrusted(t *testing.T) {
	w, ana, room := reinstalled(t)
	for _, text := range []string{"first after", "second after"} {
		w.alice.sees("the refusal", 0, person.AnswerTo(w.alice.say(room, text)))
	}
	w.alice.asks(room, "!puente trust", "compare the safety number")
	w.alice.asks(room, "!puente trust "+strings.Repeat("12345", 12), "not the safety number")
	w.alice.asks(room, "!puente trust "+w.emulator.SafetyNumber(ana.ACI, ownNumber), "sent again (2)")
	ana.gets("first after")
	ana.gets("second after")
	w.alice.say(room, "third")
	ana.gets("third")
}

func TestWhatCameUnderANewSafetyNumberIsShownWhenItIsTrusted(t *testing.T) {
	w, ana, room := reinstalled(t)
	mark := w.alice.Mark()
	ana.says("from a new phone")
	w.alice.notice(room, mark, "safety number changed")
	w.alice.asks(room, "!puente trust all", "trusted")
	w.alice.sees("what waited", mark, person.Text("from a new phone"))
}

func TestTrustAlwaysSaysWhomItTrusts(t *testing.T) {
	w, ana, room := reinstalled(t, func(c *signal.Config, _ *emulator.Options) { c.TrustNewIdentities = "always" })
	mark := w.alice.Mark()
	w.alice.say(room, "after")
	ana.gets("after")
	w.alice.notice(room, mark, "trusted by itself")
}
