package emulator

import (
	"fmt"
	"strings"
	"time"

	"puente/core/base/errs"
)

// Option adds something to a message.
type Option func(*saying)

// saying is a person's message while it is put together.
type saying struct {
	extra    object // wire fields
	replyTo  int64
	quote    string
	external *external
	thread   int64
	offline  bool
	at       time.Time
	anon     bool
	forward  *forwarding
}

type external struct {
	chat    *Chat
	message int64
}

// Entity is one part of a text that is formatted; Offset and Length count UTF-16 units.
type Entity struct {
	Type           string // bold, text_link, …; ref: reference/telegram-bot.md §3
	Offset, Length int
	URL            string // of text_link
	User           int64  // of text_mention
	Language       string // of pre
	CustomEmoji    string // ID, of custom_emoji
	UnixTime       int64  // of date_time
	DateTimeFormat string
}

// Formatted gives a text or caption its entities.
func Formatted(entities ...Entity) Option {
	return func(s *saying) {
		var list []any
		for _, entity := range entities {
			list = append(list, entity.wire())
		}
		s.extra["entities"] = list
	}
}

func (n Entity) wire() object {
	out := object{"type": n.Type, "offset": n.Offset, "length": n.Length}
	put(out, "url", n.URL)
	put(out, "language", n.Language)
	put(out, "custom_emoji_id", n.CustomEmoji)
	put(out, "date_time_format", n.DateTimeFormat)
	if n.User != 0 {
		out["user"] = n.User // the whole user later
	}
	if n.UnixTime != 0 {
		out["unix_time"] = n.UnixTime
	}
	return out
}

// ReplyTo makes a message an answer to another of the same chat.
func ReplyTo(messageID int64) Option { return func(s *saying) { s.replyTo = messageID } }

// Quoting makes a message an answer to a part of another; the part must be in its text.
func Quoting(messageID int64, part string) Option {
	return func(s *saying) { s.replyTo, s.quote = messageID, part }
}

// ReplyElsewhere makes a message an answer to one of another chat.
func ReplyElsewhere(chat *Chat, messageID int64) Option {
	return func(s *saying) { s.external = &external{chat: chat, message: messageID} }
}

// InTopic writes into a topic of a forum.
func InTopic(threadID int64) Option { return func(s *saying) { s.thread = threadID } }

// FromOffline marks what a business account's automation wrote: a greeting, an away message, a scheduled one.
func FromOffline() Option { return func(s *saying) { s.offline = true } }

// Anonymously writes for the group itself, as its anonymous administrators do.
func Anonymously() Option { return func(s *saying) { s.anon = true } }

// SentAt gives a message another time than now.
func SentAt(at time.Time) Option { return func(s *saying) { s.at = at } }

// With adds any field of Message as it is on the wire: With("effect_id", "5104…").
func With(name string, value any) Option { return func(s *saying) { s.extra[name] = value } }

// Caption gives a file a caption.
func Caption(text string) Option { return func(s *saying) { s.extra["caption"] = text } }

// say puts a person's message into the chat and tells the bots. content holds the kind's fields, files by key.
func (c *Chat) say(content object, options []Option) (id int64, err error) {
	s := &saying{extra: object{}}
	for _, option := range options {
		option(s)
	}
	err = c.locked(func(one *chat) error {
		m, err := c.compose(one, content, s)
		if err == nil {
			c.put(one, m)
			id = m.ID
		}
		return err
	})
	return id, err
}

// compose makes a message of what is said and what was added. The caller holds mu.
func (c *Chat) compose(one *chat, content object, s *saying) (*message, error) {
	if one.Kind == kindPrivate && one.Blocked {
		return nil, fmt.Errorf("write to a blocked bot: %w", errs.ErrForbidden)
	}
	if one.Kind == kindChannel && !one.admin(c.user) {
		return nil, fmt.Errorf("write into a channel: %w", errs.ErrForbidden)
	}
	m := &message{From: c.user, At: s.at, Content: content, ReplyTo: s.replyTo, Thread: s.thread, Offline: s.offline}
	if id, ok := content["poll"].(string); ok {
		m.Poll = id
		delete(content, "poll")
	}
	c.sign(one, m, s)
	for name, v := range s.extra {
		content[name] = v
	}
	c.finishText(content)
	if err := c.refer(one, m, s); err != nil {
		return nil, err
	}
	return m, nil
}

// sign says who wrote a message. ref: reference/telegram-bot.md §3, sender
func (c *Chat) sign(one *chat, m *message, s *saying) {
	mem := one.member(c.user)
	switch {
	case one.Kind == kindChannel:
		m.From, m.SenderChat = 0, one.ID
		if p := c.e.st.person(c.user); p != nil {
			m.Content["author_signature"] = p.Name()
		}
	case s.anon || mem != nil && mem.Anonymous:
		m.From, m.SenderChat = anonymousAdmin, one.ID
	}
	if s.forward != nil {
		m.Content["forward_origin"] = s.forward.wire(c.e)
	}
}

// finishText names the users of text_mentions and finds links, commands and mentions.
func (c *Chat) finishText(content object) {
	entities, _ := content["entities"].([]any)
	delete(content, "entities")
	text, isText := content["text"].(string)
	name := "entities"
	if !isText {
		text, _ = content["caption"].(string)
		name = "caption_entities"
	}
	for _, v := range entities {
		if entity, _ := v.(object); integer(entity["user"]) != 0 {
			entity["user"] = c.e.wireUser(integer(entity["user"]))
		}
	}
	if found := detect(text, entities); len(found) > 0 {
		content[name] = found
	}
}

// refer checks and describes what a message answers. The caller holds mu.
func (c *Chat) refer(one *chat, m *message, s *saying) error {
	if s.replyTo != 0 {
		target := one.message(s.replyTo)
		if target == nil {
			return fmt.Errorf("answer a message: %w", errs.ErrNotFound)
		}
		if m.Thread == 0 {
			m.Thread = target.Thread
		}
		if s.quote != "" {
			text, _ := textOf(target.Content)
			at := strings.Index(text, s.quote)
			if at < 0 {
				return fmt.Errorf("quote a message: the part is not in it: %w", errs.ErrInvalid)
			}
			m.Content["quote"] = object{"text": s.quote, "position": utf16Length(text[:at]), "is_manual": true}
		}
	}
	if s.external != nil {
		from := s.external.chat.here()
		target := from.message(s.external.message)
		if target == nil {
			return fmt.Errorf("answer a message of another chat: %w", errs.ErrNotFound)
		}
		m.Content["external_reply"] = c.e.externalReply(nil, from, target)
	}
	return nil
}

// put adds a finished message and tells the bots. Writing to a bot starts it; writing to a business account opens the
// 24 hours in which a bot may answer. The caller holds mu.
func (c *Chat) put(one *chat, m *message) {
	c.e.add(one, m)
	one.seenBy(c.user)
	switch {
	case one.Kind == kindPrivate:
		one.Started = true
	case one.Kind == kindBusiness && c.user == one.User:
		one.LastIn = m.At
	}
	c.e.tell(one, m, false)
}

// seenBy notes that a person has seen all that is in the chat.
func (c *chat) seenBy(user int64) {
	if c.Seen == nil {
		c.Seen = map[int64]int64{}
	}
	if n := len(c.Messages); n > 0 {
		c.Seen[user] = c.Messages[n-1].ID
	}
}

// MarkRead notes that the person has read the chat. No bot is told. ref: reference/telegram-bot.md §3
func (c *Chat) MarkRead() error {
	return c.locked(func(one *chat) error {
		one.seenBy(c.user)
		c.e.touch()
		return nil
	})
}
