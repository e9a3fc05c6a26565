package crash

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/phone"
)

// load is what customers and agents write.
type load struct {
	w       *world
	seen    *sightings
	picture *event.MessageEventContent // on the homeserver, without words

	mu    sync.Mutex
	rng   *rand.Rand
	chats []*chat
	names int
	// branches are systems that were connected in the course of the run, of which the operators are told once each.
	branches []string
	given    int            // how many are lost for good, as far as is known
	missed   []string       // marked points to which Puente did not come
	cuts     map[token]bool // messages whose first answer a test cut off
}

func newLoad(w *world) (*load, error) {
	l := &load{w: w, seen: newSightings(), cuts: map[token]bool{}, rng: rand.New(rand.NewPCG(w.opts.seed, 1))} // #nosec G404 -- chance that can be repeated
	var err error
	l.picture, err = w.alice.Upload(w.ctx, event.MsgImage, "lamp.jpg", "image/jpeg", w.photo)
	return l, err
}

func (l *load) all() []*chat {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*chat(nil), l.chats...)
}

func (l *load) chat(n int) *chat {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 1 || n > len(l.chats) {
		return nil
	}
	return l.chats[n-1]
}

// cut notes that a test cuts off the answer to a message.
func (l *load) cut(t token) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cuts[t] = true
}

func (l *load) wasCut(t token) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cuts[t]
}

// dice returns a number below n.
func (l *load) dice(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rng.IntN(n)
}

func (l *load) person(p *provider) (phone.Customer, error) {
	l.mu.Lock()
	l.names++
	n := l.names
	l.mu.Unlock()
	address := ""
	if p.id == "webhook" {
		address = fmt.Sprintf("crash-%d-x", n) // an ending of four digits may choose a failure
	}
	return p.phones.AddCustomer(l.w.ctx, fmt.Sprintf("Customer %d", n), address)
}

// meet is somebody new on a network, who has not written yet.
func (l *load) meet(p *provider) (*chat, error) {
	who, err := l.person(p)
	if err != nil {
		return nil, fmt.Errorf("a new customer on %s: %w", p.id, err)
	}
	chats, err := p.phones.Chats(who.ID)
	if err != nil || len(chats) == 0 {
		return nil, fmt.Errorf("the chat of a new customer on %s: %w", p.id, err)
	}
	return l.add(p, chats[0].ID, who), nil
}

// gather makes a group of three on a network.
func (l *load) gather(p *provider) (*chat, error) {
	var members []phone.Customer
	var ids []string
	for range 3 {
		who, err := l.person(p)
		if err != nil {
			return nil, fmt.Errorf("a member on %s: %w", p.id, err)
		}
		members, ids = append(members, who), append(ids, who.ID)
	}
	id, err := p.group("Crash group", ids)
	if err != nil {
		return nil, fmt.Errorf("a group on %s: %w", p.id, err)
	}
	return l.add(p, id, members...), nil
}

func (l *load) add(p *provider, id string, members ...phone.Customer) *chat {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &chat{n: len(l.chats) + 1, provider: p, id: id, members: members, written: map[string][]*line{}, turns: map[string]*sync.Mutex{in: {}, out: {}}}
	l.chats = append(l.chats, c)
	return c
}

// burst lets customers and agents write so many messages, all chats and both directions at once. It returns when all are
// written, not when they have arrived.
func (l *load) burst(count int) error {
	l.look()
	share := map[*chat]map[string]int{}
	chats := l.all()
	for range count {
		c, dir := chats[l.dice(len(chats))], []string{in, out}[l.dice(2)]
		if dir == out && c.where() == "" {
			dir = in
		}
		if share[c] == nil {
			share[c] = map[string]int{}
		}
		share[c][dir]++
	}
	var work sync.WaitGroup
	failed := make(chan error, 2*len(chats))
	for c, parts := range share {
		for dir, n := range parts {
			work.Go(func() {
				for range n {
					if err := l.act(c, dir); err != nil {
						failed <- fmt.Errorf("%s in %s: %w", dir, c.name(), err)
						return
					}
				}
			})
		}
	}
	work.Wait()
	close(failed)
	return <-failed
}

// act writes the next message of one side, and sometimes does something to an earlier one before it.
func (l *load) act(c *chat, dir string) error {
	c.turns[dir].Lock()
	defer c.turns[dir].Unlock()
	switch roll := l.dice(100); {
	case roll < 12:
		if err := l.change(c, dir, roll); err != nil {
			return err
		}
	case roll < 24:
		return l.writePicture(c, dir)
	case roll < 34:
		return l.write(c, dir, l.replied(c, dir))
	}
	return l.write(c, dir, "")
}
