package pace_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"puente/bridges/bridgekit/pace"
	"puente/core/base/clock"
)

// leaping is a clock that moves by itself to where somebody waits for.
type leaping struct{ *clock.Manual }

func (c leaping) After(d time.Duration) <-chan time.Time {
	fires := c.Manual.After(d)
	c.Advance(d)
	return fires
}

func newClock() leaping {
	return leaping{clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}
}

// same gives every queue the same limit.
func same(limit pace.Limit) func(string) pace.Limit {
	return func(string) pace.Limit { return limit }
}

// wait sends through the queues and tells how long that took.
func wait(t *testing.T, p *pace.Pacer[string], c leaping, queues ...string) time.Duration {
	t.Helper()
	start := c.Now()
	if err := p.Wait(context.Background(), queues...); err != nil {
		t.Fatal(err)
	}
	return c.Now().Sub(start).Round(time.Millisecond)
}

// waits checks how long one send after the other takes.
func waits(t *testing.T, p *pace.Pacer[string], c leaping, queue string, want ...time.Duration) {
	t.Helper()
	for i, d := range want {
		if got := wait(t, p, c, queue); got != d {
			t.Errorf("send %d through %s took %s, want %s", i, queue, got, d)
		}
	}
}

func TestWait(t *testing.T) {
	t.Run("SpreadsWhatFollowsABurst", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, same(pace.Limit{PerSecond: 4, Burst: 2}))
		waits(t, p, c, "a", 0, 0, 250*time.Millisecond, 250*time.Millisecond)
		waits(t, p, c, "b", 0)
		c.Advance(time.Hour)
		waits(t, p, c, "a", 0, 0, 250*time.Millisecond)
	})
	t.Run("GoesByTheSlowestQueue", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, func(name string) pace.Limit {
			if name == "bot" {
				return pace.Limit{PerSecond: 10, Burst: 1}
			}
			return pace.Limit{PerSecond: 1, Burst: 1}
		})
		for i, test := range []struct {
			chat string
			want time.Duration
		}{
			{"a", 0},
			{"b", 100 * time.Millisecond}, // the bot, which they share
			{"a", 900 * time.Millisecond}, // the chat
		} {
			if got := wait(t, p, c, "bot", test.chat); got != test.want {
				t.Errorf("send %d took %s, want %s", i, got, test.want)
			}
		}
	})
	t.Run("TakesTheRateThatIsSet", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, same(pace.Limit{PerSecond: 1, Burst: 1}))
		p.SetRate("a", 20)
		waits(t, p, c, "a", 0, 50*time.Millisecond)
		waits(t, p, c, "b", 0, time.Second)
	})
	t.Run("FreesThePlaceOfWhoGivesUp", func(t *testing.T) {
		c := newClock().Manual
		p := pace.New(c, same(pace.Limit{PerSecond: 1, Burst: 1}))
		ctx, cancel := context.WithCancel(context.Background())
		if err := p.Wait(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		done := begin(ctx, p, c, "a")
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		c.Advance(time.Second)
		waits(t, p, leaping{c}, "a", 0)
	})
	t.Run("ServesManyAtOnce", func(t *testing.T) {
		p := pace.New(clock.System{}, same(pace.Limit{PerSecond: 1e9, Burst: 100, Idle: time.Nanosecond}))
		var wg sync.WaitGroup
		for i := range 3000 {
			wg.Go(func() {
				chat := strconv.Itoa(i % 1000)
				if err := p.Wait(context.Background(), "bot", chat); err != nil {
					t.Error(err)
				}
				p.SlowDown(chat)
				p.Recover("bot", chat)
			})
		}
		wg.Wait()
	})
}

// begin sends in the background and returns when that waits for the clock.
func begin(ctx context.Context, p *pace.Pacer[string], c *clock.Manual, queue string) <-chan error {
	done := make(chan error, 1)
	go func() { done <- p.Wait(ctx, queue) }()
	untilWaiting(c)
	return done
}

// untilWaiting returns when somebody waits for the clock.
func untilWaiting(c *clock.Manual) {
	for c.Waiting() == 0 {
		runtime.Gosched()
	}
}

func TestIdleQueuesAreForgotten(t *testing.T) {
	c := newClock()
	made := map[string]int{}
	p := pace.New(c, func(name string) pace.Limit {
		made[name]++
		switch name {
		case "kept":
			return pace.Limit{PerSecond: 1, Burst: 1}
		case "slow": // its burst takes longer to come back than it has to be idle
			return pace.Limit{PerSecond: 1.0 / 3600, Burst: 1, Idle: time.Minute}
		default:
			return pace.Limit{PerSecond: 1000, Burst: 1, Idle: time.Minute}
		}
	})
	queues := []string{"idle", "kept", "slow", "held", "busy"}
	wait(t, p, c, queues...)
	p.Strike("idle")
	p.Hold("held", 10*time.Minute)
	c.Advance(10*time.Minute + time.Second) // the last complaint about the held one is not yet a minute ago
	for range 2000 {
		wait(t, p, c, "busy")
	}
	if before := p.Strike("idle"); before != 0 {
		t.Errorf("%d strikes of the idle queue are remembered", before)
	}
	wait(t, p, c, queues...)
	for name, want := range map[string]int{"idle": 2, "kept": 1, "slow": 1, "held": 1, "busy": 1} {
		if made[name] != want {
			t.Errorf("the %s queue was made %d times, want %d", name, made[name], want)
		}
	}
}
