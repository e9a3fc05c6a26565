package journal

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/goleak"

	"puente/core/base/clock"
	"puente/core/testkit/db"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// quick never makes a test wait.
func quick(int) time.Duration { return time.Millisecond }

// each runs a test on both databases and looks for goroutines that are left afterwards.
func each(t *testing.T, test func(t *testing.T, handle *dbutil.Database)) {
	t.Helper()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		before := goleak.IgnoreCurrent()
		t.Cleanup(func() { goleak.VerifyNone(t, before) }) // after the database is closed
		test(t, fresh.Open(t))
	})
}

// begin makes a journal that is stopped when the test ends.
func begin(t testing.TB, handle *dbutil.Database, opts Options) *Journal {
	t.Helper()
	if opts.Backoff == nil {
		opts.Backoff = quick
	}
	j := New(handle, opts)
	t.Cleanup(j.Stop)
	return j
}

func mustAppend(t testing.TB, j *Journal, entries ...Entry) {
	t.Helper()
	if err := j.Append(context.Background(), entries...); err != nil {
		t.Fatal(err)
	}
}

// msg is an entry of the source "net" with its text as payload and key.
func msg(lane, text string) Entry {
	return Entry{Source: "net", Key: lane + "/" + text, Lane: lane, Kind: "message", Payload: []byte(text)}
}

// recorder is a handler that remembers what it was given.
type recorder struct {
	mu   sync.Mutex
	seen []string
	news chan struct{}
}

func newRecorder() *recorder { return &recorder{news: make(chan struct{}, 1)} }

func (r *recorder) handle(_ context.Context, entry Entry) error {
	r.note(entry.Lane + "/" + string(entry.Payload))
	return nil
}

func (r *recorder) note(what string) {
	r.mu.Lock()
	r.seen = append(r.seen, what)
	r.mu.Unlock()
	signal(r.news)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.seen...)
}

// await returns what was seen once there are n; the test binary's time-out ends a wait in vain.
func (r *recorder) await(n int) []string {
	for {
		if seen := r.all(); len(seen) >= n {
			return seen
		}
		<-r.news
	}
}

// eventually returns when the fact holds, moving the clock, if there is one, from look to look.
func eventually(c *clock.Manual, step time.Duration, fact func() bool) {
	for !fact() {
		if c != nil {
			c.Advance(step)
		}
		time.Sleep(time.Millisecond)
	}
}

func states(t testing.TB, j *Journal) map[State]int {
	t.Helper()
	counts, err := j.Counts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := map[State]int{}
	for _, c := range counts {
		got[c.State] += int(c.Entries)
	}
	return got
}

func wantStates(t testing.TB, j *Journal, want map[State]int) {
	t.Helper()
	if got := states(t, j); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("states: %v, want %v", got, want)
	}
}

// logBuffer is a log that a test can read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text.Bytes(), []byte(what))
}

func (l *logBuffer) logger() zerolog.Logger { return zerolog.New(l) }
