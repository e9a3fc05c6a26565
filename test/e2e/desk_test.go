package e2e

import (
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
	"puente/core/desk/channel"
	"puente/core/hub"
	"puente/core/testkit/sample"
)

// told is what the desk was told of one conversation: messages in the order in which they came, and each once.
func (w *world) told(room roomID) []channel.Event {
	seen := map[string]bool{}
	var events []channel.Event
	for _, evt := range w.desk.all() {
		if evt.Conversation().Room == room.String() && !seen[evt.EventKey()] {
			seen[evt.EventKey()] = true
			events = append(events, evt)
		}
	}
	return events
}

// hears waits until the desk was told of a message in or out of which fact holds, and returns its content.
func (w *world) hears(what string, room roomID, fact func(channel.Content) bool) (found channel.Content, id string) {
	w.tb.Helper()
	w.desk.waits(w, what, func(events []channel.Event) bool {
		for _, evt := range events {
			if evt.Conversation().Room != room.String() {
				continue
			}
			switch one := evt.(type) {
			case channel.MessageIn:
				found, id = one.Content, one.ID
			case channel.MessageOut:
				found, id = one.Content, one.ID
			default:
				continue
			}
			if fact(found) {
				return true
			}
		}
		return false
	})
	return found, id
}

func TestDesk(t *testing.T) {
	w := build(t, func(o *hub.Options) { o.Signature = hub.SignatureFirstName })
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	kind := func(kind, text string) func(channel.Content) bool {
		return func(c channel.Content) bool { return c.Kind == kind && strings.Contains(c.Text, text) }
	}

	w.sub(t, "TheConversationOpensFirst", func(t *testing.T) {
		w.hears("of the first text", room, kind("text", "Hello from Ana"))
		events := w.told(room)
		opened, ok := events[0].(channel.PortalOpened)
		if !ok || opened.Customer.Name != "Ana" || opened.Customer.ID == "" || opened.Ref.Network != "whatsapp" || opened.Ref.Account != phoneNumberID || opened.Ref.Chat == "" {
			t.Errorf("first the desk was told %+v", events[0])
		}
		in, ok := events[1].(channel.MessageIn)
		if !ok || in.From.Name != "Ana" || in.From.ID != opened.Customer.ID || in.Content.Kind != "text" || in.At.IsZero() {
			t.Errorf("then the desk was told %+v", events[1])
		}
		for _, evt := range events {
			if strings.Contains(evt.Conversation().Chat, ana.WaID) || strings.Contains(evt.EventKey(), ana.WaID) {
				t.Errorf("%+v names the customer by phone number", evt)
			}
		}
	})
	w.sub(t, "AnAgentsMessageAndItsFate", func(t *testing.T) {
		sent := w.bob.say(room, "On its way")
		ana.sees("the signed answer", func(m emulator.Message) bool { return m.Text == "*Bob:*\nOn its way" })
		w.states(sent, channel.Delivered)
		content, id := w.hears("of the answer", room, kind("text", "On its way"))
		if id != sent.String() || content.Text != "On its way" {
			t.Errorf("the desk heard %+v as %s, want the unsigned words of %s", content, id, sent)
		}
		index := slices.IndexFunc(w.told(room), func(evt channel.Event) bool {
			out, ok := evt.(channel.MessageOut)
			return ok && out.ID == sent.String()
		})
		if out := w.told(room)[index].(channel.MessageOut); out.From.ID != w.bob.UserID.String() || out.From.Name != "Bob Example" {
			t.Errorf("the author is %+v", out.From)
		}
		var states []channel.State
		for _, evt := range w.told(room)[index:] {
			if change, ok := evt.(channel.StatusChanged); ok && change.ID == sent.String() {
				states = append(states, change.State)
			}
		}
		if !slices.Equal(states, []channel.State{channel.Sent, channel.Delivered}) {
			t.Errorf("behind the message the desk was told %v", states)
		}
	})
	w.sub(t, "FilesReactionsRepliesEditsDeletions", func(t *testing.T) {
		_, err := ana.SendImage(emulator.File{Data: pngOf(t, picture(9, 9, false)), Mime: "image/png", Caption: "my receipt"})
		w.must(err)
		if content, _ := w.hears("of the picture", room, kind("image", "my receipt")); !strings.HasPrefix(content.File, "mxc://") {
			t.Errorf("the picture has no address: %+v", content)
		}
		_, err = ana.SendVoice(emulator.File{Data: sample.VoiceOpus(), Mime: "audio/ogg; codecs=opus"})
		w.must(err)
		w.hears("of the voice message", room, kind("voice", ""))
		_, err = ana.SendLocation(emulator.Location{Latitude: 1.5, Longitude: 2.5, Name: "Here"})
		w.must(err)
		if content, _ := w.hears("of the place", room, kind("location", "Here")); content.Payload["geo_uri"] != "geo:1.500000,2.500000" {
			t.Errorf("the place is %+v", content)
		}
		wamid := ana.says("I want tow")
		first := w.bob.text("I want tow")
		_, err = ana.Edit(wamid, "I want two")
		w.must(err)
		if content, _ := w.hears("of the edit", room, kind("edit", "I want two")); content.Target != first.ID.String() || content.Text != "I want two" {
			t.Errorf("the edit is %+v", content)
		}
		_, err = ana.Delete(wamid)
		w.must(err)
		if content, _ := w.hears("of the deletion", room, kind("deletion", "")); content.Target != first.ID.String() {
			t.Errorf("the deletion is %+v", content)
		}
		sent := w.alice.say(room, "Two it is")
		ours := ana.sees("the answer", func(m emulator.Message) bool { return strings.HasSuffix(m.Text, "Two it is") })
		_, err = ana.React(ours.ID, "👍")
		w.must(err)
		if content, _ := w.hears("of the reaction", room, kind("reaction", "👍")); content.Target != sent.String() {
			t.Errorf("the reaction is %+v", content)
		}
		_, err = ana.Reply(ours.ID, "thanks a lot")
		w.must(err)
		if content, _ := w.hears("of the reply", room, kind("text", "thanks a lot")); content.Target != sent.String() {
			t.Errorf("the reply is %+v", content)
		}
	})
	w.sub(t, "ATemplateIsTheAgentsMessage", func(t *testing.T) {
		w.bob.say(room, "!puente template order_update Ana | A-9")
		w.hears("of the template", room, kind("text", "your order A-9"))
		for _, evt := range w.told(room) {
			if out, ok := evt.(channel.MessageOut); ok && strings.Contains(out.Content.Text, "!puente") {
				t.Errorf("the desk was told of a command as a message: %+v", out)
			}
		}
	})
	w.sub(t, "WhatIsTypedInTheBusinessAppIsOut", func(t *testing.T) {
		_, err := ana.Echo("typed on the shop's phone", nil)
		w.must(err)
		w.desk.waits(w, "of the echo as a message out", func(events []channel.Event) bool {
			return slices.ContainsFunc(events, func(evt channel.Event) bool {
				out, ok := evt.(channel.MessageOut)
				return ok && out.Content.Text == "typed on the shop's phone" && out.From.Name == "Corner Shop"
			})
		})
		for _, evt := range w.told(room) {
			if in, ok := evt.(channel.MessageIn); ok && in.Content.Text == "typed on the shop's phone" {
				t.Error("the desk was told of the echo as a customer's message")
			}
		}
	})
	w.sub(t, "AFailureHasItsReason", func(t *testing.T) {
		sent := w.bob.send(room, map[string]any{"msgtype": "com.example.hologram", "body": "x"})
		w.states(sent, channel.Failed)
		for _, evt := range w.told(room) {
			if change, ok := evt.(channel.StatusChanged); ok && change.ID == sent.String() && change.State == channel.Failed && change.Reason == "" {
				t.Error("the failure has no reason")
			}
		}
	})
	w.sub(t, "OrderIsTheRoomsOrder", func(t *testing.T) {
		// Each side's messages come in their own order; a customer's and an agent's may cross on their way.
		var fromRoom, fromDesk []string
		for _, evt := range w.bob.seen(func(evt *event.Event) bool { return evt.RoomID == room }) {
			if (evt.Type == event.EventMessage || evt.Type == event.EventReaction) && w.opts.IsPuppet(evt.Sender) && evt.Sender.Localpart() != w.opts.BridgeBot("whatsapp") {
				fromRoom = append(fromRoom, evt.ID.String())
			}
		}
		for _, evt := range w.told(room) {
			switch one := evt.(type) {
			case channel.MessageIn:
				if one.Content.Kind != "deletion" {
					fromDesk = append(fromDesk, one.ID)
				}
			case channel.MessageOut:
				if one.From.Name == "Corner Shop" {
					fromDesk = append(fromDesk, one.ID)
				}
			}
		}
		if !slices.Equal(fromRoom, fromDesk) {
			t.Errorf("the room has %v, the desk was told %v", fromRoom, fromDesk)
		}
	})
}
