package emulator

import (
	"fmt"
	"strings"

	"puente/core/base/errs"
)

// ChangeNumber moves the customer to a new phone number (wa_id): a system message that comes from the old one and has
// no contacts. ref: reference/whatsapp-cloud.md §3
func (c *Chat) ChangeNumber(newWaID string) (id string, err error) {
	newWaID = onlyDigits(newWaID)
	err = c.locked(func(p *person) error {
		if newWaID == "" || c.e.st.personByWaID(newWaID) != nil {
			return fmt.Errorf("change a customer's number: %w", errs.ErrConflict)
		}
		id = newWamid(p.WaID)
		message := c.e.inbound(p, c.number, id, "system", object{
			"type": "user_changed_number", "wa_id": newWaID,
			"body": fmt.Sprintf("User %s changed from %s to %s", p.Name, p.WaID, newWaID),
		})
		message["from"] = p.WaID
		p.WaID = newWaID
		u := c.e.messageUpdate(p, c.number, message)
		delete(u.Value, "contacts")
		c.e.enqueue(u)
		return nil
	})
	return id, err
}

// ChangeUserID gives the customer a new business-scoped ID: a system message and a user_id_update. The Chat goes on
// with the new ID. ref: reference/whatsapp-cloud.md §3
func (c *Chat) ChangeUserID(newUserID string) (id string, err error) {
	old := c.userID
	err = c.locked(func(p *person) error {
		if !strings.Contains(newUserID, ".") || c.e.st.person(newUserID) != nil {
			return fmt.Errorf("change a customer's user ID: %w", errs.ErrConflict)
		}
		id = newWamid(p.WaID)
		message := c.e.inbound(p, c.number, id, "system", object{
			"type": "user_changed_user_id", "user_id": newUserID,
			"body": fmt.Sprintf("User %s changed from %s to %s", p.Name, old, newUserID),
		})
		c.e.renameUser(p, newUserID)
		system := c.e.messageUpdate(p, c.number, message)
		delete(system.Value, "contacts")
		item := object{
			"detail": "The user's ID has changed.", "timestamp": c.e.clock.Now().Unix(),
			"user_id": object{"previous": old, "current": newUserID},
		}
		if c.e.showsNumber(p, c.number.PhoneNumberID) {
			item["wa_id"] = p.WaID
		}
		value := c.e.baseValue(c.number)
		value["user_id_update"] = []any{item}
		c.e.enqueue(system, &update{Field: "user_id_update", Number: c.number.PhoneNumberID, Value: value})
		return nil
	})
	if err == nil {
		c.userID = newUserID
	}
	return id, err
}

// renameUser changes a user ID wherever it is remembered. The caller holds mu.
func (e *Emulator) renameUser(p *person, newUserID string) {
	old := p.UserID
	p.UserID = newUserID
	for _, n := range e.opt.Numbers {
		if chat, ok := e.st.Chats[old+"|"+n.PhoneNumberID]; ok {
			delete(e.st.Chats, old+"|"+n.PhoneNumberID)
			e.st.Chats[newUserID+"|"+n.PhoneNumberID] = chat
		}
		for i, id := range e.st.Blocked[n.PhoneNumberID] {
			if id == old {
				e.st.Blocked[n.PhoneNumberID][i] = newUserID
			}
		}
	}
	for _, g := range e.st.Groups {
		for i, id := range g.Members {
			if id == old {
				g.Members[i] = newUserID
			}
		}
	}
	for _, m := range e.index {
		if m.Author == old {
			m.Author = newUserID
		}
		for i := range m.React {
			if m.React[i].By == old {
				m.React[i].By = newUserID
			}
		}
		for i := range m.Told {
			if m.Told[i].UserID == old {
				m.Told[i].UserID = newUserID
			}
		}
	}
}

// SetMarketing stops marketing messages, or wants them again. ref: reference/whatsapp-cloud.md §4.4, user_preferences
func (c *Chat) SetMarketing(wanted bool) error {
	return c.locked(func(p *person) error {
		c.e.st.chat(p.UserID, c.number.PhoneNumberID).Stopped = !wanted
		word, detail := "stop", "User requested to stop marketing messages"
		if wanted {
			word, detail = "resume", "User requested to resume marketing messages"
		}
		item := object{
			"user_id": p.UserID, "detail": detail, "category": "marketing_messages", "value": word,
			"timestamp": c.e.clock.Now().Unix(),
		}
		if c.e.showsNumber(p, c.number.PhoneNumberID) {
			item["wa_id"] = p.WaID
		}
		value := c.e.baseValue(c.number)
		value["contacts"] = []any{c.e.contact(p, c.number.PhoneNumberID, true)}
		value["user_preferences"] = []any{item}
		c.e.enqueue(&update{Field: "user_preferences", Number: c.number.PhoneNumberID, Value: value})
		return nil
	})
}

