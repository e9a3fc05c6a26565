package emulator

import (
	"strings"
	"time"
	"unicode/utf8"
)

// answerRight is how long after a customer's message a bot may write for a business account.
// ref: reference/telegram-bot.md §5
const answerRight = 24 * time.Hour

// target is where a message of a bot goes, and what goes with it whatever its kind.
type target struct {
	chat    *chat
	replyTo int64
	quote   object
	extern  object // external_reply
	thread  int64
	markup  object
}

// where finds the chat that chat_id means, and refuses one that the bot may not write to. The caller holds mu.
func (c *call) where(name string) (*chat, *refusal) {
	if handle := c.text(name); handle != "" {
		for _, one := range c.e.st.Chats {
			if one.isGroup() && strings.EqualFold("@"+one.Username, handle) {
				return one, c.mayWrite(one)
			}
		}
		return nil, bad("chat not found")
	}
	id := c.number(name)
	if id < 0 {
		one := c.e.st.chat(groupKey(id))
		if one == nil || one.member(c.b.ID()) == nil {
			return nil, bad("chat not found")
		}
		return one, c.mayWrite(one)
	}
	return c.privateChat(id)
}

// privateChat finds a chat with a person. ref: reference/telegram-bot.md §4, messages first
func (c *call) privateChat(id int64) (*chat, *refusal) {
	p, one := c.e.st.person(id), c.e.st.chat(privateKey(c.b.ID(), id))
	switch {
	case id == c.b.ID():
		return nil, forbidden("the bot can't send messages to the bot")
	case c.e.st.bot(id) != nil:
		return nil, forbidden("bot can't send messages to bots")
	case p == nil:
		return nil, bad("chat not found")
	case p.Gone:
		return nil, forbidden("user is deactivated")
	case one != nil && one.Blocked:
		return nil, forbidden("bot was blocked by the user")
	case one != nil && one.Started:
		return one, nil
	}
	for _, group := range c.e.st.Chats {
		if group.isGroup() && group.has(c.b.ID()) && group.has(id) {
			return nil, forbidden("bot can't initiate conversation with a user")
		}
	}
	return nil, bad("chat not found")
}

// mayWrite refuses a group that the bot is not in any more, or that became a supergroup.
func (c *call) mayWrite(one *chat) *refusal {
	name := one.Kind
	m := one.member(c.b.ID())
	switch {
	case one.Moved != 0:
		r := bad("group chat was upgraded to a supergroup chat")
		r.migrateTo = one.Moved
		return r
	case m != nil && m.Status == statusKicked:
		return forbidden("bot was kicked from the " + name + " chat")
	case m == nil || !m.in():
		return forbidden("bot is not a member of the " + name + " chat")
	case one.Kind == kindChannel && !one.admin(c.b.ID()):
		return bad("need administrator rights in the channel chat")
	case m.Status == statusRestricted:
		return bad("not enough rights to send text messages to the chat")
	}
	return nil
}

// place finds the chat of a call that may be for a business account. The caller holds mu.
func (c *call) place() (*chat, *refusal) {
	if id := c.businessConnection(); id != "" {
		return c.businessChat(id)
	}
	return c.where("chat_id")
}

// businessChat finds a customer's chat with a business account that the bot is connected to, in which it may write.
// ref: reference/telegram-bot.md §5
func (c *call) businessChat(id string) (*chat, *refusal) {
	conn, r := c.connection(id)
	if r != nil {
		return nil, r
	}
	if !conn.Rights["can_reply"] {
		return nil, bad("BUSINESS_CONNECTION_NOT_ALLOWED")
	}
	one := c.e.st.chat(businessKey(conn.Owner, c.number("chat_id")))
	if one == nil || one.LastIn.IsZero() {
		return nil, bad("BUSINESS_PEER_INVALID")
	}
	if c.e.clock.Now().Sub(one.LastIn) > answerRight {
		return nil, bad("BUSINESS_PEER_USAGE_MISSING")
	}
	return one, nil
}

func (c *call) connection(id string) (*connection, *refusal) {
	conn := c.e.st.connection(id)
	if conn == nil || conn.Bot != c.b.ID() {
		return nil, bad("business connection not found")
	}
	if !conn.Enabled {
		return nil, bad("BUSINESS_CONNECTION_INVALID")
	}
	return conn, nil
}

// target reads what all methods that send have in common. The caller holds mu.
func (c *call) target() (*target, *refusal) {
	one, r := c.place()
	if r != nil {
		return nil, r
	}
	to := &target{chat: one}
	if r = c.setThread(to); r == nil {
		r = c.setReply(to)
	}
	if r == nil {
		to.markup, r = c.markup(one)
	}
	if r == nil && c.has("ephemeral_message_parameters") {
		r = bad("ephemeral messages are not imitated")
	}
	return to, r
}

// setThread reads the topic. The General topic is named by no number. ref: reference/telegram-bot.md §4
func (c *call) setThread(to *target) *refusal {
	thread := c.number("message_thread_id")
	if thread == 0 {
		return nil
	}
	if !to.chat.Forum && !(to.chat.Kind == kindPrivate && c.b.Topics) {
		return nil // Telegram passes it over elsewhere
	}
	t := to.chat.topic(thread)
	if t == nil {
		return bad("message thread not found")
	}
	if t.Closed && !to.chat.admin(c.b.ID()) {
		return bad("TOPIC_CLOSED")
	}
	to.thread = thread
	return nil
}

// setReply reads reply_parameters. A reply to what is gone is refused unless it may be sent without, which is always so
// for business accounts. ref: reference/telegram-bot.md §4, §5
func (c *call) setReply(to *target) *refusal {
	p := c.object("reply_parameters")
	if p == nil {
		return nil
	}
	business := to.chat.Kind == kindBusiness
	if business && p["chat_id"] != nil {
		return bad("reply to messages in other chats is not allowed for business accounts")
	}
	source := to.chat
	if id := integer(p["chat_id"]); id != 0 && id != to.chat.ID {
		other := &call{e: c.e, b: c.b, fields: object{"chat_id": id}}
		found, r := other.where("chat_id")
		if r != nil {
			return r
		}
		source = found
	}
	m := source.message(integer(p["message_id"]))
	if m == nil {
		if without, _ := p["allow_sending_without_reply"].(bool); without || business {
			return nil
		}
		return bad("message to be replied not found")
	}
	if source == to.chat {
		to.replyTo = m.ID
		if to.thread == 0 {
			to.thread = m.Thread
		}
	} else {
		to.extern = c.e.externalReply(c.b, source, m)
	}
	return setQuote(to, p, m)
}

// setQuote checks that a quote is an exact part of the message that is answered.
func setQuote(to *target, p object, m *message) *refusal {
	quote, _ := p["quote"].(string)
	if quote == "" {
		return nil
	}
	text, _ := textOf(m.Content)
	if p["quote_parse_mode"] != nil {
		return noParseMode()
	}
	at := strings.Index(text, quote)
	if at < 0 || utf8.RuneCountInString(quote) > maxCaption {
		return bad("QUOTE_TEXT_INVALID")
	}
	to.quote = object{"text": quote, "position": utf16Length(text[:at]), "is_manual": true}
	if entities, _ := p["quote_entities"].([]any); len(entities) > 0 {
		to.quote["entities"] = entities
	}
	return nil
}

func noParseMode() *refusal {
	return bad("unsupported parse_mode: the emulator takes entities instead")
}
