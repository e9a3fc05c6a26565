package daemon

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Code is the code of a JSON-RPC error. ref: reference/signal-cli.md §4
type Code int

// The codes.
const (
	CodeParse         Code = -32700
	CodeInvalid       Code = -32600
	CodeNoMethod      Code = -32601
	CodeParams        Code = -32602 // an account that the daemon does not have
	CodeInternal      Code = -32603
	CodeUser          Code = -1 // unregistered, no such group, not a member, nothing sent
	CodeIO            Code = -3
	CodeUntrusted     Code = -4 // of all recipients
	CodeRateLimit     Code = -5
	CodeCaptchaFailed Code = -6
)

// Error is what the daemon refused. Its text holds no number and no name: what the daemon said may hold both.
type Error struct {
	Method string
	Code   Code
	// Said is the daemon's own text, in English. It may name phone numbers, and stands in no log.
	Said string
	// Response is set if a message was refused for every one of its recipients.
	Response *SendResult
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: the signal-cli daemon refused it with code %d", e.Method, e.Code)
	if e.Response != nil && len(e.Response.Results) > 0 {
		text += " (" + string(e.Response.Results[0].Type) + ")"
	}
	return text
}

// Says tells whether the daemon's text holds the words, whatever the case.
func (e *Error) Says(words string) bool {
	return strings.Contains(strings.ToLower(e.Said), strings.ToLower(words))
}

// readError makes an error of the member error of an answer.
func readError(method string, raw json.RawMessage) error {
	var wire struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
		Data    *struct {
			Response *SendResult `json:"response"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return &lostError{method: method, cause: fmt.Errorf("%w: its error is of another shape", errLine)}
	}
	refused := &Error{Method: method, Code: wire.Code, Said: wire.Message}
	if wire.Data != nil {
		refused.Response = wire.Data.Response
	}
	return refused
}

// ResultType is what became of a message for one recipient.
type ResultType string

// The types of results. ref: reference/signal-cli.md §3
const (
	Success       ResultType = "SUCCESS"
	NetworkFail   ResultType = "NETWORK_FAILURE"
	Unregistered  ResultType = "UNREGISTERED_FAILURE"
	IdentityFail  ResultType = "IDENTITY_FAILURE"
	RateLimitFail ResultType = "RATE_LIMIT_FAILURE"
	PreKeyFail    ResultType = "INVALID_PRE_KEY_FAILURE"
)

// SendResult is what became of a message. Timestamp is its identity, in milliseconds.
type SendResult struct {
	Timestamp int64    `json:"timestamp"`
	Results   []Result `json:"results"`
}

// Result is what became of a message for one recipient.
type Result struct {
	Recipient  Address    `json:"recipientAddress"`
	GroupID    string     `json:"groupId"`
	Type       ResultType `json:"type"`
	Token      string     `json:"token"` // set if a captcha must be solved
	RetryAfter int64      `json:"retryAfterSeconds"`
}

// Wait is how long the recipient must be left alone; 0 if the daemon did not say.
func (r Result) Wait() time.Duration { return time.Duration(r.RetryAfter) * time.Second }

// Address names somebody in what the daemon says.
type Address struct {
	UUID     string `json:"uuid"`
	Number   string `json:"number"`
	Username string `json:"username"`
}

// Failed lists the recipients that did not get it.
func (s SendResult) Failed() []Result {
	var failed []Result
	for _, result := range s.Results {
		if result.Type != Success {
			failed = append(failed, result)
		}
	}
	return failed
}
