package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

const (
	batchEntries  = 1024    // of one commit; enough to make the fsync's share small
	batchBytes    = 8 << 20 // of one commit's payloads; a single call may be larger
	commitTimeout = 30 * time.Second
)

// intake gathers all that is written at once into common commits: one fsync for many, and on SQLite no
// writers that wait for each other by polling. A writer runs only while there is something to write.
type intake struct {
	mu      sync.Mutex
	queue   []*call
	writing bool
	closed  bool
	writers sync.WaitGroup
}

// call is one Append, or other work on the journal, that waits for its commit.
type call struct {
	entries []Entry
	bytes   int
	work    func(ctx context.Context) error // may run twice: alone, if it or another failed in a common commit
	result  chan error                      // buffered: the caller may have gone
}

// Append commits entries, all or none, and returns nil when they are durable. Those whose key is
// known already are passed over. When ctx ends before the commit its error is returned, and the
// entries may or may not be in the journal.
//
// Append runs in a transaction of its own, shared with other callers; inside a caller's transaction
// it would wait for itself, and is refused.
func (j *Journal) Append(ctx context.Context, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if _, inside := j.db.Execable(ctx).(*dbutil.LoggingTxn); inside {
		return fmt.Errorf("append to journal inside a transaction: %w", errs.ErrUnsupported)
	}
	c := &call{result: make(chan error, 1), entries: make([]Entry, len(entries))}
	now := j.opts.Clock.Now()
	for i, entry := range entries {
		if entry.Source == "" {
			return fmt.Errorf("append to journal: an entry has no source: %w", errs.ErrInvalid)
		}
		c.entries[i] = storable(entry, now)
		c.bytes += len(entry.Payload)
	}
	if !j.intake.enqueue(c, j.write) {
		return ErrStopped
	}
	select {
	case err := <-c.result:
		if err != nil {
			return fmt.Errorf("append to journal: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("append to journal: %w", context.Cause(ctx))
	}
}

// commitWith does work in a commit that others share, and returns when it is durable; also while Stop waits for those
// who need it.
func (j *Journal) commitWith(work func(ctx context.Context) error) error {
	c := &call{work: work, result: make(chan error, 1)}
	j.intake.enqueue(c, j.write)
	return <-c.result
}

// enqueue hands the call to the writer, starting it if none runs; false if it brings entries and the intake is closed.
func (in *intake) enqueue(c *call, write func()) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed && c.work == nil {
		return false
	}
	in.queue = append(in.queue, c)
	if !in.writing {
		in.writing = true
		in.writers.Go(write)
	}
	return true
}

// next takes what goes into the next commit; nil ends the writer.
func (in *intake) next() []*call {
	in.mu.Lock()
	defer in.mu.Unlock()
	entries, bytes, n := 0, 0, 0
	for ; n < len(in.queue); n++ {
		entries += len(in.queue[n].entries)
		bytes += in.queue[n].bytes
		if n > 0 && (entries > batchEntries || bytes > batchBytes) {
			break
		}
	}
	batch := in.queue[:n:n]
	in.queue = in.queue[n:]
	if n == 0 {
		in.queue, in.writing = nil, false
		return nil
	}
	return batch
}

func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
}

func (in *intake) wait() { in.writers.Wait() }

// all takes everything that waits.
func (in *intake) all() []*call {
	in.mu.Lock()
	defer in.mu.Unlock()
	waiting := in.queue
	in.queue = nil
	return waiting
}

// write commits batch after batch until nobody waits. Whoever has waited while the database could not be reached is told
// so, too: they would wait once more for the same.
func (j *Journal) write() {
	for batch := j.intake.next(); batch != nil; batch = j.intake.next() {
		if err := j.commit(batch); err != nil {
			j.answer(err, j.intake.all()...)
		}
	}
}

// commit writes the batch in one transaction. If that fails although the database answers, each
// call gets a transaction of its own, so that one caller's bad entry fails that caller alone. It
// returns an error only if the database could not be reached.
func (j *Journal) commit(batch []*call) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	err := j.writeAll(ctx, batch...)
	if err != nil && unreachable(err) {
		j.answer(err, batch...)
		return err
	} else if err == nil || len(batch) == 1 {
		j.answer(err, batch...)
		return nil
	}
	for i, c := range batch {
		err = j.writeAll(ctx, c)
		if err != nil && unreachable(err) {
			j.answer(err, batch[i:]...)
			return err
		}
		j.answer(err, c)
	}
	return nil
}

// unreachable tells that the failure is the database's and not an entry's: trying each caller by
// itself would only take longer.
func unreachable(err error) bool {
	return errors.Is(err, dbutil.ErrTxnBegin) || errors.Is(err, dbutil.ErrTxnCommit) || errors.Is(err, context.DeadlineExceeded)
}

// answer tells the callers, after dispatch knows of their entries.
func (j *Journal) answer(err error, calls ...*call) {
	for _, c := range calls {
		if err == nil {
			j.schedule.wake(lanesOf(c.entries)...)
		}
		c.result <- err
	}
}

// lanesOf names the lanes of those entries that are to be handled.
func lanesOf(entries []Entry) []laneKey {
	keys := make([]laneKey, 0, len(entries))
	for _, entry := range entries {
		if entry.Reason == "" {
			keys = append(keys, laneKey{entry.Source, entry.Lane})
		}
	}
	return keys
}
