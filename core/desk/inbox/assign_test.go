package inbox

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// noted checks the last entry of the audit log about a conversation, and how many there are.
func (w *world) noted(c *Conversation, count int, by, action string, before, after audit.Facts) {
	w.t.Helper()
	deeds := w.deeds(c)
	if len(deeds) != count {
		w.t.Fatalf("noted are %+v", deeds)
	}
	if count == 0 {
		return
	}
	last := deeds[count-1]
	if last.Actor != by || last.Action != "conversation."+action || !reflect.DeepEqual(last.Before, before) || !reflect.DeepEqual(last.After, after) || !last.At.Equal(w.time.Now()) {
		w.t.Errorf("noted is %+v", last)
	}
}

func TestClaim(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("OneOfFiftyWins", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			results := make([]error, 50)
			var claiming sync.WaitGroup
			for n := range results {
				claiming.Go(func() { results[n] = w.Claim(w.ctx, c.ID, []string{anna, ben}[n%2]) })
			}
			claiming.Wait()
			winner, name := w.now(c).Assignee, map[string]string{anna: "Anna Martín", ben: "Ben"}
			for n, err := range results {
				if agent := []string{anna, ben}[n%2]; agent == winner {
					w.must(err) // the first, or one's own again
				} else {
					w.refused(err, errs.ErrConflict, name[winner]+" has it already. `!puente assign me` takes it over.")
				}
			}
			w.noted(c, 1, winner, "claimed", audit.Facts{"assignee": ""}, audit.Facts{"assignee": winner})
		})
		w.fact("OneOfFiftyDifferentOnesWins", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			results := make([]error, 50)
			var claiming sync.WaitGroup
			for n := range results {
				claiming.Go(func() { results[n] = w.Claim(w.ctx, c.ID, "@agent"+string(rune('A'+n))+":example.com") })
			}
			claiming.Wait()
			won := 0
			for _, err := range results {
				if err == nil {
					won++
				} else if !errors.Is(err, errs.ErrConflict) {
					w.t.Errorf("the error is %v", err)
				}
			}
			if won != 1 || len(w.deeds(c)) != 1 {
				w.t.Errorf("%d won, %d deeds are noted", won, len(w.deeds(c)))
			}
		})
		w.fact("OnesOwnAgainIsNothing", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Claim(w.ctx, c.ID, anna))
			before := w.now(c)
			w.time.Advance(time.Minute)
			w.must(w.Claim(w.ctx, c.ID, anna))
			if after := w.now(c); after.version != before.version || !after.AssignedAt.Equal(before.AssignedAt) || len(w.deeds(c)) != 1 {
				w.t.Errorf("it was %+v, and is %+v", before, after)
			}
		})
		w.fact("WhatIsResolvedBecomesANewPieceOfWork", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, ben))
			w.time.Advance(time.Minute)
			w.must(w.Claim(w.ctx, c.ID, anna))
			if found := w.now(c); found.Status != Open || !found.OpenedAt.Equal(w.time.Now()) || !found.ResolvedAt.IsZero() {
				w.t.Errorf("it is %+v", found)
			}
			w.noted(c, 2, anna, "claimed", audit.Facts{"assignee": "", "status": "resolved"}, audit.Facts{"assignee": anna, "status": "open"})
		})
		w.fact("WhatIsSnoozedOpens", func(w *world) {
			c := w.meets("whatsapp", "Dora")
			w.must(w.Claim(w.ctx, c.ID, anna))
			until := w.time.Now().Add(time.Hour)
			w.must(w.Snooze(w.ctx, c.ID, until, anna))
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.is(c, Open, anna)
			w.noted(c, 3, anna, "claimed",
				audit.Facts{"status": "snoozed", "snoozed_until": float64(until.UnixMilli())}, audit.Facts{"status": "open", "snoozed_until": nil})
		})
		w.fact("WhatIsResolvedAndAnothersStaysTheirs", func(w *world) {
			c := w.meets("whatsapp", "Emil")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.refused(w.Claim(w.ctx, c.ID, ben), errs.ErrConflict, "Anna Martín has it already")
			w.is(c, Resolved, anna)
		})
		w.fact("AnUnknownOneIsNotFound", func(w *world) {
			if err := w.Claim(w.ctx, "con_none", anna); !errors.Is(err, errs.ErrNotFound) {
				w.t.Errorf("the error is %v", err)
			}
		})
	})
}

