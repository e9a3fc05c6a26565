package journal

import (
	"sync"
	"time"
)

// access is what the database does not do during an outage.
type access int

const (
	reading access = iota
	writing        // the more an outage of both: a full disk can still be read
)

const (
	shortestPause = 250 * time.Millisecond
	longestPause  = 15 * time.Second
)

// outage remembers that dispatch cannot use the database, so that it is said once.
type outage struct {
	mu    sync.Mutex
	since time.Time // zero: there is none
	what  access
}

// trouble pauses dispatch for as long as the outage has lasted, within bounds, and returns that pause.
func (j *Journal) trouble(what access, err error) time.Duration {
	o := &j.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	now := j.opts.Clock.Now()
	if o.since.IsZero() {
		o.since, o.what = now, what
		j.opts.Log.Error().Err(err).Msg("Journal cannot use the database, dispatch waits for it")
	}
	o.what = max(o.what, what)
	pause := min(max(now.Sub(o.since), shortestPause), longestPause)
	j.schedule.pause(pause)
	return pause
}

// recovered ends the outage once what failed works again.
func (j *Journal) recovered(what access) {
	o := &j.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() || what < o.what {
		return
	}
	j.opts.Log.Info().Dur("lasted", j.opts.Clock.Now().Sub(o.since)).Msg("Journal can use the database again")
	o.since = time.Time{}
}
