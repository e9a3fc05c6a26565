package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

const password = "load-password"

// agent is one of the company's people.
type agent struct {
	*person.Person
	name string
}

// hire registers the agents and logs them in. Their clients do not follow yet: all of them, woken by each message of a fill,
// would keep the homeserver from everything else.
func (o *office) hire() {
	o.Helper()
	o.agents = make([]*agent, o.opts.agents)
	for n := range o.agents {
		localpart, name := fmt.Sprintf("agent%03d", n), fmt.Sprintf("Agent%03d Load", n)
		o.must(o.server.RegisterUser(o.ctx, localpart, password, name, false))
		who, err := person.LogIn(o.ctx, o.server, localpart, password)
		o.must(err)
		o.Cleanup(who.Stop)
		o.agents[n] = &agent{Person: who, name: name}
	}
	o.say("%d agents are hired", len(o.agents))
}

func userIDs(list []*agent) []string {
	users := make([]string, len(list))
	for n, one := range list {
		users[n] = one.UserID.String()
	}
	return users
}

// lead is the operator, who is in every room and works in none.
func (o *office) lead() *agent { return o.agents[0] }

// clerk takes what comes to the counter and is given nothing else: what this one does is measured.
func (o *office) clerk() *agent { return o.agents[len(o.agents)-1] }

func (o *office) sales() []*agent { return o.agents[1 : len(o.agents)*3/4] }

func (o *office) support() []*agent { return o.agents[len(o.agents)*3/4 : len(o.agents)-1] }

// leavers go offline while all work; the others stay.
func (o *office) leavers() []*agent { return []*agent{o.sales()[0], o.support()[0]} }

func (o *office) stayers() []*agent {
	return slices.DeleteFunc(slices.Concat(o.sales(), o.support()), func(a *agent) bool { return slices.Contains(o.leavers(), a) })
}

// atOnce is how many clients ask for all their rooms at the same moment.
const atOnce = 6

// follow lets clients sync, and waits until each knows its rooms.
func (o *office) follow(list ...*agent) {
	o.Helper()
	nothing := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	for _, a := range list {
		a.Syncer.(*mautrix.DefaultSyncer).FilterJSON = &mautrix.Filter{
			Presence: nothing, AccountData: nothing,
			Room: &mautrix.RoomFilter{
				Ephemeral: nothing, AccountData: nothing, State: &mautrix.FilterPart{LazyLoadMembers: true},
				Timeline: &mautrix.FilterPart{LazyLoadMembers: true, Limit: 50},
			},
		}
	}
	for group := range slices.Chunk(list, atOnce) {
		for _, a := range group {
			a.Follow(context.Background())
		}
		for _, a := range group {
			o.until("that a client knows its rooms", func() bool { return a.Mark() > 0 })
		}
	}
	o.say("%d clients follow", len(list))
}

// enters lets an agent into a customer's room, where the gate has kept them out.
func (o *office) enters(a *agent, c *customer) {
	o.Helper()
	if o.opts.members > 0 {
		us := place.Identity("")
		client, err := mautrix.NewClient(o.server.URL(), id.NewUserID(us.BridgeBot(c.network), domain), us.ASToken)
		o.must(err)
		client.SetAppServiceUserID = true
		if _, err = client.InviteUser(o.ctx, c.room, &mautrix.ReqInviteUser{UserID: a.UserID}); err != nil && !errors.Is(err, mautrix.MForbidden) {
			o.must(err) // whoever is in the room already cannot be invited
		}
	}
	_, err := a.JoinRoomByID(o.ctx, c.room)
	o.must(err)
}

// factsEvent is how programs see a conversation. ref: docs/desk.md
var factsEvent = event.Type{Type: "dev.puente.conversation", Class: event.StateEventType}

// told is that a room says something of its conversation to a program.
func told(room id.RoomID, fact func(content map[string]any) bool) person.Fact {
	return func(evt *event.Event) bool {
		return evt.RoomID == room && evt.Type.Type == factsEvent.Type && fact(evt.Content.Raw)
	}
}

// assigned is that a room says whose it is.
func assigned(room id.RoomID, to *agent) person.Fact {
	return told(room, func(content map[string]any) bool { return content["assignee"] == to.UserID.String() })
}

// status is that a room says what is to be done.
func status(room id.RoomID, word string) person.Fact {
	return told(room, func(content map[string]any) bool { return content["status"] == word })
}

// greetsBots waits until each network's bot has its name, which it gets while Puente starts, or shortly after that.
func (o *office) greetsBots() {
	o.Helper()
	for _, network := range networks() {
		bot := id.NewUserID(place.Identity("").BridgeBot(network.ID), domain)
		o.until("the name of "+bot.String(), func() bool {
			profile, err := o.lead().GetDisplayName(o.ctx, bot)
			return err == nil && strings.HasSuffix(profile.DisplayName, "(Puente)")
		})
	}
}
