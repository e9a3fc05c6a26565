// Package desk tests the desk as its users meet it: agents in a Matrix client, customers on their phones.
package desk

import (
	"os"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/test/company"
)

var town = company.NewTown(12)

func TestMain(m *testing.M) { os.Exit(town.Main(m)) }

func threeAgents() [][2]string {
	return [][2]string{{"alice", "Alice Martín"}, {"bob", "Bob Weber"}, {"carol", "Carol Ito"}}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{Agents: threeAgents()})
	alice, bob := c.Agents["alice"], c.Agents["bob"]
	ana := c.Opens("whatsapp", "Ana", bob)
	in := func(agent *company.Agent, view string) func() bool {
		return func() bool {
			for _, room := range agent.Spaces()[view] {
				if room == ana.Room {
					return true
				}
			}
			return false
		}
	}
	var card id.EventID

	c.Sub(t, "TheRoomShowsACard", func(t *testing.T) {
		card = ana.Card(bob, "Ana")
		ana.Topic(bob, 0, "open · nobody's · ")
		var pinned event.PinnedEventsEventContent
		c.Must(bob.StateEvent(c.Ctx, ana.Room, event.StatePinnedEvents, "", &pinned))
		if len(pinned.Pinned) != 1 || pinned.Pinned[0] != card {
			t.Errorf("pinned is %v, the card is %s", pinned.Pinned, card)
		}
		c.Until("the space of what is nobody's", in(bob, "Unassigned"))
	})
	c.Sub(t, "TheFirstOfTwoWhoClaimGetsIt", func(t *testing.T) {
		bob.Writes(ana.Room, "!puente claim")
		second := alice.Writes(ana.Room, "!puente claim")
		if got := alice.Answer(second); got != "Nothing was sent: Bob Weber has it already. `!puente assign me` takes it over." {
			t.Errorf("who came second is told %q", got)
		}
		ana.Topic(bob, 0, "open · Bob Weber")
		c.Until("Bob's own space", in(bob, "Mine"))
		c.Until("to leave the space of what is nobody's", func() bool { return !in(bob, "Unassigned")() })
		if in(alice, "Mine")() {
			t.Error("it is in a colleague's view")
		}
	})
	c.Sub(t, "ButtonsWork", func(t *testing.T) {
		mark := bob.Mark()
		bob.Presses(ana.Room, card, "✅")
		ana.Topic(bob, mark, "resolved")
		c.Until("to leave Bob's own space", func() bool { return !in(bob, "Mine")() })
		text := ana.Asks()
		bob.Text(text)
		ana.Topic(bob, mark, "open · Bob Weber")
	})
}

// notice is something that Puente says to the team.
func notice(words string) person.Fact {
	return person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, words)
	})
}
