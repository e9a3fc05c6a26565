package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

func TestOrderHoldsInEveryLaneUnderRandomFailures(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		const lanes, entries = 24, 25
		j := begin(t, handle, Options{Workers: 8})
		var mu sync.Mutex
		inside := map[string]bool{}
		rec := newRecorder()
		handler := func(ctx context.Context, entry Entry) error {
			lane := entry.Source + entry.Lane
			mu.Lock()
			if inside[lane] {
				t.Errorf("two entries of lane %s at once", lane)
			}
			inside[lane] = true
			fails := rand.IntN(4) == 0 // #nosec G404 -- which ones fail is no secret
			mu.Unlock()
			defer func() { mu.Lock(); inside[lane] = false; mu.Unlock() }()
			if fails {
				return errs.Temporary(errors.New("not now"), 0)
			}
			rec.note(lane + " " + string(entry.Payload))
			return nil
		}
		j.Handle("one", handler)
		j.Handle("two", handler)
		j.Start(context.Background())
		var wg sync.WaitGroup
		for lane := range lanes {
			wg.Go(func() {
				for n := range entries {
					mustAppend(t, j, Entry{Source: []string{"one", "two"}[lane%2], Lane: fmt.Sprint(lane / 2), Payload: fmt.Appendf(nil, "%03d", n)})
				}
			})
		}
		wg.Wait()
		byLane := map[string][]string{}
		for _, what := range rec.await(lanes * entries) {
			lane, n, _ := strings.Cut(what, " ")
			byLane[lane] = append(byLane[lane], n)
		}
		if len(byLane) != lanes {
			t.Errorf("%d lanes", len(byLane))
		}
		for lane, seen := range byLane {
			if len(seen) != entries || !slices.IsSorted(seen) {
				t.Errorf("lane %s: %v", lane, seen)
			}
		}
		j.Stop()
		if got := len(rec.all()); got != lanes*entries {
			t.Errorf("%d successes for %d entries", got, lanes*entries)
		}
		wantStates(t, j, map[State]int{Done: lanes * entries})
	})
}

func TestWhatWaitsFromBeforeIsHandledAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		first := begin(t, handle, Options{})
		mustAppend(t, first, msg("a", "1"), msg("b", "1"), msg("a", "2"))
		first.Stop()
		second := begin(t, handle, Options{})
		rec := newRecorder()
		second.Handle("net", rec.handle)
		second.Start(context.Background())
		seen := rec.await(3)
		if slices.Index(seen, "a/1") > slices.Index(seen, "a/2") || !slices.Contains(seen, "b/1") {
			t.Errorf("seen %v", seen)
		}
		second.Stop()
		wantStates(t, second, map[State]int{Done: 3})
		listed, err := second.List(context.Background(), Filter{State: Done})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range listed {
			if got, err := second.Get(context.Background(), r.ID); err != nil || len(got.Payload) != 0 || got.Attempts != 1 {
				t.Errorf("done entry: %d bytes of payload, %d attempts, %v", len(got.Payload), got.Attempts, err)
			}
		}
	})
}

func TestAFinalErrorSetsTheEntryAsideAndTheLaneGoesOn(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		told := newRecorder()
		j.OnFailed(func(_ context.Context, entry Entry, err error) {
			told.note(string(entry.Payload) + ": " + entry.Reason)
		})
		rec := newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "poison" {
				return errs.Tell(errors.New("error 131026"), "This number is not on WhatsApp.")
			}
			return rec.handle(ctx, entry)
		})
		j.Start(context.Background())
		mustAppend(t, j, msg("a", "poison"), msg("a", "next"))
		rec.await(1)
		j.Stop()
		if got := told.all(); len(got) != 1 || got[0] != "poison: This number is not on WhatsApp." {
			t.Errorf("told %v", got)
		}
		listed, err := j.List(context.Background(), Filter{State: Failed})
		if err != nil || len(listed) != 1 || listed[0].Reason != "This number is not on WhatsApp." || listed[0].Attempts != 1 {
			t.Fatalf("failed: %+v, %v", listed, err)
		}
		if got, err := j.Get(context.Background(), listed[0].ID); err != nil || string(got.Payload) != "poison" {
			t.Errorf("a failed entry's payload: %q, %v", got.Payload, err)
		}
	})
}

func TestATemporaryFailureBlocksItsLaneAlone(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		c := clock.NewManual(start)
		j := begin(t, handle, Options{Clock: c, Backoff: func(int) time.Duration { return time.Minute }})
		rec := newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "1" && entry.Lane == "slow" && entry.Attempts == 0 {
				rec.note("refused")
				return errs.Temporary(errors.New("rate limited"), time.Hour) // longer than the back-off
			}
			return rec.handle(ctx, entry)
		})
		j.Start(context.Background())
		mustAppend(t, j, msg("slow", "1"), msg("slow", "2"))
		rec.await(1)
		eventually(nil, 0, func() bool { // the refusal is written
			listed, err := j.List(context.Background(), Filter{Lane: "slow"})
			return err == nil && listed[1].Attempts == 1 && listed[1].Reason == "rate limited" &&
				listed[1].NextAt.Equal(start.Add(time.Hour))
		})
		mustAppend(t, j, msg("slow", "3"), msg("quick", "1"))
		if seen := rec.await(2); seen[1] != "quick/1" {
			t.Fatalf("seen %v", seen)
		}
		c.Advance(59 * time.Minute)
		mustAppend(t, j, msg("quick", "2"))
		if seen := rec.await(3); seen[2] != "quick/2" {
			t.Fatalf("seen %v", seen)
		}
		eventually(c, time.Minute, func() bool { return len(rec.all()) == 6 })
		if seen := rec.all(); !slices.Equal(seen[3:], []string{"slow/1", "slow/2", "slow/3"}) {
			t.Errorf("seen %v", seen)
		}
	})
}

