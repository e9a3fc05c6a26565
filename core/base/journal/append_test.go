package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/testkit/db"
)

func TestAppend(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		t.Run("KeepsAllOfAnEntry", func(t *testing.T) {
			j := begin(t, handle, Options{Clock: clock.NewManual(start)})
			payload := []byte{0, 1, 0xff, 'x'}
			mustAppend(t, j, Entry{Source: "all", Key: "k", Lane: "l", Kind: "message", Payload: payload})
			listed, err := j.List(ctx, Filter{Source: "all"})
			if err != nil || len(listed) != 1 || listed[0].Payload != nil {
				t.Fatalf("listed: %+v, %v", listed, err)
			}
			got, err := j.Get(ctx, listed[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Key != "k" || got.Lane != "l" || got.Kind != "message" || !bytes.Equal(got.Payload, payload) ||
				!got.ReceivedAt.Equal(start) || got.State != Waiting || !got.FinishedAt.IsZero() {
				t.Errorf("got %+v", got)
			}
		})
		t.Run("PassesOverWhatItKnows", func(t *testing.T) {
			j := begin(t, handle, Options{})
			mustAppend(t, j, Entry{Source: "twice", Key: "a", Payload: []byte("first")}, Entry{Source: "twice", Key: "b"})
			mustAppend(t, j, Entry{Source: "twice", Key: "a", Payload: []byte("second")}, Entry{Source: "twice", Key: "c"},
				Entry{Source: "twice", Key: "c"}, Entry{Source: "other", Key: "a"})
			listed, err := j.List(ctx, Filter{Source: "twice"})
			if err != nil || len(listed) != 3 {
				t.Fatalf("listed %d, %v", len(listed), err)
			}
			first, err := j.Get(ctx, listed[2].ID)
			if err != nil || string(first.Payload) != "first" {
				t.Errorf("payload %q, %v", first.Payload, err)
			}
		})
		t.Run("KeepsEveryEntryWithoutAKey", func(t *testing.T) {
			j := begin(t, handle, Options{})
			mustAppend(t, j, Entry{Source: "keyless"}, Entry{Source: "keyless"})
			if listed, err := j.List(ctx, Filter{Source: "keyless"}); err != nil || len(listed) != 2 {
				t.Errorf("listed %d, %v", len(listed), err)
			}
		})
		t.Run("KeepsBornFailedWithTheReason", func(t *testing.T) {
			j := begin(t, handle, Options{})
			mustAppend(t, j, Entry{Source: "born", Payload: []byte("{"), Reason: "broken JSON"})
			listed, err := j.List(ctx, Filter{Source: "born", State: Failed})
			if err != nil || len(listed) != 1 || listed[0].Reason != "broken JSON" || listed[0].FinishedAt.IsZero() {
				t.Errorf("listed %+v, %v", listed, err)
			}
		})
		t.Run("TakesNamesThatNoDatabaseHolds", func(t *testing.T) {
			j := begin(t, handle, Options{})
			odd := []string{"nul\x00", "nul\x01", "broken\xff", "broken\xfe", strings.Repeat("long", 3000), strings.Repeat("long", 3000) + "er"}
			for range 2 {
				for _, name := range odd {
					mustAppend(t, j, Entry{Source: "odd", Key: name, Lane: name, Kind: name})
				}
			}
			if listed, err := j.List(ctx, Filter{Source: "odd"}); err != nil || len(listed) != len(odd) {
				t.Errorf("listed %d of %d, %v", len(listed), len(odd), err)
			}
		})
		t.Run("RefusesWhatHasNoSource", func(t *testing.T) {
			j := begin(t, handle, Options{})
			if err := j.Append(ctx, Entry{Source: "half"}, Entry{}); !errors.Is(err, errs.ErrInvalid) {
				t.Errorf("error: %v", err)
			}
			if listed, err := j.List(ctx, Filter{Source: "half"}); err != nil || len(listed) != 0 {
				t.Errorf("listed %d, %v", len(listed), err)
			}
		})
		t.Run("RefusesACallersTransaction", func(t *testing.T) {
			j := begin(t, handle, Options{})
			err := handle.DoTxn(ctx, nil, func(ctx context.Context) error { return j.Append(ctx, msg("a", "1")) })
			if !errors.Is(err, errs.ErrUnsupported) {
				t.Errorf("error: %v", err)
			}
		})
		t.Run("IsRefusedAfterStop", func(t *testing.T) {
			j := begin(t, handle, Options{})
			j.Stop()
			if err := j.Append(ctx, msg("a", "1")); !errors.Is(err, ErrStopped) {
				t.Errorf("error: %v", err)
			}
		})
	})
}

