package company

import (
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/cmd/puente/demo/cross"
	"puente/core/testkit/person"
)

// Chat is one customer's with the business: the phone on one side, the room on the other.
type Chat struct {
	Line     cross.Line
	Customer phone.Customer
	Room     id.RoomID
	Ghost    id.UserID

	c    *Company
	chat string
	said int
}

// Opens lets a new customer of a network write, until an agent has read it.
func (c *Company) Opens(network, name string, reader *Agent) *Chat {
	c.Helper()
	return c.OpensAt(network, name, "", reader)
}

// OpensAt is Opens for a customer with an address, whose ending may choose how sending to them fails.
func (c *Company) OpensAt(network, name, address string, reader *Agent) *Chat {
	c.Helper()
	return c.opens(network, name, address, (*Chat).Asks, reader)
}

// OpensWith is Opens with a text of the test's, which nobody may have written before.
func (c *Company) OpensWith(network, name, text string, reader *Agent) *Chat {
	c.Helper()
	return c.opens(network, name, "", func(chat *Chat) string {
		chat.Writes(text)
		return text
	}, reader)
}

func (c *Company) opens(network, name, address string, writes func(*Chat) string, reader *Agent) *Chat {
	c.Helper()
	chat := &Chat{c: c}
	for _, line := range c.Emulated.Lines() {
		if line.Network.ID == network {
			chat.Line = line
		}
	}
	var err error
	chat.Customer, err = chat.Line.Phones.AddCustomer(c.Ctx, name, address)
	c.Must(err)
	chats, err := chat.Line.Phones.Chats(chat.Customer.ID)
	c.Must(err)
	chat.chat = chats[0].ID
	first := reader.Text(writes(chat))
	chat.Room, chat.Ghost = first.RoomID, first.Sender
	c.meets(network)
	return chat
}

// Asks has the customer write something that nobody has written before, and returns it.
func (chat *Chat) Asks() string {
	chat.c.Helper()
	chat.said++
	text := fmt.Sprintf("Question %d of %s on %s", chat.said, chat.Customer.ID, chat.Line.Network.DisplayName)
	chat.Writes(text)
	return text
}

// Writes has the customer write a text.
func (chat *Chat) Writes(text string) {
	chat.c.Helper()
	chat.Does(phone.Gesture{Kind: phone.Text, Text: text})
}

// Shown is everything that the phone shows, the oldest first.
func (chat *Chat) Shown() []phone.Message {
	chat.c.Helper()
	messages, err := chat.Line.Phones.Messages(chat.Customer.ID, chat.chat)
	chat.c.Must(err)
	return messages
}

// Received is everything that the phone shows of the business's.
func (chat *Chat) Received() (list []phone.Message) {
	chat.c.Helper()
	for _, m := range chat.Shown() {
		if !m.Mine && m.Line == "" {
			list = append(list, m)
		}
	}
	return list
}

// Gets waits until the phone shows a text of the business's.
func (chat *Chat) Gets(text string) phone.Message {
	chat.c.Helper()
	return chat.Shows(fmt.Sprintf("%q", text), func(m phone.Message) bool { return !m.Mine && m.Text == text })
}

// Card waits until the room's card says something, as an agent's client has it, and returns the card's event. An edit
// counts as what it makes of the card.
func (chat *Chat) Card(reader *Agent, words string) id.EventID {
	chat.c.Helper()
	var card id.EventID
	reader.Finds(0, "a card that says "+words, chat.Here(person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		if msg.MsgType != event.MsgNotice || !strings.Contains(msg.Body, "!puente help") {
			return false
		}
		card = evt.ID
		if target := msg.RelatesTo.GetReplaceID(); target != "" {
			card = target
		}
		return strings.Contains(msg.Body, words)
	})))
	return card
}

// Here is a fact of events of the room.
func (chat *Chat) Here(fact person.Fact) person.Fact {
	return func(evt *event.Event) bool { return evt.RoomID == chat.Room && fact(evt) }
}

// Topic waits until the room's topic begins with something.
func (chat *Chat) Topic(reader *Agent, mark int, words string) {
	chat.c.Helper()
	reader.Finds(mark, "a topic that begins with "+words, chat.Here(func(evt *event.Event) bool {
		content, ok := evt.Content.Parsed.(*event.TopicEventContent)
		return ok && strings.HasPrefix(content.Topic, words)
	}))
}

// Does has the customer do something on the phone; what is about a message names it in the gesture.
func (chat *Chat) Does(what phone.Gesture) {
	chat.c.Helper()
	chat.c.Must(chat.Line.Phones.Do(chat.c.Ctx, chat.Customer.ID, chat.chat, what))
}

// Shows waits until the phone shows a message, of whosever, of which fact holds, and returns it.
func (chat *Chat) Shows(what string, fact func(phone.Message) bool) phone.Message {
	chat.c.Helper()
	deadline := time.After(Patience)
	for {
		changed := chat.Line.Phones.Changed()
		messages, err := chat.Line.Phones.Messages(chat.Customer.ID, chat.chat)
		chat.c.Must(err)
		for _, m := range messages {
			if fact(m) {
				return m
			}
		}
		select {
		case <-changed:
		case <-deadline:
			chat.c.Fatalf("the phone on %s did not show %s; it shows %+v", chat.Line.Network.DisplayName, what, messages)
		}
	}
}
