package signal_test

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

// customer is one person with a phone.
type customer struct {
	emulator.Customer
	*emulator.Chat
	w *world
}

// customer is somebody new on Signal. No number ends like one of the emulator's magic numbers.
func (w *world) customer(name string) *customer {
	w.tb.Helper()
	return w.magic(name, fmt.Sprintf("%04d", 7001+w.people))
}

// magic is somebody new whose number ends in the four digits that choose how sending fails.
func (w *world) magic(name, ending string) *customer {
	w.tb.Helper()
	w.people++
	added, err := w.emulator.AddCustomer(emulator.Customer{Name: name, Number: fmt.Sprintf("+4915700%03d%s", 100+w.people, ending)})
	w.must(err)
	chat, err := w.emulator.Chat(added.ACI, ownNumber)
	w.must(err)
	return &customer{Customer: added, Chat: chat, w: w}
}

// group is a group of the business and these customers, in which the first of them says something; it returns that
// customer's view of it and its room.
func (w *world) group(about emulator.Group, members ...*customer) (*emulator.Chat, id.RoomID) {
	w.tb.Helper()
	for _, member := range members {
		about.Members = append(about.Members, emulator.Member{ACI: member.ACI})
	}
	about.Members = append(about.Members, emulator.Member{ACI: w.business})
	group, err := w.emulator.AddGroup(about)
	w.must(err)
	chat, err := w.emulator.GroupChat(members[0].ACI, group.ID)
	w.must(err)
	_, err = chat.SendText("in the group")
	w.must(err)
	return chat, w.alice.text("in the group").RoomID
}

// says sends a text to the business.
func (c *customer) says(text string, opts ...emulator.SendOption) emulator.Ref {
	c.w.tb.Helper()
	ref, err := c.SendText(text, opts...)
	c.w.must(err)
	return ref
}

// opens starts the conversation with a text that nobody else says, and returns its room.
func (c *customer) opens() id.RoomID {
	c.w.tb.Helper()
	return c.arrives("hello from " + c.Name).RoomID
}

// arrives says something and waits until it stands in the room.
func (c *customer) arrives(text string) *event.Event {
	c.w.tb.Helper()
	mark := c.w.alice.Mark()
	c.says(text)
	return c.w.alice.sees(fmt.Sprintf("the text %q", text), mark, person.Text(text))
}

// gets waits for exactly this text of the business on the phone.
func (c *customer) gets(text string) emulator.Message {
	c.w.tb.Helper()
	return c.sees(fmt.Sprintf("the text %q", text), func(m emulator.Message) bool { return m.Author == c.w.business && m.Text == text })
}

// sees waits until the customer's phone shows a message of which fact holds, and returns it.
func (c *customer) sees(what string, fact func(emulator.Message) bool) (found emulator.Message) {
	c.w.tb.Helper()
	ctx, cancel := context.WithTimeout(c.w.ctx, patience)
	defer cancel()
	phone, err := c.w.emulator.Wait(ctx, c.ACI, func(p emulator.Phone) bool {
		for _, m := range p.Messages {
			if fact(m) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		c.w.tb.Fatalf("the customer's phone never showed %s: %v; it shows %+v", what, err, phone.Messages)
	}
	return found
}
