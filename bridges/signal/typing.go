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
	now     map[daemon.To]*typist
	running sync.WaitGroup
}

// typist is one chat that shows typing.
type typist struct{ end context.CancelFunc }

// set begins or ends that a chat shows typing.
func (t *typists) set(cl *Client, to daemon.To, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	shown := t.now[to]
	switch {
	case shown != nil && !on:
		shown.end()
		delete(t.now, to)
	case shown == nil && on && !t.stopped:
		if t.now == nil {
			t.now = map[daemon.To]*typist{}
		}
		ctx, end := context.WithCancel(context.Background())
		one := &typist{end: end}
		t.now[to] = one
		t.running.Go(func() {
			t.show(ctx, cl, to)
			t.ended(to, one)
		})
	}
}

// ended forgets a chat that stopped by itself.
func (t *typists) ended(to daemon.To, one *typist) {
	one.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now[to] == one {
		delete(t.now, to)
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

// begin lets it be shown again after a stop.
func (t *typists) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = false
}

// stop ends all of it and waits.
func (t *typists) stop() {
	t.mu.Lock()
	t.stopped = true
	for to, one := range t.now {
		one.end()
		delete(t.now, to)
	}
	t.mu.Unlock()
	t.running.Wait()
}
