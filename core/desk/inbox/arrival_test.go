package inbox

import (
	"testing"
	"time"

	"puente/core/desk/channel"
)

// gets tells how far a message got, twice, as the hub may.
func (w *world) gets(out channel.MessageOut, state channel.State) {
	w.t.Helper()
	for range 2 {
		w.must(w.HandleChannelEvent(w.ctx, channel.StatusChanged{Base: channel.Base{Ref: out.Ref, At: w.time.Now()}, ID: out.ID, State: state}))
	}
}

// reached checks how far a message got, as it is noted.
func (w *world) reached(out channel.MessageOut, state channel.State) {
	w.t.Helper()
	if w.reads(`SELECT COUNT(*) FROM pu_message WHERE event_id=$1 AND state=$2`, out.ID, string(state)) != 1 {
		w.t.Errorf("%s did not get as far as %s", out.ID, state)
	}
}

// awaits checks since when a customer waits, and when the first answer came; zero: not.
func (w *world) awaits(c *Conversation, since, answered time.Time) {
	w.t.Helper()
	if found := w.now(c); !found.WaitingSince.Equal(since) || !found.AnsweredAt.Equal(answered) {
		w.t.Errorf("waiting since %s, answered at %s", found.WaitingSince, found.AnsweredAt)
	}
}

