package pace

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	recoverEvery = time.Minute // without a complaint, after which a slowed queue doubles its speed
	slowest      = 1           // sends a second of a queue that was slowed down again and again
)

// queue is where sends wait. Its places are the reservations of the limiter.
type queue struct {
	limiter *rate.Limiter
	full    rate.Limit // the speed without complaints
	idle    time.Duration
	until   time.Time // nothing goes before
	strikes int       // complaints in a row
	slowed  time.Time // the last time it was slowed down, or the last step of recovery
	used    time.Time
}

func newQueue(limit Limit, now time.Time) *queue {
	full := rate.Limit(limit.PerSecond)
	return &queue{limiter: rate.NewLimiter(full, max(limit.Burst, 1)), full: full, idle: limit.Idle, used: now}
}

func (q *queue) setRate(now time.Time, perSecond float64) {
	q.full = rate.Limit(perSecond)
	q.limiter.SetLimitAt(now, q.full)
}

func (q *queue) slowDown(now time.Time) {
	q.limiter.SetLimitAt(now, max(q.limiter.Limit()/2, min(slowest, q.full)))
	q.slowed = now
}

// recover doubles the speed for each quiet minute, up to the full one.
func (q *queue) recover(now time.Time) {
	q.strikes = 0
	if q.limiter.Limit() < q.full && now.Sub(q.slowed) >= recoverEvery {
		q.limiter.SetLimitAt(now, min(q.limiter.Limit()*2, q.full))
		q.slowed = now
	}
}

// forgettable tells whether a new queue would serve just the same.
func (q *queue) forgettable(now time.Time) bool {
	return q.idle > 0 && now.Sub(q.used) > q.idle && now.After(q.until.Add(q.idle)) &&
		q.limiter.TokensAt(now) >= float64(q.limiter.Burst())
}
