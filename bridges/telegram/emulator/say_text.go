package emulator

import (
	"fmt"
	"regexp"
	"time"

	"puente/core/base/errs"
)

// SendText writes a text.
func (c *Chat) SendText(text string, options ...Option) (messageID int64, err error) {
	return c.say(object{"text": text}, options)
}

// Reply answers a message with a text.
func (c *Chat) Reply(messageID int64, text string) (int64, error) {
	return c.SendText(text, ReplyTo(messageID))
}

// payloadForm is what a deep link may carry. ref: reference/telegram-bot.md §4
var payloadForm = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

// Start presses the bot's Start button, after a deep link if there is a payload.
func (c *Chat) Start(payload string) (int64, error) {
	if !payloadForm.MatchString(payload) {
		return 0, fmt.Errorf("deep link: at most 64 of A-Z a-z 0-9 _ -: %w", errs.ErrInvalid)
	}
	text := "/start"
	if payload != "" {
		text += " " + payload
	}
	return c.SendText(text)
}

// Block blocks the bot.
func (c *Chat) Block() error { return c.setBlocked(true) }

// Unblock lets the bot in again.
func (c *Chat) Unblock() error { return c.setBlocked(false) }

func (c *Chat) setBlocked(blocked bool) error {
	return c.locked(func(one *chat) error {
		if one.Kind != kindPrivate {
			return fmt.Errorf("block a bot: not in this chat: %w", errs.ErrUnsupported)
		}
		c.e.setBlocked(one, blocked)
		return nil
	})
}

// forwarding is where a forwarded message comes from.
type forwarding struct {
	kind    string // user hidden_user chat channel
	user    int64
	name    string // of a hidden user
	chat    int64
	message int64
	author  string
	at      time.Time
}

// ForwardedFrom marks a message as forwarded from a person.
func ForwardedFrom(userID int64) Option {
	return forwarded(&forwarding{kind: "user", user: userID})
}

// ForwardedFromHidden marks a message as forwarded from somebody who does not let that be linked.
func ForwardedFromHidden(name string) Option {
	return forwarded(&forwarding{kind: "hidden_user", name: name})
}

// ForwardedFromGroup marks a message as forwarded from an anonymous administrator of a group.
func ForwardedFromGroup(groupID int64, signature string) Option {
	return forwarded(&forwarding{kind: "chat", chat: groupID, author: signature})
}

// ForwardedFromChannel marks a message as forwarded from a channel.
func ForwardedFromChannel(channelID, messageID int64, signature string) Option {
	return forwarded(&forwarding{kind: "channel", chat: channelID, message: messageID, author: signature})
}

func forwarded(f *forwarding) Option { return func(s *saying) { s.forward = f } }

// wire is the forward_origin. The caller holds mu.
func (f *forwarding) wire(e *Emulator) object {
	at := f.at
	if at.IsZero() {
		at = e.clock.Now().Add(-time.Hour)
	}
	out := object{"type": f.kind, "date": at.Unix()}
	group := object{"id": f.chat, "type": kindChannel, "title": "News"}
	if known := e.st.chat(groupKey(f.chat)); known != nil {
		group = e.wireChat(known)
	}
	switch f.kind {
	case "user":
		out["sender_user"] = e.wireUser(f.user)
	case "hidden_user":
		out["sender_user_name"] = f.name
	case "chat":
		out["sender_chat"] = group
	case "channel":
		out["chat"], out["message_id"] = group, f.message
	}
	put(out, "author_signature", f.author)
	return out
}
