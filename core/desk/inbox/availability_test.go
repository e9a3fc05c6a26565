package inbox

import (
	"fmt"
	"sync"
	"testing"

	"puente/core/base/errs"
	"puente/core/desk/audit"
	"puente/core/desk/channel"
)

// there checks whether an agent is there.
func (w *world) there(agent string, want Availability) {
	w.t.Helper()
	got, err := w.agents.available(w.ctx, agent)
	if w.must(err); got != want {
		w.t.Errorf("%s is %s", agent, got)
	}
}

func (w *world) says(agent string, said Availability) {
	w.t.Helper()
	w.must(w.SetAvailability(w.ctx, agent, said))
}

func (w *world) clientShows(agent, client string) {
	w.t.Helper()
	w.must(w.HandlePresence(w.ctx, agent, client))
}

func TestAvailability(t *testing.T) {
	each(t, func(s *Settings) { s.Presence = true }, func(w *world) {
		w.fact("OfWhomNothingIsKnownIsThere", func(w *world) { w.there(cleo, Online) })
		w.fact("WhatIsSaidBeatsWhatTheClientShows", func(w *world) {
			for _, test := range []struct {
				said   Availability
				client string
				want   Availability
			}{
				{"", "online", Online}, {"", "unavailable", Online}, {"", "offline", Offline}, {"", "", Online},
				{Online, "offline", Online}, {Busy, "online", Busy}, {Busy, "offline", Busy}, {Offline, "online", Offline},
				{"", "offline", Offline}, // left to the client again
			} {
				w.says(anna, test.said)
				w.clientShows(anna, test.client)
				w.there(anna, test.want)
				w.restart()
				w.there(anna, test.want)
			}
		})
		w.fact("AnUnknownWordIsRefused", func(w *world) {
			w.refused(w.SetAvailability(w.ctx, anna, "away"), errs.ErrInvalid, "write online, busy or offline")
		})
		w.fact("OnlyClientsOfTheTeamAreHeard", func(w *world) {
			w.clientShows("@stranger:example.org", "offline")
			if w.reads(`SELECT COUNT(*) FROM pu_availability WHERE agent='@stranger:example.org'`) != 0 {
				w.t.Error("a stranger's is noted")
			}
		})
		w.fact("AChangeIsNotedAndNothingElse", func(w *world) {
			w.says(ben, Busy)
			w.says(ben, Busy)
			w.clientShows(ben, "offline")
			w.says(ben, "")
			list, err := w.Audit.Of(w.ctx, "agent", ben, 10)
			if w.must(err); len(list) != 2 || list[1].Action != "agent.availability_changed" || list[1].Actor != ben ||
				fmt.Sprint(list[1].Before, list[1].After, list[0].After) != fmt.Sprint(audit.Facts{"availability": "online"}, audit.Facts{"availability": "busy"}, audit.Facts{"availability": "offline"}) {
				w.t.Errorf("noted is %+v", list)
			}
		})
		w.fact("ItComesAsAnEvent", func(w *world) {
			w.must(w.HandleChannelEvent(w.ctx, channel.PresenceChanged{Who: cleo, Presence: "offline"}))
			w.there(cleo, Offline)
			w.clientShows(cleo, "online")
		})
		w.fact("WhatIsToldAtTheSameTimeIsAllKept", func(w *world) {
			var telling sync.WaitGroup
			const agents = 20
			team := everybody()
			for n := range agents {
				team = append(team, channel.Party{ID: fmt.Sprintf("@agent%d:example.com", n)})
			}
			w.rooms.setTeam(team...)
			w.time.Advance(teamIsFresh)
			for _, agent := range team {
				telling.Go(func() { w.says(agent.ID, Busy) })
				telling.Go(func() { w.clientShows(agent.ID, "offline") })
			}
			telling.Wait()
			if n := w.reads(`SELECT COUNT(*) FROM pu_availability WHERE said='busy' AND presence='offline' AND state='busy'`); n != int64(len(team)) {
				w.t.Errorf("of %d agents %d are noted as they are", len(team), n)
			}
		})
		w.fact("ACompanyThatDoesNotWantItHearsNoClientAndForgetsWhatItHeard", func(w *world) {
			w.says(anna, "")
			w.clientShows(anna, "offline")
			w.Presence = false
			w.there(anna, Online)
			w.clientShows(ben, "unavailable")
			if w.reads(`SELECT COUNT(*) FROM pu_availability WHERE presence='unavailable'`) != 0 {
				w.t.Error("what a client shows is noted")
			}
			w.says(ben, "")
			w.there(ben, Online)
			w.says(anna, Busy)
			w.says(anna, "")
			w.there(anna, Online)
		})
	})
}

func TestShift(t *testing.T) {
	each(t, func(s *Settings) {
		s.Teams[0].Hours = open9to5(t, "UTC")
		s.Teams[1].Members = []string{ben} // who is in a team without hours too
	}, func(w *world) {
		w.says(anna, Online)
		w.there(anna, Online)
		w.time.Advance(8 * hour) // 17:00
		w.there(anna, Offline)
		w.there(ben, Online)
		w.there(cleo, Online)
		w.time.Advance(16 * hour)
		w.there(anna, Online)
	})
}

func TestNameOfAnAgent(t *testing.T) {
	each(t, nil, func(w *world) {
		w.rooms.setTeam(append(everybody(), channel.Party{ID: "@ben.other:example.com", Name: "Bence"}, channel.Party{ID: "@nameless:example.com"})...)
		w.fact("SomebodyIsMeantByIDOrName", func(w *world) {
			for text, want := range map[string]string{
				anna: anna, "@ANNA:example.com": anna, "anna": anna, "@anna": anna, "Anna Martín": anna, "anna mar": anna, " ann ": anna,
				"ben": ben, "benc": "@ben.other:example.com", "ben.other": "@ben.other:example.com", "nameless": "@nameless:example.com", "C": cleo,
			} {
				if who, err := w.agents.named(w.ctx, text); err != nil || who.ID != want {
					w.t.Errorf("%q is %s, %v", text, who.ID, err)
				}
			}
		})
		w.fact("WhoIsUnknownOrSeveralIsRefused", func(w *world) {
			_, err := w.agents.named(w.ctx, "zoe")
			w.refused(err, errs.ErrNotFound, "The team: Anna Martín, Ben, Cleo, Bence, @nameless:example.com.")
			_, err = w.agents.named(w.ctx, "be")
			w.refused(err, errs.ErrInvalid, "several colleagues are called that")
		})
		w.fact("TheIDStandsForTheNameOfWhomNobodyKnows", func(w *world) {
			for id, want := range map[string]string{anna: "Anna Martín", "@nameless:example.com": "@nameless:example.com", "@gone:example.com": "@gone:example.com"} {
				if got := w.AgentName(w.ctx, id); got != want {
					w.t.Errorf("%s is called %q", id, got)
				}
			}
		})
		w.fact("TheTeamIsAskedForAgainAfterAMoment", func(w *world) {
			w.rooms.setTeam(channel.Party{ID: anna, Name: "Anna Ruiz"})
			if got := w.AgentName(w.ctx, anna); got != "Anna Martín" {
				w.t.Errorf("she is called %q at once", got)
			}
			w.time.Advance(teamIsFresh)
			if got := w.AgentName(w.ctx, anna); got != "Anna Ruiz" {
				w.t.Errorf("she is called %q", got)
			}
		})
	})
}
