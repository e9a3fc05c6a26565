package e2e

import (
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

func TestRoster(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	if _, err := ana.SendText("Hello"); err != nil {
		t.Fatal(err)
	}
	room := w.bob.text("Hello").RoomID
	becomes := func(user id.UserID, membership event.Membership) func(*event.Event) bool {
		return func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.RoomID == room && evt.GetStateKey() == user.String() && evt.Content.AsMember().Membership == membership
		}
	}
	t.Run("WhoIsStruckOutOfTheConfigLosesTheRoomsAndWhoIsAddedGetsThem", func(t *testing.T) {
		carol := newAgent(w, fmt.Sprintf("carol%d", time.Now().UnixNano()%1_000_000_000), "Carol Example")
		w.stop()
		w.opts.Agents.Users = []id.UserID{w.alice.UserID, carol.UserID}
		w.start()
		w.alice.sees("Carol in the room", becomes(carol.UserID, event.MembershipJoin))
		w.alice.sees("Bob out of the room", becomes(w.bob.UserID, event.MembershipLeave))
	})
	t.Run("WhoJoinsTheAgentsRoomWhilePuenteIsDownGetsTheRooms", func(t *testing.T) {
		team, err := w.alice.CreateRoom(w.ctx, &mautrix.ReqCreateRoom{Preset: "private_chat", Invite: []id.UserID{w.opts.Front()}})
		if err != nil {
			t.Fatal(err)
		}
		w.stop()
		w.opts.Agents.Room = team.RoomID.String()
		w.start()
		w.alice.sees("Puente in the agents' room", func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.RoomID == team.RoomID && evt.GetStateKey() == w.opts.Front().String() &&
				evt.Content.AsMember().Membership == event.MembershipJoin
		})
		w.stop()
		dora := newAgent(w, fmt.Sprintf("dora%d", time.Now().UnixNano()%1_000_000_000), "Dora Example")
		if _, err = w.alice.InviteUser(w.ctx, team.RoomID, &mautrix.ReqInviteUser{UserID: dora.UserID}); err != nil {
			t.Fatal(err)
		}
		dora.sees("the agents' room", func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.RoomID == team.RoomID && evt.GetStateKey() == dora.UserID.String() &&
				evt.Content.AsMember().Membership == event.MembershipJoin
		})
		w.start()
		w.alice.sees("Dora in the customer's room", becomes(dora.UserID, event.MembershipJoin))
	})
}
