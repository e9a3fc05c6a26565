package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"

	"puente/bridges/bridgekit/pace"
	"puente/core/base/clock"
)

// PacerConfig sets how fast a Pacer lets messages go; zero members take WhatsApp's own limits.
// ref: whatsapp-cloud.md §6
type PacerConfig struct {
	PerSecond float64       // messages a second of one number; 80
	PairEvery time.Duration // average time between messages to one customer; 6 s
	PairBurst int           // messages to one customer that may be borrowed from the future; 45
}

const (
	pairIdle         = 15 * time.Minute // a pair that long unused has its whole burst again
	maxNumberWait    = time.Minute
	maxNumberStrikes = 6 // 2^6 s are over a minute
	maxPairStrikes   = 5 // 4^5 s are 17 minutes
)

// Pacer makes messages wait so that WhatsApp's limits are kept, and slows down when Meta says that they
// were not. It is safe for concurrent use and has no goroutine of its own.
type Pacer struct{ queues *pace.Pacer[queue] }

// queue names what a message waits in: that of its number, whose to is "", and that of the customer it is for.
type queue struct{ number, to string }

// NewPacer returns a Pacer that tells the time by clk.
func NewPacer(cfg PacerConfig, clk clock.Clock) *Pacer {
	if cfg.PerSecond <= 0 {
		cfg.PerSecond = 80
	}
	if cfg.PairEvery <= 0 {
		cfg.PairEvery = 6 * time.Second
	}
	if cfg.PairBurst <= 0 {
		cfg.PairBurst = 45
	}
	return &Pacer{pace.New(clk, cfg.limit)}
}

// limit is a queue's. A number's burst is 1: messages are spread evenly over the second.
func (cfg PacerConfig) limit(q queue) pace.Limit {
	if q.to == "" {
		return pace.Limit{PerSecond: cfg.PerSecond, Burst: 1}
	}
	return pace.Limit{PerSecond: 1 / cfg.PairEvery.Seconds(), Burst: cfg.PairBurst, Idle: pairIdle}
}

// queuesOf are those that a message waits in. A group has none of its own.
func queuesOf(phoneNumberID, to string) []queue {
	if to == "" {
		return []queue{{number: phoneNumberID}}
	}
	return []queue{{number: phoneNumberID}, {number: phoneNumberID, to: to}}
}

// SetRate sets the speed of one number: 20 a second for one that is also used in the Business app, 1,000
// after Meta's upgrade.
func (p *Pacer) SetRate(phoneNumberID string, perSecond float64) {
	p.queues.SetRate(queue{number: phoneNumberID}, perSecond)
}

// Wait returns when a message from phoneNumberID to the customer to ("" for a group) may go. Its error
// is that of ctx.
func (p *Pacer) Wait(ctx context.Context, phoneNumberID, to string) error {
	return p.queues.Wait(ctx, queuesOf(phoneNumberID, to)...)
}

// Learn takes the outcome of a send (nil for success) and returns the least time before another try, 0
// when the pacer has no say in it.
func (p *Pacer) Learn(phoneNumberID, to string, err error) (after time.Duration) {
	if err == nil {
		p.queues.Recover(queuesOf(phoneNumberID, to)...)
		return 0
	}
	var e *Error
	if !errors.As(err, &e) {
		return 0
	}
	number, pair := queue{number: phoneNumberID}, queue{number: phoneNumberID, to: to}
	switch {
	case e.Code == codePairLimit && to != "":
		after = max(powerOfFour(min(p.queues.Strike(pair), maxPairStrikes)), retryHint(e))
		p.queues.Hold(pair, after)
	case e.Code == codeThroughput:
		strikes := min(p.queues.Strike(number)+1, maxNumberStrikes)
		after = min(time.Second<<strikes, maxNumberWait) + jitter(time.Second)
		p.queues.SlowDown(number)
		p.queues.Hold(number, after)
	case e.Code == codeAppLimit || e.Code == codeUserLimit || e.Code == codeAccountLimit || e.HTTPStatus == 429:
		after = max(e.RetryAfter, time.Second)
		p.queues.Hold(number, after)
	}
	return after
}

// retryHint is the time that Meta asked for beyond the table's.
func retryHint(e *Error) time.Duration {
	if e.RetryAfter > e.Explain().After {
		return e.RetryAfter
	}
	return 0
}

// powerOfFour is 4^x seconds, Meta's advice for 131056. ref: whatsapp-cloud.md §6
func powerOfFour(x int) time.Duration { return time.Second << (2 * x) }

// jitter is a random time below limit, so that several programs do not come back at once.
func jitter(limit time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(limit)))
	if err != nil {
		return 0
	}
	return time.Duration(n.Int64())
}
