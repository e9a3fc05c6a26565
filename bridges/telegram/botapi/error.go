package botapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"puente/core/base/errs"
)

// Error is an error that Telegram answered with. Description may quote what was sent: it stays out of Error().
type Error struct {
	Method      string
	Code        int // HTTP-like
	Description string
	RetryAfter  time.Duration // with 429
	MigrateTo   int64         // the supergroup that the group became; 0 if it did not
}

// Error names the method, the code and the case, if it is a known one.
func (e *Error) Error() string {
	name := e.explain().begins
	if name == "" {
		name = upperCode(e.Description)
	}
	return strings.TrimSpace(fmt.Sprintf("telegram %s: %d %s", e.Method, e.Code, name))
}

// Unwrap returns the kind of the error in package errs, so that errors.Is works.
func (e *Error) Unwrap() error { return e.explain().kind }

// upperCode is a code of Telegram's such as PHOTO_EXT_INVALID, if the description is one.
func upperCode(description string) string {
	_, code, found := strings.Cut(description, ": ")
	if !found {
		code = description
	}
	for _, r := range code {
		if r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return code[:min(len(code), 60)]
}

// told is the error as the bridge hands it on: with its kind, whether to try again, and words for the agent.
func (e *Error) told() error {
	x := e.explain()
	err := error(e)
	if x.passes {
		err = errs.Temporary(err, max(e.RetryAfter, x.after))
	}
	return errs.Tell(err, x.words)
}

func (e *Error) explain() explanation {
	for _, x := range explanations {
		if x.fits(e) {
			return x
		}
	}
	return explanation{
		kind:  errs.ErrInvalid,
		words: "Telegram refused this for a reason that Puente does not know. Send it in another form; the code is in the log.",
	}
}

// As returns Telegram's error in a chain; nil if there is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// IsUnauthorized tells whether Telegram refuses the token itself: it was revoked, or the bot was logged out of this
// server.
func IsUnauthorized(err error) bool {
	e := As(err)
	if e == nil {
		return false
	}
	wrongToken := e.Code == http.StatusNotFound && e.explain().begins != noMethod
	return wrongToken || e.Code == http.StatusUnauthorized || e.explain().begins == loggedOut
}

// IsConflict tells whether somebody else takes the bot's updates.
func IsConflict(err error) bool {
	e := As(err)
	return e != nil && e.Code == http.StatusConflict
}

// IsNotModified tells whether an edit changed nothing, which is as good as done.
func IsNotModified(err error) bool { return is(err, notModified) }

// IsGone tells whether the message that was to be changed or deleted is not there any more.
func IsGone(err error) bool { return is(err, editGone, deleteGone) }

// MigratedTo returns the supergroup that a group became, if that is why Telegram refused; 0 if not.
func MigratedTo(err error) int64 {
	if e := As(err); e != nil {
		return e.MigrateTo
	}
	return 0
}

// Tries is how often an error may come before it is final; 0 means no limit. What stands behind an answer that cannot be
// read may have sent the message each time. A fault that Telegram or the proxy before it tells of passes with the outage.
// ref: reference/telegram-bot.md §6, 5xx
func Tries(err error) int {
	if IsUnreadable(err) {
		return 3
	}
	return 0
}

func is(err error, cases ...string) bool {
	e := As(err)
	if e == nil {
		return false
	}
	name := e.explain().begins
	for _, wanted := range cases {
		if name == wanted {
			return true
		}
	}
	return false
}

// IsTooBig tells whether Telegram does not hand a file over because of its size.
func IsTooBig(err error) bool { return is(err, fileTooBig) }
