package emulation_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLifeStopWaitsForWorkers(t *testing.T) {
	var life emulation.Life
	ended := false
	err := life.Start(t.Context(), func(run *emulation.Run) error {
		run.Go(func(ctx context.Context) {
			<-ctx.Done()
			ended = true // unguarded: the race detector tells if Stop did not wait
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	life.Stop()
	if !ended {
		t.Error("Stop has not waited")
	}
}

func TestLifeStart(t *testing.T) {
	nothing := func(*emulation.Run) error { return nil }
	t.Run("StopWithoutStartDoesNothing", func(*testing.T) { new(emulation.Life).Stop() })
	t.Run("TwiceIsAConflict", func(t *testing.T) {
		var life emulation.Life
		defer life.Stop()
		if err := life.Start(t.Context(), nothing); err != nil {
			t.Fatal(err)
		}
		if err := life.Start(t.Context(), nothing); !errors.Is(err, errs.ErrConflict) {
			t.Errorf("the second start: %v", err)
		}
	})
	t.Run("AfterStopIsAnotherRun", func(t *testing.T) {
		var life emulation.Life
		for range 2 {
			if err := life.Start(t.Context(), nothing); err != nil {
				t.Error(err)
			}
			life.Stop()
			life.Stop()
		}
	})
	t.Run("FailureLeavesNothingBehind", func(t *testing.T) {
		var life emulation.Life
		bad := errors.New("no")
		var ctx context.Context
		err := life.Start(t.Context(), func(run *emulation.Run) error {
			ctx = run.Context()
			run.Go(func(context.Context) { t.Error("a worker began") })
			return bad
		})
		if !errors.Is(err, bad) || ctx.Err() == nil {
			t.Errorf("the start: %v, its context: %v", err, ctx.Err())
		}
		if err := life.Start(t.Context(), nothing); err != nil {
			t.Errorf("the next start: %v", err)
		}
		life.Stop()
	})
}
