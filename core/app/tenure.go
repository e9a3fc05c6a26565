package app

import (
	"context"
	"fmt"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/store"
)

// tenure is the time in which this process has the database: from when it has the lease until it ends or another process
// takes over.
type tenure struct {
	database store.Config
	clock    clock.Clock
	log      zerolog.Logger

	lease   *store.Lease
	alive   context.Context // ends when another process has taken over, with the error as its cause
	over    context.CancelCauseFunc
	leave   context.CancelFunc // ends the watch
	running sync.WaitGroup
}

func newTenure(database store.Config, c clock.Clock, log zerolog.Logger) *tenure {
	t := &tenure{database: database, clock: c, log: log, leave: func() {}}
	t.alive, t.over = context.WithCancelCause(context.Background())
	return t
}

// begin waits until no other process has the database, brings Puente's tables up to date, and then watches over the lease.
// changed is told when it is in doubt, and when it is certain again.
func (t *tenure) begin(ctx context.Context, db *dbutil.Database, changed func(held bool)) error {
	var err error
	if t.lease, err = store.TakeLease(ctx, t.database, t.clock, t.log); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err = store.Upgrade(ctx, db); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err = t.lease.Claim(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	watching, leave := context.WithCancel(context.Background())
	t.leave = leave
	t.running.Go(func() {
		if err := t.lease.Keep(watching, changed); err != nil {
			t.over(fmt.Errorf("database: %w", err))
		}
	})
	return nil
}

// within returns a context that ends with ctx, and when another process has taken over.
func (t *tenure) within(ctx context.Context) (context.Context, context.CancelFunc) {
	bound, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(t.alive, cancel)
	return bound, func() { detach(); cancel() }
}

// lost is why the tenure ended before its time; nil if it did not.
func (t *tenure) lost() error { return context.Cause(t.alive) }

// end gives the database free. Nothing may use it any more.
func (t *tenure) end() {
	t.leave()
	t.running.Wait()
	if t.lease != nil {
		t.lease.Release()
	}
	t.over(nil)
}
