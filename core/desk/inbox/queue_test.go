package inbox

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"puente/core/desk/audit"
)

// routed are settings with one team of two, whose conversations are given out.
func routed(how Routing, capacity int) func(*Settings) {
	return func(s *Settings) {
		s.Teams[0].Routing, s.Capacity = how, capacity
	}
}

// gives gives out what is nobody's, and returns whose the conversations are then.
func (w *world) gives(list ...*Conversation) (agents []string) {
	w.t.Helper()
	w.must(w.drain(w.ctx))
	for _, c := range list {
		agents = append(agents, w.now(c).Assignee)
	}
	return agents
}

// waits is a new conversation whose customer has written.
func (w *world) waits() *Conversation {
	w.t.Helper()
	c := w.meets("whatsapp", "Somebody")
	w.writes(c)
	return c
}

func (w *world) given(got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("they are given to %q", got)
	}
}

func TestRoundRobin(t *testing.T) {
	each(t, routed(RoundRobin, 0), func(w *world) {
		w.fact("WhoWritesWhileRoomsAreShownWaitsForNoneOfThem", func(w *world) {
			w.meets("whatsapp", "Ana")
			var second *Conversation
			w.rooms.paint = func(string) {
				w.rooms.paint = nil
				second = w.waits()
			}
			w.show()
			face, painted := w.rooms.looks(second.Ref.Room)
			if w.now(second).Assignee == "" || face.Topic == "open · nobody's" || painted != 1 {
				w.t.Errorf("it is %q's, and its room was shown %d times: %s", w.now(second).Assignee, painted, face.Topic)
			}
		})
		w.fact("TheAgentsTakeTurnsOverRestarts", func(w *world) {
			w.given(w.gives(w.waits(), w.waits(), w.waits()), anna, ben, anna)
			w.restart()
			w.given(w.gives(w.waits()), ben)
			w.restart()
			w.given(w.gives(w.waits(), w.waits()), anna, ben)
		})
		w.fact("ItIsNotedAsPuentes", func(w *world) {
			c := w.waits()
			w.gives()
			w.noted(c, 1, audit.Puente, "assigned", audit.Facts{"assignee": ""}, audit.Facts{"assignee": anna})
		})
		w.fact("WhatSomebodyTakesIsATurn", func(w *world) {
			w.must(w.Claim(w.ctx, w.waits().ID, ben))
			w.given(w.gives(w.waits()), anna)
			w.time.Advance(time.Minute)
			w.must(w.Claim(w.ctx, w.waits().ID, anna))
			w.given(w.gives(w.waits(), w.waits()), ben, anna)
		})
		w.fact("WhoIsBusyOrAwayGetsNothing", func(w *world) {
			for _, state := range []Availability{Busy, Offline} {
				w.says(anna, state)
				w.given(w.gives(w.waits(), w.waits()), ben, ben)
			}
			w.says(ben, Busy)
			c := w.waits()
			w.given(w.gives(c), "")
			w.says(anna, Online)
			w.given(w.gives(c), anna)
			w.says(ben, Online)
		})
		w.fact("WhoIsNotOnTheTeamAnyMoreGetsNothing", func(w *world) {
			w.rooms.setTeam(everybody()[1:]...)
			w.time.Advance(teamIsFresh)
			w.given(w.gives(w.waits(), w.waits()), ben, ben)
			w.rooms.setTeam(everybody()...)
			w.time.Advance(teamIsFresh)
		})
		w.fact("OnlyWhatIsOpenIsGiven", func(w *world) {
			snoozed, pending, resolved := w.waits(), w.waits(), w.waits()
			w.must(w.Snooze(w.ctx, snoozed.ID, time.Time{}, anna))
			w.must(w.Suspend(w.ctx, pending.ID, anna))
			w.must(w.Resolve(w.ctx, resolved.ID, Ending{}, anna))
			w.given(w.gives(snoozed, pending, resolved), "", "", "")
		})
		w.fact("WhatIsOfAnotherTeamOrOfNoneStays", func(w *world) {
			manual, none, gone := w.meets("telegram", "Ana"), w.meets("signal", "Berta"), w.waits()
			_, err := w.DB.Exec(w.ctx, `UPDATE pu_conversation SET team='Dissolved' WHERE id=$1`, gone.ID)
			w.must(err)
			w.given(w.gives(manual, none, gone), "", "", "")
		})
		w.fact("WhatSomebodyTookMeanwhileStaysTheirs", func(w *world) {
			c := w.waits()
			w.must(w.Claim(w.ctx, c.ID, cleo))
			w.must(w.giveFromQueue(w.ctx, c, ben))
			d := w.waits()
			w.must(w.Snooze(w.ctx, d.ID, time.Time{}, anna))
			w.must(w.giveFromQueue(w.ctx, d, ben))
			w.is(c, Open, cleo)
			w.is(d, Snoozed, "")
		})
		w.fact("ManyThatStayHoldNobodyUp", func(w *world) {
			w.must(w.DB.DoTxn(w.ctx, nil, func(ctx context.Context) error {
				for n := range mostQueued + 1 {
					_, err := w.DB.Exec(ctx, `INSERT INTO pu_conversation (id, network, account, chat, room_id, status, team, opened_at, created_at, changed_at)
						VALUES ($1, 'telegram', 'first', $1, $1, 'open', 'Support', 1, 1, 1)`, fmt.Sprintf("con_old%d", n))
					w.must(err)
				}
				return nil
			}))
			if got := w.gives(w.waits()); got[0] == "" {
				w.t.Error("it is nobody's")
			}
		})
	})
}

