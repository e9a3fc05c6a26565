package emulator

import (
	"fmt"
	"time"

	"puente/core/base/errs"
)

// inGroup runs act in a group.
func (c *Chat) inGroup(act func(one *chat)) error {
	return c.locked(func(one *chat) error {
		if !one.isGroup() {
			return fmt.Errorf("change a group: it is none: %w", errs.ErrUnsupported)
		}
		act(one)
		c.e.touch()
		return nil
	})
}

// Invite lets people or bots into the group.
func (c *Chat) Invite(ids ...int64) error {
	return c.inGroup(func(one *chat) {
		for _, id := range ids {
			c.e.join(one, c.user, id)
		}
	})
}

// Remove takes somebody, a person or a bot, out of the group; they are banned.
func (c *Chat) Remove(id int64) error {
	return c.inGroup(func(one *chat) { c.e.leave(one, c.user, id, statusKicked) })
}

// Leave leaves the group.
func (c *Chat) Leave() error {
	return c.inGroup(func(one *chat) { c.e.leave(one, c.user, c.user, statusLeft) })
}

// Join comes in by a link, for somebody who was in the group before.
func (c *Chat) Join() error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	one := c.here()
	if !one.isGroup() {
		return fmt.Errorf("join a group: it is none: %w", errs.ErrUnsupported)
	}
	c.e.join(one, c.user, c.user)
	return nil
}

// Promote makes somebody an administrator, Demote an ordinary member again.
func (c *Chat) Promote(id int64) error {
	return c.inGroup(func(one *chat) { c.e.setStatus(one, c.user, id, statusAdmin) })
}

// Demote makes an administrator an ordinary member.
func (c *Chat) Demote(id int64) error {
	return c.inGroup(func(one *chat) { c.e.setStatus(one, c.user, id, statusMember) })
}

// Restrict takes the right to write from somebody.
func (c *Chat) Restrict(id int64) error {
	return c.inGroup(func(one *chat) { c.e.setStatus(one, c.user, id, statusRestricted) })
}

// GoAnonymous makes the person, an administrator, write for the group from now on.
func (c *Chat) GoAnonymous() error {
	return c.inGroup(func(one *chat) { one.member(c.user).Anonymous = true })
}

// SetTitle renames the group.
func (c *Chat) SetTitle(title string) error {
	return c.inGroup(func(one *chat) { c.e.retitle(one, c.user, title) })
}

// SetGroupPhoto gives the group a picture; no bytes take it away.
func (c *Chat) SetGroupPhoto(picture []byte) error {
	photo, err := c.e.makeChatPhoto(picture)
	if err != nil {
		return err
	}
	return c.inGroup(func(one *chat) {
		one.Photo = photo
		content := object{"delete_chat_photo": true}
		if photo != nil {
			content = object{"new_chat_photo": sizeList([]*file{c.e.st.Files[photo.Small], c.e.st.Files[photo.Big]})}
		}
		c.e.service(one, c.user, content)
	})
}

// Pin pins a message.
func (c *Chat) Pin(messageID int64) error {
	return c.locked(func(one *chat) error {
		m := one.message(messageID)
		if m == nil {
			return fmt.Errorf("pin a message: %w", errs.ErrNotFound)
		}
		c.e.pin(one, c.user, m)
		return nil
	})
}

// SetAutoDelete makes messages disappear after a time; 0 stops that.
func (c *Chat) SetAutoDelete(after time.Duration) error {
	return c.locked(func(one *chat) error {
		one.Timer = int64(after.Seconds())
		c.e.service(one, c.user, object{"message_auto_delete_timer_changed": object{"message_auto_delete_time": one.Timer}})
		return nil
	})
}

// Service writes any line that says what happened, made by hand:
// Service(map[string]any{"video_chat_ended": map[string]any{"duration": 60}}).
func (c *Chat) Service(content map[string]any) (messageID int64, err error) {
	err = c.locked(func(one *chat) error {
		messageID = c.e.service(one, c.user, copyObject(content)).ID
		return nil
	})
	return messageID, err
}

// StartVideoChat begins a call of the group, EndVideoChat ends it after a time.
func (c *Chat) StartVideoChat() (int64, error) {
	return c.Service(object{"video_chat_started": object{}})
}

// EndVideoChat ends a call of the group.
func (c *Chat) EndVideoChat(after time.Duration) (int64, error) {
	return c.Service(object{"video_chat_ended": object{"duration": int64(after.Seconds())}})
}

// AllowWriting lets the bot write without Start, as people do who use one of its web apps or menus.
func (c *Chat) AllowWriting() (int64, error) {
	err := c.locked(func(one *chat) error { one.Started = true; return nil })
	if err != nil {
		return 0, err
	}
	return c.Service(object{"write_access_allowed": object{"from_request": true}})
}

// CreateTopic opens a topic in a forum and returns its thread ID.
func (c *Chat) CreateTopic(name string) (threadID int64, err error) {
	err = c.inGroup(func(one *chat) { threadID = c.e.openTopic(one, c.user, name, topicColors()[0], "").ID })
	return threadID, err
}

// RenameTopic renames a topic, CloseTopic closes it or opens it again.
func (c *Chat) RenameTopic(threadID int64, name string) error {
	return c.onTopic(threadID, func(one *chat, t *topic) { c.e.renameTopic(one, c.user, t, name, t.Emoji) })
}

// CloseTopic closes a topic, or opens it again.
func (c *Chat) CloseTopic(threadID int64, closed bool) error {
	return c.onTopic(threadID, func(one *chat, t *topic) { c.e.setTopicClosed(one, c.user, t, closed) })
}

func (c *Chat) onTopic(id int64, change func(*chat, *topic)) error {
	return c.locked(func(one *chat) error {
		t := one.topic(id)
		if t == nil {
			return fmt.Errorf("topic of the emulator: %w", errs.ErrNotFound)
		}
		change(one, t)
		return nil
	})
}

// Upgrade makes the group a supergroup, with a new ID and message numbers from one. ref: reference/telegram-bot.md §4
func (c *Chat) Upgrade() (newID int64, err error) {
	err = c.locked(func(one *chat) error {
		if one.Kind != kindGroup {
			return fmt.Errorf("make a supergroup: it is no group: %w", errs.ErrUnsupported)
		}
		newID = c.e.newGroupID(true)
		grown := &chat{
			Key: groupKey(newID), Kind: kindSupergroup, ID: newID, Title: one.Title, About: one.About, Photo: one.Photo,
		}
		for _, m := range one.Members {
			same := *m
			grown.Members = append(grown.Members, &same)
		}
		c.e.st.Chats = append(c.e.st.Chats, grown)
		c.e.service(one, c.user, object{"migrate_to_chat_id": newID})
		c.e.service(grown, anonymousAdmin, object{"migrate_from_chat_id": one.ID})
		one.Moved = newID
		return nil
	})
	return newID, err
}
