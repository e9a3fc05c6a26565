package emulator

import (
	"slices"
	"time"
)

// Edit gives an own message a new text, for 24 hours.
func (c *Chat) Edit(ref Ref, text string, opts ...SendOption) (Ref, error) {
	var done Ref
	err := c.locked(func(me *party, t *thread) error {
		m, err := c.message(t, ref)
		if err != nil {
			return err
		}
		switch {
		case m.Author != me.aci || m.Deleted || m.Kind != "text":
			return forbidden("Only own texts can be edited.")
		case c.e.clock.Now().Sub(time.UnixMilli(m.Timestamp)) > editWindow || len(m.Edits) >= maxEdits:
			return forbidden("A message can be edited for 24 hours, and ten times.")
		case text == "" && len(m.Files) == 0:
			return invalid("The text is empty.")
		}
		fresh := &Message{Text: text, Timestamp: c.e.stamp(me.aci)}
		for _, opt := range opts {
			if err := opt(c, t, fresh); err != nil {
				return err
			}
		}
		done = Ref{me.aci, fresh.Timestamp}
		c.e.revise(me, t, m, fresh, false)
		return nil
	})
	return done, err
}

// act does something about a message and tells the business's accounts: value is what they get under key.
func (c *Chat) act(ref Ref, key string, change func(me *party, t *thread, m *Message) error, value func(me *party, b *business) object) error {
	return c.locked(func(me *party, t *thread) error {
		m, err := c.message(t, ref)
		if err != nil {
			return err
		}
		if err = change(me, t, m); err != nil {
			return err
		}
		c.e.tell(event{author: me, thread: t, at: c.e.stamp(me.aci), data: c.e.with(t, key, func(b *business) object { return value(me, b) })})
		return nil
	})
}

// Delete deletes an own message for everybody, for 24 hours.
func (c *Chat) Delete(ref Ref) error {
	return c.act(ref, "remoteDelete", func(me *party, _ *thread, m *Message) error {
		if m.Author != me.aci || c.e.clock.Now().Sub(time.UnixMilli(m.Timestamp)) > editWindow {
			return forbidden("Only own messages can be deleted, for 24 hours.")
		}
		m.erase(me.aci)
		return nil
	}, func(*party, *business) object { return object{"timestamp": ref.Timestamp} })
}

// AdminDelete deletes somebody's message of a group for everybody.
func (c *Chat) AdminDelete(ref Ref) error {
	return c.act(ref, "adminDelete", func(me *party, t *thread, m *Message) error {
		if g := c.e.st.group(t.GroupID); g == nil || !g.member(me.aci).Admin {
			return forbidden("Only admins of a group can delete what others wrote.")
		}
		m.erase(me.aci)
		return nil
	}, func(_ *party, b *business) object { return c.e.about(b, ref) })
}

// React puts an emoji on a message, instead of the last one.
func (c *Chat) React(ref Ref, emoji string) error { return c.react(ref, emoji, false) }

// Unreact takes the own emoji off a message.
func (c *Chat) Unreact(ref Ref) error { return c.react(ref, "", true) }

func (c *Chat) react(ref Ref, emoji string, remove bool) error {
	was := emoji
	return c.act(ref, "reaction", func(me *party, _ *thread, m *Message) error {
		i := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.By == me.aci })
		switch {
		case m.Deleted:
			return forbidden("The message was deleted.")
		case remove && i < 0:
			return invalid("There is no reaction to take back.")
		case remove:
			was = m.Reactions[i].Emoji
		case emoji == "":
			return invalid("Choose an emoji.")
		}
		m.react(me.aci, emoji)
		return nil
	}, func(_ *party, b *business) object {
		out := c.e.about(b, ref)
		out["emoji"], out["isRemove"] = was, remove
		return out
	})
}

// Vote votes in a poll; no options take the vote back.
func (c *Chat) Vote(ref Ref, options ...int) error {
	v := Vote{By: c.actor, Options: options}
	return c.act(ref, "pollVote", func(me *party, _ *thread, m *Message) error {
		if m.Poll == nil {
			return invalid("This is no poll.")
		}
		v.Count = m.Poll.votesOf(me.aci) + 1
		if !m.Poll.allows(v) {
			return forbidden("The poll is closed, or does not allow this choice.")
		}
		m.Poll.vote(v)
		return nil
	}, func(_ *party, b *business) object { return c.e.voteOut(b, ref, v) })
}

// ClosePoll ends an own poll.
func (c *Chat) ClosePoll(ref Ref) error {
	return c.act(ref, "pollTerminate", func(me *party, _ *thread, m *Message) error {
		if m.Poll == nil || m.Author != me.aci {
			return forbidden("Only own polls can be ended.")
		}
		m.Poll.Closed = true
		return nil
	}, func(*party, *business) object { return object{"targetSentTimestamp": ref.Timestamp} })
}

// Pin pins a message for a number of seconds; negative: for ever.
func (c *Chat) Pin(ref Ref, seconds int) error {
	return c.act(ref, "pinMessage", func(_ *party, _ *thread, m *Message) error {
		m.Pinned = true
		return nil
	}, func(_ *party, b *business) object {
		out := c.e.about(b, ref)
		out["pinDurationSeconds"] = seconds
		return out
	})
}

// Unpin takes a pin off.
func (c *Chat) Unpin(ref Ref) error {
	return c.act(ref, "unpinMessage", func(_ *party, _ *thread, m *Message) error {
		m.Pinned = false
		return nil
	}, func(_ *party, b *business) object { return c.e.about(b, ref) })
}

// SetTimer makes messages disappear some seconds after they were read; 0: never.
func (c *Chat) SetTimer(seconds int) error {
	return c.locked(func(me *party, t *thread) error {
		c.e.setTimer(me, t, seconds, false)
		return nil
	})
}

// setTimer changes a conversation's timer: in a group as a change of the group, else as a message of its own.
func (e *Emulator) setTimer(author *party, t *thread, seconds int, fromDaemon bool) {
	t.Timer = seconds
	line := author.name() + " " + timerLine(seconds)
	if g := e.st.group(t.GroupID); g != nil {
		e.groupChanged(g, author, line, fromDaemon)
		return
	}
	at := e.stamp(author.aci)
	e.addLine(t, author.aci, at, line)
	e.tell(event{author: author, thread: t, at: at, fromDaemon: fromDaemon, data: func(*business) object {
		return object{"message": nil, "expiresInSeconds": seconds, "isExpirationUpdate": true, "viewOnce": false}
	}})
}
