package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"puente/core/base/clock"
)

// hearing is a client with two subscriptions, 7 and 8, and the other end of its connection. What comes is written down
// before the next line is read.
type hearing struct {
	*Client
	fake  *fake
	other *peer
	clock *clock.Manual
	waits int           // for the clock, before the pause
	came  chan struct{} // gets a value when a notification begins to be written down
	heard chan string
}

func hears(t *testing.T) *hearing {
	t.Helper()
	h := &hearing{
		fake: newFake(t, "tcp", "127.0.0.1:0"), clock: clock.NewManual(time.Unix(1_800_000_000, 0)),
		came: make(chan struct{}, 1), heard: make(chan string),
	}
	h.Client = started(t, Config{
		Address: h.fake.address(), Clock: h.clock,
		Receive: func(_ context.Context, news News) {
			h.came <- struct{}{}
			h.heard <- string(news.Raw)
		},
	})
	h.other = h.fake.accept()
	ctx := waited(t, h.Client)
	for _, subscription := range []int{7, 8} {
		subscribed := h.subscribes(ctx)
		h.other.answer(h.other.read(), fmt.Sprint(subscription))
		if err := <-subscribed; err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *hearing) subscribes(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- h.Subscribe(ctx, "+1") }()
	return done
}

func (h *hearing) pauses() <-chan error {
	done := make(chan error, 1)
	h.waits = h.clock.Waiting()
	go func() { done <- h.Pause(time.Second) }()
	return done
}

func (h *hearing) notify(what string) {
	h.other.write(`{"jsonrpc":"2.0","method":"receive","params":{"account":"` + what + `"}}`)
}

// unanswered lets the time for the two answers pass, when Pause waits for them.
func (h *hearing) unanswered() {
	h.other.read()
	h.other.read()
	h.passes(h.waits + 3) // its turn, and two answers
}

// passes lets a minute pass when n wait for the clock.
func (h *hearing) passes(n int) {
	h.awaits(n)
	h.clock.Advance(time.Minute)
}

// awaits returns when n wait for the clock.
func (h *hearing) awaits(n int) {
	for h.clock.Waiting() < n {
		time.Sleep(time.Millisecond) // until they wait
	}
}

