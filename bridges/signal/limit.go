package signal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// limit is for how long Signal takes nothing from an account.
type limit struct {
	mu    sync.Mutex
	until time.Time
	words string
}

// errLimited is why nothing is even tried.
var errLimited = errors.New("rate limit")

// check returns an errs.Temporary while nothing can be sent.
func (l *limit) check(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) {
		return nil
	}
	return errs.Temporary(errs.Tell(errLimited, l.words), l.until.Sub(now))
}

func (l *limit) set(until time.Time, words string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until, l.words = until, words
}

func (l *limit) lift() { l.set(time.Time{}, "") }

// tokens are the challenges that nobody has solved yet, with the accounts that they are about.
type tokens struct {
	mu   sync.Mutex
	open map[string]*Client
}

func (t *tokens) keep(token string, client *Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[string]*Client{}
	}
	t.open[token] = client
}

func (t *tokens) of(token string) *Client {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open[token]
}

func (t *tokens) done(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, token)
}

// captchaPage is where a person solves the captcha of a challenge. ref: reference/signal-cli.md §3
const captchaPage = "https://signalcaptchas.org/challenge/generate.html"

// challenge tells the operators how to prove that a person sends.
func (cl *Client) challenge(ctx context.Context, result daemon.Result) {
	cl.connector.tokens.keep(result.Token, cl)
	cl.connector.tell(ctx, "signal:"+cl.self()+":captcha", fmt.Sprintf(
		"⚠️ **Signal** wants a proof that a person sends from **%s**. Open %s, solve the captcha, copy the address of the link "+
			"*Open Signal* (it begins with `signalcaptcha://`), and write here: `signal captcha %s <address>`. What waits is then sent by itself.",
		network.Plain(remoteName(cl.meta())), captchaPage, result.Token))
}

// tell says something to the operators, unless Puente does not run: `puente check` says it then.
func (c *Connector) tell(ctx context.Context, key, markdown string) {
	if c.started.Load() {
		c.env.Operators.Tell(ctx, key, markdown)
	}
}
