package e2e

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/desk/channel"
	"puente/core/hub"
	"puente/core/testkit/sample"
)

// copies counts the business's messages with this text on the phone, arrived or not.
func (c *customer) copies(text string) int {
	count := 0
	for _, m := range c.w.emulator.Inbox(c.UserID) {
		if m.FromBusiness && m.Text == text {
			count++
		}
	}
	return count
}

// TestTroubleAtMeta meets the failures that pass and those that do not, all at once: they wait beside each other.
func TestTroubleAtMeta(t *testing.T) {
	w := build(t, nil)
	w.connect()
	sent := map[string]id.EventID{}
	people := map[string]*customer{}
	text := func(ending string) string { return "message to " + ending }
	for _, ending := range []string{"0429", "0056", "0501", "0500", "0408", "0470"} {
		people[ending] = w.magic(ending)
		sent[ending] = w.bob.say(people[ending].opens(), text(ending))
	}
	for ending, what := range map[string]string{
		"0429": "TooFast", "0056": "TooFastForOneCustomer", "0501": "AFaultThatPasses", "0408": "AnAnswerThatIsCut",
	} {
		w.sub(t, what+"ArrivesOnce", func(t *testing.T) {
			people[ending].gets(text(ending))
			w.alice.status(sent[ending], event.MessageStatusSuccess)
			if told := w.states(sent[ending], channel.Delivered); slices.Contains(told, channel.Failed) {
				t.Errorf("the desk was told %v", told)
			}
			if ending != "0408" { // there the status may come before the connection is seen to be cut
				w.alice.status(sent[ending], event.MessageStatusPending)
			}
			if n := people[ending].copies(text(ending)); n != 1 {
				t.Errorf("the phone has %d copies", n)
			}
		})
	}
	w.sub(t, "AWindowThatMetaCallsClosedOffersATemplate", func(t *testing.T) {
		if answer := w.alice.answerTo(sent["0470"]); !strings.Contains(answer.Body, "24 hours") || !strings.Contains(answer.Body, "template") {
			t.Errorf("answered by %q", answer.Body)
		}
		w.alice.status(sent["0470"], event.MessageStatusFail)
	})
	w.sub(t, "AFaultThatStaysIsGivenUpAfterThreeMoreTries", func(t *testing.T) {
		if answer := w.alice.answerTo(sent["0500"]); !strings.Contains(answer.Body, "unknown reason") {
			t.Errorf("answered by %q", answer.Body)
		}
		if told := w.states(sent["0500"], channel.Failed); told[len(told)-1] != channel.Failed {
			t.Errorf("the desk was told %v", told)
		}
		if tries := w.column(`SELECT attempts FROM pu_outcome WHERE event_id=$1`, sent["0500"]); tries[0] != "4" {
			t.Errorf("tried %s times, want once and three times more", tries[0])
		}
	})
	w.sub(t, "AnUnknownErrorGetsOneMoreTry", func(t *testing.T) {
		plain := w.customer("Plain")
		room := plain.opens()
		w.emulator.FailNext(1, 1)
		passes := w.bob.say(room, "the second try passes")
		plain.gets("the second try passes")
		w.states(passes, channel.Delivered)
		w.emulator.FailNext(2, 1)
		stays := w.bob.say(room, "the second try fails too")
		w.alice.status(stays, event.MessageStatusFail)
		w.alice.answerTo(stays)
		w.bob.say(room, "after the failure")
		plain.gets("after the failure")
		if n := plain.copies("the second try fails too"); n != 0 {
			t.Errorf("a message that is said to have failed arrived %d times", n)
		}
	})
	w.sub(t, "APausedTemplateIsRefusedWithTheReason", func(t *testing.T) {
		paused := w.magic("0131")
		room := paused.opens()
		w.bob.say(room, "!puente template hello_world")
		shown := w.bob.message("the template", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == room && strings.Contains(msg.Body, "Welcome and congratulations")
		})
		if answer := w.bob.answerTo(shown.ID); !strings.Contains(answer.Body, "paused") {
			t.Errorf("answered by %q", answer.Body)
		}
	})
	w.sub(t, "ARefusedTokenIsSeenByAgentAndOperator", func(t *testing.T) {
		room := w.magic("0190").opens()
		sent := w.bob.say(room, "with a token that is refused")
		if answer := w.alice.answerTo(sent); !strings.Contains(answer.Body, "token") && !strings.Contains(answer.Body, "administrator") {
			t.Errorf("answered by %q", answer.Body)
		}
		front := w.alice.talk()
		w.alice.asks(front, "status", "refuses its credentials")
		other := w.customer("Other")
		w.bob.say(other.opens(), "the account works again")
		other.gets("the account works again")
		w.alice.asks(front, "status", "connected")
	})
}

// moved is the machine's clock, ahead by what a test says.
type moved struct {
	clock.System
	ahead atomic.Int64
}

func (m *moved) Now() time.Time { return m.System.Now().Add(time.Duration(m.ahead.Load())) }

func TestWindow(t *testing.T) {
	clk := &moved{}
	w := build(t, func(o *hub.Options) { o.Clock = clk }, func(o *emulator.Options) { o.Clock = clk })
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	w.bob.say(room, "inside the window")
	ana.gets("inside the window")
	clk.ahead.Store(int64(25 * time.Hour))

	w.sub(t, "ClosedItIsRefusedBeforeMetaIsAsked", func(t *testing.T) {
		// Meta would fail the next call with an error that names itself; the refusal must not be that one.
		w.emulator.FailNext(1, 131030)
		text := w.bob.say(room, "outside the window")
		if answer := w.alice.answerTo(text); !strings.Contains(answer.Body, "!puente template") || !strings.Contains(answer.Body, "24 hours") {
			t.Errorf("answered by %q", answer.Body)
		}
		w.alice.status(text, event.MessageStatusFail)
		reaction, err := w.bob.SendReaction(w.ctx, room, w.bob.text("Hello from Ana "+ana.UserID).ID, "👍")
		w.must(err)
		if answer := w.alice.answerTo(reaction.EventID); !strings.Contains(answer.Body, "24 hours") {
			t.Errorf("a reaction is answered by %q", answer.Body)
		}
		file := w.bob.send(room, w.bob.upload(event.MsgFile, "a.pdf", "application/pdf", sample.PagePDF("Hello")))
		if answer := w.alice.answerTo(file); !strings.Contains(answer.Body, "24 hours") {
			t.Errorf("a file is answered by %q", answer.Body)
		}
	})
	w.sub(t, "ATemplateGoesThrough", func(t *testing.T) {
		// The error that waits since the last subtest is Meta's answer to the first call: the list of templates.
		first := w.bob.answerTo(w.bob.say(room, "!puente templates"))
		if !strings.Contains(first.Body, "Nothing was sent") {
			t.Errorf("the error that nobody met is gone: %q", first.Body)
		}
		w.bob.say(room, "!puente template order_update Ana | A-1")
		ana.sees("the template", func(m emulator.Message) bool { return m.Template == "order_update" })
	})
	w.sub(t, "TheCustomersMessageOpensIt", func(t *testing.T) {
		ana.says("I am back")
		w.bob.text("I am back")
		w.bob.say(room, "welcome back")
		ana.gets("welcome back")
	})
	w.sub(t, "ACallOpensItToo", func(t *testing.T) {
		clk.ahead.Store(int64(51 * time.Hour))
		closed := w.bob.say(room, "closed again")
		w.alice.answerTo(closed)
		_, err := ana.Call()
		w.must(err)
		w.bob.message("the call", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "calling")
		})
		w.bob.say(room, "you called")
		ana.gets("you called")
	})
}
