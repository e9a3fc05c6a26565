package load

import (
	"context"
	"fmt"
	"slices"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// cost is what Puente asked of the homeserver for an action.
type cost struct {
	Requests int64            `json:"requests"`
	Kinds    map[string]int64 `json:"kinds"`
}

// costs are by action.
type costs map[string]cost

// The actions whose cost is measured.
const (
	costNew     = "a new customer writes, nobody's yet"
	costGiven   = "a new customer writes, given by routing"
	costAgain   = "the customer writes again"
	costClaim   = "claim by a button"
	costAnswer  = "an answer"
	costNote    = "a note in the thread"
	costLabel   = "a label"
	costResolve = "resolve"
	costReopen  = "the customer's message opens it again"
	costAssign  = "assign to a colleague"
	costSnooze  = "snooze"
	costOffline = "an agent goes offline with 2 conversations"
)

func actions() []string {
	return []string{
		costNew, costGiven, costAgain, costClaim, costAnswer, costNote, costLabel, costResolve, costReopen, costAssign, costSnooze, costOffline,
	}
}

// mostRounds is how often the actions are measured at most until none costs more than it did with few conversations.
const mostRounds = 6

// measure has each action done by one agent in a quiet moment, and returns the least that each has cost: Puente also asks by
// itself now and then, and a busy machine shows a room in more steps. With a bar it stops when no action is above.
func (o *office) measure(times int, bar costs) costs {
	o.Helper()
	found := costs{}
	for n := 0; n < times || (bar != nil && n < mostRounds && len(found.above(bar)) > 0); n++ {
		o.round(found)
	}
	return found
}

// above are the actions that cost more than elsewhere.
func (c costs) above(bar costs) (list []string) {
	for _, action := range actions() {
		if c[action].Requests > bar[action].Requests {
			list = append(list, action)
		}
	}
	return list
}

// round does each action once.
func (o *office) round(found costs) {
	o.Helper()
	clerk, colleague := o.clerk(), o.sales()[1]
	count := func(action string, do func()) {
		o.Helper()
		o.settle()
		before, kinds := o.app.Hub.HomeserverRequests(), o.gate.count()
		do()
		o.settle()
		cost := cost{o.app.Hub.HomeserverRequests() - before, o.gate.since(kinds)}
		if known, ok := found[action]; !ok || cost.Requests < known.Requests {
			found[action] = cost
		}
	}
	var c *customer
	count(costGiven, func() { o.arrives("whatsapp", salesNumber) })
	count(costNew, func() { c = o.arrives("whatsapp", counterNumber) })
	o.enters(clerk, c)
	card := o.card(clerk, c)
	count(costAgain, func() { o.sees(clerk, person.Text(o.writes(c))) })
	count(costClaim, func() {
		_, err := clerk.SendReaction(o.ctx, c.room, card, "✋")
		o.must(err)
		o.sees(clerk, assigned(c.room, clerk))
	})
	count(costAnswer, func() { o.must(o.answers(o.ctx, clerk, c)) })
	count(costNote, func() { o.must(o.notes(o.ctx, clerk, c, card)) })
	count(costLabel, func() { o.commands(clerk, c, "label measured", told(c.room, hasLabel("measured"))) })
	count(costResolve, func() { o.commands(clerk, c, "resolve", status(c.room, "resolved")) })
	count(costReopen, func() {
		mark := clerk.Mark()
		o.writes(c)
		o.seesFrom(clerk, mark, status(c.room, "open"))
	})
	count(costAssign, func() { o.commands(clerk, c, "assign "+colleague.UserID.String(), assigned(c.room, colleague)) })
	count(costSnooze, func() { o.commands(clerk, c, "snooze 2h", status(c.room, "snoozed")) })
	mine := o.free(2)
	for _, one := range mine {
		o.enters(clerk, one)
		o.commands(clerk, one, "claim", assigned(one.room, clerk))
	}
	count(costOffline, func() {
		mark := clerk.Mark()
		_, err := clerk.Say(o.ctx, mine[0].room, "!puente offline")
		o.must(err)
		for _, one := range mine {
			o.seesFrom(clerk, mark, told(one.room, nobodys))
		}
	})
	_, err := clerk.Say(o.ctx, mine[0].room, "!puente online")
	o.must(err)
	o.until("that the clerk is there again", func() bool {
		return o.one(`SELECT COUNT(*) FROM pu_availability WHERE agent=$1 AND state='online'`, clerk.UserID) == 1
	})
}

func nobodys(content map[string]any) bool { return content["assignee"] == nil }

func hasLabel(label string) func(map[string]any) bool {
	return func(content map[string]any) bool {
		labels, _ := content["labels"].([]any)
		return slices.Contains(labels, any(label))
	}
}

// arrives lets somebody new write, until there is a conversation.
func (o *office) arrives(network, account string) *customer {
	o.Helper()
	c, err := o.newcomer(network, account)
	o.must(err)
	o.writes(c)
	o.until("a conversation of somebody new", func() bool {
		return o.one(`SELECT COUNT(*) FROM pu_conversation WHERE name=$1`, c.name) == 1
	})
	o.look()
	return c
}

// writes is asks whose failure is the test's.
func (o *office) writes(c *customer) string {
	o.Helper()
	text, err := o.asks(c)
	o.must(err)
	return text
}

// sees waits until an agent's client has an event of which fact holds.
func (o *office) sees(a *agent, fact person.Fact) {
	o.Helper()
	o.seesFrom(a, 0, fact)
}

func (o *office) seesFrom(a *agent, mark int, fact person.Fact) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, o.opts.patience)
	defer cancel()
	_, err := a.Sees(ctx, mark, "what it waits for", fact)
	o.must(err)
}

