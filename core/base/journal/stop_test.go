package journal

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
)

func TestStopWaitsForHandlersThatEndInTime(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{Clock: clock.NewManual(start)}) // a grace time that never passes
		begun, release := make(chan struct{}), make(chan struct{})
		var returned atomic.Bool
		j.Handle("net", func(context.Context, Entry) error {
			close(begun)
			<-release
			returned.Store(true)
			return nil
		})
		j.Start(context.Background())
		mustAppend(t, j, msg("a", "1"), msg("a", "2"))
		<-begun
		stopped := make(chan struct{})
		go func() { j.Stop(); close(stopped) }()
		for j.schedule.mayBegin() {
			time.Sleep(time.Millisecond)
		}
		close(release)
		<-stopped
		if !returned.Load() {
			t.Error("Stop returned before the handler did")
		}
		wantStates(t, j, map[State]int{Done: 1, Waiting: 1}) // the second was not begun
	})
}

func TestStopEndsHandlersAfterTheGraceTimeWithoutCountingTheAttempt(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		c := clock.NewManual(start)
		j := begin(t, handle, Options{Clock: c, MaxAttempts: 1})
		begun := make(chan struct{})
		j.Handle("net", func(ctx context.Context, _ Entry) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		j.Start(context.Background())
		mustAppend(t, j, msg("a", "1"))
		<-begun
		stopped := make(chan struct{})
		go func() { j.Stop(); close(stopped) }()
		eventually(c, time.Second, func() bool {
			select {
			case <-stopped:
				return true
			default:
				return false
			}
		})
		listed, err := j.List(context.Background(), Filter{})
		if err != nil || len(listed) != 1 || listed[0].State != Waiting || listed[0].Attempts != 0 {
			t.Errorf("listed %+v, %v", listed, err)
		}
	})
}

func TestTheEndOfStartsContextBeginsNothingMore(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		ctx, cancel := context.WithCancel(context.Background())
		rec := newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			cancel()
			for j.schedule.mayBegin() {
				time.Sleep(time.Millisecond)
			}
			return rec.handle(ctx, entry)
		})
		j.Start(ctx)
		mustAppend(t, j, msg("a", "1"), msg("a", "2"))
		rec.await(1)
		j.Stop()
		wantStates(t, j, map[State]int{Done: 1, Waiting: 1})
	})
}

func TestStopWithoutStartAndTwice(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := New(handle, Options{})
		mustAppend(t, j, msg("a", "1"))
		j.Stop()
		j.Stop()
		j.Start(context.Background()) // too late, and without effect
		wantStates(t, j, map[State]int{Waiting: 1})
	})
}
