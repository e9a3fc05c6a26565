package emulator

import (
	"slices"
	"unicode/utf8"
)

// topicColors are the colours that a topic's icon may have; the first is the default.
func topicColors() []int64 {
	return []int64{7322096, 16766590, 13338331, 9367192, 16749490, 16478047}
}

// forum finds the forum of a call in which the bot may manage topics: a supergroup, or a private chat if the bot has
// topics. ref: reference/telegram-bot.md §4
func (c *call) forum() (*chat, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	switch {
	case one.Kind == kindPrivate && c.b.Topics:
		return one, nil
	case !one.Forum:
		return nil, bad("the chat is not a forum")
	case !one.admin(c.b.ID()):
		return nil, bad("not enough rights to create a topic")
	}
	return one, nil
}

func (c *call) createForumTopic() (any, *refusal) {
	one, r := c.forum()
	if r != nil {
		return nil, r
	}
	name := c.text("name")
	if n := utf8.RuneCountInString(name); n < 1 || n > 128 {
		return nil, bad("TOPIC_TITLE_INVALID")
	}
	color := topicColors()[0]
	if c.has("icon_color") {
		color = c.number("icon_color")
		if !slices.Contains(topicColors(), color) {
			return nil, bad("TOPIC_ICON_COLOR_INVALID")
		}
	}
	t := c.e.openTopic(one, c.b.ID(), name, color, c.text("icon_custom_emoji_id"))
	out := object{"message_thread_id": t.ID, "name": t.Name, "icon_color": t.Color}
	put(out, "icon_custom_emoji_id", t.Emoji)
	return out, nil
}

// openTopic makes a topic; the line that says so gives it its number. The caller holds mu.
func (e *Emulator) openTopic(one *chat, by int64, name string, color int64, emoji string) *topic {
	made := object{"name": name, "icon_color": color}
	put(made, "icon_custom_emoji_id", emoji)
	m := &message{From: by, Service: true, Content: object{"forum_topic_created": made}}
	e.add(one, m)
	m.Thread = m.ID
	t := &topic{ID: m.ID, Name: name, Color: color, Emoji: emoji}
	one.Topics = append(one.Topics, t)
	e.tell(one, m, false)
	return t
}

// inTopic finds the topic of a call.
func (c *call) inTopic() (*chat, *topic, *refusal) {
	one, r := c.forum()
	if r != nil {
		return nil, nil, r
	}
	t := one.topic(c.number("message_thread_id"))
	if t == nil {
		return nil, nil, bad("message thread not found")
	}
	return one, t, nil
}

func (c *call) editForumTopic() (any, *refusal) {
	one, t, r := c.inTopic()
	if r != nil {
		return nil, r
	}
	name, emoji := c.text("name"), c.text("icon_custom_emoji_id")
	if name == "" {
		name = t.Name
	}
	if !c.has("icon_custom_emoji_id") {
		emoji = t.Emoji
	}
	if name == t.Name && emoji == t.Emoji {
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	c.e.renameTopic(one, c.b.ID(), t, name, emoji)
	return true, nil
}

func (e *Emulator) renameTopic(one *chat, by int64, t *topic, name, emoji string) {
	change := object{}
	if name != t.Name {
		change["name"] = name
	}
	if emoji != t.Emoji {
		change["icon_custom_emoji_id"] = emoji
	}
	t.Name, t.Emoji = name, emoji
	e.inThread(one, by, t.ID, object{"forum_topic_edited": change})
}

// inThread writes a service message into a topic. The caller holds mu.
func (e *Emulator) inThread(one *chat, by, thread int64, content object) {
	m := &message{From: by, Service: true, Thread: thread, Content: content}
	e.add(one, m)
	e.tell(one, m, false)
}

func (c *call) closeForumTopic() (any, *refusal)  { return c.closeTopic(true) }
func (c *call) reopenForumTopic() (any, *refusal) { return c.closeTopic(false) }

func (c *call) closeTopic(closed bool) (any, *refusal) {
	one, t, r := c.inTopic()
	if r != nil {
		return nil, r
	}
	if t.Closed == closed {
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	c.e.setTopicClosed(one, c.b.ID(), t, closed)
	return true, nil
}

func (e *Emulator) setTopicClosed(one *chat, by int64, t *topic, closed bool) {
	t.Closed = closed
	name := map[bool]string{true: "forum_topic_closed", false: "forum_topic_reopened"}[closed]
	e.inThread(one, by, t.ID, object{name: object{}})
}

// deleteForumTopic deletes a topic with all that is in it; nobody is told.
func (c *call) deleteForumTopic() (any, *refusal) {
	one, t, r := c.inTopic()
	if r != nil {
		return nil, r
	}
	for _, m := range one.Messages {
		if m.Thread == t.ID {
			m.Deleted = true
		}
	}
	one.Topics = slices.DeleteFunc(one.Topics, func(other *topic) bool { return other == t })
	c.e.touch()
	return true, nil
}

func (c *call) unpinAllForumTopicMessages() (any, *refusal) {
	one, t, r := c.inTopic()
	if r != nil {
		return nil, r
	}
	one.Pinned = slices.DeleteFunc(one.Pinned, func(id int64) bool {
		m := one.message(id)
		return m != nil && m.Thread == t.ID
	})
	c.e.touch()
	return true, nil
}
