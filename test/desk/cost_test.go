package desk

import (
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/test/company"
)

// TestWhatAnActionCosts counts the requests to the homeserver that each action of an agent causes. It is the least of
// several times, since Puente also asks by itself now and then, and shows a room in more steps where the machine is busy:
// it is done again until the figures are those that are to be, or have not been for long enough. docs/desk.md has them.
func TestWhatAnActionCosts(t *testing.T) {
	t.Parallel()
	c := town.Build(t, company.Options{Agents: threeAgents()})
	bob := c.Agents["bob"]
	const most = 6
	limits := map[string]int64{
		"a new customer writes": 20, "the customer writes again": 2, "claim by a button": 10, "a note in the thread": 0, "an answer": 5,
		"a label": 4, "resolve by command": 7, "the customer's message opens it again": 8,
	}
	least := map[string]int64{}
	var chats []*company.Chat
	measure := func(what string, do func()) {
		c.Helper()
		before := c.App.Hub.HomeserverRequests()
		do()
		quiet(c)
		cost := c.App.Hub.HomeserverRequests() - before
		if known, again := least[what]; !again || cost < known {
			least[what] = cost
		}
	}
	cheap := func() bool {
		for what, limit := range limits {
			if cost, done := least[what]; !done || cost > limit {
				return false
			}
		}
		return true
	}
	for n := 0; n < 2 || n < most && !cheap(); n++ {
		measure("a new customer writes", func() { chats = append(chats, c.Opens("whatsapp", fmt.Sprintf("Ana %d", n), bob)) })
		chat := chats[n]
		card := chat.Card(bob, "Ana")
		measure("the customer writes again", func() { bob.Text(chat.Asks()) })
		measure("claim by a button", func() { bob.Presses(chat.Room, card, "✋") })
		measure("a note in the thread", func() { bob.Does(chat.Room, event.EventMessage, thread(card, "a note")) })
		measure("an answer", func() { bob.Writes(chat.Room, "Hello"); chat.Gets("Hello") })
		measure("a label", func() { bob.Writes(chat.Room, "!puente label vip") })
		measure("resolve by command", func() { bob.Writes(chat.Room, "!puente resolve") })
		measure("the customer's message opens it again", func() { bob.Text(chat.Asks()) })
	}
	for what, limit := range limits {
		t.Logf("%-40s %d requests", what, least[what])
		if least[what] > limit {
			t.Errorf("%s costs %d requests, not %d", what, least[what], limit)
		}
	}
}

// quiet waits until Puente has asked the homeserver nothing for longer than it takes to look what is to be shown.
func quiet(c *company.Company) {
	c.Helper()
	c.Until("a quiet moment", func() bool {
		before := c.App.Hub.HomeserverRequests()
		c.Must(clock.Sleep(c.Ctx, clock.System{}, 1500*time.Millisecond))
		return c.App.Hub.HomeserverRequests() == before
	})
}

// thread is a text in a thread.
func thread(root id.EventID, text string) *event.MessageEventContent {
	return &event.MessageEventContent{MsgType: event.MsgText, Body: text, RelatesTo: (&event.RelatesTo{}).SetThread(root, root)}
}
