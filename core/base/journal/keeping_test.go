package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/testkit/db"
)

func TestRetry(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		c := clock.NewManual(start)
		j := begin(t, handle, Options{Clock: c})
		var repaired atomic.Bool
		rec, failed := newRecorder(), newRecorder()
		j.OnFailed(func(context.Context, Entry, error) { failed.note("") })
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "poison" && !repaired.Load() {
				return errors.New("cannot be read")
			}
			return rec.handle(ctx, entry)
		})
		j.Start(ctx)
		mustAppend(t, j, msg("a", "poison"), msg("a", "2"), msg("b", "poison"), Entry{Source: "net", Lane: "c", Payload: []byte("born"), Reason: "unknown account"})
		failed.await(2)
		rec.await(1)
		var ids []int64
		eventually(nil, 0, func() bool {
			listed, err := j.List(ctx, Filter{State: Failed})
			if err != nil {
				t.Fatal(err)
			}
			ids = nil
			for _, r := range listed {
				ids = append(ids, r.ID)
			}
			return len(ids) == 3
		})
		repaired.Store(true)
		t.Run("HandlesFailedEntriesOfThisProcess", func(t *testing.T) {
			n, err := j.Retry(ctx, ids[0], ids[2], 99999) // the newest and the oldest
			if err != nil || n != 2 {
				t.Fatalf("retried %d, %v", n, err)
			}
			if seen := rec.await(3); !slices.Contains(seen, "a/poison") || !slices.Contains(seen, "c/born") {
				t.Errorf("seen %v", seen)
			}
		})
		t.Run("PassesOverWhatHasNotFailed", func(t *testing.T) {
			eventually(nil, 0, func() bool { return states(t, j)[Done] == 3 })
			if n, err := j.Retry(ctx, ids[0]); err != nil || n != 0 {
				t.Errorf("retried %d, %v", n, err)
			}
		})
		if handle.Dialect != dbutil.Postgres {
			return // a SQLite file belongs to one process
		}
		t.Run("SeesWhatAnotherProcessRetried", func(t *testing.T) {
			other := begin(t, handle, Options{Clock: c}) // does not dispatch, as `puente journal retry`
			if n, err := other.Retry(ctx, ids[1]); err != nil || n != 1 {
				t.Fatalf("retried %d, %v", n, err)
			}
			eventually(c, lookEvery, func() bool { return len(rec.all()) == 4 })
			if seen := rec.all(); seen[3] != "b/poison" {
				t.Errorf("seen %v", seen)
			}
		})
	})
}

func TestRetryOvertakesABlockedHeadOfItsLane(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		j := begin(t, handle, Options{Clock: clock.NewManual(start)}) // which never moves
		rec, refused := newRecorder(), newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "blocked" {
				refused.note("")
				return errs.Temporary(errors.New("not now"), time.Hour)
			}
			return rec.handle(ctx, entry)
		})
		mustAppend(t, j, Entry{Source: "net", Lane: "a", Payload: []byte("old"), Reason: "unknown account"}, msg("a", "blocked"))
		j.Start(ctx)
		refused.await(1)
		listed, err := j.List(ctx, Filter{State: Failed})
		if err != nil || len(listed) != 1 {
			t.Fatalf("listed %d, %v", len(listed), err)
		}
		if _, err = j.Retry(ctx, listed[0].ID); err != nil {
			t.Fatal(err)
		}
		rec.await(1)
	})
}

func TestPruneKeepsWhatIsYoungOrWaits(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		c := clock.NewManual(start)
		j := begin(t, handle, Options{Clock: c, Retention: time.Hour, FailedRetention: 20 * 24 * time.Hour})
		rec := newRecorder()
		j.Handle("net", rec.handle)
		mustAppend(t, j, msg("a", "1"), msg("a", "2"), Entry{Source: "net", Key: "f", Reason: "broken"}, Entry{Source: "unplugged"})
		j.Start(ctx)
		eventually(nil, 0, func() bool { return states(t, j)[Done] == 2 })
		j.Stop()
		day := 24 * time.Hour
		for _, step := range []struct {
			after time.Duration
			want  map[State]int
		}{
			{8*day - time.Minute, map[State]int{Done: 2, Failed: 1, Waiting: 1}}, // Retention is no less than MinRetention
			{8*day + time.Minute, map[State]int{Failed: 1, Waiting: 1}},
			{20*day + time.Minute, map[State]int{Waiting: 1}},
			{900 * day, map[State]int{Waiting: 1}},
		} {
			c.Advance(start.Add(step.after).Sub(c.Now()))
			if _, err := j.Prune(ctx); err != nil {
				t.Fatal(err)
			}
			wantStates(t, j, step.want)
		}
	})
}