func TestAssign(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("ItTakesFromWhoeverHasIt", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.must(w.Assign(w.ctx, c.ID, ben, cleo))
			w.is(c, Open, ben)
			w.noted(c, 2, cleo, "assigned", audit.Facts{"assignee": anna}, audit.Facts{"assignee": ben})
			w.must(w.Assign(w.ctx, c.ID, ben, cleo))
			w.noted(c, 2, cleo, "assigned", audit.Facts{"assignee": anna}, audit.Facts{"assignee": ben})
		})
		w.fact("NobodysAgain", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.must(w.Assign(w.ctx, c.ID, "", anna))
			w.must(w.Assign(w.ctx, c.ID, "", anna))
			w.is(c, Open, "")
			w.noted(c, 2, anna, "released", audit.Facts{"assignee": anna}, audit.Facts{"assignee": ""})
			if found := w.now(c); !found.AssignedAt.IsZero() {
				w.t.Errorf("it was assigned at %s", found.AssignedAt)
			}
		})
		w.fact("WhatIsPutAsideStaysSoWhenItBecomesNobodys", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, anna))
			w.must(w.Assign(w.ctx, c.ID, "", anna))
			w.is(c, Resolved, "")
		})
		w.fact("ItIsMeasuredUntilTheFirstHasIt", func(w *world) {
			begin := w.time.Now().Sub(start)
			c := w.meets("whatsapp", "Dora")
			w.time.Advance(time.Minute)
			w.must(w.Assign(w.ctx, c.ID, ben, anna))
			w.time.Advance(time.Minute)
			w.must(w.Assign(w.ctx, c.ID, anna, anna))
			w.measured(c, response{assignment, begin, time.Minute, time.Minute, ben, "Sales"})
		})
	})
}

func TestTransfer(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.meets("whatsapp", "Ana")
		w.must(w.Claim(w.ctx, c.ID, anna))
		w.fact("AnUnknownTeamIsRefusedWithAListOfThem", func(w *world) {
			w.refused(w.Transfer(w.ctx, c.ID, "marketing", anna), errs.ErrNotFound, "There are: Sales, Support.")
		})
		w.fact("TheSameTeamChangesNothing", func(w *world) {
			for _, name := range []string{"Sales", "sales"} {
				w.must(w.Transfer(w.ctx, c.ID, name, anna))
			}
			w.is(c, Open, anna)
			w.noted(c, 1, anna, "claimed", audit.Facts{"assignee": ""}, audit.Facts{"assignee": anna})
		})
		w.fact("ItIsNobodysWithinTheTeam", func(w *world) {
			w.must(w.Transfer(w.ctx, c.ID, "SUPPORT", anna)) // as people write it
			w.noted(c, 2, anna, "transferred", audit.Facts{"team": "Sales", "assignee": anna}, audit.Facts{"team": "Support", "assignee": ""})
		})
		w.fact("ToNoTeam", func(w *world) {
			w.must(w.Transfer(w.ctx, c.ID, "", cleo))
			w.noted(c, 3, cleo, "transferred", audit.Facts{"team": "Support"}, audit.Facts{"team": ""})
		})
		w.fact("WithoutAnyTeamItSaysWhereTheyAreNamed", func(w *world) {
			w.Teams = nil
			w.refused(w.Transfer(w.ctx, c.ID, "Sales", anna), errs.ErrNotFound, "`desk.teams`")
		})
	})
}

func TestClaimIfFree(t *testing.T) {
	each(t, func(s *Settings) { s.ClaimOnAnswer = true }, func(w *world) {
		claims := func(w *world, c *Conversation, agent, want string) {
			w.t.Helper()
			if got, err := w.ClaimIfFree(w.ctx, c, agent); err != nil || got != want {
				w.t.Errorf("%q has it, %v", got, err)
			}
		}
		w.fact("WhoAnswersWhatIsNobodysHasIt", func(w *world) {
			c := w.meets("whatsapp", "Ana")
			claims(w, c, anna, anna)
			w.noted(c, 1, anna, "claimed", audit.Facts{"assignee": ""}, audit.Facts{"assignee": anna})
			claims(w, c, ben, anna) // who was a moment too late
			claims(w, w.now(c), ben, anna)
			w.is(c, Open, anna)
		})
		w.fact("NotPuenteNobodyAndWhoIsNotOnTheTeam", func(w *world) {
			c := w.meets("whatsapp", "Berta")
			for _, who := range []string{audit.Puente, "", "@guest:example.org"} {
				claims(w, c, who, "")
			}
			w.noted(c, 0, "", "", nil, nil)
		})
		w.fact("ALastWordDoesNotOpenItAgain", func(w *world) {
			c := w.meets("whatsapp", "Carlos")
			w.time.Advance(time.Minute)
			w.must(w.Resolve(w.ctx, c.ID, Ending{}, ben))
			resolved := w.now(c)
			w.time.Advance(time.Minute)
			claims(w, resolved, anna, anna)
			if found := w.now(c); found.Status != Resolved || !sameTimes(*found, *resolved) {
				w.t.Errorf("it was %+v, and is %+v", resolved, found)
			}
			w.measured(c, response{resolution, c.OpenedAt.Sub(start), time.Minute, time.Minute, ben, "Sales"})
			d := w.meets("whatsapp", "Dora")
			until := w.time.Now().Add(time.Hour)
			w.must(w.Snooze(w.ctx, d.ID, until, ben))
			claims(w, w.now(d), anna, anna)
			if found := w.now(d); found.Status != Snoozed || !found.SnoozedUntil.Equal(until) {
				w.t.Errorf("it is %+v", found)
			}
		})
		w.fact("OnlyIfTheCompanyWantsIt", func(w *world) {
			w.ClaimOnAnswer = false
			claims(w, w.meets("whatsapp", "Emil"), anna, "")
		})
	})
}