func TestLeastBusy(t *testing.T) {
	each(t, routed(LeastBusy, 0), func(w *world) {
		first := w.waits()
		w.must(w.Claim(w.ctx, first.ID, anna))
		second := w.waits()
		w.must(w.Claim(w.ctx, second.ID, anna))
		w.fact("WhoHasFewestOpenIsGivenThem", func(w *world) {
			w.given(w.gives(w.waits(), w.waits()), ben, ben)
		})
		w.fact("OfTwoAlikeWhoseTurnItIs", func(w *world) {
			w.given(w.gives(w.waits(), w.waits()), anna, ben)
		})
		w.fact("WhatIsPutAsideDoesNotCountAndABotsDoes", func(w *world) {
			w.must(w.Resolve(w.ctx, first.ID, Ending{}, anna))
			w.must(w.Suspend(w.ctx, second.ID, anna))
			w.given(w.gives(w.waits(), w.waits()), anna, ben) // 2 and 3 there were
			w.must(w.Snooze(w.ctx, second.ID, time.Time{}, anna))
			w.given(w.gives(w.waits()), anna)
		})
	})
}

func TestCapacity(t *testing.T) {
	each(t, routed(RoundRobin, 2), func(w *world) {
		list := []*Conversation{w.waits(), w.waits(), w.waits(), w.waits(), w.waits()}
		w.fact("NobodyIsGivenMore", func(w *world) {
			w.given(w.gives(list...), anna, ben, anna, ben, "")
			w.given(w.gives(list...), anna, ben, anna, ben, "")
		})
		w.fact("WhoHasRoomAgainIsGivenTheNext", func(w *world) {
			w.must(w.Resolve(w.ctx, list[1].ID, Ending{}, ben))
			w.given(w.gives(list[4]), ben)
		})
		w.fact("WhoWantsTakesMore", func(w *world) {
			c := w.waits()
			w.must(w.Claim(w.ctx, c.ID, anna))
			w.is(c, Open, anna)
		})
	})
}

func TestOrderOfTheQueue(t *testing.T) {
	each(t, func(s *Settings) {
		routed(RoundRobin, 1)(s)
		s.Teams[1].Routing, s.Teams[1].Members = RoundRobin, []string{ben, cleo}
	}, func(w *world) {
		for _, agent := range []string{anna, ben, cleo} {
			w.says(agent, Offline)
		}
		quiet := w.meets("whatsapp", "Ana") // has not written
		w.time.Advance(time.Minute)
		later, early := w.meets("whatsapp", "Berta"), w.meets("telegram", "Carlos")
		w.writes(early)
		w.writes(later)
		w.writes(later)
		w.fact("NothingIsGivenWhileNobodyIsThere", func(w *world) {
			w.given(w.gives(quiet, later, early), "", "", "")
		})
		w.fact("WhoComesIsGivenWhatWaitsLongest", func(w *world) {
			w.says(anna, Online)
			w.given(w.gives(quiet, later, early), anna, "", "")
		})
		w.fact("OverAllTeamsThatSomebodyIsIn", func(w *world) {
			w.says(ben, Online)
			w.given(w.gives(quiet, later, early), anna, "", ben)
		})
		w.fact("WhatReturnsKeepsItsPlace", func(w *world) {
			newest := w.waits()
			w.says(ben, Offline)
			w.time.Advance(w.OfflineGrace)
			w.must(w.recall(w.ctx))
			w.says(cleo, Online)
			w.given(w.gives(early, later, newest), cleo, "", "")
			w.must(w.Resolve(w.ctx, quiet.ID, Ending{}, anna))
			w.given(w.gives(early, later, newest), cleo, anna, "")
		})
	})
}