func TestStartPrunesFromTimeToTime(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		c := clock.NewManual(start)
		j := begin(t, handle, Options{Clock: c})
		entries := make([]Entry, pruneEntries+20) // more than one statement's
		for i := range entries {
			entries[i] = Entry{Source: "net", Reason: "broken"}
		}
		mustAppend(t, j, entries...)
		j.Start(context.Background())
		eventually(c, 12*time.Hour, func() bool { return len(states(t, j)) == 0 })
		if kept := c.Now().Sub(start); kept < defaultFailedRetention {
			t.Errorf("pruned after %v", kept)
		}
	})
}

func TestList(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		j := begin(t, handle, Options{Clock: clock.NewManual(start)})
		for n := range 7 {
			mustAppend(t, j, msg(fmt.Sprint("lane", n%2), fmt.Sprint(n)))
		}
		mustAppend(t, j, Entry{Source: "other", Key: "x", Lane: "lane0", Reason: "broken"})
		keys := func(filter Filter) (got []string) {
			listed, err := j.List(ctx, filter)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range listed {
				got = append(got, r.Key)
			}
			return got
		}
		newest := keys(Filter{Limit: 3})
		if !slices.Equal(newest, []string{"x", "lane0/6", "lane1/5"}) {
			t.Errorf("newest: %v", newest)
		}
		listed, err := j.List(ctx, Filter{Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter Filter
			want   []string
		}{
			"NextPage": {Filter{Before: listed[2].ID, Limit: 2}, []string{"lane0/4", "lane1/3"}},
			"Lane":     {Filter{Lane: "lane1"}, []string{"lane1/5", "lane1/3", "lane1/1"}},
			"Source":   {Filter{Source: "other"}, []string{"x"}},
			"Failed":   {Filter{State: Failed}, []string{"x"}},
			"Waiting":  {Filter{State: Waiting, Lane: "lane0", Limit: 2}, []string{"lane0/6", "lane0/4"}},
			"Done":     {Filter{State: Done}, nil},
			"Unknown":  {Filter{State: "lost"}, nil},
		} {
			if got := keys(c.filter); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		t.Run("CountsBySourceAndState", func(t *testing.T) {
			counts, err := j.Counts(ctx)
			if err != nil || len(counts) != 2 || counts[0] != (Count{"net", Waiting, 7, start}) || counts[1] != (Count{"other", Failed, 1, start}) {
				t.Errorf("counts %+v, %v", counts, err)
			}
		})
		t.Run("GetTellsWhatIsNotThere", func(t *testing.T) {
			if _, err := j.Get(ctx, 99999); !errors.Is(err, errs.ErrNotFound) {
				t.Errorf("error: %v", err)
			}
		})
	})
}

// TestEarlierEntriesAreMarked: a handler must know which entries a process before it may have begun.
func TestEarlierEntriesAreMarked(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		before := New(handle, Options{})
		mustAppend(t, before, msg("a", "1"), msg("b", "1"))
		before.Stop()
		seen := newRecorder()
		j := begin(t, handle, Options{})
		j.Handle("net", func(_ context.Context, entry Entry) error {
			seen.note(fmt.Sprintf("%s%s %v", entry.Lane, entry.Payload, entry.Earlier))
			return nil
		})
		j.Start(context.Background())
		seen.await(2)
		mustAppend(t, j, msg("a", "2"))
		got := seen.await(3)
		slices.Sort(got)
		if fmt.Sprint(got) != "[a1 true a2 false b1 true]" {
			t.Errorf("handled %v", got)
		}
	})
}

func TestHeads(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		done := newRecorder()
		j.Handle("net", done.handle)
		mustAppend(t, j, msg("a", "1"))
		j.Start(context.Background())
		done.await(1)
		eventually(nil, 0, func() bool { return states(t, j)[Done] == 1 })
		mustAppend(t, j, Entry{Source: "nobodys", Key: "b/1", Lane: "b"}, Entry{Source: "nobodys", Key: "b/2", Lane: "b"}, Entry{Source: "nobodys", Key: "c/1", Lane: "c"}, Entry{Source: "nobodys", Lane: "b"})
		for _, ask := range []struct {
			source, lane string
			limit        int
			want         []string
		}{{"net", "a", 9, nil}, {"nobodys", "b", 9, []string{"b/1", "b/2"}}, {"nobodys", "b", 1, []string{"b/1"}}, {"nobodys", "x", 9, nil}} {
			got, err := j.Heads(context.Background(), ask.source, ask.lane, ask.limit)
			if err != nil || !slices.Equal(got, ask.want) {
				t.Errorf("the first of %s's lane %s: %v, %v", ask.source, ask.lane, got, err)
			}
		}
	})
}

