package signal_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

// TestTheBusinessOwnPhone is what the business does on the phone that Puente is linked to.
func TestTheBusinessOwnPhone(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	own, err := w.emulator.Own(ownNumber, ana.ACI)
	w.must(err)

	// What was typed there stands in the room, and changes there.
	ref, err := own.SendText("typed on the phone")
	w.must(err)
	shown := w.alice.text("typed on the phone")
	for _, text := range []string{"typed on the phone again", "typed on the phone once more"} {
		_, err = own.Edit(ref, text)
		w.must(err)
		w.alice.sees("the edit", 0, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.NewContent != nil && msg.NewContent.Body == text && msg.RelatesTo.GetReplaceID() == shown.ID
		}))
	}
	hers := ana.says("react to me")
	target := w.alice.text("react to me")
	w.must(own.React(hers, "👍"))
	reaction := w.alice.sees("the reaction", 0, person.Reaction(target.ID, "👍"))
	w.must(own.Unreact(hers))
	w.alice.sees("no reaction", 0, person.Redaction(reaction.ID))
	w.must(own.Delete(ref))
	w.alice.sees("the deletion", 0, person.Redaction(shown.ID))

	// What an agent wrote can be changed there too.
	sent := w.alice.say(room, "typed by alice")
	message := ana.gets("typed by alice")
	_, err = own.Edit(message.Ref(), "changed on the phone")
	w.must(err)
	w.alice.sees("the new version", 0, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.HasSuffix(msg.Body, "changed on the phone") && msg.RelatesTo.GetReplyTo() == sent
	}))
	w.must(own.Delete(message.Ref()))
	w.alice.sees("the deletion of alice's words", 0, person.Redaction(sent))
	second := w.alice.say(room, "react away")
	message = ana.gets("react away")
	w.must(own.React(message.Ref(), "❤"))
	w.alice.sees("the reaction", 0, person.Reaction(second, "❤"))
	reactedByAlice, err := w.alice.SendReaction(w.ctx, room, target.ID, "🎉")
	w.must(err)
	ana.sees("alice's reaction", func(m emulator.Message) bool { return m.Text == "react to me" && len(m.Reactions) == 1 })
	w.must(own.Unreact(hers))
	w.alice.sees("alice's reaction taken off", 0, person.Redaction(reactedByAlice.EventID))
	w.must(own.ReadAll())
	ana.arrives("still goes on")
}