func TestPause(t *testing.T) {
	t.Run("WhatWasHandedOverIsTakenAndNothingMoreComes", func(t *testing.T) {
		h := hears(t)
		paused := h.pauses()
		one, two := h.other.read(), h.other.read()
		if one.Method != "unsubscribeReceive" || one.Params["subscription"].(float64)+two.Params["subscription"].(float64) != 15 {
			t.Errorf("asked %+v and %+v", one, two)
		}
		h.notify("late")
		h.other.answer(one, "null")
		h.other.answer(two, "null")
		select {
		case err := <-paused:
			t.Errorf("paused before all was taken: %v", err)
		case <-h.heard:
		}
		if err := <-paused; err != nil {
			t.Error(err)
		}
		if err := h.Subscribe(t.Context(), "+1"); !errors.Is(err, ErrPaused) {
			t.Errorf("a later subscription gives %v", err)
		}
		version := make(chan error, 1)
		go func() {
			_, err := h.Version(t.Context())
			version <- err
		}()
		h.other.answer(h.other.read(), `{"version":"0.14.10"}`)
		if err := <-version; err != nil {
			t.Errorf("a request on the paused connection: %v", err)
		}
	})
	t.Run("WhatWasHandedOverIsTakenHoweverLongThatLasts", func(t *testing.T) {
		h := hears(t)
		paused := h.pauses()
		one, two := h.other.read(), h.other.read()
		h.awaits(h.waits + 3) // its turn, and two answers
		for n := range 3 {
			h.notify(fmt.Sprint(n))
			<-h.came
			h.clock.Advance(time.Minute)
			h.awaits(2) // the answers again
			<-h.heard
		}
		h.other.answer(one, "null")
		h.other.answer(two, "null")
		if err := <-paused; err != nil {
			t.Error(err)
		}
	})
	t.Run("ASubscriptionThatIsJustBeginningIsEndedToo", func(t *testing.T) {
		h := hears(t)
		subscribed := h.subscribes(t.Context())
		req := h.other.read()
		paused := h.pauses()
		for !h.subscriptions.paused.Load() {
			time.Sleep(time.Millisecond) // until it has begun
		}
		h.other.answer(req, "9")
		if err := <-subscribed; err != nil {
			t.Error(err)
		}
		for range 3 {
			h.other.answer(h.other.read(), "null")
		}
		if err := <-paused; err != nil {
			t.Error(err)
		}
	})
	t.Run("ADaemonThatDoesNotAnswerLosesTheConnection", func(t *testing.T) {
		h := hears(t)
		h.notify("last")
		<-h.came
		paused := h.pauses()
		h.unanswered()
		select {
		case err := <-paused:
			t.Errorf("paused before all was taken: %v", err)
		case <-h.heard:
		}
		if err := <-paused; !errors.Is(err, errTimeout) {
			t.Errorf("%v", err)
		}
		if _, err := h.other.c.Read(make([]byte, 1)); err == nil {
			t.Error("the connection still stands")
		}
		h.passes(2)         // the limit of the end, and the time until the next connection
		_ = h.fake.accept() // for requests
	})
	t.Run("WhatCannotBeKeptHoldsNothingUpForEver", func(t *testing.T) {
		h := hears(t)
		h.notify("first")
		<-h.came
		paused := h.pauses()
		h.unanswered()
		h.passes(1)
		if err := <-paused; !errors.Is(err, errTimeout) {
			t.Errorf("%v", err)
		}
		<-h.heard
	})
	t.Run("ARefusalEndsTheConnection", func(t *testing.T) {
		h := hears(t)
		paused := h.pauses()
		h.other.answer(h.other.read(), "null")
		h.other.write(`{"jsonrpc":"2.0","id":"` + h.other.read().ID + `","error":{"code":-1,"message":"Unknown subscription id"}}`)
		if err := <-paused; err == nil {
			t.Error("a refusal passes for an end")
		}
		if _, err := h.other.c.Read(make([]byte, 1)); err == nil {
			t.Error("the connection still stands")
		}
	})
	t.Run("WithoutADaemonThereIsNothingToEnd", func(t *testing.T) {
		client := started(t, Config{Address: "unix:" + filepath.Join(t.TempDir(), "nobody")})
		if err := client.Pause(time.Second); err != nil {
			t.Error(err)
		}
		if err := client.Subscribe(t.Context(), "+1"); !errors.Is(err, ErrPaused) {
			t.Errorf("%v", err)
		}
	})
}

func TestUnsubscribe(t *testing.T) {
	unsubscribes := func(h *hearing) <-chan error {
		done := make(chan error, 1)
		go func() { done <- h.Unsubscribe(t.Context()) }()
		return done
	}
	t.Run("OthersMayBegin", func(t *testing.T) {
		h := hears(t)
		done := unsubscribes(h)
		for range 2 {
			req := h.other.read()
			if req.Method != "unsubscribeReceive" {
				t.Errorf("asked %+v", req)
			}
			h.other.answer(req, "null")
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		subscribed := h.subscribes(t.Context())
		h.other.answer(h.other.read(), "9")
		if err := <-subscribed; err != nil {
			t.Error(err)
		}
		paused := h.pauses()
		if req := h.other.read(); req.Params["subscription"].(float64) != 9 {
			t.Errorf("asked %+v", req)
		} else {
			h.other.answer(req, "null")
		}
		if err := <-paused; err != nil {
			t.Error(err)
		}
	})
	t.Run("WithoutAnAnswerItIsAskedAgainAndThenARefusalWillDo", func(t *testing.T) {
		h := hears(t)
		before := h.clock.Waiting()
		done := unsubscribes(h)
		h.other.read()
		h.other.read()
		h.passes(before + 2)
		if err := <-done; !errors.Is(err, errTimeout) {
			t.Errorf("%v", err)
		}
		paused := h.pauses()
		for range 2 {
			h.other.write(`{"jsonrpc":"2.0","id":"` + h.other.read().ID + `","error":{"code":-1,"message":"Unknown subscription id"}}`)
		}
		if err := <-paused; err != nil {
			t.Error(err)
		}
	})
}
