package graph_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// goes tells how far the clock has to move until n messages have gone, one after the other.
func goes(t *testing.T, p *graph.Pacer, c *clock.Manual, n int, to string) time.Duration {
	t.Helper()
	start := c.Now()
	for range n {
		done := make(chan error, 1)
		go func() { done <- p.Wait(context.Background(), ourNumber, to) }()
		for finished := false; !finished; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				finished = true
			default:
				if c.Waiting() > 0 {
					c.Advance(time.Millisecond)
				}
				runtime.Gosched()
			}
		}
	}
	return c.Now().Sub(start)
}

func within(t *testing.T, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("took %v, want %v to %v", got, least, most)
	}
}

func TestPacer(t *testing.T) {
	refused := func(code int) error { return &graph.Error{Code: code, HTTPStatus: 400} }
	fresh := func(cfg graph.PacerConfig) (*graph.Pacer, *clock.Manual) {
		c := standing()
		return graph.NewPacer(cfg, c), c
	}
	t.Run("EightyASecondByDefault", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{})
		within(t, goes(t, p, c, 81, ""), time.Second, 1100*time.Millisecond)
	})
	t.Run("BurstOf45ThenOneInSixSeconds", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{PerSecond: 1e6})
		within(t, goes(t, p, c, 45, "a"), 0, 100*time.Millisecond)
		within(t, goes(t, p, c, 2, "a"), 11800*time.Millisecond, 12100*time.Millisecond)
	})
	t.Run("OtherCustomersDoNotWait", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{PerSecond: 1e6, PairBurst: 1})
		goes(t, p, c, 1, "a")
		within(t, goes(t, p, c, 1, "b"), 0, time.Millisecond)
	})
	t.Run("SlowerNumber", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{})
		p.SetRate(ourNumber, 20)
		within(t, goes(t, p, c, 21, ""), time.Second, 1100*time.Millisecond)
	})
	t.Run("PairComplaintsWaitPowersOfFour", func(t *testing.T) {
		p, _ := fresh(graph.PacerConfig{})
		for _, want := range []time.Duration{1, 4, 16, 64, 256, 1024, 1024} {
			is(t, p.Learn(ourNumber, "a", refused(131056)), want*time.Second)
		}
		is(t, p.Learn(ourNumber, "b", refused(131056)), time.Second)
		is(t, p.Learn(ourNumber, "a", nil), time.Duration(0))
		is(t, p.Learn(ourNumber, "a", refused(131056)), time.Second)
	})
	t.Run("IdlePairsAreForgottenWithTheirComplaints", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{PerSecond: 1e6})
		p.Learn(ourNumber, "idle", refused(131056))
		p.Learn(ourNumber, "held", &graph.Error{Code: 131056, HTTPStatus: 400, RetryAfter: time.Hour})
		c.Advance(16 * time.Minute)
		for range 1100 {
			c.Advance(time.Millisecond) // the number's place is free by now, so nothing waits
			goes(t, p, c, 1, "")
		}
		is(t, p.Learn(ourNumber, "idle", refused(131056)), time.Second)
		is(t, p.Learn(ourNumber, "held", refused(131056)), 4*time.Second)
	})
	t.Run("PairComplaintHoldsOnlyThatChat", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{PerSecond: 1e6})
		p.Learn(ourNumber, "a", refused(131056))
		p.Learn(ourNumber, "a", refused(131056))
		within(t, goes(t, p, c, 1, "b"), 0, time.Millisecond)
		within(t, goes(t, p, c, 1, "a"), 3990*time.Millisecond, 4100*time.Millisecond)
	})
	t.Run("ThroughputComplaintSlowsTheNumberUntilItRecovers", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{PerSecond: 100})
		after := p.Learn(ourNumber, "a", refused(130429))
		within(t, after, 2*time.Second, 3*time.Second)
		within(t, goes(t, p, c, 1, ""), after-time.Millisecond, after+10*time.Millisecond)
		within(t, goes(t, p, c, 100, ""), 1950*time.Millisecond, 2200*time.Millisecond)
		c.Advance(time.Minute)
		p.Learn(ourNumber, "a", nil)
		goes(t, p, c, 1, "")
		within(t, goes(t, p, c, 100, ""), 950*time.Millisecond, 1200*time.Millisecond)
	})
	t.Run("AccountLimitHoldsTheNumber", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{})
		p.Learn(ourNumber, "a", &graph.Error{Code: 80007, HTTPStatus: 400, RetryAfter: 2 * time.Second})
		within(t, goes(t, p, c, 1, "b"), 1990*time.Millisecond, 2100*time.Millisecond)
	})
	t.Run("OtherErrorsTeachNothing", func(t *testing.T) {
		p, c := fresh(graph.PacerConfig{})
		is(t, p.Learn(ourNumber, "a", refused(131047)), time.Duration(0))
		is(t, p.Learn(ourNumber, "a", errors.New("x")), time.Duration(0))
		within(t, goes(t, p, c, 1, "a"), 0, time.Millisecond)
	})
}

func TestSendLearnsFromThePairLimit(t *testing.T) {
	s := serve(t, says(400, graphError(131056, "")))
	c := standing()
	client := graph.New(graph.Config{BaseURL: s.URL, AccessToken: token, HTTPClient: s.Client(), Clock: c})
	for _, want := range []time.Duration{time.Second, 4 * time.Second, 16 * time.Second} {
		_, err := send(t, client, hello())
		if after, ok := errs.IsTemporary(err); !ok || after != want {
			t.Fatalf("try again after %v (%v), want %v", after, ok, want)
		}
		if errs.Message(err) == "" {
			t.Error("the agent is told nothing")
		}
		c.Advance(want)
	}
}
