package emulator

import (
	"crypto/subtle"
	"fmt"
	"time"

	"puente/core/base/errs"
)

// logOutLasts is how long a bot that logged out stays away. ref: reference/telegram-bot.md §2
const logOutLasts = 10 * time.Minute

// botOf returns the bot of a token that is still good, or nil. The caller holds mu.
func (e *Emulator) botOf(token string) *botState {
	for _, b := range e.st.Bots {
		if subtle.ConstantTimeCompare([]byte(b.Token), []byte(token)) == 1 && !b.Revoked {
			return b
		}
	}
	return nil
}

// Bots lists the bots.
func (e *Emulator) Bots() []Bot {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Bot
	for _, b := range e.st.Bots {
		out = append(out, b.Bot)
	}
	return out
}

// AddBot makes another bot.
func (e *Emulator) AddBot(b Bot) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := checkBot(b); err != nil {
		return err
	}
	if e.st.bot(b.ID()) != nil || e.st.person(b.ID()) != nil {
		return fmt.Errorf("bot of the emulator: the ID is taken: %w", errs.ErrConflict)
	}
	e.st.addBot(b)
	e.touch()
	return nil
}

// SetBot changes what BotFather can change about a bot: name, privacy mode, business mode, topics, and the token.
func (e *Emulator) SetBot(b Bot) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := checkBot(b); err != nil {
		return err
	}
	if e.st.bot(b.ID()) == nil {
		return fmt.Errorf("bot of the emulator: %w", errs.ErrNotFound)
	}
	e.st.addBot(b)
	e.touch()
	return nil
}

// RevokeToken makes a bot's token invalid, as BotFather does; SetBot with another token lets the bot in again.
func (e *Emulator) RevokeToken(botID int64) error {
	return e.onBot(botID, func(b *botState) {
		b.Revoked = true
		if b.poll != nil {
			b.poll.end(unauthorized())
		}
	})
}

// onBot changes something about a bot.
func (e *Emulator) onBot(botID int64, change func(*botState)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.st.bot(botID)
	if b == nil {
		return fmt.Errorf("bot of the emulator: %w", errs.ErrNotFound)
	}
	change(b)
	e.touch()
	return nil
}

func (c *call) getMe() (any, *refusal) {
	me := c.e.wireUser(c.b.ID())
	me["can_join_groups"] = true
	me["can_read_all_group_messages"] = c.b.ReadsAllGroupMessages
	me["supports_inline_queries"] = false
	me["supports_guest_queries"] = false
	me["supports_join_request_queries"] = false
	me["can_connect_to_business"] = c.b.Business
	me["has_main_web_app"] = false
	me["has_topics_enabled"] = c.b.Topics
	me["allows_users_to_create_topics"] = c.b.Topics
	me["can_manage_bots"] = false
	return me, nil
}

func (c *call) logOut() (any, *refusal) {
	c.b.LoggedOut = c.e.clock.Now()
	c.b.Hook = webhook{}
	if c.b.poll != nil {
		c.b.poll.end(bad("logged out"))
	}
	return true, nil
}

func (c *call) closeBot() (any, *refusal) {
	if c.b.poll != nil {
		c.b.poll.end(&refusal{code: 500, text: "Internal Server Error: restart"})
	}
	return true, nil
}

func (c *call) setMyCommands() (any, *refusal) {
	c.b.Commands = c.list("commands")
	return true, nil
}

func (c *call) getMyCommands() (any, *refusal) {
	return append([]any{}, c.b.Commands...), nil
}

func (c *call) deleteMyCommands() (any, *refusal) {
	c.b.Commands = nil
	return true, nil
}