func TestLostAnswer(t *testing.T) {
	each(t, func(s *Settings) { s.Survey = question }, func(w *world) {
		none := time.Time{}
		// took is a response that began with a message and ended with another.
		took := func(kind string, in channel.MessageIn, out channel.MessageOut) response {
			d := out.At.Sub(in.At)
			return response{kind, in.At.Sub(start), d, d, out.From.ID, "Sales"}
		}
		w.fact("TheCustomerWaitsOnAndNothingIsMeasured", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			asked := w.writes(c)
			w.writes(c)
			lost := w.answers(c, anna)
			w.gets(lost, channel.Failed)
			w.awaits(c, asked.At, none)
			w.measured(c)
			w.gets(lost, channel.Failed)
			w.writes(c)
			w.awaits(c, asked.At, none)
			good := w.answers(c, ben)
			w.gets(lost, channel.Failed)
			w.awaits(c, none, good.At)
			w.measured(c, took(firstResponse, asked, good))
			w.reached(lost, channel.Failed)
		})
		w.fact("WhatTheCustomerWroteSinceWaitsNoLess", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			asked := w.writes(c)
			lost := w.answers(c, anna)
			w.writes(c)
			w.gets(lost, channel.Failed)
			w.awaits(c, asked.At, none)
		})
		w.fact("TheNextAnswerEndsTheWait", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			asked := w.writes(c)
			lost := w.answers(c, anna)
			w.answers(c, "")
			w.must(w.HandleChannelEvent(w.ctx, channel.MessageOut{
				Base: channel.Base{Ref: c.Ref, At: w.time.Now()}, ID: w.next("$out"), From: channel.Party{ID: ben}, Content: channel.Content{Kind: "reaction"},
			}))
			w.writes(c)
			second := w.answers(c, ben)
			third := w.answers(c, anna)
			w.gets(lost, channel.Failed)
			w.awaits(c, none, second.At)
			w.measured(c, took(firstResponse, asked, second))
			w.gets(second, channel.Failed)
			w.awaits(c, none, third.At)
			w.measured(c, took(firstResponse, asked, third))
			w.gets(third, channel.Failed)
			w.awaits(c, asked.At, none)
			w.measured(c)
		})
		w.fact("ALaterAnswerThatIsLostLeavesTheFirst", func(w *world) {
			c := w.meets("whatsapp", "Dora")
			asked := w.writes(c)
			first := w.answers(c, anna)
			w.gets(w.answers(c, anna), channel.Failed)
			w.awaits(c, none, first.At)
			again := w.writes(c)
			w.gets(w.answers(c, ben), channel.Failed)
			w.awaits(c, again.At, first.At)
			w.measured(c, took(firstResponse, asked, first))
		})
		w.fact("WhoeverWroteFirstAnsweredNobody", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			w.gets(w.answers(c, anna), channel.Failed)
			w.awaits(c, none, none)
			said := w.answers(c, "")
			w.gets(said, channel.Failed)
			w.awaits(c, none, none)
		})
		w.fact("WhatArrivesAfterAllIsAnAnswerAgain", func(w *world) {
			c := w.meets("whatsapp", "Fe")
			asked := w.writes(c)
			lost := w.answers(c, anna)
			again := w.writes(c)
			w.gets(lost, channel.Failed)
			w.gets(lost, channel.Delivered)
			w.awaits(c, again.At, lost.At)
			w.measured(c, took(firstResponse, asked, lost))
			w.gets(lost, channel.Read)
			w.reached(lost, channel.Read)
		})
		w.fact("WhatArrivesAfterAnotherAnswerChangesNothing", func(w *world) {
			c := w.meets("whatsapp", "Gil")
			asked := w.writes(c)
			lost := w.answers(c, anna)
			w.gets(lost, channel.Failed)
			good := w.answers(c, ben)
			w.gets(lost, channel.Sent)
			w.awaits(c, none, good.At)
			w.measured(c, took(firstResponse, asked, good))
		})
		w.fact("NobodyIsAskedHowItWasWhoGotNothing", func(w *world) {
			c := w.waits()
			lost := w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.gets(lost, channel.Failed)
			w.must(w.Inbox.ask(w.ctx))
			if w.asked(c) != 0 {
				w.t.Error("the customer is asked")
			}
		})
		w.fact("WhatWasResolvedWithItOpensAgain", func(w *world) {
			c := w.meets("whatsapp", "Jana")
			asked := w.writes(c)
			lost := w.answers(c, anna)
			w.time.Advance(time.Second)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.time.Advance(time.Second)
			failed := w.time.Now()
			w.gets(lost, channel.Failed)
			w.is(c, Open, "")
			w.awaits(c, asked.At, none)
			if now := w.now(c); !now.OpenedAt.Equal(failed) || !now.ResolvedAt.IsZero() {
				w.t.Errorf("opened at %s, resolved at %s", now.OpenedAt, now.ResolvedAt)
			}
			deeds := w.deeds(c)
			if last := deeds[len(deeds)-1]; last.Action != "conversation.unanswered" || last.After["status"] != string(Open) {
				w.t.Errorf("the last deed is %+v", last)
			}
			good := w.answers(c, ben)
			w.awaits(c, none, good.At)
			if got := w.responses(c); len(got) != 2 || got[1] != took(firstResponse, asked, good) {
				w.t.Errorf("measured is %+v", got)
			}
		})
		w.fact("WhatWasAnsweredAgainBeforeItEndedStaysResolved", func(w *world) {
			c := w.meets("whatsapp", "Kim")
			w.writes(c)
			lost := w.answers(c, anna)
			good := w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.gets(lost, channel.Failed)
			w.is(c, Resolved, "")
			w.awaits(c, none, good.At)
		})
		w.fact("AWordThatNobodyWaitedForOpensNothing", func(w *world) {
			c := w.meets("whatsapp", "Lea")
			w.writes(c)
			good := w.answers(c, anna)
			bye := w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.gets(bye, channel.Failed)
			w.is(c, Resolved, "")
			w.awaits(c, none, good.At)
		})
		w.fact("TheNextPieceOfWorkKeepsWhatIsItsOwn", func(w *world) {
			c := w.meets("whatsapp", "Hugo")
			w.writes(c)
			lost := w.answers(c, anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			asked := w.writes(c)
			w.gets(lost, channel.Failed)
			w.awaits(c, asked.At, none)
			good := w.answers(c, ben)
			w.gets(lost, channel.Delivered)
			w.gets(lost, channel.Failed)
			w.awaits(c, none, good.At)
			if got := w.responses(c); len(got) != 2 || got[1] != took(firstResponse, asked, good) {
				w.t.Errorf("measured is %+v", got)
			}
		})
		w.fact("WhatNobodyKnowsIsLetPass", func(w *world) {
			c := w.meets("whatsapp", "Iris")
			for _, state := range []channel.State{channel.Failed, channel.Sent} {
				w.gets(channel.MessageOut{Base: channel.Base{Ref: c.Ref}, ID: "$unknown"}, state)
			}
		})
	})
}
