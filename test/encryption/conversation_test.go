package encryption

import (
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/cmd/puente/demo/cross"
)

// conversation is one customer's with the business: the phone on one side, the room on the other.
type conversation struct {
	w        *world
	line     cross.Line
	customer phone.Customer
	chat     string
	room     id.RoomID
	ghost    id.UserID
	said     int
}

// opens lets a new customer of a network write, until Bob has read it.
func (w *world) opens(network string) *conversation {
	w.Helper()
	c := &conversation{w: w}
	for _, line := range w.emulated.Lines() {
		if line.Network.ID == network {
			c.line = line
		}
	}
	var err error
	c.customer, err = c.line.Phones.AddCustomer(w.ctx, "Cleo", "")
	w.must(err)
	chats, err := c.line.Phones.Chats(c.customer.ID)
	w.must(err)
	c.chat = chats[0].ID
	first := w.bob.text(c.writes())
	c.room, c.ghost = first.RoomID, first.Sender
	if w.encryptedRooms()[c.room] {
		w.knowsBridge(network)
	}
	return c
}

// knowsBridge waits until the agents' clients know the device of a bridge's bot. The SDK waits for that for 1.5 s only
// before it encrypts, which on a busy machine is too short at a first meeting.
func (w *world) knowsBridge(network string) {
	w.Helper()
	us := w.place.Identity("")
	for _, one := range []*agent{w.alice, w.bob} {
		w.must(one.Knows(w.ctx, id.NewUserID(us.BridgeBot(network), domain), w.device(network)))
	}
}

// writes has the customer write something that nobody has written before, and returns it.
func (c *conversation) writes() string {
	c.w.Helper()
	c.said++
	text := fmt.Sprintf("Question %d of %s on %s", c.said, c.customer.ID, c.line.Network.DisplayName)
	c.does(phone.Gesture{Kind: phone.Text, Text: text})
	return text
}

func (c *conversation) does(what phone.Gesture) {
	c.w.Helper()
	c.w.must(c.line.Phones.Do(c.w.ctx, c.customer.ID, c.chat, what))
}

// answers has an agent write something new, waits until the phone shows it, and returns the event.
func (c *conversation) answers(who *agent) id.EventID {
	c.w.Helper()
	text := c.answerText()
	sent := who.say(c.room, text)
	c.shows(text)
	return sent
}

func (c *conversation) answerText() string {
	c.said++
	return fmt.Sprintf("Answer %d to %s on %s", c.said, c.customer.ID, c.line.Network.DisplayName)
}

// shows waits until the phone shows a text of the business's.
func (c *conversation) shows(text string) {
	c.w.Helper()
	c.arrives(text, func(m phone.Message) bool { return m.Text == text })
}

// arrives waits until the phone shows a message of the business's of which fact holds.
func (c *conversation) arrives(what string, fact func(phone.Message) bool) phone.Message {
	c.w.Helper()
	deadline := time.After(patience)
	for {
		changed := c.line.Phones.Changed()
		messages, err := c.line.Phones.Messages(c.customer.ID, c.chat)
		c.w.must(err)
		for _, m := range messages {
			if !m.Mine && m.Line == "" && fact(m) {
				return m
			}
		}
		select {
		case <-changed:
		case <-deadline:
			c.w.Fatalf("the phone on %s did not show %s", c.line.Network.DisplayName, what)
		}
	}
}

// has tells whether the phone shows a text of the business's now.
func (c *conversation) has(text string) bool {
	c.w.Helper()
	messages, err := c.line.Phones.Messages(c.customer.ID, c.chat)
	c.w.must(err)
	for _, m := range messages {
		if m.Text == text && !m.Mine {
			return true
		}
	}
	return false
}

// inRoom is a fact of events of the conversation.
func (c *conversation) inRoom(fact func(*event.Event) bool) func(*event.Event) bool {
	return func(evt *event.Event) bool { return evt.RoomID == c.room && fact(evt) }
}

// reach has the customer write until an agent's client, which Puente may not know yet, can read it.
func (c *conversation) reach(reader *agent) {
	c.w.Helper()
	deadline := time.After(patience)
	for {
		text := c.writes()
		sent := c.w.alice.text(text).ID
		if c.w.settled(reader, sent) {
			return
		}
		select {
		case <-deadline:
			c.w.Fatalf("%s could not decrypt %+v", reader.UserID, reader.Locked())
		default:
		}
	}
}
