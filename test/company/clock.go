package company

import (
	"context"
	"sync"
	"testing"
	"time"

	"puente/core/base/clock"
)

// tick is how far a moving clock's time is behind the machine's at most.
const tick = 10 * time.Millisecond

// moving is a clock that goes as the machine's does until the test ends, and that a test can put forward besides. The
// homeserver's and the providers' clocks stay as they are: what they date is then of some time ago.
func moving(tb testing.TB) *clock.Manual {
	last := time.Now()
	moved := clock.NewManual(last)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for clock.Sleep(ctx, clock.System{}, tick) == nil {
			now := time.Now()
			moved.Advance(now.Sub(last))
			last = now
		}
	})
	tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return moved
}