func TestConcurrentAppendsAreAllThere(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		const callers, calls = 64, 10
		j := begin(t, handle, Options{})
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				for n := range calls {
					if err := j.Append(context.Background(), msg(fmt.Sprint(caller), fmt.Sprint(n)), msg(fmt.Sprint(caller), fmt.Sprint(n, "b"))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wantStates(t, j, map[State]int{Waiting: callers * calls * 2})
	})
}

// refuseBad makes the database itself refuse entries of the kind "bad".
func refuseBad(t *testing.T, handle *dbutil.Database) {
	t.Helper()
	statement := `CREATE TRIGGER refuse_bad BEFORE INSERT ON pu_journal WHEN NEW.kind='bad' BEGIN SELECT RAISE(ABORT, 'refused'); END`
	if handle.Dialect == dbutil.Postgres {
		statement = `ALTER TABLE pu_journal ADD CONSTRAINT refuse_bad CHECK (kind <> 'bad')`
	}
	if _, err := handle.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestOneBadCallerFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		refuseBad(t, handle)
		j := begin(t, handle, Options{})
		batch := make([]*call, 5)
		for i := range batch {
			entry := storable(msg("lane", fmt.Sprint(i)), start)
			if i == 2 {
				entry.Kind = "bad"
			}
			batch[i] = &call{entries: []Entry{storable(msg("lane", fmt.Sprint(i, "first")), start), entry}, result: make(chan error, 1)}
		}
		if err := j.commit(batch); err != nil {
			t.Errorf("the database could not be reached: %v", err)
		}
		for i, c := range batch {
			if err := <-c.result; (err != nil) != (i == 2) {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		wantStates(t, j, map[State]int{Waiting: 8}) // all or none of each caller's two
	})
}

func TestReasonsAndNamesAreCutBetweenRunes(t *testing.T) {
	if got := cutText("aé", 2); got != "a" {
		t.Errorf("cut: %q", got)
	}
	if got := storableReason("a\x00b\xff"); got != "a\uFFFDb\uFFFD" {
		t.Errorf("reason: %q", got)
	}
	long := strings.Repeat("é", 400)
	if got := storableName(long); len(got) > longestName || got != storableName(long) || got == storableName(long+"x") {
		t.Errorf("name: %q", got)
	}
}

// TestWhoWaitsForALockedDatabaseIsToldWithTheFirst: nobody waits once for those before them and once for themselves.
func TestWhoWaitsForALockedDatabaseIsToldWithTheFirst(t *testing.T) {
	handle := db.SQLite(t).Open(t)
	j := begin(t, handle, Options{})
	other, err := handle.RawDB.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	lock := func(statement string) {
		t.Helper()
		if _, err := other.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	lock("BEGIN IMMEDIATE")
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- j.Append(t.Context(), msg("a", "1")) }()
	eventually(nil, 0, func() bool { // its commit has begun
		j.intake.mu.Lock()
		defer j.intake.mu.Unlock()
		return j.intake.writing && len(j.intake.queue) == 0
	})
	go func() { second <- j.Append(t.Context(), msg("b", "1")) }()
	if err := <-first; err == nil {
		t.Error("an entry was taken while the database was locked")
	}
	lock("ROLLBACK")
	if err := <-second; err == nil {
		t.Error("who waited behind it was made to wait again")
	}
	mustAppend(t, j, msg("a", "1"), msg("b", "1"))
	if got := states(t, j); got[Waiting] != 2 {
		t.Errorf("the journal has %v", got)
	}
}
