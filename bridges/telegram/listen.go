package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// listening is a bot's own loop: it asks Telegram for updates, or keeps the webhook set. It confirms an update only
// when it is in the journal. ref: reference/telegram-bot.md §7
type listening struct {
	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan struct{}
}

// allowedUpdates is what Telegram is asked for; its own list lacks the reactions. Channels' posts are not bridged.
// ref: reference/telegram-bot.md §2 and §3
func allowedUpdates() []string {
	return []string{
		"message", "edited_message", "business_connection", "business_message", "edited_business_message",
		"deleted_business_messages", "message_reaction", "callback_query", "poll", "poll_answer", "my_chat_member",
	}
}

// The waits between two tries, which double from the first to the last.
const (
	firstWait   = time.Second
	lastWait    = time.Minute
	refusedWait = 5 * time.Minute // while Telegram refuses the token
)

// watchWebhook is how often the webhook is looked after.
const watchWebhook = 10 * time.Minute

// listen begins to listen, anew if the bot listened already.
func (cl *Client) listen() {
	cl.listening.stop()
	ctx, cancel := context.WithCancel(cl.connector.log.With().Str("login_id", string(cl.login.ID)).Logger().WithContext(context.Background()))
	done := make(chan struct{})
	cl.listening.mu.Lock()
	cl.listening.cancel, cl.listening.done = cancel, done
	cl.listening.mu.Unlock()
	go func() {
		defer close(done)
		cl.keepListening(ctx)
	}()
}

// stop ends the loop and waits for it.
func (l *listening) stop() {
	l.mu.Lock()
	cancel, done := l.cancel, l.done
	l.cancel, l.done = nil, nil
	l.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// keepListening listens until ctx ends, whatever goes wrong.
func (cl *Client) keepListening(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		heard, err := cl.hear(ctx)
		if ctx.Err() != nil {
			return
		} else if heard {
			failures = 0
		}
		failures++
		wait := cl.failedToListen(ctx, err, failures)
		if clock.Sleep(ctx, cl.connector.clock, wait) != nil {
			return
		}
	}
}

// hear sets up whichever way updates come and stays with it until it fails; heard tells whether it worked at first.
func (cl *Client) hear(ctx context.Context) (heard bool, err error) {
	api := cl.own.Load()
	me, err := api.GetMe(ctx)
	if err != nil {
		return false, fmt.Errorf("ask who the bot is: %w", err)
	}
	cl.noteBot(ctx, me)
	if cl.connector.config.Mode == modeWebhook {
		return cl.keepWebhook(ctx, api)
	}
	if err = removeWebhook(ctx, api); err != nil {
		return false, err
	}
	return cl.poll(ctx, api)
}

// noteBot keeps what Telegram says of the bot.
func (cl *Client) noteBot(ctx context.Context, me *models.User) {
	err := cl.change(ctx, func(meta *LoginMeta) bool { return meta.know(me) })
	if err != nil {
		cl.connector.log.Error().Err(err).Msg("Could not keep what Telegram says of a bot")
	}
}

func removeWebhook(ctx context.Context, api *botapi.Client) error {
	if _, err := api.DeleteWebhook(ctx, &bot.DeleteWebhookParams{}); err != nil {
		return fmt.Errorf("take the bot's webhook away: %w", err)
	}
	return nil
}

// poll asks for updates again and again. The offset, which confirms what came before it, moves on only when all of
// that is in the journal.
func (cl *Client) poll(ctx context.Context, api *botapi.Client) (heard bool, err error) {
	var offset int64
	var wait time.Duration // the first question is only to see whether it works
	for {
		updates, err := api.Updates(ctx, offset, wait, allowedUpdates())
		if err != nil {
			return heard, fmt.Errorf("ask for updates: %w", err)
		} else if !heard {
			heard = true
			cl.report(status.BridgeState{StateEvent: status.StateConnected})
		}
		wait = cl.connector.config.PollTimeout
		if len(updates) == 0 {
			continue
		}
		if err = cl.take(ctx, updates...); err != nil {
			return heard, err
		}
		before := offset
		for _, raw := range updates {
			offset = max(offset, updateIDOf(raw)+1)
		}
		if offset == before {
			return heard, fmt.Errorf("updates without numbers, which cannot be confirmed: %w", errs.ErrInvalid)
		}
	}
}

// take commits updates to the journal, all or none.
func (cl *Client) take(ctx context.Context, updates ...json.RawMessage) error {
	entries := make([]network.Entry, len(updates))
	for i, raw := range updates {
		entries[i] = cl.connector.entry(cl.meta().BotID, raw)
	}
	if err := cl.connector.env.Intake.Take(ctx, entries...); err != nil {
		return fmt.Errorf("commit updates: %w", err)
	}
	return nil
}

// failedToListen says what went wrong, to the operators if they must act, and returns how long to wait.
func (cl *Client) failedToListen(ctx context.Context, err error, failures int) time.Duration {
	after, _ := errs.IsTemporary(err)
	longest := lastWait
	log := cl.connector.log.Warn()
	switch {
	case botapi.IsUnauthorized(err):
		longest = refusedWait
		cl.report(refusedState(err))
	case botapi.IsConflict(err):
		cl.connector.tell(ctx, fmt.Sprintf("telegram:%s:conflict", cl.login.ID),
			fmt.Sprintf("The Telegram bot **%s** gets no messages: %s", network.Plain(cl.title()), errs.Message(err)))
		cl.report(status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "telegram-conflict", Message: errs.Message(err)})
	default:
		cl.report(status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "telegram-unreachable", Message: errs.Message(err)})
	}
	wait := min(firstWait<<min(failures-1, 10), longest)
	wait = max(wait, after)
	log.Err(err).Str("login_id", string(cl.login.ID)).Dur("wait", wait).Msg("A bot cannot listen; it is tried again")
	return wait
}
