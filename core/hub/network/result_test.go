package network

import (
	"errors"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"puente/core/base/errs"
)

func TestResult(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		res   bridgev2.EventHandlingResult
		done  bool
		again bool
	}{
		"Success":                {bridgev2.EventHandlingResultSuccess, true, false},
		"ADuplicateIsDone":       {bridgev2.EventHandlingResultIgnored, true, false},
		"QueuedIsNotDone":        {bridgev2.EventHandlingResultQueued, false, true},
		"NoResultIsNotDone":      {bridgev2.EventHandlingResultFailed, false, true},
		"AnUnknownErrorMayPass":  {bridgev2.EventHandlingResultFailed.WithError(broken), false, true},
		"ATemporaryErrorMayPass": {bridgev2.EventHandlingResultFailed.WithError(errs.Temporary(errs.ErrInvalid, time.Second)), false, true},
		"AKindOfOursIsFinal":     {bridgev2.EventHandlingResultFailed.WithError(errs.ErrTooLarge), false, false},
		"MarkedFinalIsFinal":     {bridgev2.EventHandlingResultFailed.WithError(errs.Final(errs.Temporary(broken, 0))), false, false},
		"ARefusalIsFinal":        {bridgev2.EventHandlingResultIgnored.WithError(bridgev2.ErrEditsNotSupported), false, false},
		"ItsDatabaseMayRecover":  {bridgev2.EventHandlingResultFailed.WithError(bridgev2.ErrDatabaseError), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := Result(test.res)
			if (err == nil) != test.done {
				t.Fatalf("the error is %v", err)
			}
			if _, again := errs.IsTemporary(err); again != test.again {
				t.Errorf("again: %v", again)
			}
		})
	}
	if !errors.Is(Result(bridgev2.EventHandlingResultFailed), ErrNoResult) {
		t.Error("a handler without a result is not known as one")
	}
}
