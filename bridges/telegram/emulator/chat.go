package emulator

import (
	"slices"
	"time"
)

// The kinds of chat. All but business stand on the wire as they are; a business chat is a private one there.
const (
	kindPrivate    = "private"
	kindBusiness   = "business"
	kindGroup      = "group"
	kindSupergroup = "supergroup"
	kindChannel    = "channel"
)

// chat is one conversation: of a person with a bot, of a person with a business account, or a group.
type chat struct {
	Key      string          `json:"key"`
	Kind     string          `json:"kind"`
	ID       int64           `json:"id"` // as bots see it; in a business chat the customer's user ID
	Bot      int64           `json:"bot"`
	Owner    int64           `json:"owner"`
	User     int64           `json:"user"`
	Title    string          `json:"title"`
	Username string          `json:"username"` // of public groups and channels
	About    string          `json:"about"`
	Photo    *chatPhoto      `json:"photo"`
	Forum    bool            `json:"forum"`
	Topics   []*topic        `json:"topics"`
	Members  []*member       `json:"members"` // of groups and channels, bots among them
	Messages []*message      `json:"messages"`
	Last     int64           `json:"last"`    // the last message_id, where a chat counts its own
	Moved    int64           `json:"moved"`   // ID of the supergroup that it became
	Started  bool            `json:"started"` // the user pressed Start
	Blocked  bool            `json:"blocked"` // the user blocked the bot
	Pinned   []int64         `json:"pinned"`
	Timer    int64           `json:"timer"`   // auto-delete, seconds
	LastIn   time.Time       `json:"last_in"` // last message of the customer to a business account
	Read     int64           `json:"read"`    // up to which message the bot marked a business chat as read
	Keyboard object          `json:"keyboard"`
	Seen     map[int64]int64 `json:"seen"` // up to which message each person has read
	Answers  []Answer        `json:"answers"`

	typing map[int64]typing // by bot; not kept
}

// chatPhoto is a picture of a chat or a person, in two sizes.
type chatPhoto struct {
	Small string `json:"small"` // file keys
	Big   string `json:"big"`
}

// typing is the chat action that a bot shows.
type typing struct {
	action string
	until  time.Time
}

// member is one member of a group or channel, past ones too.
type member struct {
	ID        int64     `json:"id"`
	Status    string    `json:"status"` // creator administrator member restricted left kicked
	Anonymous bool      `json:"anonymous"`
	Title     string    `json:"title"`
	Since     time.Time `json:"since"`
}

// topic is a thread of a forum, or of a private chat with a bot that has topics.
type topic struct {
	ID     int64  `json:"id"` // of the message that made it
	Name   string `json:"name"`
	Color  int64  `json:"color"`
	Emoji  string `json:"emoji"`
	Closed bool   `json:"closed"`
}

// message is one message, as all bots and people of the chat share it.
type message struct {
	ID         int64      `json:"id"`
	At         time.Time  `json:"at"`
	Edited     time.Time  `json:"edited"`
	From       int64      `json:"from"`        // user or bot; 0 in channels
	SenderChat int64      `json:"sender_chat"` // a group or channel that it was written for
	Bot        int64      `json:"bot"`         // the bot that wrote it on behalf of a business account
	Content    object     `json:"content"`     // the wire's fields of the kind; files by their keys
	ReplyTo    int64      `json:"reply_to"`
	Thread     int64      `json:"thread"`
	Markup     object     `json:"markup"` // reply_markup as it was sent
	Reactions  []Reaction `json:"reactions"`
	Deleted    bool       `json:"deleted"`
	Offline    bool       `json:"offline"` // is_from_offline
	Service    bool       `json:"service"`
	Poll       string     `json:"poll"`
	Request    object     `json:"request"` // the last call that made or changed it
}

func (c *chat) isGroup() bool {
	return c.Kind == kindGroup || c.Kind == kindSupergroup || c.Kind == kindChannel
}

func (c *chat) message(id int64) *message {
	i, ok := slices.BinarySearchFunc(c.Messages, id, func(m *message, id int64) int { return int(m.ID - id) })
	if !ok || c.Messages[i].Deleted {
		return nil
	}
	return c.Messages[i]
}

func (c *chat) topic(id int64) *topic {
	for _, t := range c.Topics {
		if t.ID == id {
			return t
		}
	}
	return nil
}

func (c *chat) member(id int64) *member {
	for _, m := range c.Members {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// has tells whether a user or bot is in a group now.
func (c *chat) has(id int64) bool {
	m := c.member(id)
	return m != nil && m.in()
}

func (m *member) in() bool { return m.Status != statusLeft && m.Status != statusKicked }

// admin tells whether a user or bot is an administrator or the owner of a group.
func (c *chat) admin(id int64) bool {
	m := c.member(id)
	return m != nil && (m.Status == statusAdmin || m.Status == statusCreator)
}

// add gives a message its number and puts it into the chat. Numbers count per account in private chats, that of
// the bot or of the business, and per chat elsewhere. The caller holds mu. ref: reference/telegram-bot.md §2
func (e *Emulator) add(c *chat, m *message) {
	switch b := e.st.bot(c.Bot); {
	case c.Kind == kindPrivate && b != nil:
		m.ID = b.NextMessage
		b.NextMessage++
	case c.Kind == kindBusiness:
		e.st.Accounts[c.Owner]++
		m.ID = e.st.Accounts[c.Owner]
	default:
		c.Last++
		m.ID = c.Last
	}
	if m.At.IsZero() {
		m.At = e.clock.Now()
	}
	if m.Content == nil {
		m.Content = object{}
	}
	c.Messages = append(c.Messages, m)
	e.touch()
}
