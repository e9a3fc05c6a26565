package emulator

import (
	"context"
	"slices"
	"time"
)

// subscription is what subscribeReceive makes: all that comes for some accounts goes to one connection.
// ref: reference/signal-cli.md §2, losing messages, and §5
type subscription struct {
	id       int
	conn     *conn
	accounts map[string]bool // by ACI: those that were on the daemon when it was made; nil: all, also later ones
	internal bool            // the connection gets all without having asked
	ready    bool            // its answer is on its way, so that notifications may follow
}

// subscribe makes a subscription. The caller holds mu.
func (e *Emulator) subscribe(c *conn, accounts []*business, internal bool) *subscription {
	s := &subscription{id: e.nextSub, conn: c, internal: internal, ready: internal}
	if !internal {
		s.accounts = map[string]bool{}
		for _, b := range accounts {
			s.accounts[b.ACI] = true
		}
	}
	e.nextSub++
	e.subs[s.id] = s
	e.touch()
	return s
}

func (s *subscription) covers(b *business) bool {
	return s.ready && (s.accounts == nil || s.accounts[b.ACI])
}

func doSubscribe(c *call, a *business, _ params) (any, error) {
	e, accounts := c.e, []*business{a}
	if a == nil {
		accounts = e.st.daemonAccounts()
	}
	s := e.subscribe(c.conn, accounts, false)
	c.after = append(c.after, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		s.ready = true
		e.touch()
	})
	return s.id, nil
}

func doUnsubscribe(c *call, a *business, p params) (any, error) {
	id := p.number("subscription")
	for _, s := range c.e.subs {
		if s.conn != c.conn || s.internal {
			continue
		}
		if id != nil && int64(s.id) == *id || id == nil && a != nil && len(s.accounts) == 1 && s.accounts[a.ACI] {
			delete(c.e.subs, s.id)
			c.conn.handed = nil // it leaves in good order
			return nil, nil
		}
	}
	switch {
	case id != nil:
		return nil, userError("Unknown subscription id")
	case a == nil:
		return nil, userError("Missing subscription parameter with subscription id")
	}
	return nil, nil
}

// dropSubscriptions ends those of a connection that is gone; with Options.Redeliver its last notifications wait
// again. The caller holds mu.
func (e *Emulator) dropSubscriptions(c *conn) {
	for id, s := range e.subs {
		if s.conn == c {
			delete(e.subs, id)
		}
	}
	for _, h := range slices.Backward(c.handed) {
		if b := e.st.account(h.account); b != nil && b.OnDaemon {
			b.Queue = slices.Insert(b.Queue, 0, h.letter)
		}
	}
	c.handed = nil
}

// pump hands letters over as soon as they are due and somebody is subscribed, until ctx ends.
func (e *Emulator) pump(ctx context.Context) {
	for {
		e.mu.Lock()
		changed := e.changed
		wait := time.Duration(-1)
		if !e.held && ctx.Err() == nil {
			for _, b := range e.st.daemonAccounts() {
				if left := e.handOver(b); left >= 0 && (wait < 0 || left < wait) {
					wait = left
				}
			}
		}
		e.mu.Unlock()
		var alarm <-chan time.Time
		if wait >= 0 {
			alarm = e.clock.After(wait)
		}
		select {
		case <-changed:
		case <-alarm:
		case <-ctx.Done():
			return
		}
	}
}

// handOver gives an account's due letters to its subscriptions. It returns how long until the next one is due, or -1.
// The caller holds mu.
func (e *Emulator) handOver(b *business) time.Duration {
	var to []*subscription
	for id := range e.nextSub {
		if s := e.subs[id]; s != nil && s.covers(b) {
			to = append(to, s)
		}
	}
	for len(b.Queue) > 0 {
		if len(to) == 0 && e.opt.ReceiveMode != OnStart {
			return -1 // they wait
		}
		if left := e.waiting(b.Queue[0]); left > 0 {
			return left
		}
		l := b.Queue[0]
		b.Queue = b.Queue[1:]
		e.give(b, l, to)
	}
	return -1
}

// give hands one letter over: from now on it is gone from the server.
func (e *Emulator) give(b *business, l *letter, to []*subscription) {
	shown := e.opened(b, l)
	for _, s := range to {
		s.conn.send(encode(notification(b, shown, s)))
		if e.opt.Duplicate {
			s.conn.send(encode(notification(b, shown, s)))
		}
		if n := e.opt.Redeliver; n > 0 {
			s.conn.handed = append(s.conn.handed, handed{account: b.Number, letter: l})
			s.conn.handed = s.conn.handed[max(0, len(s.conn.handed)-n):]
		}
	}
	if len(to) > 0 && shown == l {
		e.taken(b, l)
	}
	e.touch()
}

// opened is a letter as the daemon can read it: from somebody whose key it does not trust it reads nothing, and keeps
// the letter until trust. ref: reference/signal-cli.md §5, exception
func (e *Emulator) opened(b *business, l *letter) *letter {
	if _, ok := l.Envelope["serverDeliveredTimestamp"]; ok { // one made by hand may lack it
		l.Envelope["serverDeliveredTimestamp"] = e.clock.Now().UnixMilli()
	}
	from := e.st.party(l.From)
	if from == nil || from.person == nil || l.Exception != nil || e.trusted(b, from) {
		return l
	}
	b.relation(l.From).Kept = append(b.relation(l.From).Kept, l)
	return untrustedLetter(l)
}

// taken marks the message in a letter as delivered, for which the daemon sends a receipt by itself.
func (e *Emulator) taken(b *business, l *letter) {
	t := e.st.Threads[l.Thread]
	if t == nil {
		return
	}
	for _, m := range slices.Backward(t.Messages) {
		if m.ID == l.Message {
			if m.advance(b.ACI, Delivered) {
				e.gotReceipt(m.Author, Receipt{Account: b.Number, Type: "delivery", Timestamps: []int64{m.Timestamp}})
			}
			return
		}
	}
}

// gotReceipt brings a receipt of the business to a customer's phone.
func (e *Emulator) gotReceipt(aci string, r Receipt) {
	if p := e.st.person(aci); p != nil {
		p.Got = append(p.Got, r)
	}
}

// notification writes the line that a subscription gets. ref: reference/signal-cli.md §5
func notification(b *business, l *letter, s *subscription) object {
	result := object{"account": b.Number, "envelope": l.Envelope}
	if l.Exception != nil {
		result["exception"] = l.Exception
	}
	if !s.internal {
		result = object{"subscription": s.id, "result": result}
	}
	return object{"jsonrpc": "2.0", "method": "receive", "params": result}
}
