package emulator

import "time"

// deleteRight is how long after it was sent a bot may delete a message. ref: reference/telegram-bot.md §4
const deleteRight = 48 * time.Hour

// deletable tells whether a bot may delete a message: its own, everything in a private chat, and as an administrator
// everything in a group; none that is older than 48 hours.
func (c *call) deletable(one *chat, m *message) bool {
	if c.e.clock.Now().Sub(m.At) > deleteRight {
		return false
	}
	return one.Kind == kindPrivate || m.From == c.b.ID() || one.admin(c.b.ID())
}

func (c *call) deleteMessage() (any, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	m := one.message(c.number("message_id"))
	if m == nil {
		return nil, bad("message to delete not found")
	}
	if !c.deletable(one, m) {
		return nil, bad("message can't be deleted")
	}
	c.e.remove(one, m)
	return true, nil
}

// deleteMessages deletes what it may of up to a hundred; those that are not there are passed over.
func (c *call) deleteMessages() (any, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	ids := c.numbers("message_ids")
	if len(ids) == 0 || len(ids) > 100 {
		return nil, bad("too many message identifiers specified")
	}
	for _, id := range ids {
		if m := one.message(id); m != nil {
			if !c.deletable(one, m) {
				return nil, bad("message can't be deleted")
			}
			c.e.remove(one, m)
		}
	}
	return true, nil
}

// remove deletes a message for everyone. Bots are told of it in business chats alone. The caller holds mu.
// ref: reference/telegram-bot.md §3, §5
func (e *Emulator) remove(one *chat, messages ...*message) {
	ids := []any{}
	for _, m := range messages {
		m.Deleted = true
		ids = append(ids, m.ID)
	}
	if one.Kind == kindBusiness {
		for _, b := range e.st.Bots {
			if conn := e.connectionOf(b.ID(), one.Owner); conn != nil && conn.Enabled {
				e.enqueue(b, one.Key, "deleted_business_messages", object{
					"business_connection_id": conn.ID, "chat": e.wireChat(one), "message_ids": ids,
				})
			}
		}
	}
	e.touch()
}
