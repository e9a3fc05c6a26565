package hub

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

const team = id.RoomID("!team:" + testDomain)

// withTeam gives the company a room whose members are its agents.
func withTeam(room string, members ...id.UserID) func(*world) {
	return func(w *world) {
		w.opts.Agents.Users, w.opts.Agents.Room = []id.UserID{ana}, room
		w.hs.aliases["#team:"+testDomain] = team
		w.hs.setMember(team, "@puente:"+testDomain, event.MembershipInvite)
		for _, member := range members {
			w.hs.setMember(team, member, event.MembershipJoin)
		}
	}
}

func (w *world) member(room id.RoomID, sender, user id.UserID, membership event.Membership, before event.Membership) {
	w.Helper()
	unsigned := object{}
	if before != "" {
		unsigned["prev_content"] = object{"membership": before}
	}
	w.evt(room, sender, event.StateMember, object{"membership": membership}, object{"state_key": user, "unsigned": unsigned})
	w.settled()
}

func TestAgentsRoom(t *testing.T) {
	each(t, withTeam("#team:"+testDomain, berta, "@puente_red:"+testDomain), func(w *world) {
		if got := w.hub.agents.List(); !slices.Equal(got, []id.UserID{ana, berta}) || !w.hub.agents.Is(berta) {
			w.Fatalf("agents are %v", got)
		}
		red, blue := w.customer(w.red, "c1", "hello"), w.customer(w.blue, "c1", "hello")
		const clara = id.UserID("@clara:" + testDomain)
		w.member(team, clara, clara, event.MembershipJoin, event.MembershipInvite)
		for _, room := range []id.RoomID{red, blue} {
			if w.hs.membership(room, clara) != event.MembershipInvite {
				w.Errorf("%s was not told of the new agent", room)
			}
		}
		w.hs.takeRequests()
		w.member(team, clara, clara, event.MembershipJoin, event.MembershipJoin) // a new name
		if got := w.hs.takeRequests(); len(got) != 0 {
			w.Errorf("a new name cost %q", got)
		}
		w.member(team, clara, clara, event.MembershipLeave, event.MembershipJoin)
		for _, room := range []id.RoomID{red, blue} {
			if w.hs.membership(room, clara) != event.MembershipLeave {
				w.Errorf("%s kept who left the team", room)
			}
		}
		if w.hub.agents.Is(clara) {
			w.Error("who left the team is an agent")
		}
		w.member(team, ana, ana, event.MembershipLeave, event.MembershipJoin)
		if w.hs.membership(red, ana) != event.MembershipInvite || !w.hub.agents.Is(ana) {
			w.Error("an agent by name was removed")
		}
		w.member("!elsewhere:"+testDomain, clara, clara, event.MembershipJoin, "")
		if w.hub.agents.Is(clara) {
			w.Error("another room's member is an agent")
		}
	})
}

func TestWhatHappenedWhilePuenteWasDown(t *testing.T) {
	alone(t, withTeam(team.String(), berta), func(w *world) {
		room := w.customer(w.red, "c1", "hello")
		const clara = id.UserID("@clara:" + testDomain)
		w.hub.Stop()
		w.hs.setMember(team, berta, event.MembershipLeave)
		w.hs.setMember(team, clara, event.MembershipJoin)
		w.start()
		// The homeserver tells only now what the start has seen already.
		w.member(team, berta, berta, event.MembershipLeave, "")
		w.member(team, clara, clara, event.MembershipJoin, "")
		if w.hs.membership(room, berta) != event.MembershipLeave || w.hs.membership(room, clara) != event.MembershipInvite {
			w.Errorf("berta: %s, clara: %s", w.hs.membership(room, berta), w.hs.membership(room, clara))
		}
	})
}

