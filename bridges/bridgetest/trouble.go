package bridgetest

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/testkit/person"
)

func troubleChecks() []Check {
	says := map[Trouble]string{
		RateLimited: "Messages that are refused as too fast arrive once each, in order.",
		DownOnce:    "Messages that meet a fault which passes arrive once each, in order.",
		Down:        "A fault that stays is shown at the message: it waits, or it failed with a reason.",
		Cut:         "A message whose answer was lost arrives, and once only where the network can tell.",
		Garbled:     "A message whose answer cannot be read arrives, and once only where the network can tell.",
		Blocked:     "A message to somebody who blocked the business fails with the reason.",
	}
	names := map[Trouble]string{
		RateLimited: "TooFastArrivesInOrder", DownOnce: "AFaultThatPassesArrivesInOrder", Down: "AFaultThatStaysIsShown",
		Cut: "AnAnswerThatIsCutLosesNothing", Garbled: "AnAnswerThatIsNonsenseLosesNothing", Blocked: "ARefusalForGoodIsSaid",
	}
	// The troubled wait beside each other: what takes its time for one passes while the others are looked at.
	all := &troubled{}
	var checks []Check
	for _, trouble := range Troubles() {
		checks = append(checks, Check{Name: names[trouble], Says: says[trouble], run: func(c *trial) { checkTrouble(c, all, trouble) }})
	}
	return append(checks, Check{
		Name: "AMessageWhoseFateIsUnknownIsNotSentAgain",
		Says: "Where the network can tell what became of a message, Puente waits to be told and sends no second copy.",
		run:  checkUnknownFate,
	}, Check{
		Name: "RevokedCredentialsAreSaidAndMended",
		Says: "When the provider refuses the account, agents read what to do and operators see it; after a new login everything goes on and nothing that was said is lost.",
		run:  checkRevoked,
	})
}

// troubled are the customers to whom sending goes wrong, with what was sent to each.
type troubled struct {
	once   sync.Once
	people map[Trouble]*attempt
}

type attempt struct {
	who   *customer
	texts []string
	sent  []id.EventID
}

// begin writes to all of them at once.
func (all *troubled) begin(c *trial) {
	all.people = map[Trouble]*attempt{}
	for _, trouble := range Troubles() {
		made, err := c.provider.Customer(c.ctx, Person{Name: "Eva " + string(trouble), Trouble: trouble})
		if errors.Is(err, errs.ErrUnsupported) {
			continue
		}
		c.must(err)
		who := &customer{Customer: made, name: "Eva " + string(trouble)}
		c.customers = append(c.customers, who)
		room, _ := c.opens(who)
		one := &attempt{who: who}
		for n := range 2 {
			one.texts = append(one.texts, c.words.phrase("to Eva"))
			one.sent = append(one.sent, c.says(room, one.texts[n]))
		}
		all.people[trouble] = one
	}
}

func checkTrouble(c *trial, all *troubled, trouble Trouble) {
	all.once.Do(func() { all.begin(c) })
	one := all.people[trouble]
	if one == nil {
		c.notApplicable("the provider does not know this trouble")
		return
	}
	switch trouble {
	case RateLimited, DownOnce:
		c.allOnce(one, 1)
	case Cut, Garbled:
		most := 2
		if c.traits.ExactlyOnce {
			most = 1
		}
		c.allOnce(one, most)
	case Down:
		c.shownAsTrouble(one)
	case Blocked:
		for _, sent := range one.sent {
			c.mustRefuse("a message to somebody who blocked the business", sent)
		}
		c.noneArrived(one)
	}
}

// allOnce waits until all texts have arrived and are marked as sent, and checks that none came more than most times and
// that they came in order.
func (c *trial) allOnce(one *attempt, most int) {
	c.t.Helper()
	for n, text := range one.texts {
		c.gets(one.who, text)
		c.mustSucceed(one.sent[n])
	}
	var order []string
	copies := map[string]int{}
	for _, m := range c.now(one.who).Messages {
		if !m.FromBusiness || !slices.Contains(one.texts, m.Text) {
			continue
		}
		if copies[m.Text]++; copies[m.Text] == 1 {
			order = append(order, m.Text)
		}
	}
	for text, count := range copies {
		if count > most {
			c.t.Errorf("%d copies of %q arrived", count, text)
		} else if count > 1 {
			c.note = "a second copy, which the network cannot tell from the first"
		}
	}
	if !slices.Equal(order, one.texts) {
		c.t.Errorf("instead of %q the phone shows %q", one.texts, order)
	}
}

