package inbox

import (
	"fmt"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
)

const question = "How was it, from 1 to 5?"

// ended is a conversation that was answered and resolved, with the survey sent if it is to be.
func (w *world) ended() *Conversation {
	w.t.Helper()
	c := w.waits()
	w.answers(c, anna)
	w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
	w.must(w.Inbox.ask(w.ctx))
	return c
}

// asked tells how often the customer was asked.
func (w *world) asked(c *Conversation) (n int) {
	w.t.Helper()
	for key, msg := range w.rooms.said() {
		if key == fmt.Sprintf("survey:%s:%d", c.ID, w.now(c).ResolvedAt.UnixMilli()) && msg.Text == question && msg.Purpose == "service" && msg.By == "" {
			n++
		}
	}
	return n
}

// replies is a customer's message with words.
func (w *world) replies(c *Conversation, words string) {
	w.t.Helper()
	w.time.Advance(time.Second)
	w.must(w.HandleChannelEvent(w.ctx, channel.MessageIn{
		Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$in"), From: channel.Party{ID: c.Ref.Chat}, Content: channel.Content{Kind: "text", Text: words},
	}))
}

func TestSurvey(t *testing.T) {
	each(t, func(s *Settings) { s.Survey = question }, func(w *world) {
		w.fact("WhoWasAnsweredIsAskedOnce", func(w *world) {
			c := w.ended()
			w.must(w.Inbox.ask(w.ctx))
			if w.asked(c) != 1 || w.reads(`SELECT asked_at FROM pu_closing WHERE conversation=$1`, c.ID) != w.time.Now().UnixMilli() {
				w.t.Errorf("asked %d times", w.asked(c))
			}
		})
		w.fact("NobodyElseIs", func(w *world) {
			before := len(w.rooms.said())
			silent := w.waits() // has no answer
			w.must(w.Resolve(w.ctx, silent.ID, Ending{}, anna))
			w.must(w.Inbox.ask(w.ctx))
			back := w.waits()
			w.answers(back, anna)
			w.must(w.Resolve(w.ctx, back.ID, Ending{}, anna))
			w.writes(back) // before the question went out
			w.must(w.Inbox.ask(w.ctx))
			late := w.waits()
			w.answers(late, anna)
			w.time.Advance(24 * hour)
			w.must(w.Resolve(w.ctx, late.ID, Ending{}, anna)) // when the network's window is closed
			w.must(w.Inbox.ask(w.ctx))
			if n := len(w.rooms.said()); n != before || w.reads(`SELECT COUNT(*) FROM pu_closing WHERE survey=1 AND asked_at IS NULL`) != 0 {
				w.t.Errorf("%d are asked", n-before)
			}
		})
		w.fact("WhoSaidStopOrIsBlockedIsNot", func(w *world) {
			before := len(w.rooms.said())
			stopped, blocked := w.waits(), w.waits()
			_, err := w.Consent.Heard(w.ctx, consent.Heard{
				Customer: stopped.Customer, Conversation: stopped.ID, Network: stopped.Ref.Network, Event: "$stop", Key: "in:$stop", At: w.time.Now(), Content: channel.Content{Kind: "text", Text: "STOP"},
			})
			w.must(err)
			w.must(w.Customers.Block(w.ctx, blocked.Customer, audit.Puente))
			for _, c := range []*Conversation{stopped, blocked} {
				w.answers(c, anna)
				w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			}
			w.must(w.Inbox.ask(w.ctx))
			if n := len(w.rooms.said()); n != before || w.reads(`SELECT COUNT(*) FROM pu_closing WHERE survey=1 AND asked_at IS NULL`) != 0 {
				w.t.Errorf("%d are asked", n-before)
			}
			w.must(w.Customers.Unblock(w.ctx, blocked.Customer, audit.Puente))
			w.must(w.Inbox.ask(w.ctx)) // it is not asked late either
			if w.asked(blocked) != 0 {
				w.t.Error("who was blocked is asked later")
			}
		})
		w.fact("ANumberIsTheAnswerAndOpensNothingByItself", func(w *world) {
			for words, want := range map[string]struct {
				score    int
				feedback string
				status   Status
			}{"5": {5, "", Resolved}, " 1. Too slow,\nsorry ": {1, "Too slow,\nsorry", Open}, "4/5": {4, "", Resolved}, "4 / 5!": {4, "", Resolved}, "2 more please": {2, "more please", Open}} {
				c := w.ended()
				w.replies(c, words)
				w.is(c, want.status, "")
				if w.reads(`SELECT COUNT(*) FROM pu_closing WHERE conversation=$1 AND score=$2 AND feedback=$3`, c.ID, want.score, want.feedback) != 1 {
					w.t.Errorf("%q is not noted", words)
				}
				w.replies(c, "3") // is no second answer
				w.is(c, Open, "")
			}
		})
		w.fact("OtherWordsOpenItAgain", func(w *world) {
			for _, words := range []string{"0", "6", "10", "55", "5kg please", "thanks", "it was a 5", ""} {
				c := w.ended()
				w.replies(c, words)
				w.is(c, Open, "")
			}
		})
		w.fact("ALateNumberIsNoAnswer", func(w *world) {
			c := w.ended()
			w.time.Advance(surveyPatience)
			w.replies(c, "5")
			w.is(c, Open, "")
		})
		w.fact("OneThatCannotBeAskedHoldsNoOtherUp", func(w *world) {
			broken, gone, good := w.waits(), w.waits(), w.waits()
			for _, c := range []*Conversation{broken, gone, good} {
				w.answers(c, anna)
				w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			}
			failing := map[string]error{"survey:" + broken.ID: errNo, "survey:" + gone.ID: errs.ErrNotFound}
			w.rooms.failWith(func(_, about string) error { return failing[about[:min(len(about), len("survey:")+len(good.ID))]] })
			if err := w.Inbox.ask(w.ctx); err == nil || w.asked(good) != 1 {
				w.t.Errorf("the error is %v", err)
			}
			w.rooms.failWith(nil)
			w.must(w.Inbox.ask(w.ctx))
			if w.asked(broken) != 1 || w.asked(gone) != 0 {
				w.t.Errorf("asked %d and %d times", w.asked(broken), w.asked(gone))
			}
		})
	})
}

func TestWithoutSurvey(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.ended()
		w.replies(c, "5")
		if w.is(c, Open, ""); len(w.rooms.said()) != 0 {
			w.t.Errorf("sent is %v", w.rooms.said())
		}
	})
}
