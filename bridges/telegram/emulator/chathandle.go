package emulator

import (
	"fmt"

	"puente/core/base/errs"
)

// Chat is one conversation as one person sees it; its methods are what that person does there.
type Chat struct {
	e    *Emulator
	user int64
	key  string
}

// Chat returns a person's chat with a bot; botID 0 is the first bot.
func (e *Emulator) Chat(userID, botID int64) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if botID == 0 && len(e.st.Bots) > 0 {
		botID = e.st.Bots[0].ID()
	}
	b := e.st.bot(botID)
	if b == nil || e.st.person(userID) == nil {
		return nil, fmt.Errorf("chat of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, user: userID, key: e.st.private(b, userID).Key}, nil
}

// BusinessChat returns a customer's chat with a business account, as the customer sees it.
func (e *Emulator) BusinessChat(userID, ownerID int64) (*Chat, error) {
	return e.openBusiness(userID, ownerID, userID)
}

// OwnerChat returns the same chat as the owner of the business account sees it on their own phone.
func (e *Emulator) OwnerChat(ownerID, userID int64) (*Chat, error) {
	return e.openBusiness(userID, ownerID, ownerID)
}

func (e *Emulator) openBusiness(userID, ownerID, me int64) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.st.person(userID) == nil || e.st.person(ownerID) == nil || userID == ownerID {
		return nil, fmt.Errorf("business chat of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, user: me, key: e.st.business(ownerID, userID).Key}, nil
}

// GroupChat returns a group or channel as one of its members sees it.
func (e *Emulator) GroupChat(userID, groupID int64) (*Chat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	one := e.st.chat(groupKey(groupID))
	if one == nil || one.member(userID) == nil {
		return nil, fmt.Errorf("group of the emulator: %w", errs.ErrNotFound)
	}
	return &Chat{e: e, user: userID, key: one.Key}, nil
}

// UserID is whose chat it is.
func (c *Chat) UserID() int64 { return c.user }

// Key names the chat in a Phone.
func (c *Chat) Key() string { return c.key }

// ID is the chat_id that bots know the chat by; a group's changes when it becomes a supergroup.
func (c *Chat) ID() int64 {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.here().ID
}

// here returns the chat, or the supergroup that it became. The caller holds mu.
func (c *Chat) here() *chat {
	one := c.e.st.chat(c.key)
	for one.Moved != 0 {
		one = c.e.st.chat(groupKey(one.Moved))
	}
	return one
}

// locked runs act on the chat while the emulator's memory is locked.
func (c *Chat) locked(act func(one *chat) error) error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	one := c.here()
	if one.isGroup() && !one.has(c.user) {
		return fmt.Errorf("act in a group that one is not in: %w", errs.ErrForbidden)
	}
	return act(one)
}
