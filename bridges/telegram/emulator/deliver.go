package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// How webhooks fail. ref: reference/telegram-bot.md §2
const (
	maxRetryAfter  = time.Hour
	goneSwitchesIt = 23 * time.Hour // so long of nothing but 410 switches a webhook off
)

// hookQueue is one chat's updates on their way to one bot's webhook; they keep their order.
type hookQueue struct {
	inFlight bool
	fails    int
	notUntil time.Time
}

// delivery is one update on its way.
type delivery struct {
	b     *botState
	hook  webhook
	u     *update
	queue *hookQueue
}

// deliver sends updates to webhooks, each again until it is taken: of one chat in order, of several at once.
func (e *Emulator) deliver(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	for ctx.Err() == nil {
		d, due, changed := e.nextDelivery()
		if d != nil {
			under.Go(func() { e.send(ctx, d) })
			continue
		}
		select {
		case <-changed:
		case <-e.until(due):
		case <-ctx.Done():
		}
	}
}

// until returns a channel that gets a value at a time, or never if that is zero. The clock may be moved while it is
// made.
func (e *Emulator) until(due time.Time) <-chan time.Time {
	if due.IsZero() {
		return nil
	}
	later := e.clock.After(due.Sub(e.clock.Now()))
	if !e.clock.Now().Before(due) {
		return e.clock.After(0)
	}
	return later
}

// nextDelivery finds an update that can be sent now, or when there is one (zero: when something changes).
func (e *Emulator) nextDelivery() (d *delivery, when time.Time, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.clock.Now()
	for _, b := range e.st.Bots {
		if b.Hook.URL == "" || b.Revoked {
			continue
		}
		e.dropOld(b)
		seen, running := map[string]bool{}, int64(0)
		for _, u := range b.Queue {
			key := decimal(b.ID()) + " " + u.Chat
			if seen[key] {
				continue
			}
			seen[key] = true
			q := e.hooks[key]
			if q == nil {
				q = &hookQueue{}
				e.hooks[key] = q
			}
			due := u.Due
			if q.notUntil.After(due) {
				due = q.notUntil
			}
			switch {
			case q.inFlight:
				running++
			case running >= b.Hook.Max:
			case due.After(now):
				if when.IsZero() || due.Before(when) {
					when = due
				}
			default:
				q.inFlight = true
				return &delivery{b: b, hook: b.Hook, u: u, queue: q}, time.Time{}, e.changed
			}
		}
	}
	return nil, when, e.changed
}

// send brings one update to its webhook and notes what came of it.
func (e *Emulator) send(ctx context.Context, d *delivery) {
	body, err := marshal(d.u.wire())
	var retryAfter time.Duration
	status := 0
	if err == nil {
		status, retryAfter, err = e.post(ctx, d.hook, body)
	}
	if err == nil && e.opt.Duplicate {
		_, _, _ = e.post(ctx, d.hook, body) // the first one counts
	}
	if err != nil && ctx.Err() == nil {
		e.log.Debug().Err(err).Int("status", status).Msg("Webhook not taken")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.touch()
	d.queue.inFlight = false
	if err == nil && e.cut > 0 {
		e.cut--
		err = errors.New("read timeout expired")
	}
	if err == nil {
		d.queue.fails, d.queue.notUntil = 0, time.Time{}
		d.b.Hook.GoneSince = time.Time{}
		e.confirm(d.b, func(u *update) bool { return u == d.u })
		return
	}
	e.failed(d, status, retryAfter, err)
}

// failed notes an update that was not taken. The caller holds mu.
func (e *Emulator) failed(d *delivery, status int, retryAfter time.Duration, err error) {
	now := e.clock.Now()
	delay := min(e.opt.RetryMin<<min(d.queue.fails, 20), e.opt.RetryMax)
	if d.queue.fails == 0 {
		delay = 0 // the first repetition comes at once
	}
	if retryAfter > 0 {
		delay = min(retryAfter, maxRetryAfter)
	}
	d.queue.fails++
	d.queue.notUntil = now.Add(delay)
	if d.b.Hook.URL != d.hook.URL {
		return
	}
	d.b.Hook.LastError, d.b.Hook.LastErrorAt = err.Error(), now
	switch {
	case status != http.StatusGone:
		d.b.Hook.GoneSince = time.Time{}
	case d.b.Hook.GoneSince.IsZero():
		d.b.Hook.GoneSince = now
	case now.Sub(d.b.Hook.GoneSince) > goneSwitchesIt:
		d.b.Hook = webhook{}
	}
}

// post sends one body; any 2xx takes it. Its errors are what getWebhookInfo tells.
func (e *Emulator) post(ctx context.Context, hook webhook, body []byte) (status int, retryAfter time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, 0, errors.New("invalid webhook URL")
	}
	r.Header.Set("Content-Type", "application/json")
	if hook.Secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.Secret)
	}
	response, err := e.client.Do(r)
	if err != nil {
		var inURL *url.Error
		if errors.As(err, &inURL) {
			err = inURL.Err // the address may hold a secret
		}
		return 0, 0, fmt.Errorf("connection failed: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	if response.StatusCode/100 == 2 {
		return response.StatusCode, 0, nil
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return response.StatusCode, time.Duration(seconds) * time.Second,
		fmt.Errorf("wrong response from the webhook: %s", response.Status)
}
