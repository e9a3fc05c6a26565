package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"puente/core/base/errs"
)

// own finds a message that the person may change. The caller holds mu.
func (c *Chat) own(one *chat, id int64) (*message, error) {
	m := one.message(id)
	switch {
	case m == nil:
		return nil, fmt.Errorf("change a message: %w", errs.ErrNotFound)
	case m.From != c.user && !(m.From == anonymousAdmin && one.admin(c.user)) && m.SenderChat != one.ID, m.Service:
		return nil, fmt.Errorf("change a message: it is not the customer's: %w", errs.ErrForbidden)
	}
	return m, nil
}

// editableFor is how long a person may edit what they wrote.
const editableFor = 48 * time.Hour

// Edit changes a text or a caption; entities are given anew.
func (c *Chat) Edit(messageID int64, text string, entities ...Entity) error {
	return c.locked(func(one *chat) error {
		m, err := c.own(one, messageID)
		if err != nil {
			return err
		}
		if c.e.clock.Now().Sub(m.At) > editableFor {
			return fmt.Errorf("edit a message: it is too old: %w", errs.ErrForbidden)
		}
		content := copyObject(m.Content)
		name := "text"
		if content["text"] == nil {
			if !captioned(content) {
				return fmt.Errorf("edit a message without text: %w", errs.ErrUnsupported)
			}
			name = "caption"
			delete(content, "caption_entities")
		}
		content[name] = text
		var list []any
		for _, entity := range entities {
			list = append(list, entity.wire())
		}
		content["entities"] = list
		c.finishText(content)
		m.Content, m.Edited = content, c.e.clock.Now()
		c.e.tell(one, m, true)
		return nil
	})
}

// EditInvisibly makes the bots hear of an edit that changes nothing that people see, as Telegram does after it made a
// link's preview. ref: reference/telegram-bot.md §3
func (c *Chat) EditInvisibly(messageID int64) error {
	return c.locked(func(one *chat) error {
		m := one.message(messageID)
		if m == nil {
			return fmt.Errorf("change a message: %w", errs.ErrNotFound)
		}
		m.Edited = c.e.clock.Now()
		m.Content = copyObject(m.Content)
		m.Content["link_preview_options"] = object{"prefer_large_media": true}
		c.e.tell(one, m, true)
		return nil
	})
}

// MoveLocation moves a live location, or ends it.
func (c *Chat) MoveLocation(messageID int64, to Place) error {
	return c.locked(func(one *chat) error {
		m, err := c.own(one, messageID)
		if err != nil {
			return err
		}
		old, _ := m.Content["location"].(object)
		if old["live_period"] == nil {
			return fmt.Errorf("move a place that does not move: %w", errs.ErrUnsupported)
		}
		m.Content, m.Edited = copyObject(m.Content), c.e.clock.Now()
		m.Content["location"] = to.wire()
		c.e.tell(one, m, true)
		return nil
	})
}

// Delete deletes messages for everyone. Bots hear of it in business chats alone.
func (c *Chat) Delete(messageIDs ...int64) error {
	return c.locked(func(one *chat) error {
		var found []*message
		for _, id := range messageIDs {
			m := one.message(id)
			if m == nil || one.isGroup() && m.From != c.user && !one.admin(c.user) {
				return fmt.Errorf("delete a message: %w", errs.ErrNotFound)
			}
			found = append(found, m)
		}
		c.e.remove(one, found...)
		return nil
	})
}

// React puts an emoji on a message in place of the person's others; several need Premium.
func (c *Chat) React(messageID int64, emoji ...string) error {
	var now []Reaction
	for _, one := range emoji {
		if !slices.Contains(reactionEmoji(), one) {
			return fmt.Errorf("react: Telegram has no such reaction: %w", errs.ErrInvalid)
		}
		now = append(now, Reaction{By: c.user, Emoji: one})
	}
	return c.react(messageID, now)
}

// ReactCustom puts a custom emoji on a message.
func (c *Chat) ReactCustom(messageID int64, customEmojiID string) error {
	return c.react(messageID, []Reaction{{By: c.user, Custom: customEmojiID}})
}

