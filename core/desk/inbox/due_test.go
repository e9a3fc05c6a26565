package inbox

import (
	"slices"
	"testing"
	"time"

	"puente/core/desk/audit"
)

func TestWaking(t *testing.T) {
	each(t, nil, func(w *world) {
		until, forever, later := w.has(anna), w.has(anna), w.has(anna)
		w.must(w.Snooze(w.ctx, until.ID, w.time.Now().Add(hour), anna))
		w.must(w.Snooze(w.ctx, forever.ID, time.Time{}, anna))
		w.must(w.Snooze(w.ctx, later.ID, w.time.Now().Add(24*hour), anna))
		w.fact("ItIsPutAsideUntilItsTime", func(w *world) {
			w.after(hour - time.Millisecond)
			w.is(until, Snoozed, anna)
			w.after(time.Millisecond)
			if found := w.now(until); found.Status != Open || !found.SnoozedUntil.IsZero() || found.Assignee != anna || !found.OpenedAt.Equal(until.OpenedAt) {
				w.t.Errorf("it is %+v", found)
			}
			at := float64(w.time.Now().UnixMilli())
			w.noted(until, 3, audit.Puente, "woken", audit.Facts{"status": "snoozed", "snoozed_until": at}, audit.Facts{"status": "open", "snoozed_until": nil})
		})
		w.fact("ThatGoesByItself", func(w *world) {
			w.runs()
			w.time.Advance(23 * hour)
			w.until("what was snoozed for a day", func() bool { return w.now(later).Status == Open })
			w.time.Advance(365 * 24 * hour)
			again := w.has(anna)
			w.must(w.Snooze(w.ctx, again.ID, w.time.Now().Add(time.Minute), anna))
			w.until("what was snoozed for a minute", func() bool { return w.now(again).Status == Open })
			w.is(forever, Snoozed, anna)
		})
	})
}

// waitingView tells whether a conversation is in the view of those that wait too long, as its room was told last.
func (w *world) waitingView(c *Conversation) bool {
	w.t.Helper()
	w.show()
	face, _ := w.rooms.looks(c.Ref.Room)
	return slices.Contains(face.Views, ViewWaiting)
}

func TestWaitingTooLong(t *testing.T) {
	each(t, nil, func(w *world) {
		waits := func(w *world, c *Conversation, want bool) {
			w.t.Helper()
			if w.waitingView(c) != want {
				w.t.Errorf("that it waits too long is shown: %v", !want)
			}
		}
		w.fact("ItIsShownOnceWhenTheTimeIsOver", func(w *world) {
			c := w.waits()
			w.after(hour - time.Millisecond)
			waits(w, c, false)
			version := w.now(c).version
			w.after(time.Millisecond)
			waits(w, c, true)
			w.after(time.Minute)
			w.after(hour)
			if found := w.now(c); found.version != version+1 {
				w.t.Errorf("it was shown %d times", found.version-version)
			}
			w.writes(c) // and still waits since the first
			w.after(time.Second)
			if found := w.now(c); found.version != version+1 {
				w.t.Errorf("it was shown %d times", found.version-version)
			}
		})
		for name, test := range map[string]func(w *world, c *Conversation){
			"AnAnswerEndsIt":      func(w *world, c *Conversation) { w.answers(c, anna) },
			"AResolutionEndsIt":   func(w *world, c *Conversation) { w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna)) },
			"SnoozingEndsIt":      func(w *world, c *Conversation) { w.must(w.Snooze(w.ctx, c.ID, time.Time{}, anna)) },
			"LeavingItToABotDoes": func(w *world, c *Conversation) { w.must(w.Suspend(w.ctx, c.ID, anna)) },
		} {
			w.fact(name, func(w *world) {
				c := w.waits()
				w.after(hour)
				waits(w, c, true)
				test(w, c)
				waits(w, c, false)
				for _, deed := range w.deeds(c) {
					if len(deed.After) == 0 {
						w.t.Errorf("noted is %+v", deed)
					}
				}
				w.after(2 * hour)
				waits(w, c, false)
			})
		}
		w.fact("TheNextWaitIsShownAgain", func(w *world) {
			c := w.waits()
			w.after(hour)
			w.answers(c, anna)
			w.writes(c)
			w.after(hour - time.Second)
			waits(w, c, false)
			w.after(time.Second)
			waits(w, c, true)
		})
		w.fact("WhatWokeAfterThatIsShown", func(w *world) {
			c := w.waits()
			w.must(w.Snooze(w.ctx, c.ID, w.time.Now().Add(3*hour), anna))
			w.after(2 * hour)
			waits(w, c, false)
			w.after(hour)
			waits(w, c, true)
		})
		w.fact("ACompanyWithoutSuchATimeSeesNone", func(w *world) {
			w.WaitingLong = 0
			c := w.waits()
			version := w.now(c).version
			w.after(24 * hour)
			if w.now(c).version != version || w.waitingView(c) {
				w.t.Error("it is shown")
			}
		})
	})
}

func TestClosedHoursAreNoWait(t *testing.T) {
	each(t, func(s *Settings) { s.Hours = open9to5(t, "UTC") }, func(w *world) {
		w.time.Advance(7*hour + 30*time.Minute - time.Second)
		c := w.waits() // at 16:30
		for _, pause := range []time.Duration{30 * time.Minute, 10 * hour, 6*hour + 29*time.Minute + 59*time.Second} {
			if w.after(pause); w.waitingView(c) {
				w.t.Errorf("it is shown at %s", w.time.Now())
			}
		}
		if w.after(time.Second); !w.waitingView(c) { // 9:30 on the next day
			w.t.Errorf("it is not shown at %s", w.time.Now())
		}
	})
}
