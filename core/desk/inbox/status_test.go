package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

func TestResolve(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("TheWorkEndsIsMeasuredAndNobodyWaits", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.writes(c)
			w.time.Advance(time.Minute)
			w.must(w.Resolve(w.ctx, c.ID, Ending{Category: "refund", Summary: "sent back"}, anna))
			if found := w.now(c); found.Status != Resolved || found.Assignee != anna || !found.WaitingSince.IsZero() || !found.ResolvedAt.Equal(w.time.Now()) {
				w.t.Errorf("it is %+v", found)
			}
			took := time.Minute + time.Second
			w.measured(c, response{kind: assignment, agent: anna, team: "Sales"}, response{kind: resolution, took: took, business: took, agent: anna, team: "Sales"})
			if w.reads(`SELECT COUNT(*) FROM pu_closing WHERE conversation=$1 AND at=$2 AND agent=$3 AND category='refund' AND summary='sent back'`,
				c.ID, w.time.Now().UnixMilli(), anna) != 1 {
				w.t.Error("how it ended is not noted")
			}
			w.noted(c, 2, anna, "resolved", audit.Facts{"status": "open"}, audit.Facts{"status": "resolved"})
		})
		w.fact("WhatIsResolvedIsNotResolvedAgain", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			before := w.now(c)
			w.time.Advance(time.Minute)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, ben))
			if after := w.now(c); !sameTimes(*before, *after) || w.reads(`SELECT COUNT(*) FROM pu_closing WHERE conversation=$1`, c.ID) != 1 || len(w.deeds(c)) != 1 {
				w.t.Errorf("it was %+v, and is %+v", before, after)
			}
		})
		w.fact("WhatIsSnoozedIsResolved", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.must(w.Snooze(w.ctx, c.ID, w.time.Now().Add(time.Hour), anna))
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			if found := w.now(c); found.Status != Resolved || !found.SnoozedUntil.IsZero() {
				w.t.Errorf("it is %+v", found)
			}
		})
	})
}

func TestClosing(t *testing.T) {
	list := []string{"Refund", "Question"}
	for name, test := range map[string]struct {
		closing        Closing
		category, want string
		told           string
	}{
		"NothingIsAsked":       {Closing{}, "", "", ""},
		"AnyWordWithoutAList":  {Closing{}, "whatever", "whatever", ""},
		"OneOfTheList":         {Closing{Categories: list}, "Refund", "Refund", ""},
		"SpelledOtherwise":     {Closing{Categories: list}, "reFUND", "Refund", ""},
		"NoneThoughThereAre":   {Closing{Categories: list}, "", "", ""},
		"NotOnTheList":         {Closing{Categories: list}, "joke", "", "Write one of: Refund, Question."},
		"Required":             {Closing{Required: true, Categories: list}, "", "", "with one of: Refund, Question."},
		"RequiredWithoutAList": {Closing{Required: true}, "", "", "say in a word what it was about"},
		"RequiredAndGiven":     {Closing{Required: true}, "refund", "refund", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, ending := &world{t: t}, Ending{Category: test.category}
			err := test.closing.check(&ending)
			if test.told != "" {
				w.refused(err, errs.ErrInvalid, test.told)
				return
			}
			if w.must(err); ending.Category != test.want {
				t.Errorf("the category is %q", ending.Category)
			}
		})
	}
	each(t, func(s *Settings) { s.Closing = Closing{Required: true, Categories: list} }, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		w.refused(w.Resolve(w.ctx, c.ID, Ending{}, anna), errs.ErrInvalid, "say what it was about")
		w.is(c, Open, "")
		w.must(w.Resolve(w.ctx, c.ID, Ending{Category: "QUESTION"}, anna))
		if w.reads(`SELECT COUNT(*) FROM pu_closing WHERE category='Question'`) != 1 {
			w.t.Error("the category is not noted as the company spells it")
		}
	})
}

func TestSnooze(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("UntilATime", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.writes(c)
			w.must(w.Claim(w.ctx, c.ID, anna))
			until := w.time.Now().Add(time.Hour)
			w.must(w.Snooze(w.ctx, c.ID, until, anna))
			if found := w.now(c); found.Status != Snoozed || !found.SnoozedUntil.Equal(until) || found.Assignee != anna || found.WaitingSince.IsZero() {
				w.t.Errorf("it is %+v", found)
			}
			w.noted(c, 2, anna, "snoozed", audit.Facts{"status": "open", "snoozed_until": nil},
				audit.Facts{"status": "snoozed", "snoozed_until": float64(until.UnixMilli())})
			w.must(w.Snooze(w.ctx, c.ID, until, ben))
			if len(w.deeds(c)) != 2 {
				w.t.Error("the same again is noted")
			}
			w.must(w.Snooze(w.ctx, c.ID, time.Time{}, ben))
			w.noted(c, 3, ben, "snoozed", audit.Facts{"snoozed_until": float64(until.UnixMilli())}, audit.Facts{"snoozed_until": nil})
		})
		w.fact("ThePastIsRefused", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			for _, until := range []time.Time{w.time.Now(), w.time.Now().Add(-time.Hour)} {
				w.refused(w.Snooze(w.ctx, c.ID, until, anna), errs.ErrInvalid, "that time has passed already")
			}
			w.is(c, Open, "")
		})
		w.fact("WhatIsResolvedBecomesANewPieceOfWork", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.time.Advance(time.Hour)
			w.must(w.Snooze(w.ctx, c.ID, time.Time{}, anna))
			found := w.now(c)
			if found.Status != Snoozed || !found.ResolvedAt.IsZero() || !found.OpenedAt.Equal(w.time.Now()) {
				w.t.Errorf("it is %+v", found)
			}
			w.time.Advance(time.Hour)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.measured(c, response{kind: resolution, began: c.OpenedAt.Sub(start), agent: anna, team: "Sales"},
				response{resolution, found.OpenedAt.Sub(start), time.Hour, time.Hour, anna, "Sales"})
		})
	})
}

