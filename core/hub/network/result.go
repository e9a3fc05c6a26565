package network

import (
	"errors"
	"fmt"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
)

// ErrNoResult stands for a handler that ended without saying how: it panicked. The hub sets aside what does so again
// and again.
var ErrNoResult = errors.New("the bridge gave no result")

// Result turns what bridgev2 says of an event into done (nil), again (errs.Temporary) or never (any other error).
func Result(res bridgev2.EventHandlingResult) error {
	switch {
	case res.Queued && res.Error != nil:
		return errs.Temporary(fmt.Errorf("still being handled: %w", res.Error), 0)
	case res.Queued:
		return errs.Temporary(fmt.Errorf("still being handled: %w", bridgev2.ErrHandlerBackgrounded), 0)
	case res.Success && res.Error == nil:
		return nil
	case res.Error == nil:
		return errs.Temporary(ErrNoResult, 0)
	}
	if _, again := errs.IsTemporary(res.Error); again || isFinal(res.Error) || res.Ignored {
		return res.Error
	}
	return errs.Temporary(res.Error, 0)
}

// isFinal tells whether trying again cannot help: marked so, one of our own kinds, or one of bridgev2's ready-made
// refusals, which are certain that nothing was sent. That its database failed is certain too, but passes.
func isFinal(err error) bool {
	if errs.IsFinal(err) {
		return true
	} else if errors.Is(err, bridgev2.ErrDatabaseError) {
		return false
	}
	for _, kind := range []error{
		errs.ErrNotFound, errs.ErrInvalid, errs.ErrForbidden, errs.ErrConflict, errs.ErrTooLarge, errs.ErrUnsupported,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	var status bridgev2.MessageStatus
	return errors.As(err, &status) && (status.IsCertain || status.Status == event.MessageStatusFail)
}
