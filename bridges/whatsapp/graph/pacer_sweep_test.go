package graph

import (
	"context"
	"strconv"
	"testing"
	"time"

	"puente/core/base/clock"
)

func TestPacerForgetsIdlePairsOnly(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	p := NewPacer(PacerConfig{PerSecond: 1e12}, c)
	wait := func(to string) {
		t.Helper()
		c.Advance(time.Millisecond) // the number's place is free by now, so nothing waits
		if err := p.Wait(context.Background(), "1", to); err != nil {
			t.Fatal(err)
		}
	}
	for i := range sweepEvery / 2 {
		wait(strconv.Itoa(i))
	}
	p.Learn("1", "held", &Error{Code: codePairLimit, HTTPStatus: 400, RetryAfter: time.Hour})
	c.Advance(pairIdle + time.Minute)
	for range sweepEvery / 2 {
		wait("busy")
		c.Advance(10 * time.Millisecond)
		if p.pairs[pairKey{"1", "busy"}].limiter.TokensAt(c.Now()) < 2 {
			c.Advance(time.Minute)
		}
	}
	if len(p.pairs) != 2 || p.pairs[pairKey{"1", "busy"}] == nil || p.pairs[pairKey{"1", "held"}] == nil {
		t.Fatalf("%d pairs are kept, want the busy and the held one", len(p.pairs))
	}
}