func TestReopenAndSuspend(t *testing.T) {
	each(t, nil, func(w *world) {
		for name, test := range map[string]struct {
			do   func(conversation, by string) error
			want Status
		}{
			"Reopen":  {func(c, by string) error { return w.Reopen(w.ctx, c, by) }, Open},
			"Suspend": {func(c, by string) error { return w.Suspend(w.ctx, c, by) }, Pending},
		} {
			w.fact(name, func(w *world) {
				c := w.meets("whatsapp", "Ana")
				w.must(w.Snooze(w.ctx, c.ID, time.Time{}, anna))
				w.must(test.do(c.ID, anna))
				if found := w.now(c); found.Status != test.want || !found.OpenedAt.Equal(c.OpenedAt) {
					w.t.Errorf("it is %+v", found)
				}
				w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
				w.time.Advance(time.Minute)
				w.must(test.do(c.ID, anna))
				if found := w.now(c); found.Status != test.want || !found.OpenedAt.Equal(w.time.Now()) || !found.ResolvedAt.IsZero() {
					w.t.Errorf("it is %+v", found)
				}
				deeds := len(w.deeds(c))
				if w.must(test.do(c.ID, anna)); len(w.deeds(c)) != deeds {
					w.t.Error("what changes nothing is noted")
				}
			})
		}
	})
}

func TestLabelAndPriority(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		w.fact("LabelsAreSortedAndThereOnce", func(w *world) {
			w.must(w.Label(w.ctx, c.ID, []string{"vip", "refund", "vip"}, nil, anna))
			w.must(w.Label(w.ctx, c.ID, []string{"new", "refund"}, []string{"vip", "unknown"}, anna))
			if found := w.now(c); !slices.Equal(found.Labels, []string{"new", "refund"}) {
				w.t.Errorf("the labels are %q", found.Labels)
			}
			w.noted(c, 2, anna, "labelled", audit.Facts{"labels": []any{"refund", "vip"}}, audit.Facts{"labels": []any{"new", "refund"}})
			w.must(w.Label(w.ctx, c.ID, []string{"new"}, []string{"vip"}, anna))
			w.noted(c, 2, anna, "labelled", audit.Facts{"labels": []any{"refund", "vip"}}, audit.Facts{"labels": []any{"new", "refund"}})
		})
		w.fact("ALabelIsOneWord", func(w *world) {
			for _, label := range []string{"", "two words", "a,b", "a\tb", "a\nb", "a\u00a0b", "a\u2028b", "a\x00b", "\xff", strings.Repeat("ä", 51)} {
				w.refused(w.Label(w.ctx, c.ID, []string{"good", label}, nil, anna), errs.ErrInvalid, "one word of at most 50 letters")
			}
			long := strings.Repeat("ä", 50)
			w.must(w.Label(w.ctx, c.ID, []string{long}, nil, anna))
			w.must(w.Label(w.ctx, c.ID, nil, []string{long, "new", "refund"}, anna))
			if found := w.now(c); len(found.Labels) != 0 {
				w.t.Errorf("the labels are %q", found.Labels)
			}
		})
		w.fact("APriorityIsOneOfFour", func(w *world) {
			before := len(w.deeds(c))
			for _, priority := range Priorities() {
				w.must(w.SetPriority(w.ctx, c.ID, priority, anna))
			}
			w.noted(c, before+4, anna, "prioritised", audit.Facts{"priority": "high"}, audit.Facts{"priority": "urgent"})
			for _, priority := range []Priority{"URGENT", "?", "none"} {
				w.refused(w.SetPriority(w.ctx, c.ID, priority, anna), errs.ErrInvalid, "low, medium, high, urgent or none")
			}
			w.must(w.SetPriority(w.ctx, c.ID, "urgent", anna))
			w.must(w.SetPriority(w.ctx, c.ID, "", anna))
			w.noted(c, before+5, anna, "prioritised", audit.Facts{"priority": "urgent"}, audit.Facts{"priority": ""})
		})
	})
}
