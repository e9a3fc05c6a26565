package emulator

import (
	"slices"
	"time"
)

// maxPoll is the longest that a call of getUpdates waits. ref: reference/telegram-bot.md §2
const maxPoll = 50 * time.Second

// poller is one call of getUpdates that waits.
type poller struct {
	done    chan struct{} // closed when it is ended from outside
	refused *refusal      // why
}

// end makes the call answer with a refusal. The caller holds mu.
func (p *poller) end(why *refusal) {
	if p.refused == nil {
		p.refused = why
		close(p.done)
	}
}

// getUpdates confirms what is before the offset and answers with what waits, or waits for it.
func (c *call) getUpdates() (any, *refusal) {
	e := c.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.b.Hook.URL != "" {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	c.setAllowed()
	e.dropOld(c.b)
	c.confirmBefore(c.number("offset"))
	if c.b.poll != nil {
		c.b.poll.end(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
	}
	limit := 100
	if c.has("limit") {
		limit = int(min(max(c.number("limit"), 1), 100))
	}
	return c.await(limit, min(max(time.Duration(c.number("timeout"))*time.Second, 0), maxPoll))
}

// confirmBefore takes off the queue what an offset confirms; a negative one leaves so many of the last.
func (c *call) confirmBefore(offset int64) {
	if offset > 0 {
		c.e.confirm(c.b, func(u *update) bool { return u.ID < offset })
		return
	}
	if drop := len(c.b.Queue) + int(offset); offset < 0 && drop > 0 {
		first := c.b.Queue[drop].ID
		c.e.confirm(c.b, func(u *update) bool { return u.ID < first })
	}
}

// await returns the updates that are due, waiting for the first of them no longer than patience. The caller holds
// mu, which is given up while waiting.
func (c *call) await(limit int, patience time.Duration) (any, *refusal) {
	e := c.e
	p := &poller{done: make(chan struct{})}
	c.b.poll = p
	defer func() {
		if c.b.poll == p {
			c.b.poll = nil
		}
	}()
	var expired <-chan time.Time
	if patience > 0 {
		expired = e.clock.After(patience)
	}
	for {
		batch, next := e.due(c.b, limit)
		if len(batch) > 0 || patience == 0 {
			if len(batch) > 0 && e.cut > 0 {
				e.cut--
				c.lost = true
			}
			return batch, nil
		}
		changed, stop := e.changed, false
		e.mu.Unlock()
		select {
		case <-changed:
		case <-e.until(next):
		case <-p.done:
		case <-expired:
			stop = true
		case <-c.r.Context().Done():
			stop = true
		}
		e.mu.Lock()
		if p.refused != nil {
			return nil, p.refused
		}
		if stop {
			return []any{}, nil
		}
	}
}

// due returns the updates that a bot gets now, and when the next is due if one is on its way. The caller holds mu.
func (e *Emulator) due(b *botState, limit int) (batch []any, next time.Time) {
	batch = []any{}
	for len(b.Again) > 0 && len(batch) < limit {
		batch = append(batch, b.Again[0].wire())
		b.Again = slices.Delete(b.Again, 0, 1)
	}
	now := e.clock.Now()
	for _, u := range b.Queue {
		if len(batch) == limit {
			break
		}
		if u.Due.After(now) {
			return batch, u.Due
		}
		batch = append(batch, u.wire())
	}
	return batch, time.Time{}
}
