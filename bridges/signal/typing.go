package signal

import (
	"context"
	"sync"
	"time"

	"puente/bridges/signal/daemon"
)

const (
	// typingEvery is how often phones want to hear that somebody still types; they stop showing it after 15 seconds.
	// ref: reference/signal-cli.md §3, sendTyping
	typingEvery = 8 * time.Second
	// typingMost ends it if the homeserver never says that the agent stopped.
	typingMost = 2 * time.Minute
	// typingGrace is how long the end of it may take to be said.
	typingGrace = 2 * time.Second
)

// typists keeps showing that agents type: Matrix says so once, Signal wants to hear it again and again.
type typists struct {
	mu      sync.Mutex
	stopped bool
	now     map[typingChat]*typist
	running sync.WaitGroup
}

// typingChat is a chat of one of the accounts.
type typingChat struct {
	account string
	to      daemon.To
}

// typist is one chat that shows typing.
type typist struct{ end context.CancelFunc }

// set begins or ends that a chat shows typing.
func (t *typists) set(cl *Client, to daemon.To, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	chat := typingChat{cl.account(), to}
	shown := t.now[chat]
	switch {
	case shown != nil && !on:
		shown.end()
		delete(t.now, chat)
	case shown == nil && on && !t.stopped:
		if t.now == nil {
			t.now = map[typingChat]*typist{}
		}
		ctx, end := context.WithCancel(context.Background())
		one := &typist{end: end}
		t.now[chat] = one
		t.running.Go(func() {
			t.show(ctx, cl, to)
			t.ended(chat, one)
		})
	}
}

// ended forgets a chat that stopped by itself.
func (t *typists) ended(chat typingChat, one *typist) {
	one.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now[chat] == one {
		delete(t.now, chat)
	}
}

// show repeats it until it is ended, and then says that it ended.
func (t *typists) show(ctx context.Context, cl *Client, to daemon.To) {
	c := cl.connector
	until := c.clock.Now().Add(typingMost)
	for ctx.Err() == nil && c.clock.Now().Before(until) {
		if err := c.daemon.Typing(ctx, cl.account(), to, false); err != nil && ctx.Err() == nil {
			cl.noteAccount(err)
			c.log.Debug().Err(err).Str("login_id", cl.self()).Msg("Could not show that an agent types")
		}
		select {
		case <-ctx.Done():
		case <-c.clock.After(typingEvery):
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), typingGrace)
	defer cancel()
	if err := c.daemon.Typing(ctx, cl.account(), to, true); err != nil {
		c.log.Debug().Err(err).Str("login_id", cl.self()).Msg("Could not show that an agent stopped typing")
	}
}

// stop ends all of it and waits.
func (t *typists) stop() {
	t.mu.Lock()
	t.stopped = true
	for chat, one := range t.now {
		one.end()
		delete(t.now, chat)
	}
	t.mu.Unlock()
	t.running.Wait()
}
