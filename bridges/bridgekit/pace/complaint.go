package pace

import "time"

// SetRate sets the full speed of a queue, in sends a second. A queue that is forgotten gets the speed of its Limit
// again.
func (p *Pacer[K]) SetRate(name K, perSecond float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue(name).setRate(p.clock.Now(), perSecond)
}

// Strike counts a complaint about a queue and returns how many there were in a row before.
func (p *Pacer[K]) Strike(name K) (before int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.queue(name)
	q.strikes++
	return q.strikes - 1
}

// Hold lets nothing out of a queue for as long as d, also those that wait already. It never shortens an earlier Hold.
func (p *Pacer[K]) Hold(name K, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.queue(name)
	if until := p.clock.Now().Add(d); until.After(q.until) {
		q.until = until
	}
}

// SlowDown halves the speed of a queue, down to one send a second.
func (p *Pacer[K]) SlowDown(name K) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue(name).slowDown(p.clock.Now())
}

// Recover tells that a send through the queues went well: their strikes are over, and those that were slowed down
// double their speed if a minute has passed since the last SlowDown or doubling.
func (p *Pacer[K]) Recover(names ...K) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	for _, name := range names {
		p.queue(name).recover(now)
	}
}
