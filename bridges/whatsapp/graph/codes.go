package graph

import (
	"errors"
	"time"

	"puente/core/base/errs"
)

// Class says how to go on after an error.
type Class string

// The classes.
const (
	Retry          Class = "retry"           // the same request may work later
	RetryOnce      Class = "retry_once"      // one more try, no second one
	PairLimited    Class = "pair_limited"    // too fast to this customer: later, and only this chat waits
	Final          Class = "final"           // the same request never works
	AccountStopped Class = "account_stopped" // nothing goes out by this number until an administrator acts
)

const (
	codeTokenExpired = 190
	codeAppLimit     = 4
	codeUserLimit    = 17
	codeAccountLimit = 80007
	codeThroughput   = 130429
	codePairLimit    = 131056
)

// Explanation is what an error code means and what to do about it. ref: whatsapp-cloud.md §7
type Explanation struct {
	Code  int
	Class Class
	// After is the least time before another try; 0 leaves it to the caller's own back-off.
	After time.Duration
	// Tries is how many more tries make sense; 0 leaves it to the caller.
	Tries    int
	Reason   string // what happened, in plain words
	NextStep string // what the agent or the administrator should do
	kind     error
}

// Message is Reason and NextStep as one text for the agent.
func (x Explanation) Message() string {
	if x.NextStep == "" {
		return x.Reason
	}
	return x.Reason + " " + x.NextStep
}

// Late is Message for one that Meta had taken and that failed afterwards: nothing tries that again.
func (x Explanation) Late() string {
	if !x.Temporary() {
		return x.Message()
	}
	return x.Reason + " " + sendAnew
}

// Temporary tells whether another try makes sense.
func (x Explanation) Temporary() bool {
	return x.Class == Retry || x.Class == RetryOnce || x.Class == PairLimited
}

// Explain says what a code of Meta means, whether it came as an HTTP error or in a webhook. An unknown
// code is final.
func Explain(code int) Explanation {
	x, _ := lookUp(code)
	return x
}

// lookUp finds a code in the tables; known tells whether it stands there.
func lookUp(code int) (x Explanation, known bool) {
	key := code
	switch { // ref: whatsapp-cloud.md §7, which has one row for each of these ranges
	case code > 200 && code <= 299:
		key = 200
	case code > 131209 && code <= 131214:
		key = 131209
	case code > 138000 && code <= 138018:
		key = 138000
	}
	for _, table := range []map[int]Explanation{accountCodes, messageCodes, templateCodes, otherCodes} {
		if x, known = table[key]; known {
			x.Code = code
			return x, true
		}
	}
	return Explanation{Code: code, Class: Final,
		Reason:   "WhatsApp refused this for a reason that Puente does not know.",
		NextStep: "Try another wording or another kind of message, and tell your administrator the error code."}, false
}

func unknownTransient(code int) Explanation {
	return Explanation{Code: code, Class: Retry, After: 5 * time.Second,
		Reason: "WhatsApp has a temporary fault.", NextStep: "Nothing to do: it is tried again."}
}

func unknownMissing(code int) Explanation {
	return Explanation{Code: code, Class: Final, kind: errs.ErrNotFound,
		Reason:   "WhatsApp does not know what was asked for.",
		NextStep: "Ask your administrator to check the IDs of the number and the account."}
}

// explanationOf returns what err means when Meta answered with it.
func explanationOf(err error) (Explanation, bool) {
	var e *Error
	if !errors.As(err, &e) {
		return Explanation{}, false
	}
	return e.Explain(), true
}

// Tries returns how many more tries make sense after err, 0 when nothing is said about it.
func Tries(err error) int {
	x, _ := explanationOf(err)
	return x.Tries
}

// Texts that several codes share.
const (
	askAdmin    = "Ask your administrator to look into it."
	willRetry   = "Nothing to do: it is tried again."
	sendAnew    = "The message did not arrive. Send it again in a while."
	badRequest  = "Check what you wrote or attached, and send it in another form."
	fixTemplate = "Check the template and its variables, then send it again."
)