// commands gives a command in a customer's room and waits until the room says so.
func (o *office) commands(a *agent, c *customer, command string, fact person.Fact) {
	o.Helper()
	mark := a.Mark()
	_, err := a.Say(o.ctx, c.room, "!puente "+command)
	o.must(err)
	o.seesFrom(a, mark, fact)
}

// card is what is pinned in a customer's room.
func (o *office) card(a *agent, c *customer) id.EventID {
	o.Helper()
	var pinned event.PinnedEventsEventContent
	o.must(a.StateEvent(o.ctx, c.room, event.StatePinnedEvents, "", &pinned))
	if len(pinned.Pinned) != 1 {
		o.Fatalf("%d events are pinned in the room of customer %d", len(pinned.Pinned), c.n)
	}
	return pinned.Pinned[0]
}

// answers writes to a customer and waits until the phone shows it.
func (o *office) answers(ctx context.Context, a *agent, c *customer) error {
	text := fmt.Sprintf("Answer %d of %s to customer %d", len(c.answers)+1, a.name, c.n)
	c.answers = append(c.answers, text)
	if _, err := a.Say(ctx, c.room, text); err != nil {
		return err
	}
	return o.shows(ctx, c, text)
}

// secret stands in everything that must stay among the team.
const secret = "the team only"

const notedQuery = `SELECT COUNT(*) FROM pu_note WHERE event_id=$1`

// notes writes a note into the card's thread and waits until Puente has it. Nothing in the room shows that it has.
func (o *office) notes(ctx context.Context, a *agent, c *customer, card id.EventID) error {
	sent, err := a.Send(ctx, c.room, event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "for " + secret, RelatesTo: (&event.RelatesTo{}).SetThread(card, card),
	})
	if err != nil {
		return err
	}
	return o.wait(ctx, "a note", func() (bool, error) {
		var n int
		err := o.app.DB.QueryRow(ctx, notedQuery, sent).Scan(&n)
		return n == 1, err
	})
}

// freeQuery finds what came to the counter and is nobody's.
const freeQuery = `SELECT name FROM pu_conversation WHERE account=$1 AND assignee='' AND status='open' ORDER BY opened_at, id LIMIT $2`

// free are customers of the counter's whose conversations are nobody's.
func (o *office) free(n int) []*customer {
	o.Helper()
	list := o.named(freeQuery, counterNumber, n)
	if len(list) < n {
		o.Fatalf("%d conversations are nobody's; %d are needed", len(list), n)
	}
	return list
}

// named are the customers whose names a query finds.
func (o *office) named(query string, args ...any) (list []*customer) {
	o.Helper()
	rows, err := o.app.DB.Query(o.ctx, query, args...)
	o.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		o.must(rows.Scan(&r.name))
		list = append(list, o.customers[r.number()])
	}
	o.must(rows.Err())
	return list
}
