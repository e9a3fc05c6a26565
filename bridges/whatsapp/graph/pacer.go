package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"sync"
	"time"

	"golang.org/x/time/rate"

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
	pairIdle       = 15 * time.Minute // a pair that long unused has its whole burst again
	sweepEvery     = 1024             // calls of Wait between two sweeps
	maxNumberWait  = time.Minute
	recoverEvery   = time.Minute // without a complaint, after which a slowed number doubles its speed
	slowestPerSec  = 1
	maxPairStrikes = 5 // 4^5 s are 17 minutes
)

// Pacer makes messages wait so that WhatsApp's limits are kept, and slows down when Meta says that they
// were not. It is safe for concurrent use and has no goroutine of its own.
type Pacer struct {
	cfg   PacerConfig
	clock clock.Clock

	mu      sync.Mutex
	numbers map[string]*lane
	pairs   map[pairKey]*lane
	calls   int
}

type pairKey struct{ number, to string }

// lane is the queue before one number or one customer.
type lane struct {
	limiter *rate.Limiter
	full    rate.Limit // the speed without complaints
	until   time.Time  // nothing goes before
	strikes int        // complaints in a row
	struck  time.Time  // the last complaint, or the last step of recovery
	used    time.Time
}

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
	return &Pacer{cfg: cfg, clock: clk, numbers: map[string]*lane{}, pairs: map[pairKey]*lane{}}
}

// SetRate sets the speed of one number: 20 a second for one that is also used in the Business app, 1,000
// after Meta's upgrade.
func (p *Pacer) SetRate(phoneNumberID string, perSecond float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.number(phoneNumberID)
	l.full = rate.Limit(perSecond)
	l.limiter.SetLimitAt(p.clock.Now(), l.full)
}

// Wait returns when a message from phoneNumberID to the customer to ("" for a group) may go. Its error
// is that of ctx.
func (p *Pacer) Wait(ctx context.Context, phoneNumberID, to string) error {
	cancel, delay := p.reserve(phoneNumberID, to)
	for {
		if err := clock.Sleep(ctx, p.clock, delay); err != nil {
			cancel()
			return err
		}
		// A complaint may have come in the meantime.
		if delay = p.barred(phoneNumberID, to); delay <= 0 {
			return nil
		}
	}
}

// reserve takes a place in both queues and tells how long it takes to get to its head.
func (p *Pacer) reserve(phoneNumberID, to string) (cancel func(), delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.sweep(now)
	lanes := []*lane{p.number(phoneNumberID)}
	if to != "" {
		lanes = append(lanes, p.pair(phoneNumberID, to))
	}
	var places []*rate.Reservation
	for _, l := range lanes {
		l.used = now
		place := l.limiter.ReserveN(now, 1)
		places = append(places, place)
		delay = max(delay, place.DelayFrom(now), l.until.Sub(now))
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, place := range places {
			place.CancelAt(p.clock.Now())
		}
	}, delay
}

// barred tells how long a complaint still holds a message back.
func (p *Pacer) barred(phoneNumberID, to string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	wait := p.number(phoneNumberID).until.Sub(now)
	if to != "" {
		wait = max(wait, p.pair(phoneNumberID, to).until.Sub(now))
	}
	return wait
}

// Learn takes the outcome of a send (nil for success) and returns the least time before another try, 0
// when the pacer has no say in it.
func (p *Pacer) Learn(phoneNumberID, to string, err error) (after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, number := p.clock.Now(), p.number(phoneNumberID)
	if err == nil {
		number.recover(now)
		if to != "" {
			p.pair(phoneNumberID, to).strikes = 0
		}
		return 0
	}
	var e *Error
	if !errors.As(err, &e) {
		return 0
	}
	switch {
	case e.Code == codePairLimit && to != "":
		pair := p.pair(phoneNumberID, to)
		after = max(powerOfFour(pair.strikes), retryHint(e))
		pair.strikes = min(pair.strikes+1, maxPairStrikes)
		pair.hold(now, after)
	case e.Code == codeThroughput:
		number.strikes = min(number.strikes+1, 6)
		after = min(time.Second<<number.strikes, maxNumberWait) + jitter(time.Second)
		number.slowDown(now)
		number.hold(now, after)
	case e.Code == codeAppLimit || e.Code == codeUserLimit || e.Code == codeAccountLimit || e.HTTPStatus == 429:
		after = max(e.RetryAfter, time.Second)
		number.hold(now, after)
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

func (l *lane) hold(now time.Time, wait time.Duration) {
	if until := now.Add(wait); until.After(l.until) {
		l.until = until
	}
}

func (l *lane) slowDown(now time.Time) {
	l.limiter.SetLimitAt(now, max(l.limiter.Limit()/2, min(slowestPerSec, l.full)))
	l.struck = now
}

// recover doubles the speed for each quiet minute, up to the full one.
func (l *lane) recover(now time.Time) {
	l.strikes = 0
	if l.limiter.Limit() < l.full && now.Sub(l.struck) >= recoverEvery {
		l.limiter.SetLimitAt(now, min(l.limiter.Limit()*2, l.full))
		l.struck = now
	}
}

// number returns a number's lane. Its burst is 1: messages are spread evenly over the second.
func (p *Pacer) number(phoneNumberID string) *lane {
	l, ok := p.numbers[phoneNumberID]
	if !ok {
		full := rate.Limit(p.cfg.PerSecond)
		l = &lane{limiter: rate.NewLimiter(full, 1), full: full}
		p.numbers[phoneNumberID] = l
	}
	return l
}

func (p *Pacer) pair(phoneNumberID, to string) *lane {
	key := pairKey{phoneNumberID, to}
	l, ok := p.pairs[key]
	if !ok {
		l = &lane{limiter: rate.NewLimiter(rate.Every(p.cfg.PairEvery), p.cfg.PairBurst), used: p.clock.Now()}
		p.pairs[key] = l
	}
	return l
}

// sweep forgets pairs that a fresh lane would serve just the same.
func (p *Pacer) sweep(now time.Time) {
	if p.calls++; p.calls%sweepEvery != 0 {
		return
	}
	for key, l := range p.pairs {
		if now.Sub(l.used) > pairIdle && now.After(l.until.Add(pairIdle)) && l.limiter.TokensAt(now) >= float64(p.cfg.PairBurst) {
			delete(p.pairs, key)
		}
	}
}
