package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// refusal is what Telegram answers instead of a result.
type refusal struct {
	code       int // error_code, which is the HTTP status too
	text       string
	retryAfter int // seconds
	migrateTo  int64
	nonsense   bool // not JSON at all
}

// bad is error 400 with Telegram's words.
func bad(text string) *refusal {
	return &refusal{code: http.StatusBadRequest, text: "Bad Request: " + text}
}

// forbidden is error 403 with Telegram's words.
func forbidden(text string) *refusal {
	return &refusal{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func unauthorized() *refusal {
	return &refusal{code: http.StatusUnauthorized, text: "Unauthorized"}
}

func conflict(text string) *refusal {
	return &refusal{code: http.StatusConflict, text: "Conflict: " + text}
}

func tooMany(seconds int) *refusal {
	return &refusal{
		code: http.StatusTooManyRequests, retryAfter: seconds,
		text: fmt.Sprintf("Too Many Requests: retry after %d", seconds),
	}
}

func answerResult(w http.ResponseWriter, result any) {
	raw, err := marshal(object{"ok": true, "result": result})
	if err != nil { // our own objects; a test sees it
		raw = []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw)
}

func answerRefusal(w http.ResponseWriter, r *refusal) {
	if r.nonsense {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body><h1>It works!</h1></body></html>"))
		return
	}
	body := object{"ok": false, "error_code": r.code, "description": r.text}
	parameters := object{}
	if r.retryAfter > 0 {
		parameters["retry_after"] = r.retryAfter
		w.Header().Set("Retry-After", fmt.Sprint(r.retryAfter))
	}
	if r.migrateTo != 0 {
		parameters["migrate_to_chat_id"] = r.migrateTo
	}
	if len(parameters) > 0 {
		body["parameters"] = parameters
	}
	raw, _ := marshal(body) // texts and numbers
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.code)
	_, _ = w.Write(raw)
}

// marshal writes JSON without escaping < > &.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return []byte(strings.TrimSuffix(out.String(), "\n")), nil
}
