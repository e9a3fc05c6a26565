package emulator

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// typingLife is how long a phone shows that somebody is typing without hearing it again.
const typingLife = 15 * time.Second

// thread is one conversation: of two people, of one with themselves, or of a group.
type thread struct {
	Key      string           `json:"key"`
	Parties  []string         `json:"parties,omitempty"` // ACIs, if it is no group
	GroupID  string           `json:"group_id,omitempty"`
	Messages []*Message       `json:"messages"`
	Typing   map[string]int64 `json:"-"`     // until when somebody is typing, ms
	Timer    int              `json:"timer"` // seconds after which messages disappear
}

// direct returns the conversation of two people, made on first use.
func (s *state) direct(a, b string) *thread {
	parties := []string{a, b}
	sort.Strings(parties)
	parties = slices.Compact(parties)
	return s.threadOf(&thread{Key: strings.Join(parties, "|"), Parties: parties})
}

// groupThread returns a group's conversation, made on first use.
func (s *state) groupThread(id string) *thread {
	return s.threadOf(&thread{Key: "group|" + id, GroupID: id})
}

func (s *state) threadOf(fresh *thread) *thread {
	t := s.Threads[fresh.Key]
	if t == nil {
		t = fresh
		s.Threads[t.Key] = t
	}
	if t.Typing == nil {
		t.Typing = map[string]int64{}
	}
	return t
}

// members are all whose phones have the conversation.
func (s *state) members(t *thread) []string {
	if t.GroupID == "" {
		return t.Parties
	}
	var out []string
	if g := s.group(t.GroupID); g != nil {
		for _, m := range g.Members {
			out = append(out, m.ACI)
		}
	}
	return out
}

// others are the members without one.
func (s *state) others(t *thread, aci string) []string {
	return slices.DeleteFunc(slices.Clone(s.members(t)), func(other string) bool { return other == aci })
}

// find returns a message of the conversation by its author and its timestamp, or nil.
func (t *thread) find(author string, timestamp int64) *Message {
	for _, m := range slices.Backward(t.Messages) {
		if m.Author == author && m.Timestamp == timestamp {
			return m
		}
	}
	return nil
}

// findVersion returns a message by its author and the timestamp of any of its versions, or nil.
func (t *thread) findVersion(author string, timestamp int64) *Message {
	for _, m := range slices.Backward(t.Messages) {
		if m.Author == author && (m.Timestamp == timestamp || slices.Contains(m.Edits, timestamp)) {
			return m
		}
	}
	return nil
}

// add puts a message into a conversation, for everybody who is in it. The caller holds mu.
func (e *Emulator) add(t *thread, m *Message) {
	e.st.Seq++
	m.Seq, m.ID, m.GroupID = e.st.Seq, messageID(m.Author, m.Timestamp), t.GroupID
	t.Messages = append(t.Messages, m)
	delete(t.Typing, m.Author)
}

// addLine puts a line about a change into a conversation, which everybody sees. The caller holds mu.
func (e *Emulator) addLine(t *thread, author string, at int64, line string) *Message {
	m := &Message{Author: author, Timestamp: at, Kind: "line", Line: line}
	for _, aci := range e.st.others(t, author) {
		m.To = append(m.To, Copy{ACI: aci, State: Delivered})
	}
	e.add(t, m)
	return m
}

// arrive brings a message of the business to a customer's phone if it is on, and tells the business so.
// The caller holds mu.
func (e *Emulator) arrive(t *thread, m *Message, p *person) {
	b := e.st.account(m.Author)
	if b != nil && p.Blocks[b.ACI] || p.Unregistered {
		return
	}
	if p.Offline {
		p.Missed = true
		return
	}
	if !m.advance(p.ACI, Delivered) || b == nil {
		return
	}
	e.receipt(b, p, "delivery", []int64{m.Timestamp})
	if e.opt.AutoRead && m.advance(p.ACI, Read) && !p.ReceiptsOff {
		e.receipt(b, p, "read", []int64{m.Timestamp})
	}
}

// arriveAll brings what a phone missed.
func (e *Emulator) arriveAll(p *person) {
	var late []*Message
	home := map[*Message]*thread{}
	for _, t := range e.st.Threads {
		for _, m := range t.Messages {
			if m.State(p.ACI) == Sent {
				late, home[m] = append(late, m), t
			}
		}
	}
	sort.Slice(late, func(i, j int) bool { return late[i].Seq < late[j].Seq })
	for _, m := range late {
		e.arrive(home[m], m, p)
	}
}

// ignore notes that something which was sent changed nothing on any phone. The caller holds mu.
func (e *Emulator) ignore(what string) { e.record.ignored = append(e.record.ignored, what) }