// shownAsTrouble waits until the first message is marked as waiting or as failed.
func (c *trial) shownAsTrouble(one *attempt) {
	c.t.Helper()
	evt := c.sees("what becomes of the message", 0, func(evt *event.Event) bool {
		return person.Status(one.sent[0], event.MessageStatusPending)(evt) || person.Status(one.sent[0], event.MessageStatusFail)(evt)
	})
	status := evt.Content.Parsed.(*event.BeeperMessageStatusEventContent)
	if status.Status == event.MessageStatusPending {
		c.note = "it waits: " + status.Message
		if len(status.Message) < aReason {
			c.t.Errorf("that it waits is explained by %q", status.Message)
		}
	} else {
		c.mustRefuse("a message during a fault that stays", one.sent[0])
	}
	c.noneArrived(one)
}

func (c *trial) noneArrived(one *attempt) {
	c.t.Helper()
	for _, text := range one.texts {
		if n := c.copies(one.who, text); n != 0 {
			c.t.Errorf("%q arrived %d times", text, n)
		}
	}
}

func checkUnknownFate(c *trial) {
	if !c.traits.ExactlyOnce {
		c.notApplicable("the network cannot tell")
		return
	}
	who, text := c.customer(Person{Name: "Gil Moreno", Trouble: Cut}), c.words.phrase("only once")
	room, _ := c.opens(who)
	var sent id.EventID
	if !c.held(Delivery{}, func() {
		sent = c.says(room, text)
		c.gets(who, text)
		c.untilTriedAgain(room, sent)
		if n := c.copies(who, text); n != 1 {
			c.t.Errorf("before the network told, %d copies arrived", n)
		}
	}) {
		return
	}
	c.mustSucceed(sent)
	if n := c.copies(who, text); n != 1 {
		c.t.Errorf("%d copies arrived", n)
	}
}

// untilTriedAgain returns when a message's second attempt has ended: it waits on, or it is marked as sent.
func (c *trial) untilTriedAgain(room id.RoomID, sent id.EventID) {
	c.t.Helper()
	ctx, cancel := c.waiting()
	defer cancel()
	for {
		entries, err := c.journal.List(c.ctx, journal.Filter{State: journal.Waiting, Lane: room.String()})
		c.must(err)
		tried := slices.ContainsFunc(entries, func(entry journal.Record) bool { return entry.Attempts > 1 })
		if tried || len(c.bob.Seen(0, person.Status(sent, event.MessageStatusSuccess))) > 0 {
			return
		}
		if clock.Sleep(ctx, clock.System{}, lookAgain) != nil {
			c.t.Fatal("the message was never tried again")
		}
	}
}

func checkRevoked(c *trial) {
	who := c.customer(Person{Name: "Fay Soler"})
	room, _ := c.opens(who)
	err := c.provider.Revoke(c.ctx)
	if errors.Is(err, errs.ErrUnsupported) {
		c.notApplicable("the network's credentials cannot be revoked")
		return
	}
	c.must(err)
	told := c.alice.Mark()
	sent := c.says(room, c.words.phrase("with credentials that were revoked"))
	c.mustRefuse("a message with revoked credentials", sent)
	c.operatorsAreTold(told)
	c.untilAnswered("logins", func(answer string) bool { return !strings.Contains(answer, "– connected") })
	c.note = "logins says: " + c.lineOf(c.asks("logins"))
	meanwhile := c.words.phrase("meanwhile from the customer")
	mark := c.bob.Mark()
	c.does(who, Say{Text: meanwhile})
	c.must(c.provider.Restore(c.ctx))
	login := c.provider.Login()
	if answer := c.login(login, login.Answers); !strings.Contains(answer, connected) {
		c.t.Fatalf("the second login ended with %q", answer)
	}
	c.untilAnswered("logins", func(answer string) bool { return strings.Contains(answer, "– connected") })
	c.sees("what was said meanwhile", mark, person.Text(meanwhile))
	text := c.words.phrase("with new credentials")
	c.says(room, text)
	c.gets(who, text)
}

// operatorsAreTold waits until @puente says something in the operators' room, which is not alice's own chat with it.
func (c *trial) operatorsAreTold(mark int) {
	c.t.Helper()
	ctx, cancel := c.waiting()
	defer cancel()
	_, err := c.alice.Sees(ctx, mark, "what to do in the operators' room", person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.RoomID != c.front && evt.Sender == c.identity.Front() && len(msg.Body) >= aReason
	}))
	c.must(err)
}

// lineOf is the line of the answer that names this network's account.
func (c *trial) lineOf(answer string) string {
	for line := range strings.Lines(answer) {
		if strings.Contains(line, " – ") {
			return strings.TrimSpace(line)
		}
	}
	return clip(answer)
}

// untilAnswered asks @puente the same until the answer is right.
func (c *trial) untilAnswered(question string, right func(string) bool) {
	c.t.Helper()
	ctx, cancel := c.waiting()
	defer cancel()
	answer := ""
	for ctx.Err() == nil {
		if answer = c.asks(question); right(answer) {
			return
		}
	}
	c.t.Fatalf("%s is answered by %q to the last", question, answer)
}
