package webhook

import (
	"fmt"
	"strings"
	"time"
)

// The most that one request may hold.
const (
	maxBatch   = 1000
	maxID      = 255
	maxLine    = 1000
	maxText    = 100_000
	maxURL     = 4000
	maxFiles   = 10
	maxMembers = 500
	maxFaults  = 20
)

// part is one part of an event that its type may need.
type part string

const (
	partConversation part = "conversation"
	partFrom         part = "from"
	partMessage      part = "message"
	partMessageID    part = "message_id"
	partEmoji        part = "emoji"
	partTyping       part = "typing"
	partStatus       part = "status"
)

// needs are the parts that each type of event must have. A type that is not here may be one of tomorrow's.
var needs = map[string][]part{
	typeMessageCreated:      {partConversation, partFrom, partMessage},
	typeMessageEdited:       {partConversation, partFrom, partMessage},
	typeMessageDeleted:      {partConversation, partFrom, partMessageID},
	typeMessageStatus:       {partMessageID, partStatus},
	typeReactionAdded:       {partConversation, partFrom, partMessageID, partEmoji},
	typeReactionRemoved:     {partConversation, partFrom, partMessageID},
	typeTyping:              {partConversation, partFrom, partTyping},
	typeRead:                {partConversation, partFrom, partMessageID},
	typeConversationUpdated: {partConversation},
}

// validate refuses what could not be bridged. Members of objects that it does not know it passes over: the API grows.
func (e *Event) validate(f *faults, at string) {
	f.word(at+"/id", e.ID)
	f.word(at+"/type", e.Type)
	if e.SentAt != "" {
		if _, err := time.Parse(time.RFC3339, e.SentAt); err != nil {
			f.add(at+"/sent_at", "is no time: write it as 2026-03-01T12:00:00Z (RFC 3339)")
		}
	}
	has := map[part]bool{
		partConversation: e.Conversation != nil, partFrom: e.From != nil, partMessage: e.Message != nil, partMessageID: e.MessageID != "",
		partEmoji: e.Emoji != "", partTyping: e.Typing != nil, partStatus: e.Status != "",
	}
	for _, need := range needs[e.Type] {
		if !has[need] {
			f.add(at+"/"+string(need), "is missing: %s needs it", e.Type)
		}
	}
	e.validateParts(f, at)
}

func (e *Event) validateParts(f *faults, at string) {
	if e.Conversation != nil {
		e.Conversation.validate(f, at+"/conversation")
	}
	if e.From != nil {
		e.From.validate(f, at+"/from")
	}
	if e.Message != nil {
		e.Message.validate(f, at+"/message", e.Type)
	}
	if e.MessageID != "" {
		f.word(at+"/message_id", e.MessageID)
	}
	f.line(at+"/emoji", e.Emoji, maxID)
	f.line(at+"/reason", e.Reason, maxLine)
	if _, known := states[e.Status]; e.Status != "" && !known {
		f.add(at+"/status", "is unknown: send delivered, read or failed")
	}
}

func (c *Conversation) validate(f *faults, at string) {
	f.word(at+"/id", c.ID)
	f.line(at+"/name", c.Name, maxLine)
	f.line(at+"/topic", c.Topic, maxLine)
	f.address(at+"/avatar_url", c.AvatarURL)
	if len(c.Members) > maxMembers {
		f.add(at+"/members", "has %d people: send at most %d", len(c.Members), maxMembers)
		return
	}
	for i := range c.Members {
		c.Members[i].validate(f, fmt.Sprintf("%s/members/%d", at, i))
	}
}

func (p *Person) validate(f *faults, at string) {
	f.word(at+"/id", p.ID)
	f.line(at+"/name", p.Name, maxLine)
	f.address(at+"/avatar_url", p.AvatarURL)
	f.line(at+"/phone", p.Phone, maxID)
	f.line(at+"/email", p.Email, maxID)
	if p.Role != "" && p.Role != roleBusiness && p.Role != "customer" {
		f.add(at+"/role", "is unknown: send customer or business")
	}
}

func (m *Message) validate(f *faults, at, eventType string) {
	f.word(at+"/id", m.ID)
	if eventType == typeMessageCreated && strings.HasPrefix(m.ID, ownPrefix) {
		f.add(at+"/id", "begins with %q, as only Puente's own do: give another", ownPrefix)
	}
	if m.ReplyTo != "" {
		f.word(at+"/reply_to", m.ReplyTo)
	}
	f.text(at+"/text", m.Text)
	f.text(at+"/html", m.HTML)
	others := 0
	for _, has := range []bool{len(m.Media) > 0, m.Location != nil, m.Contact != nil, m.Answer != nil} {
		if has {
			others++
		}
	}
	hasText := m.Text != "" || m.HTML != ""
	if others == 0 && !hasText {
		f.add(at, "says nothing: give text, html, media, location, contact or answer")
	} else if others > 1 || (others == 1 && hasText && len(m.Media) == 0) {
		f.add(at, "says several things: send a message for each; only media may have a text")
	}
	m.validateParts(f, at)
}

func (m *Message) validateParts(f *faults, at string) {
	if len(m.Media) > maxFiles {
		f.add(at+"/media", "has %d files: send at most %d", len(m.Media), maxFiles)
		return
	}
	for i := range m.Media {
		m.Media[i].validate(f, fmt.Sprintf("%s/media/%d", at, i))
		if i == 0 && m.Media[i].Caption != "" && (m.Text != "" || m.HTML != "") {
			f.add(at+"/media/0/caption", "is given beside the message's text: the text is the first file's caption")
		}
	}
	if l := m.Location; l != nil {
		f.location(at+"/location", l)
	}
	if c := m.Contact; c != nil {
		f.contact(at+"/contact", c)
	}
	if a := m.Answer; a != nil {
		f.word(at+"/answer/id", a.ID)
		f.word(at+"/answer/title", a.Title)
	}
}

func (m *Media) validate(f *faults, at string) {
	if _, known := kinds[m.Kind]; !known {
		f.add(at+"/kind", "is unknown: send image, video, audio, voice, file or sticker")
	}
	switch {
	case (m.URL == "") == (m.UploadID == ""):
		f.add(at, "needs either url or upload_id")
	case m.UploadID != "" && !uploadName.MatchString(m.UploadID):
		f.add(at+"/upload_id", "is none of Puente's: upload the file first and send the upload_id of the answer")
	}
	f.address(at+"/url", m.URL)
	f.line(at+"/mime", m.Mime, maxID)
	f.line(at+"/name", m.Name, maxLine)
	f.text(at+"/caption", m.Caption)
}

func (f *faults) location(at string, l *Location) {
	if l.Latitude < -90 || l.Latitude > 90 {
		f.add(at+"/latitude", "must be -90 to 90 degrees")
	}
	if l.Longitude < -180 || l.Longitude > 180 {
		f.add(at+"/longitude", "must be -180 to 180 degrees")
	}
	f.line(at+"/name", l.Name, maxLine)
	f.line(at+"/address", l.Address, maxLine)
}

func (f *faults) contact(at string, c *Contact) {
	f.word(at+"/name", c.Name)
	f.line(at+"/organization", c.Organization, maxLine)
	for name, list := range map[string][]string{"phones": c.Phones, "emails": c.Emails} {
		if len(list) > maxFiles {
			f.add(at+"/"+name, "has %d entries: send at most %d", len(list), maxFiles)
			continue
		}
		for i, one := range list {
			f.line(fmt.Sprintf("%s/%s/%d", at, name, i), one, maxLine)
		}
	}
}
