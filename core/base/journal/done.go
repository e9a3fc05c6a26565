package journal

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// doneHead is followed by the IDs. The payload goes: a handled message has no business in the journal.
const doneHead = `UPDATE pu_journal SET state='done', attempts=attempts+1, finished_at=$1, retried_at=NULL, reason='', payload=''
	WHERE state='waiting' AND id IN `

// doneMarks are the entries that are done but not yet written as done.
type doneMarks struct {
	kick chan struct{} // there are some
	full chan struct{} // there are enough for a commit

	mu      sync.Mutex
	pending map[laneKey][]int64
	count   int                 // of pending
	writing map[laneKey][]int64 // in a transaction at the moment
}

func newDoneMarks() *doneMarks {
	return &doneMarks{kick: make(chan struct{}, 1), full: make(chan struct{}, 1), pending: map[laneKey][]int64{}}
}

func (d *doneMarks) mark(key laneKey, id int64) {
	d.mu.Lock()
	d.pending[key] = append(d.pending[key], id)
	d.count++
	enough := d.count >= mostRows
	d.mu.Unlock()
	signal(d.kick)
	if enough {
		signal(d.full)
	}
}

// signal leaves a sign in a channel with room for one, if none is there yet.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// unwritten returns the lane's entries that the database may still call waiting.
func (d *doneMarks) unwritten(key laneKey) []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append(append([]int64(nil), d.writing[key]...), d.pending[key]...)
}

// take returns all that is to be written next.
func (d *doneMarks) take() []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writing == nil {
		d.writing = map[laneKey][]int64{}
	}
	for key, ids := range d.pending { // what a failed transaction left in writing stays there
		d.writing[key] = append(d.writing[key], ids...)
	}
	d.pending, d.count = map[laneKey][]int64{}, 0
	var all []int64
	for _, ids := range d.writing {
		all = append(all, ids...)
	}
	return all
}

func (d *doneMarks) written() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writing = nil
}

// writeDone writes marks as they come, and the last of them when the journal stops.
func (j *Journal) writeDone() {
	for {
		select {
		case <-j.done.kick:
			gather := time.NewTimer(j.opts.Gather)
			select {
			case <-gather.C:
			case <-j.done.full:
			case <-j.quit:
			}
			gather.Stop()
			j.writeMarks()
		case <-j.quit:
			if err := j.flushDone(); err != nil {
				j.opts.Log.Error().Err(err).Msg("Journal entries that are done could not be written, they will be handled again")
			}
			return
		}
	}
}

// writeMarks writes until the database takes it. Meanwhile nobody begins another entry: what is done
// and cannot be written would be handled again.
func (j *Journal) writeMarks() {
	err := j.flushDone()
	if err == nil {
		j.recovered(writing)
		return
	}
	j.schedule.hold(unwritten, true)
	defer j.schedule.hold(unwritten, false)
	for err != nil {
		select {
		case <-j.opts.Clock.After(j.trouble(writing, err)):
		case <-j.quit:
			return // writeDone tries a last time
		}
		err = j.flushDone()
	}
	j.recovered(writing)
}

func (j *Journal) flushDone() error {
	ids := j.done.take()
	if len(ids) == 0 {
		return nil
	}
	now := j.opts.Clock.Now().UnixMilli()
	err := j.commitWith(func(ctx context.Context) error {
		return eachChunk(ids, func(list string, args []any) error {
			_, err := j.db.Exec(ctx, doneHead+list, append([]any{now}, args...)...)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("write entries as done: %w", err)
	}
	j.done.written()
	return nil
}

// eachChunk calls f with lists such as "($2,$3)" and their IDs; $1 is f's own.
func eachChunk(ids []int64, f func(list string, args []any) error) error {
	for len(ids) > 0 {
		n := statementRows(len(ids))
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id
		}
		if err := f(idList(n), args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
