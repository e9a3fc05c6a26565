package journal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// TestPoison: what fails while others get through is set aside; what fails in an outage waits.
func TestPoison(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		down := make(chan struct{}) // closed when the neighbour is well again
		tries := make(chan struct{}, 1)
		var mended atomic.Bool
		failures := map[string]error{
			"poison":  errs.Temporary(errors.New("it cannot be digested"), 0),
			"slow":    fmt.Errorf("ask: %w", context.DeadlineExceeded),
			"waiting": errs.Temporary(errors.New("come back later"), time.Millisecond),
		}
		j := begin(t, handle, Options{MaxAttempts: 3, Workers: 8})
		j.Handle("net", func(_ context.Context, entry Entry) error {
			select {
			case <-down:
			default:
				signal(tries)
				return errs.Temporary(errors.New("nobody is there"), 0)
			}
			if mended.Load() {
				return nil
			}
			return failures[string(entry.Payload)]
		})
		j.Start(ctx)
		mustAppend(t, j, msg("a", "poison"), msg("a", "behind it"), msg("b", "slow"), msg("c", "waiting"), msg("d", "well"))
		for range 40 { // far more failures than are allowed
			<-tries
		}
		wantStates(t, j, map[State]int{Waiting: 5})
		close(down)
		for n := 0; states(t, j)[Failed] < 2; n++ { // others get through meanwhile
			mustAppend(t, j, msg("d", fmt.Sprint("well", n)))
			time.Sleep(time.Millisecond)
		}
		eventually(nil, 0, func() bool { return states(t, j)[Waiting] == 1 })
		listed, err := j.List(ctx, Filter{State: Failed})
		if err != nil || len(listed) != 2 || listed[0].Key != "b/slow" || listed[1].Key != "a/poison" || listed[1].Reason != "it cannot be digested" {
			t.Fatalf("set aside: %+v, %v", listed, err)
		}
		waiting, err := j.List(ctx, Filter{State: Waiting})
		if err != nil || len(waiting) != 1 || waiting[0].Key != "c/waiting" {
			t.Errorf("waiting: %+v, %v", waiting, err)
		}
		mended.Store(true)
		if n, err := j.Retry(ctx, listed[1].ID); n != 1 || err != nil {
			t.Fatalf("%d entries are tried again, %v", n, err)
		}
		eventually(nil, 0, func() bool { return states(t, j)[Failed] == 1 })
	})
}
