// Package errs says of what kind an error is, so that whoever stops it knows what to do: tell
// somebody, try again later, or give up. An error never carries message text, phone numbers or tokens.
package errs

import (
	"errors"
	"time"
)

// The kinds. Wrap them with what was being done: fmt.Errorf("customer on %s: %w", network, errs.ErrNotFound).
var (
	// ErrNotFound: the thing asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrInvalid: the input is wrong; the text around it names the field and the mend.
	ErrInvalid = errors.New("invalid")
	// ErrForbidden: whoever asks may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: the thing exists already, or somebody else was quicker.
	ErrConflict = errors.New("conflict")
	// ErrTooLarge: the input is over a limit that the text names.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported: the network or the program cannot do this.
	ErrUnsupported = errors.New("unsupported")
)

// temporary marks an error as one that may go away by itself.
type temporary struct {
	err   error
	after time.Duration
}

func (t *temporary) Error() string                { return t.err.Error() }
func (t *temporary) Unwrap() error                { return t.err }
func (t *temporary) again() (time.Duration, bool) { return t.after, true }

// final marks an error that no other try can mend.
type final struct{ err error }

func (f *final) Error() string                { return f.err.Error() }
func (f *final) Unwrap() error                { return f.err }
func (f *final) again() (time.Duration, bool) { return 0, false }

// verdict is an error that says by itself whether to try again; of several in a chain the outermost counts.
type verdict interface {
	error
	again() (after time.Duration, ok bool)
}

// Temporary marks err as worth another try when after has passed (0: when the caller's own back-off says so). Temporary(nil, …) is nil.
func Temporary(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &temporary{err: err, after: after}
}

// IsTemporary tells whether err is worth another try, and the least time to wait before it.
func IsTemporary(err error) (after time.Duration, ok bool) {
	var v verdict
	if errors.As(err, &v) {
		return v.again()
	}
	return 0, false
}

// Final marks err as not worth another try, although an error inside it may be temporary. Final(nil) is nil.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return &final{err: err}
}

// IsFinal tells whether err was marked by Final, and not by Temporary since.
func IsFinal(err error) bool {
	var v verdict
	if !errors.As(err, &v) {
		return false
	}
	_, again := v.again()
	return !again
}

// told carries what a person should read about an error.
type told struct {
	err     error
	message string
}

func (t *told) Error() string { return t.err.Error() }
func (t *told) Unwrap() error { return t.err }

// Tell gives err a message for the person whose action failed: why, and what to do next, in plain
// words. Tell(nil, …) is nil.
func Tell(err error, message string) error {
	if err == nil {
		return nil
	}
	return &told{err: err, message: message}
}

// Message returns what Tell attached, outermost first, or "" if nothing was.
func Message(err error) string {
	var t *told
	if errors.As(err, &t) {
		return t.message
	}
	return ""
}
