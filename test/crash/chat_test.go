package crash

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
)

// chat is one conversation: what was written in it, by whom, and where it is.
type chat struct {
	n        int // names it in tokens
	provider *provider
	members  []phone.Customer
	id       string // the provider's

	turns map[string]*sync.Mutex // one writes after the other on each side

	mu      sync.Mutex
	room    id.RoomID // where its first message was seen
	written map[string][]*line
	changes []*madeChange
}

// line is one message that somebody wrote.
type line struct {
	token   token
	parts   int // further pictures
	at      time.Time
	event   id.EventID // of an agent's
	touched bool       // it was edited, taken back or reacted to: nothing more is done to it
	deleted bool
	erased  string // what was its ID on the phone of the customer who deleted it there
	text    bool   // it can be edited
}

// madeChange is one change that somebody made, and the event if it was an agent.
type madeChange struct {
	change
	event id.EventID
	phone string // the target's ID on the phone, of a customer's
}

func (c *chat) name() string { return fmt.Sprintf("%s/%d", c.provider.id, c.n) }

// lines returns copies of what one side wrote.
func (c *chat) lines(dir string) []line {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]line, 0, len(c.written[dir]))
	for _, one := range c.written[dir] {
		list = append(list, *one)
	}
	return list
}

// history is what one side wrote, as compare wants it.
func (c *chat) history(dir string) []wrote {
	var list []wrote
	for _, one := range c.lines(dir) {
		list = append(list, wrote{token: one.token, deleted: one.deleted})
		for part := 2; part <= one.parts; part++ {
			t := one.token
			t.part = part
			list = append(list, wrote{token: t, deleted: one.deleted})
		}
	}
	return list
}

func (c *chat) made(dir string) []madeChange {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []madeChange
	for _, one := range c.changes {
		if one.dir == dir {
			list = append(list, *one)
		}
	}
	return list
}

// next makes the next message of a side; it counts only once keep is called.
func (c *chat) next(dir string) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &line{token: token{dir: dir, chat: c.n, seq: len(c.written[dir]) + 1}, at: time.Now()}
}

func (c *chat) keep(one *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written[one.token.dir] = append(c.written[one.token.dir], one)
}

// untouched returns the last message of a side of which fact holds and to which nothing was done, and marks it.
func (c *chat) untouched(dir string, fact func(line) bool) *line {
	c.mu.Lock()
	candidates := slices.Clone(c.written[dir])
	c.mu.Unlock()
	for _, one := range slices.Backward(candidates) {
		c.mu.Lock()
		copied := *one
		c.mu.Unlock()
		if copied.touched || copied.parts > 0 || !fact(copied) {
			continue
		}
		c.mu.Lock()
		mine := !one.touched
		one.touched = true
		c.mu.Unlock()
		if mine {
			return one
		}
	}
	return nil
}

func (c *chat) keepChange(one *madeChange, target *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes = append(c.changes, one)
	if one.kind == removed {
		target.deleted, target.erased = true, one.phone
	}
}

func (c *chat) where() id.RoomID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.room
}

func (c *chat) seenIn(room id.RoomID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.room == "" {
		c.room = room
	}
}