func TestAgentsAreInvitedAgainUntilItWorks(t *testing.T) {
	alone(t, withTeam(team.String()), func(w *world) {
		red, blue := w.customer(w.red, "c1", "hello"), w.customer(w.blue, "c1", "hello")
		failures := 0
		w.hs.failWith(func(r *http.Request, parts []string) int {
			if parts[len(parts)-1] != "invite" {
				return 0
			}
			if parts[3] == red.String() {
				return 403 // for good
			}
			if failures++; failures <= 2 {
				return 500
			}
			return 0
		})
		w.member(team, berta, berta, event.MembershipJoin, "")
		if failures != 3 || w.hs.membership(blue, berta) != event.MembershipInvite {
			w.Errorf("%d attempts, berta: %q", failures, w.hs.membership(blue, berta))
		}
		w.hs.failWith(nil)
		// Nobody is removed from where nobody is.
		w.member(team, berta, berta, event.MembershipLeave, "")
		if len(w.failed()) != 0 {
			w.Errorf("set aside: %v", w.failed())
		}
	})
}

func TestAgentsRoomThatCannotBeEntered(t *testing.T) {
	alone(t, func(w *world) { w.opts.Agents.Room = "#later:" + testDomain }, func(w *world) {
		earlier := w.customer(w.red, "c1", "hello")
		if got := w.hub.agents.List(); !slices.Equal(got, []id.UserID{ana, berta}) {
			w.Fatalf("agents are %v", got)
		}
		const clara, stranger = id.UserID("@clara:" + testDomain), id.UserID("@boss:elsewhere.org")
		w.hs.aliases["#later:"+testDomain] = team
		w.hs.setMember(team, clara, event.MembershipJoin)
		w.hs.setMember(team, w.hub.Front(), event.MembershipInvite)
		w.member(team, stranger, w.hub.Front(), event.MembershipInvite, "")
		if !w.hub.agents.Is(clara) || w.hs.membership(team, w.hub.Front()) != event.MembershipJoin || len(w.notices(team)) != 0 {
			w.Errorf("agents are %v", w.hub.agents.List())
		}
		w.until("a conversation of before", func() bool { return w.hs.membership(earlier, clara) == event.MembershipInvite })
	})
}

func TestAgentsRoomFoundLaterIsRead(t *testing.T) {
	alone(t, func(w *world) { w.opts.Agents.Room = "#later:" + testDomain }, func(w *world) {
		earlier := w.customer(w.red, "c1", "hello")
		const clara = id.UserID("@clara:" + testDomain)
		w.hs.aliases["#later:"+testDomain] = team
		w.hs.setMember(team, clara, event.MembershipJoin)
		w.hs.setMember(team, w.hub.Front(), event.MembershipInvite)
		const elsewhere = id.RoomID("!elsewhere:" + testDomain)
		w.hs.setMember(elsewhere, w.hub.Front(), event.MembershipInvite)
		w.member(elsewhere, ana, w.hub.Front(), event.MembershipInvite, "")
		if !w.hub.agents.Is(clara) {
			w.Errorf("agents are %v", w.hub.agents.List())
		}
		w.until("a conversation of before", func() bool { return w.hs.membership(earlier, clara) == event.MembershipInvite })
	})
}

// TestAnAgentWhoseHomeserverIsDown: Synapse answers 502 for a profile that it cannot ask for.
func TestAnAgentWhoseHomeserverIsDown(t *testing.T) {
	const away = id.UserID("@away:elsewhere.org")
	moved := clock.NewManual(time.Now())
	alone(t, func(w *world) {
		w.opts.Clock, w.opts.Agents.Users = shiftedClock{moved}, []id.UserID{away}
	}, func(w *world) {
		asked := 0
		w.hs.failWith(func(_ *http.Request, parts []string) int {
			if !slices.Contains(parts, "profile") {
				return 0
			}
			asked++
			return 502
		})
		for range 2 {
			team, err := w.hub.Team(w.ctx)
			w.must(err)
			if len(team) != 1 || team[0].Name != "away" {
				w.Errorf("the team is %v", team)
			}
		}
		if asked != 1 {
			w.Errorf("asked %d times within a minute", asked)
		}
		moved.Advance(namelessFor)
		if _, err := w.hub.Team(w.ctx); err != nil || asked != 2 {
			w.Errorf("asked %d times: %v", asked, err)
		}
	})
}
