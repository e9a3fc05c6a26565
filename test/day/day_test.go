// Package day tells a day in the life of three companies: a shop, a bank and a clinic. Each has a real Synapse, three
// agents who work at once, and customers on all networks. At the end of a day everything that any phone received is
// compared with what the story says, so that a leak or a double is seen wherever it happens.
package day

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/journal"
	"puente/core/testkit/person"
	"puente/test/company"
)

var town = company.NewTown(3)

func TestMain(m *testing.M) { os.Exit(town.Main(m)) }

// lock stands at what stayed in the team.
const lock = "🔒"

// day is a company with its people.
type day struct {
	*company.Company
	alice, bob, carol *company.Agent
	// pressed is the button that a customer pressed whose phone shows no message of it, as Telegram's.
	pressed map[*company.Chat]string
}

func begins(t *testing.T, opts company.Options) day {
	t.Helper()
	opts.Agents = [][2]string{{"alice", "Alice Martín"}, {"bob", "Bob Weber"}, {"carol", "Carol Ito"}}
	c := town.Build(t, opts)
	return day{c, c.Agents["alice"], c.Agents["bob"], c.Agents["carol"], map[*company.Chat]string{}}
}

// Sub runs an hour of the day. What follows builds on it: there is no use in going on when it went wrong.
func (d day) Sub(t *testing.T, name string, body func(t *testing.T)) {
	t.Helper()
	d.Company.Sub(t, name, body)
	if t.Failed() {
		t.FailNow()
	}
}

// Opens lets a new customer write until the room has its card: the desk knows them a moment after their words are there.
func (d day) Opens(network, name string, reader *company.Agent) *company.Chat {
	d.Helper()
	return d.OpensAt(network, name, "", reader)
}

// OpensAt is Opens for a customer with an address, whose ending may choose how sending to them fails.
func (d day) OpensAt(network, name, address string, reader *company.Agent) *company.Chat {
	d.Helper()
	chat := d.Company.OpensAt(network, name, address, reader)
	chat.Card(reader, name)
	return chat
}

// atOnce does all at the same time, and waits for all.
func (d day) atOnce(deeds ...func() error) {
	d.Helper()
	failed := make([]error, len(deeds))
	var running sync.WaitGroup
	for n, deed := range deeds {
		running.Go(func() { failed[n] = deed() })
	}
	running.Wait()
	d.Must(errors.Join(failed...))
}

// saying is a deed: lines that somebody writes in a room, one after another.
func (d day) saying(who *company.Agent, room id.RoomID, lines ...string) func() error {
	return func() error {
		for _, line := range lines {
			if _, err := who.Say(d.Ctx, room, line); err != nil {
				return err
			}
		}
		return nil
	}
}

// commands gives a command and compares the beginning of its answer.
func (d day) commands(who *company.Agent, room id.RoomID, command, answer string) string {
	d.Helper()
	got := who.Answer(who.Writes(room, "!puente "+command))
	if !strings.HasPrefix(got, answer) {
		d.Fatalf("%q is answered with %q, want %q", command, got, answer)
	}
	return got
}

// refused writes to a customer what is not let out, and compares what the author is told.
func (d day) refused(who *company.Agent, chat *company.Chat, text string, words ...string) string {
	d.Helper()
	got := who.Answer(who.Writes(chat.Room, text))
	for _, one := range append(words, "⚠️ Not delivered:") {
		if !strings.Contains(got, one) {
			d.Errorf("the refusal of %q is %q, want %q in it", text, got, one)
		}
	}
	return got
}

// reads waits until an agent's client shows a text in the customer's room.
func reads(who *company.Agent, chat *company.Chat, text string) *event.Event {
	return who.Finds(0, "the text "+text, chat.Here(person.Text(text)))
}

// told waits until an agent's client shows a notice of Puente's in the customer's room.
func told(who *company.Agent, chat *company.Chat, words string) {
	who.Finds(0, "a notice with "+words, chat.Here(person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, words)
	})))
}

// inSpace tells whether an agent's client shows the room in a space.
func inSpace(who *company.Agent, space string, chat *company.Chat) bool {
	return slices.Contains(who.Spaces()[space], chat.Room)
}

// timeline is everything that stands in a room, as an agent's client shows it who scrolls up to the beginning.
func (d day) timeline(who *company.Agent, room id.RoomID) (list []*event.Event) {
	d.Helper()
	for from := ""; ; {
		page, err := who.Messages(d.Ctx, room, from, "", mautrix.DirectionBackward, nil, 100)
		d.Must(err)
		for _, evt := range page.Chunk {
			_ = evt.Content.ParseRaw(evt.Type) // what cannot be parsed is nothing that the tests look for
			list = append(list, evt)
		}
		if page.End == "" || len(page.Chunk) == 0 {
			slices.Reverse(list)
			return list
		}
		from = page.End
	}
}

