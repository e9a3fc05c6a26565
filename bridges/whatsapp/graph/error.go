package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// NoCode is Error.Code when the answer carried no Graph error.
const NoCode = -1

// Error is an error that Meta answered with. Title and Details may quote numbers and texts: they are
// for the eyes of whoever sent the message and stay out of Error() and of logs.
type Error struct {
	Code       int // see Explain; NoCode when the answer had none
	Subcode    int
	HTTPStatus int
	Title      string
	Details    string
	FBTraceID  string // what Meta's support asks for
	Transient  bool   // Meta says that it will pass
	RetryAfter time.Duration
}

// Error names the codes only.
func (e *Error) Error() string {
	if e.Code == NoCode {
		return fmt.Sprintf("graph answered HTTP %d without an error code", e.HTTPStatus)
	}
	text := fmt.Sprintf("graph error %d", e.Code)
	if e.Subcode != 0 {
		text += fmt.Sprintf(" (subcode %d)", e.Subcode)
	}
	text += fmt.Sprintf(", HTTP %d", e.HTTPStatus)
	if e.FBTraceID != "" {
		text += ", trace " + e.FBTraceID
	}
	return text
}

// Unwrap returns the kind of the error in package errs, so that errors.Is works; nil when none fits.
func (e *Error) Unwrap() error { return e.Explain().kind }

// codeStoppedMarketing: the customer wants no marketing from the business. ref: whatsapp-cloud.md, error 131050
const codeStoppedMarketing = 131050

// Objection is what the customer objects to, if the error says so: "marketing".
func (e *Error) Objection() string { return objection(e.Code) }

func objection(code int) string {
	if code == codeStoppedMarketing {
		return "marketing"
	}
	return ""
}

// Explain says what the error means, by its code and, failing that, by its HTTP status.
func (e *Error) Explain() Explanation {
	x, known := lookUp(e.Code)
	if known {
		return x
	}
	switch {
	case e.Transient || e.HTTPStatus == http.StatusTooManyRequests || e.HTTPStatus >= 500:
		return unknownTransient(e.Code)
	case e.HTTPStatus == http.StatusUnauthorized:
		x, _ = lookUp(codeTokenExpired)
		x.Code = e.Code
	case e.HTTPStatus == http.StatusNotFound:
		x = unknownMissing(e.Code)
	}
	return x
}

// wireError is Meta's error body. ref: whatsapp-cloud.md §7
type wireError struct {
	Error *struct {
		Message   Literal   `json:"message"`
		Code      *Number   `json:"code"`
		Subcode   Number    `json:"error_subcode"`
		Data      ErrorData `json:"error_data"`
		Transient Flag      `json:"is_transient"`
		UserTitle Literal   `json:"error_user_title"`
		UserMsg   Literal   `json:"error_user_msg"`
		TraceID   Literal   `json:"fbtrace_id"`
	} `json:"error"`
}

// readError makes the Error of an answer that is not 2xx.
func readError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{Code: NoCode, HTTPStatus: status}
	var wire wireError
	if json.Unmarshal(body, &wire) == nil && wire.Error != nil && wire.Error.Code != nil {
		w := wire.Error
		e.Code, e.Subcode, e.Transient = int(*w.Code), int(w.Subcode), bool(w.Transient)
		e.Title = firstOf(string(w.UserTitle), string(w.Message))
		e.Details = firstOf(w.Data.Details, string(w.UserMsg))
		e.FBTraceID = traceID(string(w.TraceID))
	}
	e.RetryAfter = max(e.Explain().After, retryAfter(header.Get("Retry-After"), now))
	return e
}

// traceID lets only a plain ID through: the text goes into errors and logs.
func traceID(s string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-'
	}
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return ""
	}
	return s
}

// retryAfter reads the header, in seconds or as a date; 0 when there is none.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 86400)) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), 24*time.Hour)
}

// ambiguous marks an error after which the message may have gone out all the same.
type ambiguous struct{ err error }

func (a *ambiguous) Error() string { return a.err.Error() }
func (a *ambiguous) Unwrap() error { return a.err }

// IsAmbiguous tells whether Meta may have taken the message although err says that sending failed: the
// connection or the time ran out after the request was written, or the answer could not be read. There
// is no idempotency key, so wait for a status with the message's CallbackData before trying again.
func IsAmbiguous(err error) bool {
	var a *ambiguous
	return errors.As(err, &a)
}
