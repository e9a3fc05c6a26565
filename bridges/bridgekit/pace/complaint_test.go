package pace_test

import (
	"context"
	"testing"
	"time"

	"puente/bridges/bridgekit/pace"
)

func TestHold(t *testing.T) {
	limit := same(pace.Limit{PerSecond: 1000, Burst: 1})
	t.Run("KeepsBackThatQueueOnly", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, limit)
		p.Hold("a", 7*time.Second)
		waits(t, p, c, "b", 0)
		waits(t, p, c, "a", 7*time.Second, 0)
	})
	t.Run("IsNotShortenedByAnother", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, limit)
		p.Hold("a", 7*time.Second)
		p.Hold("a", time.Second)
		waits(t, p, c, "a", 7*time.Second)
	})
	t.Run("KeepsBackWhoWaitsAlready", func(t *testing.T) {
		c := newClock().Manual
		p := pace.New(c, same(pace.Limit{PerSecond: 1, Burst: 1}))
		ctx := context.Background()
		if err := p.Wait(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		done := begin(ctx, p, c, "a")
		p.Hold("a", 10*time.Second)
		c.Advance(time.Second) // its place is free
		untilWaiting(c)
		select {
		case err := <-done:
			t.Fatal("went although the queue is held", err)
		default:
		}
		c.Advance(9 * time.Second)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestStrikesCountUntilASuccess(t *testing.T) {
	p := pace.New(newClock(), same(pace.Limit{PerSecond: 1, Burst: 1}))
	for want := range 3 {
		if before := p.Strike("a"); before != want {
			t.Errorf("%d strikes before, want %d", before, want)
		}
	}
	if before := p.Strike("b"); before != 0 {
		t.Errorf("another queue had %d strikes", before)
	}
	p.Recover("a", "b")
	if before := p.Strike("a"); before != 0 {
		t.Errorf("%d strikes after a success", before)
	}
}

func TestSlowedQueues(t *testing.T) {
	t.Run("DoubleTheirSpeedForEachQuietMinute", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, same(pace.Limit{PerSecond: 10, Burst: 1}))
		p.SlowDown("a")
		p.SlowDown("a")
		waits(t, p, c, "a", 0, 400*time.Millisecond)
		p.Recover("a") // too early
		waits(t, p, c, "a", 400*time.Millisecond)
		for _, want := range []time.Duration{200, 100, 100} {
			c.Advance(time.Minute)
			p.Recover("a")
			p.Recover("a") // no second step in the same minute
			waits(t, p, c, "a", 0, want*time.Millisecond)
		}
	})
	t.Run("AreNeverSlowerThanOneASecond", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, same(pace.Limit{PerSecond: 3, Burst: 1}))
		for range 5 {
			p.SlowDown("a")
		}
		waits(t, p, c, "a", 0, time.Second)
	})
	t.Run("KeepALimitThatIsSlowerAnyway", func(t *testing.T) {
		c := newClock()
		p := pace.New(c, same(pace.Limit{PerSecond: 0.5, Burst: 1}))
		p.SlowDown("a")
		waits(t, p, c, "a", 0, 2*time.Second)
	})
}
