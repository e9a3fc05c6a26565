package emulator

import "strconv"

// The states of a message with one of its recipients, in the order in which they follow one another.
const (
	Sent      = "sent"
	Delivered = "delivered"
	Read      = "read"
	Viewed    = "viewed"
	Failed    = "failed"
)

// Message is one message, or one line about a change, as phones show it. Author and Timestamp are its identity.
// ref: reference/signal-cli.md §5
type Message struct {
	ID        string `json:"id"` // "<author>:<timestamp>", of the emulator's own making
	Seq       int64  `json:"seq"`
	Author    string `json:"author"` // ACI
	Timestamp int64  `json:"timestamp"`
	GroupID   string `json:"group_id,omitempty"`
	// Kind: text (with or without files), sticker, contact, poll, call, story, or line: a change, told in Line.
	Kind string `json:"kind"`
	Line string `json:"line,omitempty"`

	Text     string    `json:"text,omitempty"`
	Styles   []Style   `json:"styles,omitempty"`
	Mentions []Mention `json:"mentions,omitempty"`
	Quote    *Quote    `json:"quote,omitempty"`
	Files    []Media   `json:"files,omitempty"`
	ViewOnce bool      `json:"view_once,omitempty"`
	Sticker  *Sticker  `json:"sticker,omitempty"`
	Previews []Preview `json:"previews,omitempty"`
	Contacts []Card    `json:"contacts,omitempty"`
	Poll     *Poll     `json:"poll,omitempty"`
	Story    *Ref      `json:"story,omitempty"` // of a story that it answers

	Reactions []Reaction `json:"reactions,omitempty"`
	Edits     []int64    `json:"edits,omitempty"` // timestamps of its revisions, the latest last
	Deleted   bool       `json:"deleted,omitempty"`
	DeletedBy string     `json:"deleted_by,omitempty"` // an admin, if it was not the author
	Pinned    bool       `json:"pinned,omitempty"`
	ExpiresIn int        `json:"expires_in,omitempty"` // seconds after it was read; 0: never
	To        []Copy     `json:"to,omitempty"`
}

// Style is formatting of a part of a text, in UTF-16 code units.
type Style struct {
	Start  int    `json:"start"`
	Length int    `json:"length"`
	Name   string `json:"name"` // BOLD ITALIC SPOILER STRIKETHROUGH MONOSPACE
}

// Mention names somebody at a U+FFFC of a text, in UTF-16 code units.
type Mention struct {
	Start  int    `json:"start"`
	Length int    `json:"length"`
	ACI    string `json:"aci"`
}

// Ref names a message: its author's ACI and its timestamp.
type Ref struct {
	Author    string `json:"author"`
	Timestamp int64  `json:"timestamp"`
}

// Quote is the message that another one answers, as its author saw it.
type Quote struct {
	Ref
	Text     string        `json:"text"`
	Styles   []Style       `json:"styles,omitempty"`
	Mentions []Mention     `json:"mentions,omitempty"`
	Files    []QuotedMedia `json:"files,omitempty"`
}

// QuotedMedia is a file of a quoted message.
type QuotedMedia struct {
	Mime string `json:"mime"`
	Name string `json:"name,omitempty"`
}

