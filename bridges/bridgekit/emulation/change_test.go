package emulation_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

func TestChangeWakesAllWhoWait(t *testing.T) {
	changed := emulation.NewChange()
	first, second := changed, changed
	changed.Tell()
	<-first
	<-second
	select {
	case <-changed:
		t.Error("the next change has happened already")
	default:
	}
}

func TestWait(t *testing.T) {
	var mu sync.Mutex
	n, changed := 0, emulation.NewChange()
	look := func() (int, error) { return n, nil }
	increase := func() {
		mu.Lock()
		defer mu.Unlock()
		n++
		changed.Tell()
	}
	t.Run("ReturnsAtOnceWhatIsSo", func(t *testing.T) {
		got, err := emulation.Wait(t.Context(), &mu, &changed, "wait", look, func(n int) bool { return n == 0 })
		if got != 0 || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
	})
	t.Run("LooksAgainAfterEachChange", func(t *testing.T) {
		got, err := emulation.Wait(t.Context(), &mu, &changed, "wait", look, func(n int) bool {
			if n < 3 {
				increase() // possible, as the fact is asked without the lock
			}
			return n == 3
		})
		if got != 3 || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
	})
	t.Run("ErrorOfLookingEndsIt", func(t *testing.T) {
		_, err := emulation.Wait(t.Context(), &mu, &changed, "wait", func() (int, error) { return 0, errs.ErrNotFound },
			func(int) bool { t.Error("the fact was asked"); return false })
		if !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ContextEndsItWithWhatIsSo", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		got, err := emulation.Wait(ctx, &mu, &changed, "wait for rain", look, func(int) bool { cancel(); return false })
		if got != 3 || !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "wait for rain: ") {
			t.Errorf("got %d, %v", got, err)
		}
	})
}
