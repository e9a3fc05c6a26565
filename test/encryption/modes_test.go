package encryption

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub"
	"puente/core/testkit/person"
	"puente/core/testkit/webclient"
	"puente/test/company"
)

func TestOff(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionOff)
	c := w.opens("whatsapp")

	w.sub("RoomsArePlain", func() {
		c.answers(w.alice)
		w.plain(c, w.bob.text(c.writes()).ID)
	})
	w.sub("InARoomThatSomebodyEncryptsTheAnswerSaysWhy", func() {
		w.encrypt(c) // as its maker can with another program
		text := c.answerText()
		sent := w.alice.say(c.room, text)
		answer := w.bob.sees("the refusal", person.AnswerTo(sent)).Content.AsMessage().Body
		if !strings.Contains(answer, "encryption.mode") || c.has(text) {
			t.Errorf("the answer is %q, the customer has the text: %v", answer, c.has(text))
		}
	})
	w.sub("ThereCustomersAreStillRead", func() { w.bob.text(c.writes()) })
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionAllowed)
	c := w.opens("whatsapp")

	w.sub("NewRoomsArePlain", func() {
		c.answers(w.alice)
		w.plain(c, w.bob.text(c.writes()).ID)
	})
	w.sub("ARoomThatSomebodyEncryptsGoesOnEncrypted", func() {
		w.alice.say(c.room, "!puente encrypt")
		for _, one := range []*agent{w.alice, w.bob} {
			one.sees("that the room is encrypted", c.inRoom(func(evt *event.Event) bool { return evt.Type == event.StateEncryption }))
			one.text("This room is encrypted from now on.")
		}
		w.knowsBridge("whatsapp")
		w.secret(c, c.answers(w.bob))
		var last id.EventID
		w.changes("how Puente sends", func() bool { // it hears of it by itself
			last = w.bob.text(c.writes()).ID
			return w.bob.Look(last).WireType == event.EventEncrypted.Type
		})
		w.secret(c, last)
	})
}

func TestRoomsFromBefore(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionOff)
	c := w.opens("webhook")
	w.sub("StayPlainByDefault", func() {
		w.stop()
		w.values["encryption.mode"] = string(hub.EncryptionDefault)
		w.start()
		w.plain(c, w.bob.text(c.writes()).ID)
		w.plain(c, c.answers(w.alice))
	})
	w.sub("AreEncryptedWhenThatIsRequired", func() {
		w.stop()
		w.values["encryption.mode"] = string(hub.EncryptionRequired)
		w.start()
		w.alice.sees("that the room is encrypted", c.inRoom(func(evt *event.Event) bool { return evt.Type == event.StateEncryption }))
		w.knowsBridge("webhook")
		w.secret(c, w.bob.text(c.writes()).ID)
		w.secret(c, c.answers(w.alice))
	})
}

func TestDefault(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionDefault)
	c := w.opens("whatsapp")
	w.secret(c, c.answers(w.alice))
	w.sub("WhatIsNotEncryptedIsTakenAllTheSame", func() {
		text := c.answerText()
		w.unencrypted(c, text)
		c.shows(text)
	})
	w.sub("AnotherPickleKeyIsRefusedAtTheStart", func() {
		w.stop()
		right := w.values["encryption.pickle_key"]
		w.values["encryption.pickle_key"] = "another-pickle-key-for-the-tests"
		if err := w.tryStart(); err == nil || !strings.Contains(err.Error(), "encryption.pickle_key") {
			t.Errorf("the error is %v", err)
		}
		w.stop()
		w.values["encryption.pickle_key"] = right
		w.start()
		c.answers(w.alice)
	})
	w.sub("ClientsWarnThatABridgeWrote", func() {
		// What docs/encryption.md says of it is what the pinned SDK does.
		for _, one := range []struct {
			who    string
			sent   id.EventID
			reason int
		}{
			{"the customer", w.bob.text(c.writes()).ID, webclient.OthersDevice},
			{"the bridge's bot", w.bob.sees("an answer", person.AnswerTo(w.alice.say(c.room, "!puente help"))).ID, webclient.DeviceWithoutOwner},
		} {
			shield := w.bob.Look(one.sent).Shield
			if shield == nil || shield.Colour != webclient.Red || shield.Reason == nil || *shield.Reason != one.reason {
				t.Errorf("of %s the client warns by %+v", one.who, shield)
			}
		}
	})
	w.sub("AClientThatExcludesInsecureDevicesReadsNothing", func() {
		w.must(w.bob.Isolate(w.ctx, true))
		if sent := w.alice.text(c.writes()).ID; w.settled(w.bob, sent) {
			t.Error("it was read")
		}
	})
}

func TestRequired(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionRequired)
	for _, n := range company.Networks() {
		w.sub(n.DisplayName, func() {
			c := w.opens(n.ID)
			w.secret(c, w.bob.text(c.writes()).ID)
			w.secret(c, c.answers(w.alice))
			text := c.answerText()
			sent := w.unencrypted(c, text)
			refusal := w.bob.sees("the refusal", person.AnswerTo(sent))
			w.secret(c, refusal.ID)
			if !strings.Contains(refusal.Content.AsMessage().Body, "not encrypted") || c.has(text) {
				w.Errorf("the answer is %q, the customer has the text: %v", refusal.Content.AsMessage().Body, c.has(text))
			}
		})
	}
}

// encrypt has a room's maker switch encryption on, and waits until the agents know.
func (w *world) encrypt(c *conversation) {
	w.Helper()
	us := w.place.Identity(w.server.URL())
	bot, err := mautrix.NewClient(us.Homeserver, id.NewUserID(us.BridgeBot(c.line.Network.ID), domain), us.ASToken)
	w.must(err)
	defer bot.Client.CloseIdleConnections()
	bot.SetAppServiceUserID = true
	_, err = bot.SendStateEvent(w.ctx, c.room, event.StateEncryption, "", &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1})
	w.must(err)
	for _, one := range []*agent{w.alice, w.bob} {
		one.sees("that the room is encrypted", c.inRoom(func(evt *event.Event) bool { return evt.Type == event.StateEncryption }))
	}
}

// unencrypted has Alice write with a client that does not encrypt.
func (w *world) unencrypted(c *conversation, text string) id.EventID {
	w.Helper()
	careless, err := person.LogIn(w.ctx, w.server, w.alice.localpart, password)
	w.must(err)
	defer careless.Stop()
	sent, err := careless.Say(w.ctx, c.room, text)
	w.must(err)
	return sent
}

// secret tells the test if the homeserver can read an event.
func (w *world) secret(c *conversation, sent id.EventID) {
	w.Helper()
	if raw := w.wire(c, sent); !strings.Contains(raw, `"m.room.encrypted"`) || strings.Contains(raw, `"body"`) {
		w.Errorf("the homeserver has %s", raw)
	}
}

// plain tells the test if it cannot.
func (w *world) plain(c *conversation, sent id.EventID) {
	w.Helper()
	if raw := w.wire(c, sent); strings.Contains(raw, `"m.room.encrypted"`) || !strings.Contains(raw, `"body"`) {
		w.Errorf("the homeserver has %s", raw)
	}
}

func (w *world) wire(c *conversation, sent id.EventID) string {
	w.Helper()
	raw, err := w.bob.Wire(w.ctx, c.room, sent)
	w.must(err)
	return string(raw)
}
