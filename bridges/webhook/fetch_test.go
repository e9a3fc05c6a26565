package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"
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
		"/broken": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "hello")
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
	for _, path := range []string{"/down", "/broken"} {
		if _, err := fetch(path); !isTemporary(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := fetch("/busy")
	if retryOf(err); retryOf(err) != 90*time.Second {
		t.Errorf("who asks for 90 seconds is asked again after %s: %v", retryOf(err), err)
	}
	since := w.clock.Now()
	w.clock.Advance(fetchPatience - time.Minute)
	if _, _, err = w.connector.fetch(context.Background(), server.URL+"/busy", since); retryOf(err) != time.Minute {
		t.Errorf("the conversation waits for %s more: %v", retryOf(err), err)
	}
	w.clock.Advance(time.Minute + time.Second)
	for _, path := range []string{"/down", "/broken"} {
		if _, _, err = w.connector.fetch(context.Background(), server.URL+path, since); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("%s for too long: %v", path, err)
		}
	}
}

// TestAFullDiskIsNotTheServersFault lets no file grow beyond 100 bytes, as a disk that is full does.
func TestAFullDiskIsNotTheServersFault(t *testing.T) {
	file := strings.Repeat("x", 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, file) }))
	defer server.Close()
	w := newWorld(t)
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	since := w.clock.Now()
	fetch := func() (io.ReadCloser, error) {
		body, _, err := w.connector.fetch(t.Context(), server.URL, since)
		return body, err
	}
	full := limitFiles(t, 100)
	for range 2 {
		if _, err := fetch(); !isTemporary(err) || errors.Is(err, errs.ErrNotFound) {
			t.Errorf("after %s the file is given up: %v", w.clock.Now().Sub(since), err)
		}
		w.clock.Advance(fetchPatience + time.Minute)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left on the full disk: %v, %v", left, err)
	}
	full.end()
	body, err := fetch()
	if err != nil {
		t.Fatalf("with room again: %v", err)
	}
	text, err := io.ReadAll(body)
	if err = errors.Join(err, body.Close()); err != nil || string(text) != file {
		t.Errorf("%d bytes came, %v", len(text), err)
	}
}

// fileLimit is how large the files may grow that this process writes.
type fileLimit struct {
	t       *testing.T
	earlier syscall.Rlimit
}

// limitFiles sets it in bytes, until end or the end of the test.
func limitFiles(t *testing.T, most uint64) *fileLimit {
	t.Helper()
	limit := &fileLimit{t: t}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit.earlier); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // so that a write returns an error
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	t.Cleanup(limit.end)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: limit.earlier.Max}); err != nil {
		t.Fatal(err)
	}
	return limit
}

func (l *fileLimit) end() {
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l.earlier); err != nil {
		l.t.Error(err)
	}
}

// retryOf is after how long an error wants another try; 0 if it does not say.
func retryOf(err error) time.Duration {
	after, _ := errs.IsTemporary(err)
	return after
}