// Call rings the business and hangs up: two updates of the field calls. A call opens the 24-hour window.
// ref: reference/whatsapp-cloud.md §4.4, §6
func (c *Chat) Call() (callID string, err error) {
	err = c.locked(func(p *person) error {
		id := newWamid(p.WaID)
		callID = "wacid." + strings.TrimPrefix(id, "wamid.")
		now := c.e.clock.Now()
		m := &Message{ID: id, Kind: "call", Author: p.UserID, Number: c.number.PhoneNumberID, At: now, Status: Delivered}
		c.e.add(m, party{person: p})
		event := func(name string, more object) *update {
			call := object{
				"id": callID, "to": c.number.digits(), "from_user_id": p.UserID, "event": name,
				"direction": "USER_INITIATED", "timestamp": unixString(now),
			}
			if c.e.showsNumber(p, c.number.PhoneNumberID) {
				call["from"] = p.WaID
			}
			for key, v := range more {
				call[key] = v
			}
			value := c.e.baseValue(c.number)
			value["contacts"] = []any{c.e.contact(p, c.number.PhoneNumberID, true)}
			value["calls"] = []any{call}
			return &update{Field: "calls", Number: c.number.PhoneNumberID, Value: value}
		}
		c.e.st.chat(p.UserID, c.number.PhoneNumberID).LastInbound = now
		c.e.enqueue(
			event("connect", object{"session": object{"sdp_type": "offer", "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"}}),
			event("terminate", object{"status": "FAILED"}))
		return nil
	})
	return callID, err
}

// Echo is what somebody at the business types in the WhatsApp Business app, on a number in coexistence: the customer
// gets it and the webhook is told by smb_message_echoes. An image may be given instead of or with a text.
func (c *Chat) Echo(text string, image *File) (id string, err error) {
	if !c.number.Coexistence {
		return "", fmt.Errorf("echo of a number that is not in coexistence: %w", errs.ErrUnsupported)
	}
	m := &Message{Kind: "text", Text: text}
	content := object{"body": text}
	if image != nil {
		if content, err = c.echoImage(m, image); err != nil {
			return "", err
		}
	}
	err = c.locked(func(p *person) error {
		m.ID, m.Number, m.FromBusiness, m.Echo = newWamid(p.WaID), c.number.PhoneNumberID, true, true
		m.At, m.Status = c.e.clock.Now(), Delivered
		c.e.add(m, party{person: p})
		c.e.enqueue(c.echoUpdate(p, m.ID, m.Kind, content))
		id = m.ID
		return nil
	})
	return id, err
}

func (c *Chat) echoImage(m *Message, f *File) (object, error) {
	file, err := c.e.keep(*f, c.number)
	if err != nil {
		return nil, err
	}
	m.Kind, m.Media = "image", &Media{ID: file.ID, Kind: "image", Mime: file.Mime, SHA256: file.SHA256, Size: file.Size}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	content := c.e.mediaContent(file)
	if m.Text != "" {
		content["caption"] = m.Text
	}
	return content, nil
}

// EchoEdit changes what was typed in the app.
func (c *Chat) EchoEdit(wamid, text string) (string, error) {
	return c.echoChange(wamid, "edit", func(m *Message) object {
		m.Text, m.Edited = text, true
		return object{"original_message_id": m.ID, "message": c.editedContent(m)}
	})
}

// EchoDelete deletes what was typed in the app, for everyone.
func (c *Chat) EchoDelete(wamid string) (string, error) {
	return c.echoChange(wamid, "revoke", func(m *Message) object {
		m.Deleted, m.Text, m.Media = true, "", nil
		return object{"original_message_id": m.ID}
	})
}

func (c *Chat) echoChange(wamid, kind string, change func(*Message) object) (id string, err error) {
	err = c.locked(func(p *person) error {
		m, err := c.message(wamid)
		if err != nil {
			return err
		}
		if !m.Echo {
			return fmt.Errorf("change an echo: %w", errs.ErrForbidden)
		}
		id = newWamid(p.WaID)
		c.e.enqueue(c.echoUpdate(p, id, kind, change(m)))
		return nil
	})
	return id, err
}

// echoUpdate wraps a message of the business app. The caller holds mu.
func (c *Chat) echoUpdate(p *person, id, kind string, content object) *update {
	echo := object{
		"from": c.number.digits(), "to_user_id": p.UserID, "id": id, "timestamp": unixString(c.e.clock.Now()),
		"type": kind, kind: content,
	}
	if p.WaID != "" {
		echo["to"] = p.WaID
	}
	value := c.e.baseValue(c.number)
	value["contacts"] = []any{c.e.contact(p, c.number.PhoneNumberID, true)}
	value["message_echoes"] = []any{echo}
	return &update{Field: "smb_message_echoes", Number: c.number.PhoneNumberID, Value: value}
}
