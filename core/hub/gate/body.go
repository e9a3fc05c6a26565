package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"puente/core/base/errs"
)

// body takes its place among the bodies that are being read when the first byte of it is, and keeps it until the request
// is answered. A handler that asks for a secret first thus holds nothing for who has none.
type body struct {
	io.ReadCloser
	gate    *Gate
	from    *caller
	request *http.Request
	answer  *http.ResponseController
	known   bool

	asked bool
	held  []*semaphore.Weighted
	err   error // no place was to be had
}

// Read implements io.Reader.
func (b *body) Read(into []byte) (int, error) {
	if !b.asked {
		b.asked = true
		b.err = b.take()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.ReadCloser.Read(into)
	if err != nil && !b.known {
		// What the handler does from here on may take its time.
		_ = b.answer.SetReadDeadline(time.Time{})
	}
	return n, err
}

// size is what the body counts as.
func (b *body) size() int64 {
	if length := b.request.ContentLength; length >= 0 {
		return min(length, b.gate.limits.Body)
	}
	return b.gate.limits.Body
}

func (b *body) take() error {
	if b.request.ContentLength == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(b.request.Context(), b.gate.limits.Patience)
	defer cancel()
	if b.known {
		return b.takeFrom(ctx, b.gate.known)
	}
	// The machine's clock: it is a connection's. The server sets its own deadline again for the next request.
	if err := b.answer.SetReadDeadline(time.Now().Add(b.gate.limits.BodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("bound the time of a body: %w", err)
	}
	if err := b.takeFrom(ctx, b.from.bodies); err != nil {
		return err
	}
	return b.takeFrom(ctx, b.gate.strangers)
}

func (b *body) takeFrom(ctx context.Context, places *semaphore.Weighted) error {
	if err := places.Acquire(ctx, b.size()); err != nil {
		return errs.Temporary(fmt.Errorf("too many bodies at once: %w", err), 0)
	}
	b.held = append(b.held, places)
	return nil
}

func (b *body) release() {
	for _, places := range b.held {
		places.Release(b.size())
	}
	b.held = nil
}
