package gate

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// caller is what is remembered of an address.
type caller struct {
	address netip.Addr
	strikes *rate.Limiter
	bodies  *semaphore.Weighted // while it is strange

	mu         sync.Mutex
	knownUntil time.Time
	seen       time.Time
	warned     time.Time
}

func (c *caller) isKnown(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Before(c.knownUntil)
}

func (c *caller) know(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.knownUntil = until
}

// warnEvery is how often the log hears of one address.
const warnEvery = time.Minute

func (c *caller) mayWarn(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.warned.IsZero() && now.Sub(c.warned) < warnEvery {
		return false
	}
	c.warned = now
	return true
}

// see notes that the address came.
func (c *caller) see(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = now
}

func (c *caller) lastSeen() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// callers remembers addresses, but not for ever and not without bound.
type callers struct {
	limits Limits
	mu     sync.Mutex
	list   map[netip.Addr]*caller
}

func newCallers(limits Limits) *callers {
	return &callers{limits: limits, list: map[netip.Addr]*caller{}}
}

func (c *callers) of(address netip.Addr, now time.Time) *caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	who, ok := c.list[address]
	if !ok {
		c.makeRoom(now)
		who = &caller{
			address: address, strikes: rate.NewLimiter(rate.Limit(c.limits.StrikesPerSecond), c.limits.Strikes),
			bodies: semaphore.NewWeighted(c.limits.BodiesOfOne),
		}
		c.list[address] = who
	}
	who.see(now)
	return who
}

// makeRoom forgets who has nothing to be remembered for, and if that is not enough, who is not known: an attacker with so
// many addresses is held by the bound on all strikes.
func (c *callers) makeRoom(now time.Time) {
	if len(c.list) < c.limits.Addresses {
		return
	}
	restored := time.Duration(float64(c.limits.Strikes) / c.limits.StrikesPerSecond * float64(time.Second))
	for address, who := range c.list {
		if !who.isKnown(now) && now.Sub(who.lastSeen()) > restored {
			delete(c.list, address)
		}
	}
	for address, who := range c.list {
		if len(c.list) < c.limits.Addresses*3/4 {
			return
		} else if !who.isKnown(now) {
			delete(c.list, address)
		}
	}
	if len(c.list) >= c.limits.Addresses {
		clear(c.list)
	}
}
