package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/desk/channel"
	"puente/core/testkit/sample"
)

// states waits until the desk was told that the message reached the state, and returns all that it was told of it.
func (w *world) states(message id.EventID, until channel.State) []channel.State {
	w.tb.Helper()
	var told []channel.State
	w.desk.waits(w, fmt.Sprintf("that %s is %s", message, until), func(events []channel.Event) bool {
		told = nil
		for _, evt := range events {
			if change, ok := evt.(channel.StatusChanged); ok && change.ID == message.String() {
				told = append(told, change.State)
			}
		}
		return slices.Contains(told, until)
	})
	return told
}

// statusValue is a hand-made value of the field "messages" with one status of a message that the business sent.
func statusValue(c *customer, wamid, status, callback string) map[string]any {
	one := map[string]any{
		"id": wamid, "status": status, "timestamp": "1795377600", "recipient_id": c.WaID, "recipient_user_id": c.UserID,
	}
	if callback != "" {
		one["biz_opaque_callback_data"] = callback
	}
	if status == "failed" {
		one["errors"] = []any{map[string]any{"code": 131026, "title": "Message undeliverable"}}
	}
	return map[string]any{
		"messaging_product": "whatsapp", "metadata": map[string]any{"display_phone_number": "15550783881", "phone_number_id": phoneNumberID},
		"statuses": []any{one},
	}
}

// post sends a signed webhook with the values of the field "messages", as often as it is called.
func (w *world) post(values ...map[string]any) int {
	w.tb.Helper()
	changes := make([]any, len(values))
	for i, value := range values {
		changes[i] = map[string]any{"field": "messages", "value": value}
	}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{"id": wabaID, "changes": changes}}})
	w.must(err)
	code, err := w.emulator.Raw(w.ctx, body, true)
	w.must(err)
	return code
}

