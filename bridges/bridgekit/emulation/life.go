package emulation

import (
	"context"
	"fmt"
	"sync"

	"puente/core/base/errs"
)

// Life is whether an emulator runs. The zero value is one that does not.
type Life struct {
	mu  sync.Mutex
	run *Run // nil while stopped
}

// Start begins a run, which lasts until Stop. begin says what it consists of; it may take the emulator's own lock, and
// nothing of the run happens before it returns, or at all if it fails. A second Start before Stop is an
// errs.ErrConflict. When ctx ends, so do the workers, but Stop must still be called.
func (l *Life) Start(ctx context.Context, begin func(*Run) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run != nil {
		return fmt.Errorf("start the emulator: it runs already: %w", errs.ErrConflict)
	}
	run := &Run{}
	run.ctx, run.cancel = context.WithCancel(ctx)
	if err := begin(run); err != nil {
		run.cancel()
		return err
	}
	for _, work := range run.work {
		run.workers.Go(func() { work(run.ctx) })
	}
	l.run = run
	return nil
}

// Stop ends all that Start began and waits for it; then the state is saved for the last time, as nobody changes
// anything any more. It may be called more than once, and without a Start.
func (l *Life) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run == nil {
		return
	}
	l.run.cancel()
	for _, end := range l.run.closers {
		end()
	}
	l.run.workers.Wait()
	for _, k := range l.run.keepers {
		k.saveOrTell()
	}
	l.run = nil
}

// Run is what exists only between one Start and its Stop.
type Run struct {
	ctx     context.Context
	cancel  context.CancelFunc
	work    []func(context.Context)
	closers []func() // what makes workers return that do not look at the context
	keepers []*Keeper
	workers sync.WaitGroup
}

// Context ends with the run.
func (r *Run) Context() context.Context { return r.ctx }

// Go adds a worker, which must return when its context ends.
func (r *Run) Go(work func(context.Context)) { r.work = append(r.work, work) }

// Keep has a state saved whenever it has changed, and once more at the end.
func (r *Run) Keep(k *Keeper) {
	if k.Dir != "" {
		r.Go(k.keep)
		r.keepers = append(r.keepers, k)
	}
}
