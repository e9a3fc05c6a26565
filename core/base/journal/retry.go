package journal

import (
	"context"
	"fmt"
	"strings"

	"puente/core/base/store"
)

const (
	retryHead = `UPDATE pu_journal SET state='waiting', attempts=0, next_at=$1, retried_at=$1, finished_at=NULL, reason=''
		WHERE state='failed' AND id IN `
	retryTail = ` RETURNING source, lane`
)

// Retry makes failed entries wait again, in their old place in their lane, with their attempts and
// age counted anew, and returns how many it found; IDs of entries that have not failed are passed
// over. If the journal dispatches in this process it begins at once; if another process does
// (PostgreSQL), that one sees it within five seconds.
func (j *Journal) Retry(ctx context.Context, ids ...int64) (int, error) {
	now := j.opts.Clock.Now().UnixMilli()
	var woken []laneKey
	err := j.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		return eachChunk(ids, func(list string, args []any) error {
			keys, err := j.lanes(ctx, retryHead+list+retryTail, append([]any{now}, args...)...)
			woken = append(woken, keys...)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("retry journal entries: %w", err)
	}
	j.schedule.nudge(woken...)
	return len(woken), nil
}

// idList is "($2,$3)" for two IDs.
func idList(n int) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "$%d", i+2)
	}
	return "(" + text.String() + ")"
}
