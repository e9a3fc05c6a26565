package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"puente/bridges/bridgekit/guard"
	"puente/core/base/errs"
)

func TestTheGuardStandsBehindRedirectsToo(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a private address was called") }))
	defer inner.Close()
	// The first server is allowed as a single port cannot be: so the second stands on another loopback address.
	elsewhere := strings.Replace(inner.URL, "127.0.0.1", "[::1]", 1)
	outer := httptest.NewServer(http.RedirectHandler(elsewhere, http.StatusFound))
	defer outer.Close()
	w := newWorld(t)
	_, err := w.connector.get(context.Background(), outer.URL)
	if !errors.Is(err, guard.ErrPrivate) {
		t.Errorf("got %v", err)
	}
}

func TestFetchingFiles(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"/small": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"/announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999999")
			_, _ = io.WriteString(w, "x")
		},
		"/endless": func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				_, _ = io.WriteString(w, strings.Repeat("x", 1024))
				_ = http.NewResponseController(w).Flush()
			}
		},
		"/down": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"/busy": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"/gone": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path](w, r) }))
	defer server.Close()
	w := newWorld(t)
	fetch := func(path string) (string, error) {
		body, size, err := w.connector.fetch(context.Background(), server.URL+path+"?secret=1", w.clock.Now())
		if err != nil {
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error holds the address: %v", err)
			}
			return "", err
		}
		text, err := io.ReadAll(body)
		if err = errors.Join(err, body.Close()); err != nil || int64(len(text)) != size {
			t.Errorf("%d of %d bytes, %v", len(text), size, err)
		}
		return string(text), nil
	}
	if text, err := fetch("/small"); text != "hello" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	for path, want := range map[string]error{"/announced": errs.ErrTooLarge, "/endless": errs.ErrTooLarge, "/gone": errs.ErrNotFound} {
		if _, err := fetch(path); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := fetch("/announced"); !strings.Contains(errs.Message(err), "1024 bytes") {
		t.Errorf("the limit is not told: %q", errs.Message(err))
	}
	_, err := fetch("/down")
	if _, again := errs.IsTemporary(err); !again {
		t.Errorf("down: %v", err)
	}
	if _, err = fetch("/busy"); retryOf(err) != 90*time.Second {
		t.Errorf("who asks for 90 seconds is asked again after %s: %v", retryOf(err), err)
	}
	since := w.clock.Now()
	w.clock.Advance(fetchPatience - time.Minute)
	if _, _, err = w.connector.fetch(context.Background(), server.URL+"/busy", since); retryOf(err) != time.Minute {
		t.Errorf("the conversation waits for %s more: %v", retryOf(err), err)
	}
	w.clock.Advance(time.Minute + time.Second)
	if _, _, err = w.connector.fetch(context.Background(), server.URL+"/down", since); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("down for too long: %v", err)
	}
}

// retryOf is after how long an error wants another try; 0 if it does not say.
func retryOf(err error) time.Duration {
	after, _ := errs.IsTemporary(err)
	return after
}
