package inbox

import (
	"testing"
	"time"

	"puente/core/desk/audit"
)

const hour = time.Hour

// after moves the clock and does what is due.
func (w *world) after(d time.Duration) {
	w.t.Helper()
	w.time.Advance(d)
	for _, look := range []func() error{
		func() error { return w.wakeSnoozed(w.ctx) }, func() error { return w.noticeWaiting(w.ctx) }, func() error { return w.recall(w.ctx) },
	} {
		w.must(look())
	}
}

// has is a new conversation that is an agent's.
func (w *world) has(agent string) *Conversation {
	w.t.Helper()
	c := w.meets("whatsapp", "Somebody")
	w.must(w.Assign(w.ctx, c.ID, agent, agent))
	return c
}

func TestRecall(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("WhatIsOpenReturnsAfterTheGraceAndNotBefore", func(w *world) {
			open, pending, snoozed, resolved, other := w.has(anna), w.has(anna), w.has(anna), w.has(anna), w.has(ben)
			w.must(w.Suspend(w.ctx, pending.ID, anna))
			w.must(w.Snooze(w.ctx, snoozed.ID, time.Time{}, anna))
			w.must(w.Resolve(w.ctx, resolved.ID, Ending{}, anna))
			w.after(hour)
			w.is(open, Open, anna)
			w.says(anna, Offline)
			w.after(5 * time.Minute)
			w.says(anna, Offline) // again: it counts from the first
			w.after(5*time.Minute - time.Millisecond)
			w.is(open, Open, anna)
			w.after(time.Millisecond)
			w.is(open, Open, "")
			w.noted(open, 2, audit.Puente, "returned", audit.Facts{"assignee": anna}, audit.Facts{"assignee": ""})
			w.is(pending, Pending, "")
			w.is(snoozed, Snoozed, anna)
			w.is(resolved, Resolved, anna)
			w.is(other, Open, ben)
			w.says(anna, Online)
		})
		w.fact("WhoComesBackInTimeKeepsIt", func(w *world) {
			c := w.has(anna)
			w.says(anna, Offline)
			w.after(9 * time.Minute)
			w.says(anna, Busy)
			w.after(hour)
			w.is(c, Open, anna)
			w.says(anna, Offline)
			w.after(9 * time.Minute)
			w.is(c, Open, anna)
			w.says(anna, Online)
		})
		w.fact("WhoTakesSomethingWhileAwayHasItForTheGrace", func(w *world) {
			w.says(anna, Offline)
			w.time.Advance(hour)
			c := w.has(anna)
			w.after(10*time.Minute - time.Second)
			w.is(c, Open, anna)
			w.after(time.Second)
			w.is(c, Open, "")
			w.says(anna, Online)
		})
		w.fact("WhatIsSnoozedReturnsWhenItWakes", func(w *world) {
			c := w.has(anna)
			w.must(w.Snooze(w.ctx, c.ID, w.time.Now().Add(2*hour), anna))
			w.says(anna, Offline)
			w.after(2*hour - time.Second)
			w.is(c, Snoozed, anna)
			w.after(time.Second)
			w.is(c, Open, "")
			w.says(anna, Online)
		})
		w.fact("WhatACustomerReopensReturnsAtOnce", func(w *world) {
			c := w.has(anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.says(anna, Offline)
			w.writes(c)
			w.is(c, Open, "")
			w.noted(c, 3, audit.Puente, "reopened", audit.Facts{"status": "resolved", "assignee": anna}, audit.Facts{"status": "open", "assignee": ""})
			w.says(anna, Online)
		})
		w.fact("WhoseAgentLeavesAfterThatStaysForTheGrace", func(w *world) {
			c := w.has(anna)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.writes(c)
			w.says(anna, Offline)
			w.writes(c)
			w.is(c, Open, anna)
			w.says(anna, Online)
		})
		w.fact("WithoutAGraceNothingReturns", func(w *world) {
			w.OfflineGrace = 0
			defer func() { w.OfflineGrace = 10 * time.Minute }()
			open, resolved := w.has(anna), w.has(anna)
			w.must(w.Resolve(w.ctx, resolved.ID, Ending{}, anna))
			w.says(anna, Offline)
			w.after(24 * hour)
			w.writes(resolved)
			w.is(open, Open, anna)
			w.is(resolved, Open, anna)
			w.says(anna, Online)
		})
		w.fact("WhoLeftTheTeamLosesWhatIsOpen", func(w *world) {
			open, snoozed, other := w.has(cleo), w.has(cleo), w.has(ben)
			w.must(w.Snooze(w.ctx, snoozed.ID, time.Time{}, cleo))
			w.rooms.setTeam(everybody()[:2]...)
			w.after(teamIsFresh)
			w.is(open, Open, "")
			w.is(snoozed, Snoozed, cleo)
			w.is(other, Open, ben)
		})
		w.fact("WhereNobodyIsKnownToBeOnTheTeamNobodyHasLeftIt", func(w *world) {
			c := w.has(ben)
			w.rooms.setTeam()
			w.after(hour)
			w.is(c, Open, ben)
		})
	})
}

func TestRecallAfterAShift(t *testing.T) {
	each(t, func(s *Settings) {
		s.Teams[0].Hours = open9to5(t, "UTC")
		s.Teams[1].Hours, s.Teams[1].Members = open9to5(t, "America/Cancun"), []string{cleo, ben} // from 14:00 to 22:00 in UTC
		s.OfflineGrace = 30 * time.Second
	}, func(w *world) {
		w.fact("ItCountsFromTheShiftsEnd", func(w *world) {
			w.time.Advance(7*hour + 50*time.Minute)
			c := w.has(anna)
			w.after(10*time.Minute + 29*time.Second) // 17:00:29
			w.is(c, Open, anna)
			w.after(time.Second)
			w.is(c, Open, "")
		})
		w.fact("OfSeveralShiftsItIsTheLast", func(w *world) {
			c := w.has(ben)
			w.after(5*hour - 2*time.Second) // 22:00:28
			w.is(c, Open, ben)
			w.after(2 * time.Second)
			w.is(c, Open, "")
		})
		w.fact("WhoWentBeforeIsGoneSinceThen", func(w *world) {
			w.OfflineGrace = 5 * hour
			w.time.Advance(12*hour - 30*time.Second) // Tuesday, 10:00
			c := w.has(anna)
			w.time.Advance(6 * hour)
			w.says(anna, Offline)
			w.after(5*hour - time.Second) // 20:59:59
			w.is(c, Open, anna)
			w.after(time.Second)
			w.is(c, Open, "")
		})
		w.fact("HoweverLongTheGraceIs", func(w *world) {
			w.time.Advance(2*24*hour - 5*hour) // Thursday, 16:00
			w.says(anna, Online)
			c := w.has(anna)
			w.after(6*hour - time.Second)
			w.is(c, Open, anna)
			w.after(time.Second)
			w.is(c, Open, "")
		})
		w.fact("AWeekendIsNoGrace", func(w *world) {
			w.time.Advance(18 * hour) // Friday, 16:00
			c := w.has(anna)
			w.after(9 * 24 * hour) // a Sunday
			w.is(c, Open, "")
		})
	})
	if got := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).In(zone(t, "America/Cancun")).Hour(); got != 4 {
		t.Errorf("it is %d o'clock in Cancún", got)
	}
}
