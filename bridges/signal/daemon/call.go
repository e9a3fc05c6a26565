package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"puente/core/base/errs"
)

// lostError is a request that was written and whose answer never came, or cannot be read.
type lostError struct {
	method string
	cause  error
}

func (l *lostError) Error() string { return fmt.Sprintf("%s: no answer: %v", l.method, l.cause) }
func (l *lostError) Unwrap() error { return l.cause }

// IsLost tells whether err is of a request that reached the daemon, or may have, and whose answer never came or cannot
// be read: nobody knows whether the daemon did it.
func IsLost(err error) bool {
	var lost *lostError
	return errors.As(err, &lost)
}

// errTimeout is why an answer counts as lost although the connection stands.
var errTimeout = errors.New("it took too long")

// call is one request as it is made.
type call struct {
	method  string
	params  Params
	files   []File
	timeout time.Duration
	// goesOn, if not nil, is asked when the time is over whether to wait once more as long.
	goesOn func() bool
	// late is told of an answer that comes when nobody waits for it any more.
	late func(result json.RawMessage, err error)
}

// do makes a request and returns its answer, whose blobs the caller closes. A daemon that is away is an errs.Temporary.
func (c *Client) do(ctx context.Context, call call) (answer, error) {
	c.mu.Lock()
	conn, why := c.conn, c.why
	c.mu.Unlock()
	if conn == nil {
		return answer{}, away(call.method, why)
	}
	if call.timeout <= 0 {
		call.timeout = c.cfg.Timeout
	}
	id, waiting, err := conn.begin(call.method)
	if err != nil {
		return answer{}, away(call.method, err)
	}
	req, err := newRequest(id, call.method, call.params, call.files)
	if err != nil {
		conn.forget(id, waiting, nil)
		return answer{}, err
	}
	if err = conn.write(req, call.timeout); err != nil {
		// The daemon does nothing with half a line, and the line's end is the last that is written.
		conn.forget(id, waiting, nil)
		conn.close(err)
		return answer{}, away(call.method, err)
	}
	return c.await(ctx, conn, id, waiting, call)
}

func away(method string, why error) error {
	return errs.Temporary(errs.Tell(fmt.Errorf("%s: %w", method, why), "the signal-cli daemon cannot be reached; Puente keeps trying."), 0)
}

func (c *Client) await(ctx context.Context, conn *connection, id string, w *waiting, call call) (answer, error) {
	var why error
	for why == nil {
		select {
		case got := <-w.answer:
			return got, got.err
		case <-c.cfg.Clock.After(call.timeout):
			if call.goesOn == nil || !call.goesOn() {
				why = errTimeout
			}
		case <-ctx.Done():
			why = ctx.Err()
		}
	}
	var late func(answer)
	if call.late != nil {
		late = func(got answer) { call.late(got.result, got.err) }
	}
	if got, came := conn.forget(id, w, late); came {
		return got, got.err
	}
	return answer{}, &lostError{method: call.method, cause: why}
}

// ask makes a request of an account and reads its result into result, if that is not nil.
func (c *Client) ask(ctx context.Context, method string, params Params, result any) error {
	return c.askFor(ctx, call{method: method, params: params}, result)
}

func (c *Client) askFor(ctx context.Context, call call, result any) error {
	got, err := c.do(ctx, call)
	defer got.blobs.close()
	if err != nil || result == nil {
		return err
	}
	return unmarshal(call.method, got.result, result)
}

// unmarshal reads a result. One of another shape leaves open what the daemon did.
func unmarshal(method string, raw json.RawMessage, result any) error {
	if err := json.Unmarshal(raw, result); err != nil {
		return &lostError{method: method, cause: fmt.Errorf("%w: its result is of another shape", errLine)}
	}
	return nil
}
