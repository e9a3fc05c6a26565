package inbox

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/desk/channel"
)

func TestViewsOfAConversation(t *testing.T) {
	each(t, nil, func(w *world) {
		w.show() // the views there are
		in := func(w *world, change func(c *Conversation), want ...string) {
			w.t.Helper()
			c := &Conversation{Status: Open, Team: "Sales"}
			change(c)
			if got := w.viewsOf(c); !slices.Equal(got, want) {
				w.t.Errorf("%s, %q's, it is in %q", c.Status, c.Assignee, got)
			}
		}
		long := w.time.Now().Add(-hour)
		w.fact("Open", func(w *world) {
			in(w, func(*Conversation) {}, "unassigned", "team:Sales")
			in(w, func(c *Conversation) { c.Team = "" }, "unassigned")
			in(w, func(c *Conversation) { c.Assignee = anna }, "mine:"+anna, "team:Sales")
			in(w, func(c *Conversation) { c.WaitingSince = long }, "unassigned", "team:Sales", "waiting")
			in(w, func(c *Conversation) { c.WaitingSince, c.Assignee, c.Team = long, ben, "Support" }, "mine:"+ben, "team:Support", "waiting")
		})
		w.fact("Pending", func(w *world) {
			in(w, func(c *Conversation) { c.Status, c.WaitingSince = Pending, long }, "team:Sales")
			in(w, func(c *Conversation) { c.Status, c.Assignee = Pending, anna }, "mine:"+anna, "team:Sales")
		})
		w.fact("SnoozedAndResolved", func(w *world) {
			in(w, func(c *Conversation) { c.Status, c.WaitingSince, c.Assignee = Snoozed, long, anna }, "snoozed")
			in(w, func(c *Conversation) { c.Status, c.Assignee = Resolved, anna }, "resolved")
		})
		w.fact("OnlyInThoseThatThereAre", func(w *world) {
			in(w, func(c *Conversation) { c.Assignee, c.Team = "@gone:example.com", "Dissolved" })
			in(w, func(c *Conversation) { c.Team = "sales" }, "unassigned", "team:Sales") // as the config wrote it before
			w.Views = []string{ViewMine, ViewSnoozed}
			in(w, func(c *Conversation) { c.WaitingSince = long })
			in(w, func(c *Conversation) { c.WaitingSince, c.Assignee = long, anna }, "mine:"+anna)
			in(w, func(c *Conversation) { c.Status = Snoozed }, "snoozed")
			in(w, func(c *Conversation) { c.Status = Resolved })
		})
	})
}

// viewsShown are the views with their members, without the servers' names.
func (w *world) viewsShown() map[string]string {
	found := map[string]string{}
	for key, view := range w.rooms.seen() {
		found[key] = strings.ReplaceAll(strings.Join(view.Members, " "), ":example.com", "")
		if view.Name == "" || view.Topic == "" || view.Key != key {
			w.t.Errorf("a view is %+v", view)
		}
	}
	return found
}

func TestViews(t *testing.T) {
	each(t, func(s *Settings) {
		s.Teams[0].Members = []string{ben, anna, ben, "@gone:example.com"}
	}, func(w *world) {
		everyone := "@anna @ben @cleo"
		want := map[string]string{
			"unassigned": everyone, "waiting": everyone, "snoozed": everyone, "resolved": everyone, "team:Sales": "@anna @ben", "team:Support": "@cleo",
			"mine:" + anna: "@anna", "mine:" + ben: "@ben", "mine:" + cleo: "@cleo",
		}
		shown := func(w *world) {
			w.t.Helper()
			w.show()
			if got := w.viewsShown(); !maps.Equal(got, want) {
				w.t.Errorf("the views are %v", got)
			}
		}
		w.fact("TheirMembersAreTheTeam", shown)
		w.fact("TheirNamesAreForPeople", func(w *world) {
			seen := w.rooms.seen()
			if seen["team:Sales"].Name != "Team Sales" || seen["mine:"+anna].Name != "Mine" || seen["waiting"].Name != "Waiting too long" {
				w.t.Errorf("the views are %+v", seen)
			}
		})
		w.fact("TheyAreNotShownAgainWithoutNeed", func(w *world) {
			w.rooms.failWith(func(what, about string) error {
				if what == "view" {
					w.t.Errorf("%s is shown again", about)
				}
				return nil
			})
			defer w.rooms.failWith(nil)
			w.time.Advance(teamIsFresh)
			w.show()
		})
		w.fact("WhoComesGetsThemAndWhoGoesLosesThem", func(w *world) {
			c := w.has(cleo)
			w.show()
			w.rooms.setTeam(everybody()[0], channel.Party{ID: "@dora:example.com", Name: "Dora"}, everybody()[1])
			w.time.Advance(teamIsFresh)
			for _, key := range []string{"unassigned", "waiting", "snoozed", "resolved"} {
				want[key] = "@anna @dora @ben"
			}
			want["team:Support"], want["mine:"+cleo], want["mine:@dora:example.com"] = "", "", "@dora"
			shown(w)
			if face, _ := w.rooms.looks(c.Ref.Room); slices.Contains(face.Views, "mine:"+cleo) {
				w.t.Errorf("what she had is in %q", face.Views)
			}
			w.rooms.setTeam(append(everybody(), channel.Party{ID: "@dora:example.com", Name: "Dora"})...)
			w.time.Advance(teamIsFresh)
			w.show()
			if face, _ := w.rooms.looks(c.Ref.Room); !slices.Contains(face.Views, "mine:"+cleo) {
				w.t.Errorf("what she has again is in %q", face.Views)
			}
		})
	})
}

func TestViewsAsConfigured(t *testing.T) {
	each(t, func(s *Settings) { s.Views = []string{ViewTeams, ViewResolved} }, func(w *world) {
		w.fact("NoOthersAreMade", func(w *world) {
			w.show()
			if got := slices.Sorted(maps.Keys(w.rooms.seen())); !slices.Equal(got, []string{"resolved", "team:Sales", "team:Support"}) {
				w.t.Errorf("the views are %q", got)
			}
		})
		w.fact("TheyAreThereBeforeTheTeamIsKnown", func(w *world) {
			w.rooms.setTeam()
			w.restart()
			w.Views = Views()
			c := w.meets("whatsapp", "Ana")
			w.show()
			face, _ := w.rooms.looks(c.Ref.Room)
			for _, key := range face.Views {
				if _, made := w.rooms.seen()[key]; !made {
					w.t.Errorf("it is in %s, which is not made", key)
				}
			}
			if len(face.Views) != 2 {
				w.t.Errorf("it is in %q", face.Views)
			}
		})
		w.fact("OneThatCannotBeShownIsTriedAgain", func(w *world) {
			w.restart()
			w.rooms.setTeam(everybody()...)
			w.time.Advance(teamIsFresh + time.Second)
			w.rooms.failWith(func(what, about string) error {
				if what == "view" && about == ViewSnoozed {
					return errNo
				}
				return nil
			})
			if err := w.step(w.ctx); err == nil {
				w.t.Error("nobody is told")
			}
			w.rooms.failWith(nil)
			w.show()
			if got := w.viewsShown()[ViewResolved]; got != "@anna @ben @cleo" {
				w.t.Errorf("its members are %q", got)
			}
		})
	})
}