// Media is a file in a message; Open gives its content.
type Media struct {
	ID      string `json:"id"` // with an extension
	Mime    string `json:"mime"`
	Name    string `json:"name,omitempty"`
	Size    int64  `json:"size"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Voice   bool   `json:"voice,omitempty"`
	Caption string `json:"caption,omitempty"`
	At      int64  `json:"at"` // upload timestamp
}

// Sticker is one sticker of a pack.
type Sticker struct {
	PackID    string `json:"pack_id"` // hex
	StickerID int    `json:"sticker_id"`
}

// Preview is what a message shows of a link.
type Preview struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Image       *Media `json:"image,omitempty"`
}

// Card is a contact card.
type Card struct {
	Given, Family, Nickname string
	Phones                  []string
	Emails                  []string
	Street, City, Country   string
	Organization            string
	Avatar                  *Media
}

// Poll is a question and its votes.
type Poll struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Multiple bool     `json:"multiple"`
	Closed   bool     `json:"closed"`
	Votes    []Vote   `json:"votes,omitempty"`
}

// Vote is what somebody chose, and for the how-manieth time.
type Vote struct {
	By      string `json:"by"`
	Options []int  `json:"options"`
	Count   int    `json:"count"`
}

// Reaction is somebody's emoji on a message.
type Reaction struct {
	By    string `json:"by"`
	Emoji string `json:"emoji"`
}

// Copy is how far a message has come with one recipient.
type Copy struct {
	ACI   string `json:"aci"`
	State string `json:"state"`
}

// Receipt is a receipt that a customer's phone got from the business.
type Receipt struct {
	Account    string  `json:"account"` // number
	Type       string  `json:"type"`    // delivery, read or viewed
	Timestamps []int64 `json:"timestamps"`
}

func messageID(author string, timestamp int64) string {
	return author + ":" + strconv.FormatInt(timestamp, 10)
}

func rank(state string) int {
	switch state {
	case Sent:
		return 1
	case Delivered:
		return 2
	case Read:
		return 3
	case Viewed:
		return 4
	}
	return 0
}

// State is how far a message has come with somebody, or "" if it was not for them.
func (m *Message) State(aci string) string {
	for _, c := range m.To {
		if c.ACI == aci {
			return c.State
		}
	}
	return ""
}

// advance moves a copy forward and tells whether it did: receipts never go back.
func (m *Message) advance(aci, state string) bool {
	for i := range m.To {
		if m.To[i].ACI == aci && rank(m.To[i].State) < rank(state) && m.To[i].State != Failed {
			m.To[i].State = state
			return true
		}
	}
	return false
}

// seenBy tells whether somebody's phone shows the message.
func (m *Message) seenBy(aci string) bool {
	return m.Author == aci || rank(m.State(aci)) >= rank(Delivered)
}

// latest is the timestamp of the last version.
func (m *Message) latest() int64 {
	if n := len(m.Edits); n > 0 {
		return m.Edits[n-1]
	}
	return m.Timestamp
}

// clone copies a message for a reader outside the lock.
func (m *Message) clone() Message {
	c := *m
	c.Reactions = append([]Reaction(nil), m.Reactions...)
	c.To = append([]Copy(nil), m.To...)
	c.Edits = append([]int64(nil), m.Edits...)
	if m.Poll != nil {
		p := *m.Poll
		p.Votes = append([]Vote(nil), m.Poll.Votes...)
		c.Poll = &p
	}
	return c
}

// react sets, changes or (with an empty emoji) removes somebody's reaction.
func (m *Message) react(by, emoji string) {
	kept := m.Reactions[:0]
	for _, r := range m.Reactions {
		if r.By != by {
			kept = append(kept, r)
		}
	}
	m.Reactions = kept
	if emoji != "" {
		m.Reactions = append(m.Reactions, Reaction{By: by, Emoji: emoji})
	}
}

// erase leaves of a message only that it was deleted.
func (m *Message) erase(by string) {
	*m = Message{ID: m.ID, Seq: m.Seq, Author: m.Author, Timestamp: m.Timestamp, GroupID: m.GroupID, Kind: "text", Deleted: true, To: m.To}
	if by != m.Author {
		m.DeletedBy = by
	}
}

// vote counts a vote, unless it is older than the voter's last.
func (p *Poll) vote(v Vote) bool {
	for i := range p.Votes {
		if p.Votes[i].By == v.By {
			if v.Count <= p.Votes[i].Count {
				return false
			}
			p.Votes[i] = v
			return true
		}
	}
	p.Votes = append(p.Votes, v)
	return true
}

// votesOf returns somebody's vote count so far.
func (p *Poll) votesOf(aci string) int {
	for _, v := range p.Votes {
		if v.By == aci {
			return v.Count
		}
	}
	return 0
}
