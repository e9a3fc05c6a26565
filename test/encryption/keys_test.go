package encryption

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub"
)

// TestKeysLast: nothing that is restarted or killed costs a key.
func TestKeysLast(t *testing.T) {
	w := build(t, hub.EncryptionDefault)
	conversations := []*conversation{w.opens("whatsapp"), w.opens("telegram"), w.opens("signal"), w.opens("webhook")}
	goOn := func() {
		w.Helper()
		for _, c := range conversations {
			w.bob.text(c.writes())
			c.answers(w.alice)
		}
	}
	w.sub("OverARestartOfPuente", func() {
		w.stop()
		w.start()
		goOn()
	})
	w.sub("OfAnAgentWhoWroteWhilePuenteWasDown", func() {
		w.stop()
		var texts []string
		for _, c := range conversations {
			// A new key, so that it is among the device messages that came meanwhile.
			w.must(w.alice.Discard(w.ctx, c.room))
			texts = append(texts, c.answerText())
			w.alice.say(c.room, texts[len(texts)-1])
		}
		w.start()
		for i, c := range conversations {
			c.shows(texts[i])
		}
		goOn()
	})
	w.sub("OverKillsInTheMiddle", func() {
		w.stop()
		kill := w.startProcess()
		texts := map[*conversation][]string{}
		say := func() {
			for _, c := range conversations {
				w.must(w.alice.Discard(w.ctx, c.room))
				text := c.answerText()
				texts[c] = append(texts[c], text)
				w.alice.say(c.room, text)
			}
		}
		for range 3 {
			say()
			kill() // whatever it is doing
			say()
			kill = w.startProcess()
		}
		for c, list := range texts {
			for _, text := range list {
				c.shows(text)
			}
		}
		kill()
		w.start()
		goOn()
	})
	w.sub("OverARestartOfSynapse", func() {
		w.must(w.server.Restart(w.ctx))
		goOn()
	})
	w.sub("OverAReloadOfTheAgentsPage", func() {
		read := w.bob.Seen(0, func(evt *event.Event) bool {
			return evt.RoomID == conversations[0].room && evt.Type == event.EventMessage
		})
		mark := w.bob.Mark()
		w.must(w.bob.Restart(w.ctx))
		last := read[len(read)-1]
		w.bob.seesSince(mark, "the last message anew", func(evt *event.Event) bool { return evt.ID == last.ID && evt.Type == event.EventMessage })
		goOn()
	})
	w.sub("NothingIsLeftUnread", func() {
		for _, one := range []*agent{w.alice, w.bob} {
			if locked := one.Locked(); len(locked) != 0 {
				t.Errorf("%s could not decrypt %+v", one.UserID, locked)
			}
		}
	})
}

// TestKeysGoToWhoIsThere: a room's keys are for those who are in it, from when they came until they leave.
func TestKeysGoToWhoIsThere(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionDefault)
	left, stays := w.opens("whatsapp"), w.opens("whatsapp")
	left.answers(w.alice)
	carol := w.agent("carol", "Carol Example")

	w.sub("WhoComesLaterReadsFromThen", func() {
		w.stop()
		w.values["agents.users"] += ", " + carol.UserID.String()
		w.start()
		for _, c := range []*conversation{left, stays} {
			carol.sees("that she is in the room", c.inRoom(func(evt *event.Event) bool {
				return evt.Type == event.StateMember && evt.GetStateKey() == carol.UserID.String() && evt.Content.AsMember().Membership == event.MembershipJoin
			}))
			c.reach(carol)
			c.answers(carol)
		}
		if len(carol.Locked()) == 0 {
			t.Error("she reads what was written before she came")
		}
	})
	w.sub("WhoLeftGetsNoMoreKeys", func() {
		before := w.bob.Look(w.bob.text(left.writes()).ID).Session
		w.must(carol.Leave(w.ctx, left.room))
		w.bob.sees("that she left", left.inRoom(func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.GetStateKey() == carol.UserID.String() && evt.Content.AsMember().Membership == event.MembershipLeave
		}))
		// Puente hears of it by itself; from then on the room has another key.
		var after id.SessionID
		w.changes("the room's key", func() bool {
			after = w.bob.Look(w.bob.text(left.writes()).ID).Session
			return after != before
		})
		// Device messages keep their order: what comes with a later message would have come by now.
		carol.text(stays.writes())
		keys, err := carol.Keys(w.ctx, left.room)
		w.must(err)
		if !slices.Contains(keys, before) || slices.Contains(keys, after) {
			t.Errorf("she has the keys %v; before she left it was %s, then %s", keys, before, after)
		}
	})
}
