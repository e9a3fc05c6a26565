package webhook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// problem is an answer that says what is wrong. ref: RFC 9457
type problem struct {
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors,omitempty"`
}

// refuse answers with a problem.
func refuse(w http.ResponseWriter, status int, detail string, found ...fault) {
	answer(w, "application/problem+json", status, problem{Title: http.StatusText(status), Status: status, Detail: detail, Errors: found})
}

func answer(w http.ResponseWriter, contentType string, status int, body any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// fault is one thing that is wrong with what a system posted.
type fault struct {
	Pointer string `json:"pointer"` // where, as a JSON pointer in a URL's fragment (RFC 6901)
	Detail  string `json:"detail"`  // what is wrong and how to mend it
}

// faults collects what is wrong.
type faults struct{ list []fault }

func (f *faults) add(pointer, format string, args ...any) {
	if len(f.list) < maxFaults {
		f.list = append(f.list, fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	}
}

// word wants something short on one line.
func (f *faults) word(at, value string) {
	if strings.TrimSpace(value) == "" {
		f.add(at, "is missing or empty")
	}
	f.line(at, value, maxID)
}

func (f *faults) line(at, value string, most int) {
	if utf8.RuneCountInString(value) > most {
		f.add(at, "is longer than %d characters", most)
	} else if strings.ContainsFunc(value, unicode.IsControl) {
		f.add(at, "has control characters or line breaks")
	}
}

func (f *faults) text(at, value string) {
	if utf8.RuneCountInString(value) > maxText {
		f.add(at, "is longer than %d characters: send the rest in another message", maxText)
	}
}

func (f *faults) address(at, value string) {
	if value == "" {
		return
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") || len(value) > maxURL {
		f.add(at, "must be a web address of at most %d characters", maxURL)
	}
}