// story is all that each customer's phone received of the business in a day, in its order, as shown has it.
type story map[*company.Chat][]string

// shown is what a phone shows of a message, in a line.
func shown(m phone.Message) string {
	parts := []string{m.Header, m.Text, m.Footer}
	if m.File != nil {
		parts = append([]string{"(" + m.File.Kind + ")"}, parts...)
	}
	for _, button := range m.Buttons {
		parts = append(parts, "["+button.Text+"]")
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " | ")
}

// ends compares a day with its story; refusals is how often something was not let out.
func (d day) ends(s story, refusals int) {
	d.Helper()
	d.settles(s, refusals)
	for _, line := range d.Emulated.Lines() {
		for _, customer := range line.Phones.Customers() {
			want, known := s.of(line.Network.ID, customer.ID)
			if !known && !strings.HasSuffix(customer.Name, ownPhone) {
				d.Errorf("the story has no %s on %s", customer.Name, line.Network.ID)
			} else if got := d.received(line.Phones, customer.ID); known && !slices.Equal(got, want) {
				d.Errorf("on %s %s received\n%s\nthe story says\n%s", line.Network.ID, customer.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	for chat := range s {
		d.roomHas(chat, s)
	}
}

// ownPhone ends the name of the business's own phone on Signal, which has all of the account's chats.
const ownPhone = "(own phone)"

// of is what a customer received by the story, if it knows them.
func (s story) of(network, customer string) (received []string, known bool) {
	for chat, received := range s {
		if chat.Line.Network.ID == network && chat.Customer.ID == customer {
			return received, true
		}
	}
	return nil, false
}

// has tells whether a user of the homeserver is a customer.
func (s story) has(user id.UserID) bool {
	for chat := range s {
		if chat.Ghost == user {
			return true
		}
	}
	return false
}

// settles waits until all that was written in the rooms is dealt with: a room's events are, in their order. What that
// caused in other rooms is dealt with by a second round. What was refused is set aside, and nothing else is.
func (d day) settles(s story, refusals int) {
	d.Helper()
	for range 2 {
		for chat := range s {
			last := d.alice.Writes(chat.Room, "!puente note That was the day")
			d.alice.Finds(0, "the lock at the last note", person.Reaction(last, lock))
		}
	}
	d.Until("the end of all work", func() bool {
		open, err := d.App.Journal.Open(d.Ctx)
		d.Must(err)
		return !slices.ContainsFunc(open, func(one journal.Count) bool { return one.State != journal.Failed })
	})
	setAside, err := d.App.Journal.List(d.Ctx, journal.Filter{State: journal.Failed})
	d.Must(err)
	if len(setAside) != refusals {
		d.Errorf("%d entries are set aside, want the %d that were refused: %+v", len(setAside), refusals, setAside)
	}
}

// received is what a customer's phone shows of the business's, in all chats.
func (d day) received(phones phone.Network, customer string) (list []string) {
	d.Helper()
	chats, err := phones.Chats(customer)
	d.Must(err)
	for _, chat := range chats {
		messages, err := phones.Messages(customer, chat.ID)
		d.Must(err)
		for _, m := range messages {
			if !m.Mine && m.Line == "" {
				list = append(list, shown(m))
			}
		}
	}
	return list
}

// roomHas compares the customer's words on the phone with those in the room: each is there once, in its order, and no
// other customer's is.
func (d day) roomHas(chat *company.Chat, s story) {
	d.Helper()
	var said, stands []string
	for _, m := range chat.Shown() {
		if m.Mine {
			said = append(said, shown(m))
		}
	}
	for _, evt := range d.timeline(d.bob, chat.Room) {
		if msg, ok := evt.Content.Parsed.(*event.MessageEventContent); ok && s.has(evt.Sender) && msg.MsgType != event.MsgNotice {
			stands = append(stands, msg.Body)
		}
	}
	if button := d.pressed[chat]; button != "" {
		at := slices.Index(stands, button)
		stands = slices.Delete(stands, max(at, 0), at+1)
	}
	if !slices.Equal(said, stands) {
		d.Errorf("on %s %s wrote\n%s\nthe room has\n%s", chat.Line.Network.ID, chat.Customer.Name, strings.Join(said, "\n"), strings.Join(stands, "\n"))
	}
}
