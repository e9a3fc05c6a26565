package emulator

import (
	"fmt"
	"time"

	"puente/core/base/errs"
)

// How long a customer may change what they sent. ref: reference/whatsapp-cloud.md §4.1
const (
	editableFor  = 15 * time.Minute
	deletableFor = 48 * time.Hour
)

// React puts an emoji on a message.
func (c *Chat) React(wamid, emoji string) (string, error) {
	return c.react(wamid, emoji, object{"message_id": wamid, "emoji": emoji})
}

// Unreact takes the emoji off again; withKey says whether the webhook has an empty emoji or none, as Meta does either.
func (c *Chat) Unreact(wamid string, withKey bool) (string, error) {
	content := object{"message_id": wamid}
	if withKey {
		content["emoji"] = ""
	}
	return c.react(wamid, "", content)
}

func (c *Chat) react(wamid, emoji string, content object) (id string, err error) {
	err = c.locked(func(p *person) error {
		m, err := c.message(wamid)
		if err != nil {
			return err
		}
		m.react(p.UserID, emoji)
		id = newWamid(p.WaID)
		message := c.e.inbound(p, c.number, id, "reaction", content)
		if m.GroupID != "" {
			message["group_id"] = m.GroupID
		}
		c.reach(nil, c.e.messageUpdate(p, c.number, message))
		return nil
	})
	return id, err
}

// Edit changes the text of an own message. A number in coexistence is told the new text; any other gets only an
// unsupported message. ref: reference/whatsapp-cloud.md §4.1
func (c *Chat) Edit(wamid, text string) (id string, err error) {
	err = c.locked(func(p *person) error {
		m, err := c.own(wamid, editableFor)
		if err != nil {
			return err
		}
		if m.Kind != "text" && m.Media == nil {
			return fmt.Errorf("edit a message without text: %w", errs.ErrUnsupported)
		}
		m.Text, m.Edited = text, true
		id = newWamid(p.WaID)
		message := c.e.inbound(p, c.number, id, "edit", nil)
		if !c.number.Coexistence {
			message = c.unsupported(p, id, "edit", refuse(131051, "Message type is not currently supported."))
		} else {
			message["edit"] = object{"original_message_id": m.ID, "message": c.editedContent(m)}
		}
		if m.GroupID != "" {
			message["group_id"] = m.GroupID
		}
		c.reach(nil, c.e.messageUpdate(p, c.number, message))
		return nil
	})
	return id, err
}

// editedContent is the message as it is after an edit. The caller holds mu.
func (c *Chat) editedContent(m *Message) object {
	content := object{"body": m.Text}
	if m.Media != nil {
		content = c.e.mediaContent(c.e.st.Media[m.Media.ID])
		content["caption"] = m.Text
	}
	edited := object{"type": m.Kind, m.Kind: content}
	if m.Quote != "" {
		edited["context"] = object{"id": m.Quote}
	}
	return edited
}

// Delete deletes an own message for everyone. A number in coexistence is told; any other is told nothing, and no ID is
// returned. ref: reference/whatsapp-cloud.md §4.1
func (c *Chat) Delete(wamid string) (id string, err error) {
	err = c.locked(func(p *person) error {
		m, err := c.own(wamid, deletableFor)
		if err != nil {
			return err
		}
		m.Deleted, m.Text, m.Media, m.Location, m.Contacts = true, "", nil, nil, nil
		if !c.number.Coexistence {
			c.e.touch()
			return nil
		}
		id = newWamid(p.WaID)
		message := c.e.inbound(p, c.number, id, "revoke", object{"original_message_id": m.ID})
		if m.GroupID != "" {
			message["group_id"] = m.GroupID
		}
		c.reach(nil, c.e.messageUpdate(p, c.number, message))
		return nil
	})
	return id, err
}

// own finds a message of the customer that is not older than may be. The caller holds mu.
func (c *Chat) own(wamid string, within time.Duration) (*Message, error) {
	m, err := c.message(wamid)
	switch {
	case err != nil:
		return nil, err
	case m.Author != c.userID || m.Deleted:
		return nil, fmt.Errorf("change a message: it is not the customer's: %w", errs.ErrForbidden)
	case c.e.clock.Now().Sub(m.At) > within:
		return nil, fmt.Errorf("change a message: it is too old: %w", errs.ErrForbidden)
	}
	return m, nil
}

// SendUnsupported sends something that the Cloud API cannot carry: poll, button, …
func (c *Chat) SendUnsupported(kind string) (string, error) {
	return c.sendUnsupported(kind, refuse(131051, "Message type is not currently supported."))
}

func (c *Chat) sendUnsupported(kind string, reason *graphError) (id string, err error) {
	err = c.locked(func(p *person) error {
		m := &Message{Kind: "unsupported", Subtype: kind}
		to, err := c.prepare(m, &sending{}, p)
		if err != nil {
			return err
		}
		id = m.ID
		c.e.add(m, to)
		c.reach(m, c.e.messageUpdate(p, c.number, c.unsupported(p, id, kind, reason)))
		return nil
	})
	return id, err
}

func (c *Chat) unsupported(p *person, id, kind string, reason *graphError) object {
	message := c.e.inbound(p, c.number, id, "unsupported", nil)
	problem := reason.statusError()
	delete(problem, "href")
	message["errors"] = []any{problem}
	if kind != "" {
		message["unsupported"] = object{"type": kind}
	}
	return message
}