func TestTemporaryFailuresEnd(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		for name, c := range map[string]struct {
			opts  Options
			err   error
			calls int
		}{
			"ByAge":          {Options{MaxAge: 150 * time.Minute, Backoff: func(int) time.Duration { return time.Hour }}, errs.Temporary(errors.New("no"), 0), 4},
			"OthersAreFinal": {Options{MaxAttempts: 3}, errors.New("no"), 1},
		} {
			t.Run(name, func(t *testing.T) {
				manual := clock.NewManual(start)
				c.opts.Clock = manual
				j := begin(t, handle, c.opts)
				rec := newRecorder()
				j.Handle(name, func(context.Context, Entry) error { rec.note(""); return c.err })
				j.Start(context.Background())
				mustAppend(t, j, Entry{Source: name})
				eventually(nil, 0, func() bool {
					listed, err := j.List(context.Background(), Filter{Source: name})
					if err != nil || len(listed) != 1 {
						t.Fatalf("listed %+v, %v", listed, err)
					}
					if wait := listed[0].NextAt.Sub(manual.Now()); wait > 0 {
						manual.Advance(wait)
					}
					return listed[0].State == Failed && listed[0].Attempts == c.calls
				})
				if got := len(rec.all()); got != c.calls {
					t.Errorf("%d calls, want %d", got, c.calls)
				}
			})
		}
	})
}

func TestAPanicIsNeverDone(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		var log logBuffer
		j := begin(t, handle, Options{Log: log.logger()})
		rec := newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "secret words" {
				panic("cannot convert " + string(entry.Payload))
			}
			return rec.handle(ctx, entry)
		})
		j.OnFailed(func(context.Context, Entry, error) { panic("the callback too") })
		j.Start(context.Background())
		mustAppend(t, j, msg("a", "secret words"), msg("a", "next"))
		rec.await(1)
		j.Stop()
		wantStates(t, j, map[State]int{Done: 1, Failed: 1})
		listed, err := j.List(context.Background(), Filter{State: Failed})
		if err != nil || len(listed) != 1 || listed[0].Attempts != mostPanics ||
			!strings.HasPrefix(listed[0].Reason, "panic: string at journal/dispatch_test.go:") {
			t.Errorf("failed: %+v, %v", listed, err)
		}
		if log.count("secret words") != 0 || log.count("dispatch_test.go") == 0 {
			t.Errorf("the log tells the payload, or not the place:\n%s", log.text.String())
		}
	})
}

func TestAFloodFromOneSourceDoesNotStarveAnother(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{Workers: 3})
		release := make(chan struct{})
		flooded, rec := newRecorder(), newRecorder()
		j.Handle("flood", func(context.Context, Entry) error { flooded.note(""); <-release; return nil })
		j.Handle("net", rec.handle)
		var flood []Entry
		for n := range 200 {
			flood = append(flood, Entry{Source: "flood", Lane: fmt.Sprint(n)})
		}
		mustAppend(t, j, flood...)
		j.Start(context.Background())
		flooded.await(3) // all that it may have
		mustAppend(t, j, msg("a", "1"), msg("b", "1"))
		rec.await(2)
		if got := len(flooded.all()); got != 3 {
			t.Errorf("the flood has %d workers, not 3", got)
		}
		close(release)
		flooded.await(200)
	})
}

func TestALaneOfLargePayloadsIsHandledWhole(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		rec := newRecorder()
		j.Handle("net", func(_ context.Context, entry Entry) error { rec.note(entry.Key); return nil })
		var want []string
		for n := range 12 {
			entry := Entry{Source: "net", Key: fmt.Sprintf("%02d", n), Lane: "large", Payload: make([]byte, 400<<10)}
			want = append(want, entry.Key)
			mustAppend(t, j, entry)
		}
		j.Start(context.Background())
		if seen := rec.await(len(want)); !slices.Equal(seen, want) {
			t.Errorf("seen %v", seen)
		}
		j.Stop()
		wantStates(t, j, map[State]int{Done: len(want)})
	})
}

func TestEntriesOfASourceWithoutHandlerWait(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		j := begin(t, handle, Options{})
		rec := newRecorder()
		j.Handle("net", rec.handle)
		j.Start(context.Background())
		mustAppend(t, j, Entry{Source: "unplugged"}, msg("a", "1"))
		rec.await(1)
		j.Stop()
		wantStates(t, j, map[State]int{Done: 1, Waiting: 1})
	})
}
