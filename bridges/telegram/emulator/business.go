package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// businessRights are the rights that an owner can give a connected bot. ref: reference/telegram-bot.md §5
func businessRights() []string {
	return []string{
		"can_reply", "can_read_messages", "can_delete_sent_messages", "can_delete_all_messages", "can_edit_name",
		"can_edit_bio", "can_edit_profile_photo", "can_edit_username", "can_change_gift_settings",
		"can_view_gifts_and_stars", "can_convert_gifts_to_stars", "can_transfer_and_upgrade_gifts", "can_transfer_stars",
		"can_manage_stories",
	}
}

// connectionOf returns the newest connection of a bot to an account, enabled or not, or nil. The caller holds mu.
func (e *Emulator) connectionOf(bot, owner int64) *connection {
	for _, conn := range slices.Backward(e.st.Connections) {
		if conn.Bot == bot && conn.Owner == owner {
			return conn
		}
	}
	return nil
}

func (e *Emulator) wireConnection(conn *connection) object {
	rights := object{}
	for name, given := range conn.Rights {
		if given {
			rights[name] = true
		}
	}
	return object{
		"id": conn.ID, "user": e.wireUser(conn.Owner), "user_chat_id": conn.Owner, "date": conn.Date.Unix(),
		"rights": rights, "is_enabled": conn.Enabled,
	}
}

func (e *Emulator) tellConnection(conn *connection) {
	e.enqueue(e.st.bot(conn.Bot), "connection:"+conn.ID, "business_connection", e.wireConnection(conn))
}

// Connect connects a bot to a customer's account, as its owner does in the settings of Telegram Business, and returns
// the connection's ID. Without rights it gets can_reply, can_read_messages, can_delete_sent_messages and
// can_delete_all_messages. Connecting again makes a connection with a new ID.
func (e *Emulator) Connect(ownerID, botID int64, rights ...string) (connectionID string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	owner, b := e.st.person(ownerID), e.st.bot(botID)
	switch {
	case owner == nil || b == nil:
		return "", fmt.Errorf("connect a business account: %w", errs.ErrNotFound)
	case !b.Business:
		return "", fmt.Errorf("connect a business account: the bot has no business mode: %w", errs.ErrForbidden)
	}
	if old := e.connectionOf(botID, ownerID); old != nil && old.Enabled {
		return "", fmt.Errorf("connect a business account: it is connected: %w", errs.ErrConflict)
	}
	if len(rights) == 0 {
		rights = businessRights()[:4]
	}
	given, err := rightSet(rights)
	if err != nil {
		return "", err
	}
	owner.Premium = true
	conn := &connection{
		ID: "bc" + newKey(), Bot: botID, Owner: ownerID, Date: e.clock.Now(), Rights: given, Enabled: true,
	}
	e.st.Connections = append(e.st.Connections, conn)
	e.tellConnection(conn)
	return conn.ID, nil
}

func rightSet(rights []string) (map[string]bool, error) {
	given := map[string]bool{}
	for _, name := range rights {
		if !slices.Contains(businessRights(), name) {
			return nil, fmt.Errorf("business right %q: %w", name, errs.ErrInvalid)
		}
		given[name] = true
	}
	return given, nil
}

// SetRights changes what a connected bot may do.
func (e *Emulator) SetRights(connectionID string, rights ...string) error {
	given, err := rightSet(rights)
	if err != nil {
		return err
	}
	return e.onConnection(connectionID, func(conn *connection) { conn.Rights = given })
}

// Disconnect ends a connection; the bot is told that it is disabled.
func (e *Emulator) Disconnect(connectionID string) error {
	return e.onConnection(connectionID, func(conn *connection) { conn.Enabled = false })
}

func (e *Emulator) onConnection(id string, change func(*connection)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	conn := e.st.connection(id)
	if conn == nil {
		return fmt.Errorf("business connection of the emulator: %w", errs.ErrNotFound)
	}
	change(conn)
	e.tellConnection(conn)
	e.touch()
	return nil
}

func (c *call) getBusinessConnection() (any, *refusal) {
	conn := c.e.st.connection(c.businessConnection())
	if conn == nil || conn.Bot != c.b.ID() {
		return nil, bad("business connection not found")
	}
	return c.e.wireConnection(conn), nil
}

// readBusinessMessage marks a customer's messages as read. ref: reference/telegram-bot.md §5
func (c *call) readBusinessMessage() (any, *refusal) {
	conn, r := c.connection(c.businessConnection())
	if r != nil {
		return nil, r
	}
	if !conn.Rights["can_read_messages"] {
		return nil, bad("BUSINESS_CONNECTION_NOT_ALLOWED")
	}
	one := c.e.st.chat(businessKey(conn.Owner, c.number("chat_id")))
	if one == nil || c.e.clock.Now().Sub(one.LastIn) > answerRight {
		return nil, bad("BUSINESS_PEER_INVALID")
	}
	id := c.number("message_id")
	if one.message(id) == nil {
		return nil, bad("message not found")
	}
	one.Read = max(one.Read, id)
	c.e.touch()
	return true, nil
}

// deleteBusinessMessages deletes messages of one chat. ref: reference/telegram-bot.md §5
func (c *call) deleteBusinessMessages() (any, *refusal) {
	conn, r := c.connection(c.businessConnection())
	if r != nil {
		return nil, r
	}
	ids := c.numbers("message_ids")
	if len(ids) == 0 || len(ids) > 100 {
		return nil, bad("too many message identifiers specified")
	}
	var found []*message
	var where *chat
	for _, one := range c.e.st.Chats {
		if one.Kind == kindBusiness && one.Owner == conn.Owner {
			for _, id := range ids {
				if m := one.message(id); m != nil {
					where, found = one, append(found, m)
				}
			}
			if found != nil {
				break
			}
		}
	}
	if len(found) == 0 {
		return nil, bad("message to delete not found")
	}
	for _, m := range found {
		own := m.Bot == c.b.ID() && conn.Rights["can_delete_sent_messages"]
		if !own && !conn.Rights["can_delete_all_messages"] {
			return nil, bad("message can't be deleted")
		}
	}
	c.e.remove(where, found...)
	return true, nil
}
