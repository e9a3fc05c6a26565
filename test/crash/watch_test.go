package crash

import (
	"strings"
	"sync"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
)

// sightings is what has arrived so far, as far as somebody looked. It only helps to know when to go on; what counts is
// looked at anew in the end.
type sightings struct {
	mu     sync.Mutex
	mark   int                  // of what alice has seen
	events map[token]id.EventID // customers' messages in the rooms
	phones map[token]string     // agents' messages on the phones, by message ID
}

func newSightings() *sightings {
	return &sightings{events: map[token]id.EventID{}, phones: map[token]string{}}
}

// look takes in what alice's client has been told since the last look, and what the phones show now.
func (l *load) look() {
	s := l.seen
	s.mu.Lock()
	defer s.mu.Unlock()
	news := l.w.alice.Since(s.mark)
	s.mark += len(news)
	for _, one := range news {
		t, ok := customersToken(one.Event)
		if !ok {
			continue
		}
		if c := l.chat(t.chat); c != nil {
			c.seenIn(one.RoomID)
		}
		if s.events[t] == "" {
			s.events[t] = one.ID
		}
	}
	for _, c := range l.all() {
		messages, err := c.messages()
		if err != nil {
			continue // it will be looked at again, and in the end an error counts
		}
		for _, m := range messages {
			if t, ok := findToken(m.Text); ok && t.dir == out {
				s.phones[t] = m.ID
			}
		}
	}
}

// customersToken is the token of a customer's message, no edit, if the event is one.
func customersToken(evt *event.Event) (token, bool) {
	msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if !ok || evt.Type != event.EventMessage || (msg.RelatesTo != nil && msg.RelatesTo.Type == event.RelReplace) {
		return token{}, false
	}
	if _, ghost := isGhost(evt.Sender); !ghost {
		return token{}, false
	}
	t, ok := findToken(words(msg))
	return t, ok && t.dir == in
}

// words are a message's own, without those that it answers.
func words(msg *event.MessageEventContent) string {
	body := event.TrimReplyFallbackText(msg.Body)
	if _, ok := findToken(body); !ok {
		return body + " " + msg.FileName
	}
	return body
}

// messages are what the first member's phone shows of the chat.
func (c *chat) messages() ([]phone.Message, error) {
	return c.provider.phones.Messages(c.members[0].ID, c.id)
}

// under tells how many messages are on their way, as far as was looked.
func (l *load) under() int {
	l.seen.mu.Lock()
	defer l.seen.mu.Unlock()
	missing := 0
	for _, c := range l.all() {
		for _, one := range c.history(in) {
			if _, ok := l.seen.events[one.token]; !ok && !one.deleted {
				missing++
			}
		}
		for _, one := range c.history(out) {
			if _, ok := l.seen.phones[one.token]; !ok && !one.deleted {
				missing++
			}
		}
	}
	return missing
}

// eventOf is the event of a customer's message, "" if nobody has seen it yet.
func (l *load) eventOf(t token) id.EventID {
	l.seen.mu.Lock()
	defer l.seen.mu.Unlock()
	return l.seen.events[t]
}

// onPhone is the ID of a message on the customer's phone, "" if it is not there.
func (c *chat) onPhone(t token) string {
	messages, err := c.messages()
	if err != nil {
		return ""
	}
	for _, m := range messages {
		if found, ok := findToken(m.Text); ok && found == t && !strings.Contains(m.ID, "#") {
			return m.ID
		}
	}
	return ""
}

// phoneID is the ID that the customer's phone has, or had, for a message; empty if it never had it.
func (c *chat) phoneID(t token) string {
	if found := c.onPhone(t); found != "" {
		return found
	}
	for _, one := range c.lines(t.dir) {
		if one.token.seq == t.seq && one.erased != "" {
			return one.erased
		}
	}
	return ""
}
