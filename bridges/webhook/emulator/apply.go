package emulator

import (
	"fmt"
	"time"

	"puente/core/base/errs"
)

// apply shows on the phones what an agent did, and returns what to answer. The caller holds mu.
func (e *Emulator) apply(in *chat, evt callback, files []*file) (answer object, err error) {
	switch evt.Type {
	case "message.created":
		return e.arrive(in, evt, files), nil
	case "message.edited":
		m, err := in.message(evt.Message.ID)
		if err != nil {
			return nil, err
		}
		m.Text, m.HTML, m.Edited = evt.Message.Text, evt.Message.HTML, true
		return nil, nil
	case "message.deleted":
		m, err := in.message(evt.MessageID)
		if err != nil {
			return nil, err
		}
		m.Deleted = true
		return nil, nil
	case "reaction.added", "reaction.removed":
		m, err := in.message(evt.MessageID)
		if err != nil {
			return nil, err
		}
		if evt.Type == "reaction.removed" {
			evt.Emoji = ""
		}
		m.react("", evt.Emoji)
		return nil, nil
	case "typing":
		in.Typing = time.Time{}
		if evt.Typing {
			in.Typing = e.clock.Now().Add(typingLasts)
		}
		return nil, nil
	case "read":
		return nil, in.readUpTo(evt.MessageID)
	}
	return nil, fmt.Errorf("event of an unknown type: %w", errs.ErrUnsupported)
}

// arrive puts an agent's message on the phones and says that it was delivered.
func (e *Emulator) arrive(in *chat, evt callback, files []*file) object {
	m := &Message{
		ID: e.st.next("msg"), PuenteID: evt.Message.ID, FromBusiness: true, Chat: in.ID, Group: in.group(), At: e.clock.Now(),
		Text: evt.Message.Text, HTML: evt.Message.HTML, Location: evt.Message.Location, ReplyTo: evt.Message.ReplyTo, Status: "delivered",
	}
	m.Seq = e.st.Seq
	for i, one := range evt.Message.Media {
		e.st.Files[files[i].ID] = files[i]
		m.File = &File{ID: files[i].ID, Kind: one.Kind, Mime: one.Mime, Name: one.Name, Size: one.Size}
	}
	if c := evt.Message.Choices; c != nil {
		m.Text, m.Choices = c.Body, &Choices{Header: c.Header, Footer: c.Footer, Open: c.Open, List: c.Choices}
	}
	in.Messages = append(in.Messages, m)
	in.Typing = time.Time{}
	e.report(in, m, "delivered")
	if e.opt.AutoRead {
		m.Status = "read"
		e.report(in, m, "read")
	}
	return object{"id": m.ID}
}

// report tells Puente how far a message got with each member.
func (e *Emulator) report(in *chat, m *Message, status string) {
	for _, id := range in.Members {
		who, err := e.st.person(id)
		if err != nil || (who.Quiet && status == "read") {
			continue
		}
		e.enqueue(&update{Event: object{
			"id": e.st.next("evt"), "type": "message.status", "sent_at": e.stamp(), "conversation": object{"id": in.ID},
			"from": e.from(who), "message_id": m.ID, "status": status,
		}})
	}
}

// readUpTo shows that the business has read what the customers wrote, up to a message.
func (c *chat) readUpTo(messageID string) error {
	target, err := c.message(messageID)
	if err != nil {
		return err
	}
	for _, m := range c.Messages {
		if !m.FromBusiness && m.Seq <= target.Seq {
			m.Status = "read"
		}
	}
	return nil
}