func TestStatus(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	bot := func(user id.UserID) bool { return user.Localpart() == w.opts.BridgeBot("whatsapp") }
	ghost := func(user id.UserID) bool { return w.opts.IsPuppet(user) && !bot(user) }

	w.sub(t, "SentDeliveredReadOneAfterAnother", func(t *testing.T) {
		w.must(ana.SetOnline(false))
		sent := w.bob.say(room, "step by step")
		w.alice.status(sent, event.MessageStatusSuccess)
		if told := w.states(sent, channel.Sent); slices.Contains(told, channel.Delivered) {
			t.Errorf("a phone that is off got the message: %v", told)
		}
		w.must(ana.SetOnline(true))
		wamid := ana.gets("step by step").ID
		w.alice.receipt(sent, bot)
		w.alice.sees("who got it", func(evt *event.Event) bool {
			content, ok := evt.Content.Parsed.(*event.BeeperMessageStatusEventContent)
			return ok && content.RelatesTo.EventID == sent && content.DeliveredToUsers != nil && len(*content.DeliveredToUsers) == 1 && ghost((*content.DeliveredToUsers)[0])
		})
		w.states(sent, channel.Delivered)
		w.must(ana.MarkRead(wamid))
		w.alice.receipt(sent, ghost)
		if told := w.states(sent, channel.Read); !slices.Equal(told, []channel.State{channel.Sent, channel.Delivered, channel.Read}) {
			t.Errorf("the desk was told %v", told)
		}
	})
	w.sub(t, "PlayedCountsAsRead", func(t *testing.T) {
		voice := w.bob.upload(event.MsgAudio, "voice.ogg", "audio/ogg", sample.VoiceOpus())
		voice.MSC3245Voice = &event.MSC3245Voice{}
		sent := w.bob.send(room, voice)
		note := ana.file("the voice message", func(m emulator.Message) bool { return m.Media.Voice })
		w.must(ana.MarkPlayed(note.ID))
		w.alice.receipt(sent, ghost)
		w.states(sent, channel.Read)
	})
	w.sub(t, "NeverBackAndNeverTwice", func(t *testing.T) {
		sent := w.bob.say(room, "backwards and twice")
		wamid := ana.gets("backwards and twice").ID
		w.states(sent, channel.Delivered)
		for _, status := range []string{"read", "delivered", "sent", "read", "failed", "delivered"} {
			for range 2 {
				value := statusValue(ana, wamid, status, sent.String())
				value["statuses"].([]any)[0].(map[string]any)["recipient_participant_user_id"] = status // makes the key another one
				w.post(value)
			}
		}
		fence := w.bob.say(room, "fence one")
		ana.gets("fence one")
		w.states(fence, channel.Delivered)
		if told := w.states(sent, channel.Read); !slices.Equal(told, []channel.State{channel.Sent, channel.Delivered, channel.Read}) {
			t.Errorf("the desk was told %v", told)
		}
		if failures := w.bob.seen(func(evt *event.Event) bool {
			msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
			return ok && msg.RelatesTo.GetReplyTo() == sent
		}); len(failures) > 0 {
			t.Error("a message that was read is said to have failed")
		}
	})
	w.sub(t, "FailedAfterwards", func(t *testing.T) {
		lost := w.magic("0026")
		lostRoom := lost.opens()
		sent := w.bob.say(lostRoom, "will not arrive")
		if answer := w.alice.answerTo(sent); !strings.Contains(answer.Body, "cannot be delivered") || !strings.Contains(answer.Body, "another channel") {
			t.Errorf("the failure is told as %q", answer.Body)
		}
		if content := w.alice.status(sent, event.MessageStatusFail); content.Message == "" {
			t.Error("the status has no words")
		}
		// The failure may overtake the answer that said sent; then sent is no news any more.
		if told := w.states(sent, channel.Failed); told[len(told)-1] != channel.Failed || len(told) > 2 || told[0] != channel.Sent && len(told) > 1 {
			t.Errorf("the desk was told %v", told)
		}
	})
	w.sub(t, "TheReasonOfALateClosedWindowOffersATemplate", func(t *testing.T) {
		late := w.magic("0471")
		lateRoom := late.opens()
		sent := w.bob.say(lateRoom, "too late")
		if answer := w.alice.answerTo(sent); !strings.Contains(answer.Body, "template") {
			t.Errorf("the failure is told as %q", answer.Body)
		}
	})
	w.sub(t, "AStatusOfSomebodyElsesMessageIsPassedOver", func(t *testing.T) {
		if code := w.post(statusValue(ana, "wamid.of-another-system", "delivered", "")); code != 200 {
			t.Errorf("answered %d", code)
		}
		sent := w.bob.say(room, "fence two")
		w.states(sent, channel.Delivered)
		for _, reason := range w.failedEntries() {
			t.Errorf("an entry failed: %s", reason)
		}
	})
}

// failedEntries returns the reasons of the entries of WhatsApp that were set aside.
func (w *world) failedEntries() []string {
	w.tb.Helper()
	rows, err := w.opts.DB.Query(w.ctx, `SELECT reason FROM pu_journal WHERE state='failed' AND source='whatsapp' ORDER BY id`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	var reasons []string
	for rows.Next() {
		var reason string
		w.must(rows.Scan(&reason))
		reasons = append(reasons, reason)
	}
	w.must(rows.Err())
	return reasons
}

func TestStatusesOutOfOrder(t *testing.T) {
	w := build(t, nil, func(o *emulator.Options) {
		o.Order, o.Duplicate, o.AutoRead = emulator.ReversedStatuses, true, true
	})
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	var all []id.EventID
	for n := range 5 {
		all = append(all, w.bob.say(room, fmt.Sprintf("out of order %d", n)))
	}
	for _, sent := range all {
		w.alice.receipt(sent, func(user id.UserID) bool {
			return w.opts.IsPuppet(user) && user.Localpart() != w.opts.BridgeBot("whatsapp")
		})
		told := w.states(sent, channel.Read)
		for i := 1; i < len(told); i++ {
			if !told[i-1].Advances(told[i]) {
				t.Errorf("the desk was told %v", told)
			}
		}
	}
}
