package emulation

import (
	"context"
	"fmt"
	"sync"
)

// Change is a channel that is closed at the next change and then replaced, so that all who wait wake. The lock of the
// state that changes guards the variable that holds it; whoever waits takes the channel under that lock, together with
// what they look at, and lets go of the lock before waiting.
type Change chan struct{}

// NewChange makes a Change that has not happened yet.
func NewChange() Change { return make(Change) }

// Tell wakes all who wait. The caller holds the state's lock.
func (c *Change) Tell() {
	close(*c)
	*c = NewChange()
}

// Wait looks at something under lock, now and after each change, until fact holds for it, and returns what it saw last.
// fact is asked without the lock. An error of look ends the waiting; so does ctx, whose error is returned with what,
// the words for what was waited for.
func Wait[T any](
	ctx context.Context, lock sync.Locker, changed *Change, what string, look func() (T, error), fact func(T) bool,
) (T, error) {
	for {
		lock.Lock()
		seen, err := look()
		next := *changed
		lock.Unlock()
		if err != nil || fact(seen) {
			return seen, err
		}
		select {
		case <-next:
		case <-ctx.Done():
			return seen, fmt.Errorf("%s: %w", what, ctx.Err())
		}
	}
}
