package botapi

import (
	"context"
	"time"

	"puente/bridges/bridgekit/pace"
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

// chatIdle is how long a chat must be unused to have its whole burst again.
const chatIdle = 10 * time.Minute

// Pacer makes messages wait so that Telegram's limits are kept, and holds a chat back when Telegram says that they
// were not. It is safe for concurrent use and has no goroutine of its own.
type Pacer struct{ queues *pace.Pacer[queue] }

// queue names what a message waits in: that of its bot and that of its chat.
type queue struct {
	kind      queueKind
	bot, chat int64
}

type queueKind string

const (
	botQueue   queueKind = "bot"
	chatQueue  queueKind = "chat"
	groupQueue queueKind = "group"
)

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
	return &Pacer{pace.New(clk, cfg.limit)}
}

func (cfg PacerConfig) limit(q queue) pace.Limit {
	switch q.kind {
	case botQueue:
		return pace.Limit{PerSecond: cfg.PerSecond, Burst: max(int(cfg.PerSecond), 1)}
	case groupQueue:
		return pace.Limit{PerSecond: cfg.GroupPerMinute / 60, Burst: max(int(cfg.GroupPerMinute/2), 1), Idle: chatIdle}
	default:
		return pace.Limit{PerSecond: cfg.ChatPerSecond, Burst: cfg.ChatBurst, Idle: chatIdle}
	}
}

func ofBot(bot int64) queue { return queue{kind: botQueue, bot: bot} }

// ofChat is a chat's queue. Groups, whose numbers are negative, have a limit of their own.
func ofChat(bot, chat int64) queue {
	if chat < 0 {
		return queue{kind: groupQueue, bot: bot, chat: chat}
	}
	return queue{kind: chatQueue, bot: bot, chat: chat}
}

// Wait returns when a message of the bot may go into the chat. Its error is that of ctx.
func (p *Pacer) Wait(ctx context.Context, bot, chat int64) error {
	return p.queues.Wait(ctx, ofBot(bot), ofChat(bot, chat))
}

// Learn takes the outcome of a send, nil for success. A complaint holds the chat back for as long as Telegram asks,
// and slows the bot down.
func (p *Pacer) Learn(bot, chat int64, err error) {
	e := As(err)
	switch {
	case err == nil:
		p.queues.Recover(ofBot(bot))
	case e != nil && e.Code == 429:
		p.queues.Hold(ofChat(bot, chat), max(e.RetryAfter, time.Second))
		p.queues.SlowDown(ofBot(bot))
	}
}
