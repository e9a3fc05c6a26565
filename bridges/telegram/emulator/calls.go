package emulator

import (
	"net/http"
	"strings"
	"time"
)

// Call is one call that a bot made.
type Call struct {
	Bot     int64
	Method  string // as the API writes it
	Fields  map[string]any
	At      time.Time
	Code    int // 200, or the error code
	Message int64
}

// maxCalls is how many calls are remembered.
const maxCalls = 1000

func (e *Emulator) keepCall(c *call, result any, refused *refusal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	one := Call{Bot: c.b.ID(), Method: e.fields.names[c.method], Fields: c.record(), At: e.clock.Now(), Code: http.StatusOK}
	if refused != nil {
		one.Code = refused.code
	}
	if o, ok := result.(object); ok {
		one.Message = integer(o["message_id"])
	}
	if len(e.calls) == maxCalls {
		e.calls = e.calls[1:]
	}
	e.calls = append(e.calls, one)
	e.touch()
	e.log.Debug().Str("method", one.Method).Int("status", one.Code).Msg("Bot API call answered")
}

// Calls lists the last thousand calls of one method, or of all but getUpdates if method is empty, the oldest first.
func (e *Emulator) Calls(name string) []Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Call
	for _, c := range e.calls {
		if strings.EqualFold(c.Method, name) || name == "" && c.Method != "getUpdates" {
			out = append(out, c)
		}
	}
	return out
}

// noteUnknown remembers a field or a method that the API does not have.
func (e *Emulator) noteUnknown(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unknown[what]++
}

// UnknownFields lists the fields ("sendMessage.reply_parameters.foo") and methods ("method sendfoo") that calls had
// and the API has not, and how often.
func (e *Emulator) UnknownFields() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]int{}
	for what, times := range e.unknown {
		out[what] = times
	}
	return out
}

// integer reads a whole number of whatever JSON made of it.
func integer(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}
