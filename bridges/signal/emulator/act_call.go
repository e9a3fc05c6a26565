package emulator

import "time"

// act is what reactions, deletions, votes and pins share: whom they are for, whose message they are about, and that
// both phones and the business's other accounts hear of them.
type act struct {
	author *party
	at     int64 // timestamp of the message that it is about
}

// sendAct sends something about a message to each target. change does it on the phones and tells whether it could;
// value is what other accounts of the business get under key.
func (c *call) sendAct(b *business, to []target, key string, change func(t *thread) bool, value func(*business) object) (any, error) {
	at := c.e.stamp(b.ACI)
	return c.sendAll(b, to, at, func(t *thread, _ reached) {
		c.e.acceptRequest(b, t)
		if !change(t) {
			c.e.ignore(c.method + " about an unknown message")
			return
		}
		c.e.tell(event{author: b.party(), thread: t, at: at, fromDaemon: true, data: c.e.with(t, key, value)})
	})
}

// aboutMessage reads the target of an act and the message that it is about.
func (c *call) aboutMessage(b *business, p params, authorKey, timeKey string) (to []target, a act, err error) {
	if to, err = c.e.targets(b, p); err != nil {
		return nil, act{}, err
	}
	if a.author, err = c.e.author(p, authorKey, to); err != nil {
		return nil, act{}, err
	}
	a.at = p.numberOr(timeKey)
	return to, a, nil
}

func doReaction(c *call, b *business, p params) (any, error) {
	emoji, remove := p.textOr("emoji"), p.flag("remove")
	to, about, err := c.aboutMessage(b, p, "targetAuthor", "targetTimestamp")
	if err != nil {
		return nil, err
	}
	return c.sendAct(b, to, "reaction", func(t *thread) bool {
		m := t.find(about.author.aci, about.at)
		if m == nil || m.Deleted {
			return false
		}
		shown := emoji
		if remove {
			shown = ""
		}
		m.react(b.ACI, shown)
		return true
	}, func(other *business) object {
		out := c.e.about(other, Ref{about.author.aci, about.at})
		out["emoji"], out["isRemove"] = emoji, remove
		return out
	})
}

func doRemoteDelete(c *call, b *business, p params) (any, error) {
	to, err := c.e.targets(b, p)
	if err != nil {
		return nil, err
	}
	at := p.numberOr("targetTimestamp")
	return c.sendAct(b, to, "remoteDelete", func(t *thread) bool {
		m := t.find(b.ACI, at)
		if m == nil || c.e.clock.Now().Sub(time.UnixMilli(at)) > takeWindow {
			return false
		}
		m.erase(b.ACI)
		return true
	}, func(*business) object { return object{"timestamp": at} })
}

func doAdminDelete(c *call, b *business, p params) (any, error) {
	if len(p.texts("groupId")) == 0 {
		return nil, userError("Admin delete requires group IDs")
	}
	to, about, err := c.aboutMessage(b, p, "targetAuthor", "targetTimestamp")
	if err != nil {
		return nil, err
	}
	return c.sendAct(b, to, "adminDelete", func(t *thread) bool {
		m, g := t.find(about.author.aci, about.at), c.e.st.group(t.GroupID)
		if m == nil || g == nil || g.member(b.ACI) == nil || !g.member(b.ACI).Admin {
			return false // phones do not believe it of somebody who is no admin
		}
		m.erase(b.ACI)
		return true
	}, func(other *business) object { return c.e.about(other, Ref{about.author.aci, about.at}) })
}

func doPin(c *call, b *business, p params) (any, error) {
	duration := p.number("pinDuration")
	seconds := int64(-1) // for ever
	if duration != nil {
		seconds = *duration
	}
	return c.pin(b, p, "pinMessage", true, seconds)
}

func doUnpin(c *call, b *business, p params) (any, error) {
	return c.pin(b, p, "unpinMessage", false, 0)
}

func (c *call) pin(b *business, p params, key string, pinned bool, seconds int64) (any, error) {
	to, about, err := c.aboutMessage(b, p, "targetAuthor", "targetTimestamp")
	if err != nil {
		return nil, err
	}
	return c.sendAct(b, to, key, func(t *thread) bool {
		m := t.find(about.author.aci, about.at)
		if m == nil {
			return false
		}
		m.Pinned = pinned
		return true
	}, func(other *business) object {
		out := c.e.about(other, Ref{about.author.aci, about.at})
		if pinned {
			out["pinDurationSeconds"] = seconds
		}
		return out
	})
}
