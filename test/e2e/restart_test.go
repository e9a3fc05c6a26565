package e2e

import (
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
)

type roomID = id.RoomID

// TestRestart stops Puente in the middle of things and starts it again: nothing is lost, doubled or out of order.
func TestRestart(t *testing.T) {
	w := build(t, nil, func(o *emulator.Options) { o.BatchSize = 50 })
	w.connect()
	const people, each = 3, 20
	var all []*customer
	var rooms []roomID
	for p := range people {
		all = append(all, w.customer(fmt.Sprintf("Person %d", p)))
		rooms = append(rooms, all[p].opens())
	}
	line := func(word string, p, n int) string { return fmt.Sprintf("%s %d line %02d", word, p, n) }
	inOrder := func(t *testing.T, got []string, word string, p, want int) {
		t.Helper()
		for n, text := range got {
			if text != line(word, p, n) {
				t.Fatalf("the lines came as %v", got)
			}
		}
		if len(got) != want {
			t.Errorf("%d of %d lines came: %v", len(got), want, got)
		}
	}
	phone := func(c *customer, word string) []string {
		var texts []string
		for _, m := range w.emulator.Inbox(c.UserID) {
			if m.FromBusiness && len(m.Text) > len(word) && m.Text[:len(word)] == word {
				texts = append(texts, m.Text)
			}
		}
		return texts
	}

	w.sub(t, "InTheMiddleOfWhatCustomersWrite", func(t *testing.T) {
		w.emulator.Hold()
		for n := range each {
			for p, c := range all {
				c.says(line("in", p, n))
			}
		}
		w.emulator.Release()
		w.bob.text(line("in", 0, 2))
		w.stop()
		if done := len(w.bob.bodies(rooms[0], "in ")); done == each {
			t.Fatal("Puente was stopped too late: all was bridged")
		}
		for p, c := range all {
			c.says(line("in", p, each)) // while Puente is down
		}
		newcomer := w.customer("Newcomer")
		newcomer.says("my first message, while nobody listens")
		w.start()
		w.bob.text("my first message, while nobody listens")
		for p := range all {
			w.bob.text(line("in", p, each))
			inOrder(t, w.bob.bodies(rooms[p], "in "), "in", p, each+1)
		}
	})
	w.sub(t, "InTheMiddleOfWhatAgentsWrite", func(t *testing.T) {
		for n := range each {
			for p, room := range rooms {
				w.bob.say(room, line("out", p, n))
			}
		}
		all[0].gets(line("out", 0, 2))
		w.stop()
		if done := len(phone(all[people-1], "out ")); done == each {
			t.Fatal("Puente was stopped too late: all was sent")
		}
		for p, room := range rooms {
			w.alice.say(room, line("out", p, each)) // while Puente is down
		}
		w.start()
		for p, c := range all {
			c.gets(line("out", p, each))
			inOrder(t, phone(c, "out "), "out", p, each+1)
		}
	})
	w.sub(t, "WhatHappenedMeanwhileIsCaughtUp", func(t *testing.T) {
		sent := w.bob.say(rooms[0], "read while you were away")
		wamid := all[0].gets("read while you were away").ID
		w.alice.receipt(sent, w.opts.IsPuppet)
		w.stop()
		w.must(all[0].MarkRead(wamid))
		target := w.bob.text(line("in", 0, 1))
		_, err := w.bob.SendReaction(w.ctx, rooms[0], target.ID, "🙏")
		w.must(err)
		_, err = all[0].React(wamid, "👏")
		w.must(err)
		w.start()
		w.bob.reactionOn(sent, "👏")
		w.alice.receipt(sent, func(user id.UserID) bool {
			return w.opts.IsPuppet(user) && user.Localpart() != w.opts.BridgeBot("whatsapp")
		})
		all[0].sees("the reaction", func(m emulator.Message) bool {
			return !m.FromBusiness && len(m.React) == 1 && m.React[0].Emoji == "🙏"
		})
	})
	w.sub(t, "AVerificationFindsNothingLostOrDoubled", func(t *testing.T) {
		found, err := w.hub.Verify(w.ctx, time.Now().Add(-time.Hour), func(int, int) {})
		w.must(err)
		in, out := found.Tallies[0], found.Tallies[1]
		if !found.Whole() || in.Seen < people*(each+1) || out.Seen < people*(each+1) || found.Rooms < people {
			t.Errorf("it finds %+v", found)
		}
	})
	w.sub(t, "ALoginSurvives", func(t *testing.T) {
		if answer := w.alice.ask(w.alice.talk(), "logins"); answer == "" || !w.bob.sawNo(rooms[0], event.MsgNotice) {
			t.Errorf("logins answers %q, or the room holds a notice of failure", answer)
		}
	})
}

// sawNo tells whether the room holds no message of the type.
func (a *agent) sawNo(room roomID, kind event.MessageType) bool {
	return len(a.seen(func(evt *event.Event) bool {
		msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
		return ok && evt.RoomID == room && msg.MsgType == kind
	})) == 0
}
