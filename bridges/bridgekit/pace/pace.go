// Package pace makes what is sent to a network wait in queues, so that the network's limits are kept. A bridge says
// which queues there are, such as one before each bot and one before each chat, and what a complaint does to them.
package pace

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"puente/core/base/clock"
)

// sweepEvery is how many calls of Wait are between two sweeps.
const sweepEvery = 1024

// Limit is how fast a queue lets sends go.
type Limit struct {
	PerSecond float64 // sends a second
	Burst     int     // sends that may go at once after a pause; at least 1
	// Idle is how long a queue must be neither used nor held, and have its whole burst again, to be forgotten with
	// its strikes and its speed; 0 keeps it for ever.
	Idle time.Duration
}

// Pacer makes sends wait in queues, whose names are of type K. A queue is there as soon as it is named. A Pacer is
// safe for concurrent use and has no goroutine of its own.
type Pacer[K comparable] struct {
	clock clock.Clock
	limit func(K) Limit

	mu     sync.Mutex
	queues map[K]*queue
	calls  int
}

// New returns a Pacer that tells the time by clk. limit gives the limit of a queue that is new or was forgotten; it
// must not call the Pacer.
func New[K comparable](clk clock.Clock, limit func(K) Limit) *Pacer[K] {
	return &Pacer[K]{clock: clk, limit: limit, queues: map[K]*queue{}}
}

// Wait takes a place in each of the queues and returns when the slowest one lets it go. Its error is that of ctx; the
// places are free again then.
func (p *Pacer[K]) Wait(ctx context.Context, names ...K) error {
	cancel, delay := p.reserve(names)
	for {
		if err := clock.Sleep(ctx, p.clock, delay); err != nil {
			cancel()
			return err
		}
		// A complaint may have come in the meantime.
		if delay = p.held(names); delay <= 0 {
			return nil
		}
	}
}

// reserve takes the places and tells how long it takes to get to the head of all queues.
func (p *Pacer[K]) reserve(names []K) (cancel func(), delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.sweep(now)
	var places []*rate.Reservation
	for _, name := range names {
		q := p.queue(name)
		q.used = now
		place := q.limiter.ReserveN(now, 1)
		places = append(places, place)
		delay = max(delay, place.DelayFrom(now), q.until.Sub(now))
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, place := range places {
			place.CancelAt(p.clock.Now())
		}
	}, delay
}

// held tells how long complaints still hold one of the queues back.
func (p *Pacer[K]) held(names []K) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	for _, name := range names {
		wait = max(wait, p.queue(name).until.Sub(now))
	}
	return wait
}

// queue returns the queue of a name. The lock is held.
func (p *Pacer[K]) queue(name K) *queue {
	q, ok := p.queues[name]
	if !ok {
		q = newQueue(p.limit(name), p.clock.Now())
		p.queues[name] = q
	}
	return q
}

// sweep forgets the queues that are idle. The lock is held.
func (p *Pacer[K]) sweep(now time.Time) {
	if p.calls++; p.calls%sweepEvery != 0 {
		return
	}
	for name, q := range p.queues {
		if q.forgettable(now) {
			delete(p.queues, name)
		}
	}
}
