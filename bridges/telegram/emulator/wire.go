package emulator

import (
	"strings"
)

// The accounts that Telegram names as senders where there is no person.
const (
	anonymousAdmin = 1087968824 // GroupAnonymousBot
	channelAccount = 136817688  // Channel_Bot
)

// wireUser is somebody as bots see them. The caller holds mu.
func (e *Emulator) wireUser(id int64) object {
	if b := e.st.bot(id); b != nil {
		return object{"id": id, "is_bot": true, "first_name": b.Name, "username": b.Username}
	}
	switch id {
	case anonymousAdmin:
		return object{"id": id, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"}
	case channelAccount:
		return object{"id": id, "is_bot": true, "first_name": "Channel", "username": "Channel_Bot"}
	}
	p := e.st.person(id)
	if p == nil {
		return object{"id": id, "is_bot": false, "first_name": ""}
	}
	out := object{"id": id, "is_bot": false, "first_name": p.FirstName}
	put(out, "last_name", p.LastName)
	put(out, "username", p.Username)
	put(out, "language_code", p.Language)
	if p.Premium {
		out["is_premium"] = true
	}
	if p.Gone {
		return object{"id": id, "is_bot": false, "first_name": ""}
	}
	return out
}

// put sets a text unless it is empty.
func put(o object, name, text string) {
	if text != "" {
		o[name] = text
	}
}

// wireChat is a chat as bots see it: a business chat looks like a private one. The caller holds mu.
func (e *Emulator) wireChat(c *chat) object {
	if c.isGroup() {
		out := object{"id": c.ID, "type": c.Kind, "title": c.Title}
		put(out, "username", c.Username)
		if c.Forum {
			out["is_forum"] = true
		}
		return out
	}
	out := object{"id": c.User, "type": kindPrivate}
	if p := e.st.person(c.User); p != nil {
		out["first_name"] = p.FirstName
		put(out, "last_name", p.LastName)
		put(out, "username", p.Username)
	}
	return out
}

// wireMessage is a message as one bot sees it. The message that it answers is in it, but not what that one answers.
// The caller holds mu.
func (e *Emulator) wireMessage(b *botState, c *chat, m *message) object {
	out := e.wireBare(b, c, m)
	target := c.message(m.ReplyTo)
	if target == nil && m.Thread != 0 && m.ID != m.Thread && c.Forum {
		target = c.message(m.Thread) // ref: reference/telegram-bot.md §3, a message of a topic without a real reply
	}
	if target != nil {
		out["reply_to_message"] = e.wireBare(b, c, target)
	}
	return out
}

// wireBare is a message without the one that it answers.
func (e *Emulator) wireBare(b *botState, c *chat, m *message) object {
	out := object{"message_id": m.ID, "date": m.At.Unix(), "chat": e.wireChat(c)}
	if m.From != 0 {
		out["from"] = e.wireUser(m.From)
	}
	if m.SenderChat != 0 {
		if sender := e.st.chat(groupKey(m.SenderChat)); sender != nil {
			out["sender_chat"] = e.wireChat(sender)
		}
	}
	if !m.Edited.IsZero() {
		out["edit_date"] = m.Edited.Unix()
	}
	if m.Thread != 0 {
		out["message_thread_id"] = m.Thread
		out["is_topic_message"] = true
	}
	if c.Kind == kindBusiness {
		if conn := e.connectionOf(b.ID(), c.Owner); conn != nil {
			out["business_connection_id"] = conn.ID
		}
		if m.Bot != 0 {
			out["sender_business_bot"] = e.wireUser(m.Bot)
		}
		if m.Offline {
			out["is_from_offline"] = true
		}
	}
	for name, v := range m.Content {
		out[name] = forBot(b.ID(), v)
	}
	if p := e.st.Polls[m.Poll]; p != nil {
		out["poll"] = p.wire()
	}
	if m.Markup["inline_keyboard"] != nil {
		out["reply_markup"] = forBot(b.ID(), m.Markup)
	}
	if id := integer(m.Content["pinned_message"]); id != 0 {
		out["pinned_message"] = e.wireMaybe(b, c, id)
	}
	return out
}

// wireMaybe is a message, or what stands for it once it is gone.
func (e *Emulator) wireMaybe(b *botState, c *chat, id int64) object {
	if m := c.message(id); m != nil {
		return e.wireBare(b, c, m)
	}
	return object{"chat": e.wireChat(c), "message_id": id, "date": 0}
}

// forBot copies what a message holds, with file keys turned into the names that a bot knows the files by.
func forBot(bot int64, v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, inner := range v {
			if key, ok := inner.(string); ok && strings.HasSuffix(name, "file_id") {
				out[name] = fileID(bot, key)
				continue
			}
			out[name] = forBot(bot, inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = forBot(bot, inner)
		}
		return out
	}
	return v
}

// tell gives a message to all bots that see it. The caller holds mu.
func (e *Emulator) tell(c *chat, m *message, edited bool) {
	kind := "message"
	switch c.Kind {
	case kindChannel:
		kind = "channel_post"
	case kindBusiness:
		kind = "business_message"
	}
	last := m.At
	if edited {
		kind, last = "edited_"+kind, m.Edited
	}
	if e.clock.Now().Sub(last) >= updateLife { // ref: reference/telegram-bot.md §2, older than a day
		e.touch()
		return
	}
	for _, b := range e.st.Bots {
		if e.sees(b, c, m) {
			e.enqueue(b, c.Key, kind, e.wireMessage(b, c, m))
		}
	}
	e.touch()
}

// sees tells whether a bot gets an update about a message. What a bot sends does not come back to it, but for service
// messages and what it writes for a business account. ref: reference/telegram-bot.md §2, §4 privacy mode, §5
func (e *Emulator) sees(b *botState, c *chat, m *message) bool {
	switch c.Kind {
	case kindPrivate:
		return c.Bot == b.ID() && !c.Blocked && (m.From != b.ID() || m.Service)
	case kindBusiness:
		conn := e.connectionOf(b.ID(), c.Owner)
		return conn != nil && conn.Enabled
	case kindChannel:
		return c.admin(b.ID()) && m.From != b.ID()
	}
	if !c.has(b.ID()) || m.From == b.ID() && !m.Service {
		return false
	}
	if e.st.bot(m.From) != nil && m.From != b.ID() {
		return m.Service // a bot does not see what other bots write
	}
	return b.ReadsAllGroupMessages || c.admin(b.ID()) || m.Service || e.addressed(b, c, m)
}

// addressed tells whether a message in a group is for a bot with privacy mode: a command, a mention, a reply.
func (e *Emulator) addressed(b *botState, c *chat, m *message) bool {
	if target := c.message(m.ReplyTo); target != nil && target.From == b.ID() {
		return true
	}
	text, entities := textOf(m.Content)
	for _, v := range entities {
		entity, _ := v.(object)
		part := entityText(text, entity)
		switch entity["type"] {
		case "bot_command":
			_, to, named := strings.Cut(part, "@")
			if !named || strings.EqualFold(to, b.Username) {
				return true
			}
		case "mention":
			if strings.EqualFold(part, "@"+b.Username) {
				return true
			}
		case "text_mention":
			if user, _ := entity["user"].(object); integer(user["id"]) == b.ID() {
				return true
			}
		}
	}
	return false
}

// textOf returns the text or caption of a message and its entities.
func textOf(content object) (string, []any) {
	if text, ok := content["text"].(string); ok {
		entities, _ := content["entities"].([]any)
		return text, entities
	}
	text, _ := content["caption"].(string)
	entities, _ := content["caption_entities"].([]any)
	return text, entities
}
