package journal

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/testkit/db"
)

func TestSchedule(t *testing.T) {
	fresh := func() *schedule {
		s := newSchedule(clock.NewManual(start), 4)
		s.addSource("one")
		s.addSource("two")
		s.open()
		return s
	}
	take := func(s *schedule) laneKey { key, _ := s.next(); return key }

	t.Run("LanesTakeTurns", func(t *testing.T) {
		s := fresh()
		s.wake(laneKey{"one", "a"}, laneKey{"one", "b"})
		first := take(s)
		s.leave(first, verdict{more: true})
		if second := take(s); second == first {
			t.Errorf("%v twice, while another waits", first)
		}
	})
	t.Run("TheSourceWithFewerWorkersIsFirst", func(t *testing.T) {
		s := fresh()
		for n := range 10 {
			s.wake(laneKey{"one", fmt.Sprint(n)})
		}
		take(s)
		take(s)
		s.wake(laneKey{"two", "a"}, laneKey{"two", "b"})
		if a, b := take(s), take(s); a.source != "two" || b.source != "two" {
			t.Errorf("%v, %v", a, b)
		}
	})
	t.Run("ALaneWokenWhileRunningIsLookedAtAgain", func(t *testing.T) {
		s := fresh()
		key := laneKey{"one", "a"}
		s.wake(key)
		take(s)
		s.wake(key)
		s.leave(key, verdict{})
		if got := take(s); got != key {
			t.Errorf("%v", got)
		}
	})
	t.Run("AHundredThousandLanesLeaveNothingBehind", func(t *testing.T) {
		s := fresh()
		const lanes = 100_000
		for n := range lanes {
			s.wake(laneKey{"one", fmt.Sprint(n)})
		}
		for range lanes {
			s.leave(take(s), verdict{})
		}
		if len(s.lanes) != 0 || len(s.sources["one"].ready) != 0 || s.sources["one"].running != 0 {
			t.Errorf("%d lanes, %d ready", len(s.lanes), len(s.sources["one"].ready))
		}
	})
}

// BenchmarkAppend measures durable Appends of one entry each by 256 concurrent callers.
func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, nil) }

// BenchmarkAppendInAnOutage is the same while each of the thousand lanes tries its first entry again and again.
func BenchmarkAppendInAnOutage(b *testing.B) {
	benchmarkAppend(b, func(context.Context, Entry) error { return errs.Temporary(errors.New("the neighbour is down"), 0) })
}

func benchmarkAppend(b *testing.B, handler Handler) {
	for name, fresh := range map[string]func(testing.TB) db.Fresh{"SQLite": db.SQLite, "PostgreSQL": db.Postgres} {
		b.Run(name, func(b *testing.B) {
			handle := fresh(b).Open(quiet{b})
			j := begin(b, handle, Options{Log: zerolog.Nop()})
			if handler != nil {
				j.Handle("net", handler)
				j.Start(context.Background())
			}
			payload := make([]byte, 600) // a webhook's message
			var n atomic.Int64
			b.SetParallelism(max(1, 256/runtime.GOMAXPROCS(0))) // 256 callers in all
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := n.Add(1)
					err := j.Append(context.Background(), Entry{
						Source: "net", Key: fmt.Sprint("wamid.", id), Lane: fmt.Sprint(id % 1000), Kind: "message", Payload: payload,
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// quiet keeps the database's log out of the measurement.
type quiet struct{ testing.TB }

// Log drops the line.
func (quiet) Log(...any) {}
