// Package federation tests guests from another homeserver: two real Synapse servers that federate over loopback.
package federation

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/desk/channel"
	"puente/core/testkit/person"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
	"puente/test/company"
)

var town = company.NewFederatedTown(1)

func TestMain(m *testing.M) { os.Exit(town.Main(m)) }

// partner starts another company's homeserver and logs one of its people in.
func partner(c *company.Company, t *testing.T) *person.Person {
	c.Helper()
	install, err := synapsetest.Install(c.Ctx, func(line string) { t.Log(line) })
	c.Must(err)
	port, err := ports.Take()
	c.Must(err)
	server, err := synapse.Start(c.Ctx, install, synapse.Options{
		Dir: t.TempDir(), ServerName: synapse.FederatedName(port), FederationPort: port, AutoAcceptInvites: true,
	})
	c.Must(err)
	t.Cleanup(func() { _ = server.Stop() })
	c.Must(server.RegisterUser(c.Ctx, "partner", "partner-password", "Pia Partner", false))
	who, err := person.LogIn(c.Ctx, server, "partner", "partner-password")
	c.Must(err)
	who.Follow(context.Background())
	t.Cleanup(who.Stop)
	return who
}

func TestAGuestFromAnotherHomeserver(t *testing.T) {
	c := town.Build(t, company.Options{Agents: [][2]string{{"alice", "Alice Martín"}, {"bob", "Bob Weber"}}})
	bob, pia := c.Agents["bob"], partner(c, t)
	chat := c.Opens("whatsapp", "Ana", bob)
	sees := func(what string, fact person.Fact) *event.Event {
		c.Helper()
		ctx, cancel := context.WithTimeout(c.Ctx, company.Patience)
		defer cancel()
		seen, err := pia.Sees(ctx, 0, what, fact)
		c.Must(err)
		return seen.Event
	}
	got := func(text string) bool {
		return slices.ContainsFunc(chat.Received(), func(m phone.Message) bool { return m.Text == text })
	}

	c.Sub(t, "TheGuestReadsAndWrites", func(*testing.T) {
		bob.Answer(bob.Writes(chat.Room, "!puente guest "+pia.UserID.String()+" 2h"))
		joined(c, bob, chat.Room, pia.UserID, event.MembershipJoin)
		sees("the customer's words", person.Text(chat.Asks()))
		_, err := pia.Say(c.Ctx, chat.Room, "The part is on its way, says Pia")
		c.Must(err)
		chat.Gets("The part is on its way, says Pia")
	})
	c.Sub(t, "TheGuestOrdersNothing", func(t *testing.T) {
		sent, err := pia.Say(c.Ctx, chat.Room, "!puente customer")
		c.Must(err)
		if answer := sees("the refusal", person.AnswerTo(sent)); answer.Content.AsMessage().Body != "Only the team may do that." {
			t.Errorf("a guest's command was answered %q", answer.Content.AsMessage().Body)
		}
	})
	c.Sub(t, "ThePartnerWhoIsNoGuestIsRefused", func(t *testing.T) {
		other := c.Opens("telegram", "Ben", bob)
		invitation := &mautrix.ReqInviteUser{UserID: pia.UserID}
		if _, err := bob.InviteUser(c.Ctx, other.Room, invitation); !errors.Is(err, mautrix.MForbidden) {
			t.Errorf("an agent's own invitation gave %v", err) // a guest could let others in, too
		}
		c.Must(c.App.Hub.Invite(c.Ctx, channel.Ref{Network: "telegram", Room: other.Room.String()}, pia.UserID.String()))
		c.Until("her own homeserver to have her in the room", func() bool {
			rooms, err := pia.JoinedRooms(c.Ctx)
			return err == nil && slices.Contains(rooms.JoinedRooms, other.Room)
		})
		sent, err := pia.Say(c.Ctx, other.Room, "sneaking in")
		c.Must(err)
		sees("the refusal", person.AnswerTo(sent))
		if slices.ContainsFunc(other.Received(), func(m phone.Message) bool { return m.Text == "sneaking in" }) {
			t.Error("somebody who is no guest wrote to a customer")
		}
	})
	c.Sub(t, "TheVisitEndsByItself", func(t *testing.T) {
		found, err := c.App.Desk.Inbox.Find(c.Ctx, chat.Room.String())
		c.Must(err)
		c.Must(c.App.Desk.Inbox.Host(c.Ctx, found, pia.UserID.String(), time.Now().Add(2*time.Second), bob.UserID.String()))
		joined(c, bob, chat.Room, pia.UserID, event.MembershipLeave)
		if sent, err := pia.Say(c.Ctx, chat.Room, "one more thing"); err == nil { // her homeserver may not know yet
			t.Logf("her homeserver took %s", sent)
		}
		bob.Writes(chat.Room, "Goodbye")
		chat.Gets("Goodbye")
		if got("one more thing") {
			t.Error("a guest wrote after the visit had ended")
		}
	})
}

// joined waits until somebody's membership of a room is as wanted.
func joined(c *company.Company, reader *company.Agent, room id.RoomID, who id.UserID, wanted event.Membership) {
	c.Helper()
	c.Until(string(wanted)+" of "+who.String(), func() bool {
		var content event.MemberEventContent
		err := reader.StateEvent(c.Ctx, room, event.StateMember, who.String(), &content)
		return err == nil && content.Membership == wanted
	})
}