func TestWaits(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		done := newRecorder()
		j.Handle("net", done.handle)
		mustAppend(t, j, msg("a", "1"), Entry{Source: "nobodys", Key: "b/1", Lane: "b"})
		j.Start(context.Background())
		done.await(1)
		eventually(nil, 0, func() bool { return states(t, j)[Done] == 1 })
		now := time.Now()
		for _, ask := range []struct {
			source      string
			from, until time.Time
			want        bool
		}{
			{"net", time.Time{}, now, false}, {"nobodys", time.Time{}, now, true}, {"nobodys", time.Time{}, now.Add(-time.Hour), false},
			{"nobodys", now.Add(-time.Hour), now, true}, {"nobodys", now.Add(time.Hour), now.Add(2 * time.Hour), false},
		} {
			if got, err := j.Waits(context.Background(), ask.source, ask.from, ask.until); err != nil || got != ask.want {
				t.Errorf("an entry of %s waits from %s to %s: %v, %v", ask.source, ask.from, ask.until, got, err)
			}
		}
	})
}

func TestByKey(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		long := msg("a", strings.Repeat("long", longestName)) // stored under a shorter name
		mustAppend(t, j, msg("a", "1"), msg("a", "2"), Entry{Source: "other", Key: "a/3", Lane: "a"}, long)
		asked := []string{"a/3", "a/2", "a/1", long.Key}
		for n := range 2 * mostRows { // more than one statement takes
			asked = append(asked, fmt.Sprintf("b/%d", n))
		}
		found, err := j.ByKey(context.Background(), "net", asked)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 3 || found["a/1"].Lane != "a" || found["a/2"].State != Waiting || found[long.Key].ID == 0 {
			t.Errorf("found %+v", found)
		}
	})
}

func TestAHeldJournalTakesAndBeginsNothing(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{Workers: 1})
		rec := newRecorder()
		entered, leave := make(chan struct{}), make(chan struct{})
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "1" {
				close(entered)
				<-leave
			}
			return rec.handle(ctx, entry)
		})
		mustAppend(t, j, msg("a", "1"), msg("a", "2"), msg("b", "3"))
		j.Start(context.Background())
		<-entered
		j.Hold(true)
		close(leave) // what is begun is finished
		eventually(nil, 0, func() bool { return states(t, j)[Done] == 1 })
		mustAppend(t, j, msg("b", "4"))
		wantStates(t, j, map[State]int{Done: 1, Waiting: 3})
		if seen := rec.all(); len(seen) != 1 {
			t.Errorf("it went on: %v", seen)
		}
		j.Hold(false)
		rec.await(4)
	})
}

// Two processes on one database: the first has lost the lease and does not know it yet, the second has it and has looked
// what there is.
func TestWhatAHeldJournalTookIsHandledOnceByWhoeverHasTheDatabase(t *testing.T) {
	handle := db.Postgres(t).Open(t)
	c := clock.NewManual(start)
	rec := newRecorder()
	first := begin(t, handle, Options{Clock: c})
	first.Handle("net", func(context.Context, Entry) error {
		t.Error("the one that is held handled it")
		return nil
	})
	first.Start(context.Background())
	first.Hold(true)
	mustAppend(t, first, msg("a", "1"))
	second := begin(t, handle, Options{Clock: c})
	second.Handle("net", rec.handle)
	second.Start(context.Background())
	rec.await(1)
	mustAppend(t, first, msg("a", "2"), msg("b", "3"))
	mustAppend(t, second, msg("b", "3")) // the provider sent it to both
	rec.await(2)
	eventually(nil, 0, func() bool { return c.Waiting() == 2 }) // both wait for their next look
	c.Advance(lookEvery)
	rec.await(3)
	first.Stop()
	eventually(nil, 0, func() bool { return states(t, second)[Done] == 3 })
	if seen := rec.all(); len(seen) != 3 {
		t.Errorf("handled: %v", seen)
	}
}

func TestWhatAnotherProcessAppendedIsFound(t *testing.T) {
	handle := db.Postgres(t).Open(t)
	c := clock.NewManual(start)
	j := begin(t, handle, Options{Clock: c})
	rec := newRecorder()
	j.Handle("net", rec.handle)
	j.Start(context.Background())
	mustAppend(t, j, msg("a", "1"))
	rec.await(1)
	mustAppend(t, begin(t, handle, Options{Clock: c}), msg("b", "from the one before"))
	eventually(c, lookEvery, func() bool { return len(rec.all()) == 2 })
}

func TestLastArrival(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		if at, err := j.LastArrival(context.Background()); err != nil || !at.IsZero() {
			t.Errorf("in an empty journal something arrived at %s, %v", at, err)
		}
		before := time.Now().Add(-time.Millisecond)
		mustAppend(t, j, Entry{Source: "nobodys", Key: "b/1", Lane: "b"})
		if at, err := j.LastArrival(context.Background()); err != nil || at.Before(before) || at.After(time.Now()) {
			t.Errorf("something arrived at %s, %v", at, err)
		}
	})
}
