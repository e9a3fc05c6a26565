package signal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

// TestEveryEditReachesThePhone edits again and again: phones drop an edit that does not name the latest version.
func TestEveryEditReachesThePhone(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	sent := w.alice.say(room, "one")
	version := ana.gets("one").Timestamp
	edits := func(text string) emulator.Message {
		w.alice.edit(room, sent, text)
		shown := ana.gets(text)
		if named := w.emulator.LastParams("send")["editTimestamp"]; named != float64(version) {
			t.Errorf("the edit %q names %v, not %d", text, named, version)
		}
		version = shown.Edits[len(shown.Edits)-1]
		return shown
	}
	edits("two")
	edits("three")
	w.stop()
	w.start()
	message := edits("four") // what is the latest outlives a restart

	// The phone's own edit is a version too, and so is its next.
	own, err := w.emulator.Own(ownNumber, ana.ACI)
	w.must(err)
	for _, text := range []string{"five, on the phone", "six, on the phone"} {
		ref, err := own.Edit(message.Ref(), text)
		w.must(err)
		version = ref.Timestamp
		w.alice.sees("the phone's version", 0, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, text)
		}))
		// Whatever comes behind it in the chat is dealt with behind it.
		ana.arrives("after " + text)
	}
	edits("seven")
	if ignored := w.emulator.Ignored(); len(ignored) != 0 {
		t.Errorf("phones ignored %q", ignored)
	}
}

func TestAnEditedMessageCanBeReactedToQuotedAndDeleted(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	sent := w.alice.say(room, "one")
	ana.gets("one")
	for _, text := range []string{"two", "three"} {
		w.alice.edit(room, sent, text)
		ana.gets(text)
	}
	message := ana.gets("three")

	w.must(ana.React(message.Ref(), "🎉"))
	w.alice.sees("the reaction to the first version", 0, person.Reaction(sent, "🎉"))
	// Phones may name the message by its last version.
	at := time.Now().UnixMilli()
	w.must(w.emulator.Enqueue(ownNumber, map[string]any{
		"sourceUuid": ana.ACI, "sourceName": "Ana", "sourceDevice": 1, "timestamp": at,
		"dataMessage": map[string]any{"timestamp": at, "message": nil, "reaction": map[string]any{
			"emoji": "👍", "isRemove": false, "targetAuthorUuid": w.business, "targetSentTimestamp": message.Edits[1],
		}},
	}, nil))
	w.alice.sees("the reaction to the last version", 0, person.Reaction(sent, "👍"))
	ana.says("about that", emulator.ReplyTo(message.Ref()))
	if quote := w.alice.text("about that").Content.AsMessage().RelatesTo.GetReplyTo(); quote != sent {
		t.Errorf("the customer's quote is of %s, not %s", quote, sent)
	}

	_, err := w.alice.SendReaction(w.ctx, room, sent, "❤️")
	w.must(err)
	ana.sees("alice's reaction", func(m emulator.Message) bool {
		return m.Text == "three" && slices.ContainsFunc(m.Reactions, func(r emulator.Reaction) bool { return r.By == w.business })
	})
	w.alice.send(room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "as I said", RelatesTo: (&event.RelatesTo{}).SetReplyTo(sent),
	})
	if quote := ana.gets("as I said").Quote; quote == nil || quote.Ref != message.Ref() {
		t.Errorf("alice's quote is of %+v, not %+v", quote, message.Ref())
	}
	_, err = w.alice.RedactEvent(w.ctx, room, sent)
	w.must(err)
	ana.sees("the deletion", func(m emulator.Message) bool { return m.Ref() == message.Ref() && m.Deleted })
	if ignored := w.emulator.Ignored(); len(ignored) != 0 {
		t.Errorf("phones ignored %q", ignored)
	}
}

func TestACustomersEditsChangeOneMessage(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	ana.opens()
	ref := ana.says("one")
	shown := w.alice.text("one")
	for _, text := range []string{"two", "three", "four"} { // each names the version before it
		_, err := ana.Edit(ref, text)
		w.must(err)
		w.alice.sees("the edit", 0, person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.NewContent != nil && msg.NewContent.Body == text && msg.RelatesTo.GetReplaceID() == shown.ID
		}))
	}
}
