package emulator

import (
	"fmt"
	"time"

	"puente/core/base/errs"
)

// Chat is one conversation as one customer sees it; its methods are what the customer does.
type Chat struct {
	e          *Emulator
	customerID string
	chatID     string
}

// Chat returns a customer's conversation; an empty chat ID means the customer's own with the business.
func (e *Emulator) Chat(customerID, chatID string) (*Chat, error) {
	if chatID == "" {
		chatID = privateChat(customerID)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.st.chatOf(customerID, chatID); err != nil {
		return nil, err
	}
	return &Chat{e: e, customerID: customerID, chatID: chatID}, nil
}

// do runs act with the chat and the customer while the emulator's memory is locked, and posts the event
// that it returns; nil: none.
func (c *Chat) do(act func(in *chat, who *person) (*update, error)) error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	in, err := c.e.st.chatOf(c.customerID, c.chatID)
	if err != nil {
		return err
	}
	who, err := c.e.st.person(c.customerID)
	if err != nil {
		return err
	}
	made, err := act(in, who)
	if err != nil {
		return err
	}
	if made == nil {
		c.e.touch()
		return nil
	}
	c.e.enqueue(made)
	return nil
}

// event is what every event of a customer's has. The caller holds mu.
func (c *Chat) event(kind string, in *chat, who *person, more object) *update {
	out := object{
		"id": c.e.st.next("evt"), "type": kind, "sent_at": c.e.stamp(),
		"conversation": object{"id": in.ID}, "from": c.e.from(who),
	}
	for key, value := range more {
		out[key] = value
	}
	return &update{Event: out}
}

func (e *Emulator) stamp() string { return e.clock.Now().UTC().Format(time.RFC3339Nano) }

// Say writes a text; html is empty if nothing is styled. replyTo may name any message, also one that Puente never saw.
func (c *Chat) Say(text, html, replyTo string) (messageID string, err error) {
	said := object{"text": text}
	if html != "" {
		said["html"] = html
	}
	return c.say(&Message{Text: text, HTML: html, ReplyTo: replyTo}, said)
}

// say puts a message of the customer's on the phones and on its way to Puente.
func (c *Chat) say(m *Message, said object, files ...string) (messageID string, err error) {
	err = c.do(func(in *chat, who *person) (*update, error) {
		m.Author = who.ID
		c.add(in, m)
		said["id"] = m.ID
		if m.ReplyTo != "" {
			said["reply_to"] = m.ReplyTo
		}
		made := c.event("message.created", in, who, object{"message": said})
		made.Files = files
		return made, nil
	})
	return m.ID, err
}

// add gives a message its ID and place. The caller holds mu.
func (c *Chat) add(in *chat, m *Message) {
	m.ID = c.e.st.next("msg")
	m.Seq, m.Chat, m.Group, m.At, m.Status = c.e.st.Seq, in.ID, in.group(), c.e.clock.Now(), "sent"
	in.Messages = append(in.Messages, m)
}

// Upload is a file that a customer sends.
type Upload struct {
	Kind string // image, video, audio, voice, file, sticker
	Mime string
	Name string
	Data []byte
}

