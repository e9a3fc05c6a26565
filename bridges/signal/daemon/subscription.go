package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrPaused is what Subscribe returns after Pause.
var ErrPaused = errors.New("nothing more is received from the signal-cli daemon")

// subscriptions are those of the present connection. The daemon forgets them when a connection ends.
type subscriptions struct {
	paused atomic.Bool
	turn   chan struct{} // holds one value; whoever took it out may use the rest
	of     *connection
	ids    []int64
	unsure bool // a request's answer never came: there may be one more
}

func newSubscriptions() *subscriptions {
	s := &subscriptions{turn: make(chan struct{}, 1)}
	s.release()
	return s
}

func (s *subscriptions) release() { s.turn <- struct{}{} }

// Subscribe has the daemon hand over what comes for an account, on this connection. It is for Config.Up, whose
// connection is the present one as long as it runs. ref: reference/signal-cli.md §2
func (c *Client) Subscribe(ctx context.Context, account string) error {
	s := c.subscriptions
	select {
	case <-s.turn:
		defer s.release()
	case <-ctx.Done():
		return fmt.Errorf("subscribeReceive: %w", ctx.Err())
	}
	if s.paused.Load() {
		return ErrPaused
	}
	if conn := c.present(); s.of != conn {
		s.of, s.ids, s.unsure = conn, nil, false
	}
	var subscription int64
	err := c.ask(ctx, "subscribeReceive", Params{"account": account}, &subscription)
	switch {
	case err == nil:
		s.ids = append(s.ids, subscription)
	case IsLost(err):
		s.unsure = true
	}
	return err
}

// Pause ends all subscriptions and lets none begin any more; requests go on. It returns when all that the daemon
// handed over has been through Config.Receive. A daemon that does not answer within limit loses the connection, and
// another is made for the requests; the error then says why.
func (c *Client) Pause(limit time.Duration) error {
	c.subscriptions.paused.Store(true)
	conn := c.present()
	if conn == nil {
		return nil // what the last one brought is kept: else it would still be the present one
	}
	err := c.unsubscribe(limit)
	if err == nil {
		return nil
	}
	conn.close(ErrPaused)
	select {
	case <-conn.ended:
		return fmt.Errorf("end the subscriptions: %w", err)
	case <-c.cfg.Clock.After(limit):
		return fmt.Errorf("end the subscriptions, and keep what came: %w: %w", errTimeout, err)
	}
}

// unsubscribe ends the subscriptions of the present connection. The answers come behind all that was handed over.
// ref: reference/signal-cli.md §3
func (c *Client) unsubscribe(limit time.Duration) error {
	s := c.subscriptions
	select {
	case <-s.turn:
		defer s.release()
	case <-c.cfg.Clock.After(limit):
		return errTimeout // one is just beginning
	}
	if conn := c.present(); conn == nil || s.of != conn {
		return nil
	}
	answers := make(chan error, len(s.ids))
	for _, subscription := range s.ids {
		go func() {
			call := call{method: "unsubscribeReceive", params: Params{"subscription": subscription}, timeout: limit}
			answers <- c.askFor(context.Background(), call, nil)
		}()
	}
	var failed error
	for range s.ids {
		failed = errors.Join(failed, <-answers)
	}
	if s.unsure {
		failed = errors.Join(failed, errTimeout)
	}
	s.ids = nil
	return failed
}
