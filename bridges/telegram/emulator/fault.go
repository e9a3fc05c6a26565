package emulator

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgekit/emulation"
)

// Fault is how a call fails.
type Fault struct {
	// Method is the one that fails; empty: any but getUpdates and downloads; "download": a file.
	Method string
	// Code is the error code: 400, 401, 403, 404, 409, 413, 429, 500, 502 …
	Code int
	// Description follows Telegram's words for the code: "chat not found".
	Description string
	// RetryAfter is what a 429 asks for, in whole seconds.
	RetryAfter time.Duration
	// MigrateTo goes into the parameters of a 400.
	MigrateTo int64
	// Nonsense answers 200 with something that is no JSON.
	Nonsense bool
	// Cut takes the call and then cuts the connection instead of answering.
	Cut bool
	// CutBefore cuts the connection without taking the call.
	CutBefore bool
	// Delay makes the call wait before it is answered, well unless one of the others says otherwise.
	Delay time.Duration
}

// fault is a Fault and how often it is still to happen.
type fault struct {
	Fault
	times int
}

// FailNext makes the next times calls that f is for fail as it says.
func (e *Emulator) FailNext(times int, f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, fault{Fault: f, times: times})
}

// injected takes the fault that is due for a method, if any. "getfile/download" is a download.
func (e *Emulator) injected(name string) *Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range e.faults {
		f := &e.faults[i]
		if f.times > 0 && f.is(name) {
			f.times--
			one := f.Fault
			return &one
		}
	}
	return nil
}

func (f *fault) is(name string) bool {
	if name == "getfile/download" {
		return f.Method == "download"
	}
	return strings.EqualFold(f.Method, name) || f.Method == "" && name != "getupdates"
}

// refuses tells whether a call is not taken.
func (f *Fault) refuses() bool { return f != nil && (f.Code != 0 || f.Nonsense || f.CutBefore) }

// answerFault answers as a fault says.
func (e *Emulator) answerFault(w http.ResponseWriter, f *Fault) {
	switch {
	case f.CutBefore:
		cutConnection(w)
	case f.Nonsense:
		answerRefusal(w, &refusal{nonsense: true})
	case f.Code == http.StatusTooManyRequests:
		answerRefusal(w, tooMany(int(max(f.RetryAfter, time.Second).Seconds())))
	case f.Code == http.StatusBadGateway: // what Telegram's front answers is no JSON
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Code)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head></html>"))
	default:
		text := http.StatusText(f.Code)
		if f.Description != "" {
			text += ": " + f.Description
		}
		answerRefusal(w, &refusal{code: f.Code, text: text, migrateTo: f.MigrateTo})
	}
}

// cutConnection closes the connection without an answer.
func cutConnection(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler) // HTTP/2 has no connection to take over; net/http ends the stream
}

// Magic is one ending of a user's or group's ID that makes sending there fail in a given way.
type Magic = emulation.Magic

// MagicNumbers lists the endings that choose a failure, so that a person or a test meets each failure at will.
// "Once" is counted per message: by the method and its fields.
func MagicNumbers() []Magic {
	return []Magic{
		{Digits: "0400", Effect: "400: chat not found, always"},
		{Digits: "0401", Effect: "401: the token is no longer valid, always"},
		{Digits: "0403", Effect: "403: the bot was blocked by the user, always"},
		{Digits: "0404", Effect: "an answer that is no JSON, always"},
		{Digits: "0408", Effect: "taken, but the connection is cut before the answer, always"},
		{Digits: "0429", Effect: "429 with retry_after once per message (or Options.RateLimitFailures times)"},
		{Digits: "0500", Effect: "500, always"},
		{Digits: "0501", Effect: "500 once per message"},
	}
}

func magicOf(id int64) string {
	return emulation.MagicOf(strconv.FormatInt(max(id, -id), 10), MagicNumbers())
}

// magicFault tells how a call fails because of whom it is for. Only what sends or changes something fails; asking
// who somebody is does not.
func (e *Emulator) magicFault(c *call) *Fault {
	if strings.HasPrefix(c.method, "get") {
		return nil
	}
	switch magicOf(c.number("chat_id")) {
	case "0400":
		return &Fault{Code: http.StatusBadRequest, Description: "chat not found"}
	case "0401":
		return &Fault{Code: http.StatusUnauthorized}
	case "0403":
		return &Fault{Code: http.StatusForbidden, Description: "bot was blocked by the user"}
	case "0404":
		return &Fault{Nonsense: true}
	case "0408":
		return &Fault{Cut: true}
	case "0429":
		return e.times(e.opt.RateLimitFailures, c, &Fault{Code: http.StatusTooManyRequests, RetryAfter: e.opt.RetryAfter})
	case "0500":
		return &Fault{Code: http.StatusInternalServerError}
	case "0501":
		return e.times(1, c, &Fault{Code: http.StatusInternalServerError})
	}
	return nil
}

// times returns f for the first so many tries of one message.
func (e *Emulator) times(times int, c *call, f *Fault) *Fault {
	raw, _ := json.Marshal(c.record()) // texts, numbers and objects of JSON
	h := fnv.New64a()
	_, _ = h.Write(raw)
	key := fmt.Sprintf("%s %d %x", c.method, c.b.ID(), h.Sum64())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.magicHit[key] >= times {
		return nil
	}
	e.magicHit[key]++
	return f
}