// SendFiles sends one or several files; text and html stand under the first. Files go to Puente by upload and by
// address in turns.
func (c *Chat) SendFiles(text, html, replyTo string, uploads ...Upload) (messageID string, err error) {
	if len(uploads) == 0 {
		return "", fmt.Errorf("send no file: %w", errs.ErrInvalid)
	}
	var files []string
	var media []any
	var first *File
	var more []*Message
	c.e.mu.Lock()
	for i, one := range uploads {
		kept := c.e.keep(one.Mime, one.Name, one.Data)
		files = append(files, kept.ID)
		part := object{"kind": one.Kind, "mime": one.Mime}
		if one.Name != "" {
			part["name"] = one.Name
		}
		media = append(media, part)
		shown := &File{ID: kept.ID, Kind: one.Kind, Mime: one.Mime, Name: one.Name, Size: int64(len(one.Data))}
		if i == 0 {
			first = shown
			continue
		}
		more = append(more, &Message{Author: c.customerID, File: shown})
	}
	c.e.mu.Unlock()
	said := object{"media": media}
	if text != "" {
		said["text"] = text
	}
	if html != "" {
		said["html"] = html
	}
	messageID, err = c.say(&Message{Text: text, HTML: html, ReplyTo: replyTo, File: first}, said, files...)
	if err != nil {
		return "", err
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if in, err := c.e.st.chatOf(c.customerID, c.chatID); err == nil {
		for i, m := range more {
			c.add(in, m)
			m.ID = fmt.Sprintf("%s/%d", messageID, i+2)
		}
	}
	return messageID, nil
}

// SendLocation shares a place.
func (c *Chat) SendLocation(l Location) (string, error) {
	return c.say(&Message{Location: &l}, object{"location": object{
		"latitude": l.Latitude, "longitude": l.Longitude, "name": l.Name, "address": l.Address,
	}})
}

// SendContact shares a card of the address book.
func (c *Chat) SendContact(card Contact) (string, error) {
	out := object{"name": card.Name}
	if card.Phone != "" {
		out["phones"] = []any{card.Phone}
	}
	if card.Email != "" {
		out["emails"] = []any{card.Email}
	}
	return c.say(&Message{Contact: &card}, object{"contact": out})
}

// SendOdd sends something of a kind that Puente does not know.
func (c *Chat) SendOdd() (string, error) {
	m := &Message{Odd: "a spinning carousel"}
	return m.ID, c.do(func(in *chat, who *person) (*update, error) {
		m.Author = who.ID
		c.add(in, m)
		return c.event("carousel.spun", in, who, object{"carousel": object{"slides": 3}}), nil
	})
}

// Press picks one of a message's choices.
func (c *Chat) Press(messageID, choiceID string) (string, error) {
	c.e.mu.Lock()
	title := ""
	if in, err := c.e.st.chatOf(c.customerID, c.chatID); err == nil {
		if m, err := in.message(messageID); err == nil && m.Choices != nil {
			for _, one := range m.Choices.List {
				if one.ID == choiceID {
					title, m.Chosen = one.Title, choiceID
				}
			}
		}
	}
	c.e.mu.Unlock()
	if title == "" {
		return "", fmt.Errorf("choice of an emulated message: %w", errs.ErrNotFound)
	}
	return c.say(&Message{Text: title, ReplyTo: messageID}, object{"answer": object{"id": choiceID, "title": title}})
}

// React puts an emoji on a message, or with an empty one takes it off. The message may be one that Puente never saw.
func (c *Chat) React(messageID, emoji string) error {
	return c.do(func(in *chat, who *person) (*update, error) {
		if m, err := in.message(messageID); err == nil {
			m.react(who.ID, emoji)
		}
		if emoji == "" {
			return c.event("reaction.removed", in, who, object{"message_id": messageID}), nil
		}
		return c.event("reaction.added", in, who, object{"message_id": messageID, "emoji": emoji}), nil
	})
}

// Edit changes a message of the customer's own. It may be one that Puente never saw.
func (c *Chat) Edit(messageID, text, html string) error {
	return c.do(func(in *chat, who *person) (*update, error) {
		if m, err := in.message(messageID); err == nil {
			if m.Author != who.ID || m.File != nil {
				return nil, fmt.Errorf("edit of an emulated message: %w", errs.ErrForbidden)
			}
			m.Text, m.HTML, m.Edited = text, html, true
		}
		said := object{"id": messageID, "text": text}
		if html != "" {
			said["html"] = html
		}
		return c.event("message.edited", in, who, object{"message": said}), nil
	})
}

// Delete takes a message of the customer's own back. It may be one that Puente never saw.
func (c *Chat) Delete(messageID string) error {
	return c.do(func(in *chat, who *person) (*update, error) {
		if m, err := in.message(messageID); err == nil {
			if m.Author != who.ID {
				return nil, fmt.Errorf("deletion of an emulated message: %w", errs.ErrForbidden)
			}
			m.Deleted = true
		}
		return c.event("message.deleted", in, who, object{"message_id": messageID}), nil
	})
}

// Type shows, or stops showing, that the customer is typing.
func (c *Chat) Type(on bool) error {
	return c.do(func(in *chat, who *person) (*update, error) {
		return c.event("typing", in, who, object{"typing": on}), nil
	})
}

// Read reads what the business sent, up to and with a message. A customer who wants it so does not let the business know.
func (c *Chat) Read(messageID string) error {
	return c.do(func(in *chat, who *person) (*update, error) {
		target, err := in.message(messageID)
		if err != nil {
			return nil, err
		}
		for _, m := range in.Messages {
			if m.FromBusiness && m.Seq <= target.Seq {
				m.Status = "read"
			}
		}
		if who.Quiet {
			return nil, nil
		}
		return c.event("read", in, who, object{"message_id": messageID}), nil
	})
}

// Own is what somebody at the business writes to this customer in the system itself, past Puente.
func (c *Chat) Own(text string) (messageID string, err error) {
	m := &Message{Text: text, FromBusiness: true}
	err = c.do(func(in *chat, who *person) (*update, error) {
		c.add(in, m)
		return c.event("message.created", in, who, object{
			"from": object{"id": "staff", "name": "Staff", "role": "business"}, "message": object{"id": m.ID, "text": text},
		}), nil
	})
	return m.ID, err
}

// Choices are those of a message that has some.
func (c *Chat) Choices(messageID string) []Choice {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	in, err := c.e.st.chatOf(c.customerID, c.chatID)
	if err != nil {
		return nil
	}
	m, err := in.message(messageID)
	if err != nil || m.Choices == nil {
		return nil
	}
	return m.Choices.List
}