// Unreact takes all of the person's reactions off a message.
func (c *Chat) Unreact(messageID int64) error { return c.react(messageID, nil) }

func (c *Chat) react(messageID int64, now []Reaction) error {
	return c.locked(func(one *chat) error {
		m := one.message(messageID)
		if m == nil {
			return fmt.Errorf("react to a message: %w", errs.ErrNotFound)
		}
		old := m.react(c.user, now)
		c.e.tellReaction(one, m, c.user, old, now)
		return nil
	})
}

// Press presses an inline button, named by its text or its callback data, and returns the query that waits for an
// answer. A button that is a link has none.
func (c *Chat) Press(messageID int64, button string) (queryID string, err error) {
	return c.press(messageID, button, false)
}

// PressGone presses a button of a message that the bot can no longer see: the query has an inaccessible message.
func (c *Chat) PressGone(messageID int64, button string) (queryID string, err error) {
	return c.press(messageID, button, true)
}

func (c *Chat) press(messageID int64, name string, gone bool) (queryID string, err error) {
	err = c.locked(func(one *chat) error {
		m := one.message(messageID)
		if m == nil || m.button(name) == nil {
			return fmt.Errorf("press a button: %w", errs.ErrNotFound)
		}
		data, _ := m.button(name)["callback_data"].(string)
		b := c.e.st.bot(m.From)
		if b == nil {
			b = c.e.st.bot(m.Bot)
		}
		if data == "" || b == nil {
			return fmt.Errorf("press a button that tells the bot nothing: %w", errs.ErrUnsupported)
		}
		queryID = strconv.FormatInt(4_000_000_000_000_000_000+c.e.st.next(), 10)
		c.e.st.Queries[queryID] = &pressed{Chat: one.Key, By: c.user, Bot: b.ID(), Message: m.ID, At: c.e.clock.Now()}
		body := object{
			"id": queryID, "from": c.e.wireUser(c.user), "data": data,
			"chat_instance": strconv.FormatInt(-1_000_000_000_000_000_000-one.ID%1_000_000, 10),
			"message":       c.e.wireMessage(b, one, m),
		}
		if gone {
			body["message"] = object{"chat": c.e.wireChat(one), "message_id": m.ID, "date": 0}
		}
		c.e.enqueue(b, "query:"+one.Key, "callback_query", body)
		return nil
	})
	return queryID, err
}

// Vote chooses options of a poll by their indexes; none takes the vote back.
func (c *Chat) Vote(messageID int64, options ...int) error {
	return c.locked(func(one *chat) error {
		m := one.message(messageID)
		if m == nil || m.Poll == "" {
			return fmt.Errorf("vote in a poll: %w", errs.ErrNotFound)
		}
		p := c.e.st.Polls[m.Poll]
		_, voted := p.Votes[decimal(c.user)]
		switch {
		case p.Closed:
			return fmt.Errorf("vote in a poll: it is closed: %w", errs.ErrForbidden)
		case voted && !p.Revote:
			return fmt.Errorf("vote in a poll: a vote cannot be changed: %w", errs.ErrForbidden)
		case len(options) > 1 && !p.Multiple:
			return fmt.Errorf("vote in a poll: one option only: %w", errs.ErrInvalid)
		}
		for _, i := range options {
			if i < 0 || i >= len(p.Options) {
				return fmt.Errorf("vote in a poll: no such option: %w", errs.ErrInvalid)
			}
		}
		c.e.vote(p, c.user, options)
		return nil
	})
}

// StopPoll closes a poll of the person's own.
func (c *Chat) StopPoll(messageID int64) error {
	return c.locked(func(one *chat) error {
		m, err := c.own(one, messageID)
		if err != nil {
			return err
		}
		p := c.e.st.Polls[m.Poll]
		if p == nil {
			return fmt.Errorf("close a poll: %w", errs.ErrNotFound)
		}
		p.Closed = true
		c.e.tellPoll(p)
		return nil
	})
}
