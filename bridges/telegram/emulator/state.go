package emulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// state is all that a restart keeps. Whoever touches it holds Emulator.mu.
type state struct {
	Seq         int64               `json:"seq"` // the last number given to anything
	Bots        []*botState         `json:"bots"`
	People      []*person           `json:"people"`
	Chats       []*chat             `json:"chats"`
	Files       map[string]*file    `json:"files"` // by key
	Polls       map[string]*poll    `json:"polls"`
	Connections []*connection       `json:"connections"`
	Queries     map[string]*pressed `json:"queries"`
	Accounts    map[int64]int64     `json:"accounts"` // the last message_id of business accounts
}

// botState is a bot and what the server keeps for it.
type botState struct {
	Bot
	Revoked     bool                 `json:"revoked"`
	LoggedOut   time.Time            `json:"logged_out"`   // no call is taken before ten minutes after this
	Allowed     []string             `json:"allowed"`      // update types; empty: the default list
	NextUpdate  int64                `json:"next_update"`  // the next update_id
	NextMessage int64                `json:"next_message"` // the next message_id in private chats
	Queue       []*update            `json:"queue"`
	Again       []*update            `json:"again"` // confirmed, to be delivered once more
	Confirmed   []*update            `json:"confirmed"`
	Held        []*update            `json:"held"` // without an update_id yet
	Hook        webhook              `json:"hook"`
	Commands    []any                `json:"commands"`
	Paths       map[string]*filePath `json:"paths"`

	poll *poller // who waits in getUpdates
}

// person is somebody with a phone.
type person struct {
	Customer
	Photo *chatPhoto `json:"photo"`
	Gone  bool       `json:"gone"` // the account was deleted
}

// update is one update that waits for a bot.
type update struct {
	ID   int64           `json:"id"`
	Kind string          `json:"kind"` // message, edited_message, …
	Chat string          `json:"chat"` // key of the queue within which webhooks keep the order
	Made time.Time       `json:"made"`
	Due  time.Time       `json:"due"`
	Body json.RawMessage `json:"body"`
}

// connection is a bot's connection to a business account. ref: reference/telegram-bot.md §5
type connection struct {
	ID      string          `json:"id"`
	Bot     int64           `json:"bot"`
	Owner   int64           `json:"owner"`
	Date    time.Time       `json:"date"`
	Rights  map[string]bool `json:"rights"`
	Enabled bool            `json:"enabled"`
}

func newState() *state {
	return &state{
		Files: map[string]*file{}, Polls: map[string]*poll{}, Queries: map[string]*pressed{}, Accounts: map[int64]int64{},
	}
}

// next gives out a number that nothing else has.
func (s *state) next() int64 {
	s.Seq++
	return s.Seq
}

// addBot takes a bot in, or what its options say now if it is known.
func (s *state) addBot(b Bot) *botState {
	if known := s.bot(b.ID()); known != nil {
		if known.Token != b.Token {
			known.Revoked = false
		}
		known.Bot = b
		return known
	}
	added := &botState{Bot: b, NextUpdate: 700_000_001, NextMessage: 1, Paths: map[string]*filePath{}}
	s.Bots = append(s.Bots, added)
	return added
}

func (s *state) bot(id int64) *botState {
	for _, b := range s.Bots {
		if b.ID() == id {
			return b
		}
	}
	return nil
}

func (s *state) person(id int64) *person {
	for _, p := range s.People {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (s *state) chat(key string) *chat {
	for _, c := range s.Chats {
		if c.Key == key {
			return c
		}
	}
	return nil
}

func (s *state) connection(id string) *connection {
	i := slices.IndexFunc(s.Connections, func(c *connection) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return s.Connections[i]
}

func privateKey(bot, user int64) string    { return "bot:" + decimal(bot) + ":" + decimal(user) }
func businessKey(owner, user int64) string { return "business:" + decimal(owner) + ":" + decimal(user) }
func groupKey(id int64) string             { return "group:" + decimal(id) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// private returns the chat of a user with a bot, made on first use.
func (s *state) private(b *botState, user int64) *chat {
	key := privateKey(b.ID(), user)
	c := s.chat(key)
	if c == nil {
		c = &chat{Key: key, Kind: kindPrivate, ID: user, Bot: b.ID(), User: user}
		s.Chats = append(s.Chats, c)
	}
	return c
}

// business returns the chat of a user with a business account, made on first use.
func (s *state) business(owner, user int64) *chat {
	key := businessKey(owner, user)
	c := s.chat(key)
	if c == nil {
		c = &chat{Key: key, Kind: kindBusiness, ID: user, Owner: owner, User: user}
		s.Chats = append(s.Chats, c)
	}
	return c
}
