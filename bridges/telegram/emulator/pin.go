package emulator

import "slices"

func (c *call) pinChatMessage() (any, *refusal) {
	one, m, r := c.pinnable()
	if r != nil {
		return nil, r
	}
	if m == nil {
		return nil, bad("message to pin not found")
	}
	c.e.pin(one, c.b.ID(), m)
	return true, nil
}

// pinnable finds the message of a call that pins, in a chat where the bot may.
func (c *call) pinnable() (*chat, *message, *refusal) {
	one, r := c.place()
	if r != nil {
		return nil, nil, r
	}
	if one.isGroup() && !one.admin(c.b.ID()) {
		return nil, nil, bad("not enough rights to manage pinned messages in the chat")
	}
	return one, one.message(c.number("message_id")), nil
}

// pin pins a message and says so in the chat. The caller holds mu.
func (e *Emulator) pin(one *chat, by int64, m *message) {
	one.Pinned = append(slices.DeleteFunc(one.Pinned, func(id int64) bool { return id == m.ID }), m.ID)
	note := &message{From: by, Service: true, Thread: m.Thread, Content: object{"pinned_message": m.ID}}
	if one.Kind == kindBusiness && e.st.bot(by) != nil {
		note.From, note.Bot = one.Owner, by
	}
	if one.Kind == kindChannel {
		note.From, note.SenderChat = 0, one.ID
	}
	e.add(one, note)
	e.tell(one, note, false)
}

func (c *call) unpinChatMessage() (any, *refusal) {
	one, m, r := c.pinnable()
	if r != nil {
		return nil, r
	}
	if !c.has("message_id") && len(one.Pinned) > 0 {
		m = one.message(one.Pinned[len(one.Pinned)-1])
	}
	if m == nil || !slices.Contains(one.Pinned, m.ID) {
		return nil, bad("message to unpin not found")
	}
	one.Pinned = slices.DeleteFunc(one.Pinned, func(id int64) bool { return id == m.ID })
	c.e.touch()
	return true, nil
}

func (c *call) unpinAllChatMessages() (any, *refusal) {
	one, _, r := c.pinnable()
	if r != nil {
		return nil, r
	}
	one.Pinned = nil
	c.e.touch()
	return true, nil
}
