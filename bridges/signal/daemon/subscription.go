package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
	all    []subscription
	unsure bool // a request's answer never came: there may be one more
}

// subscription is one as the daemon counts them.
type subscription struct {
	id     int64
	ending bool // its end was asked for, and no answer came: it may stand or not
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
		s.of, s.all, s.unsure = conn, nil, false
	}
	var id int64
	err := c.ask(ctx, "subscribeReceive", Params{"account": account}, &id)
	switch {
	case err == nil:
		s.all = append(s.all, subscription{id: id})
	case IsLost(err):
		s.unsure = true
	}
	return err
}

// Unsubscribe ends the subscriptions of the present connection; others may begin. When it returns nil, all that the daemon
// handed over has been through Config.Receive. After an error some may still stand: it can be called again.
func (c *Client) Unsubscribe(ctx context.Context) error {
	s := c.subscriptions
	select {
	case <-s.turn:
		defer s.release()
	case <-ctx.Done():
		return fmt.Errorf("unsubscribeReceive: %w", ctx.Err())
	}
	return c.endAll(ctx, c.cfg.Timeout)
}

// Pause ends all subscriptions and lets none begin any more; requests go on. It returns when all that the daemon
// handed over has been through Config.Receive, however much that is. A daemon of which for as long as limit neither the
// answer nor anything else comes loses the connection, and another is made for the requests; the error then says why.
func (c *Client) Pause(limit time.Duration) error {
	c.subscriptions.paused.Store(true)
	conn := c.present()
	if conn == nil {
		return nil // what the last one brought is kept: else it would still be the present one
	}
	err := c.unsubscribe(conn, limit)
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

// unsubscribe ends the subscriptions for Pause.
func (c *Client) unsubscribe(conn *connection, limit time.Duration) error {
	s := c.subscriptions
	goesOn := conn.progress()
	for waiting := true; waiting; {
		select {
		case <-s.turn:
			defer s.release()
			waiting = false
		case <-c.cfg.Clock.After(limit):
			if !goesOn() {
				return errTimeout // one is just beginning
			}
		}
	}
	err := c.endAll(context.Background(), limit)
	if s.unsure && s.of == c.present() {
		err = errors.Join(err, errTimeout)
	}
	return err
}

// endAll ends the subscriptions of the present connection. The answers come behind all that was handed over. The caller
// has the turn. ref: reference/signal-cli.md §3
func (c *Client) endAll(ctx context.Context, limit time.Duration) error {
	s := c.subscriptions
	conn := c.present()
	if conn == nil || s.of != conn {
		return nil
	}
	var running sync.WaitGroup
	results := make([]error, len(s.all))
	for i, one := range s.all {
		running.Go(func() { results[i] = c.end(ctx, conn, one.id, limit) })
	}
	running.Wait()
	var failed error
	var left []subscription
	for i, err := range results {
		var refused *Error
		if err == nil || s.all[i].ending && errors.As(err, &refused) {
			continue // a refusal now says that the first request has done it
		}
		failed = errors.Join(failed, err)
		if IsLost(err) {
			left = append(left, subscription{id: s.all[i].id, ending: true})
		}
	}
	s.all = left
	return failed
}

// end ends one subscription. It waits for the answer as long as something comes.
func (c *Client) end(ctx context.Context, conn *connection, id int64, limit time.Duration) error {
	return c.askFor(ctx, call{
		method: "unsubscribeReceive", params: Params{"subscription": id}, timeout: limit, goesOn: conn.progress(),
	}, nil)
}
