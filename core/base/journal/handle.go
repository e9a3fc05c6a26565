package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"puente/core/base/errs"
)

// mostPanics is how often an entry's handling may panic: it is not likely to end otherwise later,
// and its lane waits.
const mostPanics = 5

const (
	waitStatement = `UPDATE pu_journal SET attempts=$1, next_at=$2, reason=$3 WHERE id=$4 AND state='waiting'`
	failStatement = `UPDATE pu_journal SET state='failed', attempts=$1, finished_at=$2, retried_at=NULL, reason=$3
		WHERE id=$4 AND state='waiting'`
)

// handle calls the handler and writes down what became of the entry. It tells whether the lane goes
// on to its next entry, and if not, how to leave it.
func (j *Journal) handle(r row) (verdict, bool) {
	j.mu.Lock()
	handler := j.handlers[r.Source]
	j.mu.Unlock()
	err := callSafely(j.opts.Log, func() error { return handler(j.working, r.Entry) })
	if err == nil {
		j.poison.passed(r.Source, r.ID)
		j.done.mark(laneKey{r.Source, r.Lane}, r.ID)
		return verdict{}, true
	}
	if j.working.Err() != nil {
		return verdict{more: true}, false // we ended it ourselves: no attempt, it waits for the next start
	}
	after, again := j.worthAnother(r, err)
	if !again {
		return verdict{more: true}, j.fail(r, err)
	}
	until := j.opts.Clock.Now().Add(after)
	if err := j.settle(waitStatement, r.Attempts+1, until.UnixMilli(), reasonOf(err), r.ID); err != nil {
		j.trouble(writing, err)
		return verdict{more: true}, false
	}
	j.recovered(writing)
	return verdict{until: until}, false
}

// worthAnother tells whether the entry is to be tried again, and after how long.
func (j *Journal) worthAnother(r row, err error) (time.Duration, bool) {
	attempts := r.Attempts + 1
	after, temporary := errs.IsTemporary(err)
	var p *panicked
	if errors.As(err, &p) {
		temporary = attempts < mostPanics
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		temporary = true // a time-out is no verdict on the entry
	}
	if !temporary {
		return 0, false
	}
	if after == 0 { // whoever says how long to wait is no sign of poison
		if own := j.poison.failed(r.Entry); j.opts.MaxAttempts > 0 && own >= j.opts.MaxAttempts {
			return 0, false
		}
	}
	if j.opts.Clock.Now().Sub(r.since) >= j.opts.MaxAge {
		return 0, false
	}
	if after > 0 {
		return after, true
	}
	return j.opts.Backoff(attempts), true
}

// fail sets the entry aside and tells whoever wants to know, before it is written: told twice is
// better than never. It returns false if the database did not take it; the entry is then handled again.
func (j *Journal) fail(r row, cause error) bool {
	reason := reasonOf(cause)
	j.mu.Lock()
	tell := j.onFailed
	j.mu.Unlock()
	r.Attempts++
	if tell != nil {
		entry := r.Entry
		entry.Reason = reason
		// A panic was logged by callSafely; it must not keep the entry from being set aside.
		_ = callSafely(j.opts.Log, func() error { tell(j.working, entry, cause); return nil })
	}
	if err := j.settle(failStatement, r.Attempts, j.opts.Clock.Now().UnixMilli(), reason, r.ID); err != nil {
		j.trouble(writing, err)
		return false
	}
	j.recovered(writing)
	j.poison.forget(r.ID)
	j.opts.Log.Warn().Int64("entry_id", r.ID).Str("source", r.Source).Str("kind", r.Kind).Int("attempts", r.Attempts).
		Err(cause).Msg("Journal entry set aside as failed")
	return true
}

// settle writes at once, also while Stop hurries.
func (j *Journal) settle(statement string, args ...any) error {
	err := j.commitWith(func(ctx context.Context) error {
		_, err := j.db.Exec(ctx, statement, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write what became of an entry: %w", err)
	}
	return nil
}

// reasonOf is what people read: what was attached for them, or else the error's text; never empty.
func reasonOf(err error) string {
	if told := storableReason(errs.Message(err)); told != "" {
		return told
	}
	if text := storableReason(err.Error()); text != "" {
		return text
	}
	return fmt.Sprintf("%T", err)
}
