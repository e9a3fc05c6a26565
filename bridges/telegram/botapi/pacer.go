package botapi

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"puente/core/base/clock"
)

// PacerConfig sets how fast a Pacer lets messages go; zero members take Telegram's own numbers.
// ref: reference/telegram-bot.md §6, Rates
type PacerConfig struct {
	PerSecond      float64 // messages a second of one bot; 30
	ChatPerSecond  float64 // messages a second into one chat; 1
	ChatBurst      int     // messages into one chat that may go at once; 5
	GroupPerMinute float64 // messages a minute into one group; 20
}

const (
	chatIdle     = 10 * time.Minute // a chat that long unused has its whole burst again
	sweepEvery   = 1024             // calls of Wait between two sweeps
	recoverEvery = time.Minute      // without a complaint, after which a slowed bot doubles its speed
	slowest      = 1                // messages a second of a bot that was slowed down again and again
)

// Pacer makes messages wait so that Telegram's limits are kept, and holds a chat back when Telegram says that they
// were not. It is safe for concurrent use and has no goroutine of its own.
type Pacer struct {
	cfg   PacerConfig
	clock clock.Clock

	mu    sync.Mutex
	bots  map[int64]*line
	chats map[chatKey]*line
	calls int
}

type chatKey struct{ bot, chat int64 }

// line is the queue before one bot or one chat.
type line struct {
	limiter *rate.Limiter
	full    rate.Limit // the speed without complaints
	until   time.Time  // nothing goes before
	struck  time.Time  // the last complaint, or the last step of recovery
	used    time.Time
}

// NewPacer returns a Pacer that tells the time by clk.
func NewPacer(cfg PacerConfig, clk clock.Clock) *Pacer {
	if cfg.PerSecond <= 0 {
		cfg.PerSecond = 30
	}
	if cfg.ChatPerSecond <= 0 {
		cfg.ChatPerSecond = 1
	}
	if cfg.ChatBurst <= 0 {
		cfg.ChatBurst = 5
	}
	if cfg.GroupPerMinute <= 0 {
		cfg.GroupPerMinute = 20
	}
	return &Pacer{cfg: cfg, clock: clk, bots: map[int64]*line{}, chats: map[chatKey]*line{}}
}

// Wait returns when a message of the bot may go into the chat. Its error is that of ctx.
func (p *Pacer) Wait(ctx context.Context, bot, chat int64) error {
	cancel, delay := p.reserve(bot, chat)
	for {
		if err := clock.Sleep(ctx, p.clock, delay); err != nil {
			cancel()
			return err
		}
		// A complaint may have come in the meantime.
		if delay = p.barred(bot, chat); delay <= 0 {
			return nil
		}
	}
}

// reserve takes a place in both queues and tells how long it takes to get to its head.
func (p *Pacer) reserve(bot, chat int64) (cancel func(), delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	p.sweep(now)
	var places []*rate.Reservation
	for _, l := range []*line{p.bot(bot), p.chat(bot, chat)} {
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
func (p *Pacer) barred(bot, chat int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	return max(p.bot(bot).until.Sub(now), p.chat(bot, chat).until.Sub(now))
}

// Learn takes the outcome of a send, nil for success. A complaint holds the chat back for as long as Telegram asks,
// and slows the bot down.
func (p *Pacer) Learn(bot, chat int64, err error) {
	e := As(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	now, own := p.clock.Now(), p.bot(bot)
	switch {
	case err == nil:
		own.recover(now)
	case e != nil && e.Code == 429:
		after := max(e.RetryAfter, time.Second)
		held := p.chat(bot, chat)
		if until := now.Add(after); until.After(held.until) {
			held.until = until
		}
		own.slowDown(now)
	}
}

func (l *line) slowDown(now time.Time) {
	l.limiter.SetLimitAt(now, max(l.limiter.Limit()/2, min(slowest, l.full)))
	l.struck = now
}

// recover doubles the speed for each quiet minute, up to the full one.
func (l *line) recover(now time.Time) {
	if l.limiter.Limit() < l.full && now.Sub(l.struck) >= recoverEvery {
		l.limiter.SetLimitAt(now, min(l.limiter.Limit()*2, l.full))
		l.struck = now
	}
}

func (p *Pacer) bot(id int64) *line {
	l, ok := p.bots[id]
	if !ok {
		full := rate.Limit(p.cfg.PerSecond)
		l = &line{limiter: rate.NewLimiter(full, max(int(p.cfg.PerSecond), 1)), full: full}
		p.bots[id] = l
	}
	return l
}

// chat returns a chat's line. Groups, whose numbers are negative, have a limit of their own.
func (p *Pacer) chat(bot, chat int64) *line {
	key := chatKey{bot, chat}
	l, ok := p.chats[key]
	if !ok {
		limit, burst := rate.Limit(p.cfg.ChatPerSecond), p.cfg.ChatBurst
		if chat < 0 {
			limit, burst = rate.Limit(p.cfg.GroupPerMinute/60), max(int(p.cfg.GroupPerMinute/2), 1)
		}
		l = &line{limiter: rate.NewLimiter(limit, burst), full: limit, used: p.clock.Now()}
		p.chats[key] = l
	}
	return l
}

// sweep forgets chats that a fresh line would serve just the same.
func (p *Pacer) sweep(now time.Time) {
	if p.calls++; p.calls%sweepEvery != 0 {
		return
	}
	for key, l := range p.chats {
		if now.Sub(l.used) > chatIdle && now.After(l.until) {
			delete(p.chats, key)
		}
	}
}
