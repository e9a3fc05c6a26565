package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

const secret = "right"

// world is a gate before a handler that takes what is posted with the right secret.
type world struct {
	t       *testing.T
	clock   *clock.Manual
	gate    *Gate
	handler http.Handler
	log     bytes.Buffer
	looked  int // how many requests reached the handler
}

func newWorld(t *testing.T, limits Limits) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(time.Unix(1_800_000_000, 0))}
	w.gate = New(limits, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, w.clock, zerolog.New(&w.log))
	w.handler = w.gate.Guard(http.HandlerFunc(w.serve), "/spared/")
	return w
}

func (w *world) serve(out http.ResponseWriter, r *http.Request) {
	w.looked++
	switch {
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(out, "open to all")
	case r.Header.Get("Authorization") != secret:
		out.WriteHeader(http.StatusUnauthorized)
	}
}

// ask asks from an address; the status is what the gate and the handler made of it.
func (w *world) ask(from, shown string) *httptest.ResponseRecorder { return w.askFor("/", from, shown) }

func (w *world) askFor(path, from, shown string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 1234).String()
	r.Header.Set("Authorization", shown)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder
}

func (w *world) wants(what string, got *httptest.ResponseRecorder, status int) {
	w.t.Helper()
	if got.Code != status {
		w.t.Errorf("%s: %d, want %d", what, got.Code, status)
	}
	if status == http.StatusTooManyRequests && got.Header().Get("Retry-After") == "" {
		w.t.Errorf("%s: no Retry-After", what)
	}
}

func few() Limits {
	limits := DefaultLimits()
	limits.Strikes, limits.AllStrikes = 3, 10
	limits.AllStrikesPerSecond = 1
	return limits
}

const (
	attacker = "198.51.100.7"
	provider = "203.0.113.9"
)

func TestGuessesAreThrottled(t *testing.T) {
	w := newWorld(t, few())
	for range 3 {
		w.wants("a first guess", w.ask(attacker, "wrong"), 401)
	}
	looked := w.looked
	w.wants("one guess too many", w.ask(attacker, "wrong"), 429)
	w.wants("the right one, guessed", w.ask(attacker, secret), 429)
	if w.looked != looked {
		t.Error("requests of who is turned away were looked at")
	}
	w.wants("somebody else", w.ask(provider, secret), 200)
	w.wants("somebody else's wrong secret", w.ask("203.0.113.10", "wrong"), 401)
	w.clock.Advance(time.Second)
	w.wants("after a second", w.ask(attacker, "wrong"), 401)
	w.wants("and once more", w.ask(attacker, "wrong"), 429)
	if lines := strings.Count(w.log.String(), "\n"); lines != 1 || !strings.Contains(w.log.String(), attacker) {
		t.Errorf("the log has %d lines: %s", lines, w.log.String())
	}
}

func TestWhoShowsTheSecretIsNeverThrottled(t *testing.T) {
	t.Run("HoweverOften", func(t *testing.T) {
		w := newWorld(t, few())
		for range 20_000 { // five seconds of the most that Meta sends, at one moment
			if got := w.ask(provider, secret); got.Code != 200 {
				t.Fatal(got.Code)
			}
		}
	})
	t.Run("ThoughSomebodyGuessesFromTheSameAddress", func(t *testing.T) {
		w := newWorld(t, few())
		w.wants("at first", w.ask(provider, secret), 200)
		for range 5 {
			w.ask(provider, "wrong")
		}
		w.wants("a guess", w.ask(provider, "wrong"), 429)
		w.wants("the provider", w.ask(provider, secret), 200)
	})
	t.Run("ThoughItIsBehindAProxyThatNobodyNamed", func(t *testing.T) {
		w := newWorld(t, few())
		for range 20 {
			w.ask("172.18.0.2", "wrong")
		}
		w.wants("a guess", w.ask("172.18.0.2", "wrong"), 429)
		w.wants("the provider, for the first time", w.ask("172.18.0.2", secret), 200)
	})
	t.Run("ThoughTheWholeWorldGuesses", func(t *testing.T) {
		w := newWorld(t, few())
		for i := range 50 {
			w.ask(fmt.Sprintf("198.51.100.%d", i), "wrong")
		}
		w.wants("one of them", w.ask("198.51.100.1", secret), 429)
		w.wants("the provider, for the first time", w.ask(provider, secret), 200)
	})
	t.Run("OnAPathWhereTheSecretComesFirst", func(t *testing.T) {
		w := newWorld(t, few())
		for range 20 {
			w.askFor("/spared/transaction", attacker, "wrong")
		}
		w.wants("a guess", w.askFor("/spared/transaction", attacker, "wrong"), 429)
		w.wants("the homeserver", w.askFor("/spared/transaction", attacker, secret), 200)
	})
}

func TestOpenPathsAreThrottledToo(t *testing.T) {
	w := newWorld(t, few())
	get := func() int {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.RemoteAddr = attacker + ":99"
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, r)
		return recorder.Code
	}
	for range 3 {
		if got := get(); got != 200 {
			t.Fatal(got)
		}
	}
	if got := get(); got != 429 {
		t.Error(got)
	}
}

func TestWhoAsks(t *testing.T) {
	gate := New(DefaultLimits(), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}, clock.System{}, zerolog.Nop())
	for name, tc := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"Directly":                {"203.0.113.9:1", nil, "203.0.113.9"},
		"StrangersAreNotBelieved": {"203.0.113.9:1", []string{"198.51.100.7"}, "203.0.113.9"},
		"ByAProxy":                {"127.0.0.1:1", []string{"198.51.100.7"}, "198.51.100.7"},
		"ByTwoProxies":            {"127.0.0.1:1", []string{"198.51.100.7, 10.1.2.3"}, "198.51.100.7"},
		"WithAnInvention":         {"127.0.0.1:1", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"InTwoHeaders":            {"127.0.0.1:1", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		"WithAPort":               {"127.0.0.1:1", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		"Nonsense":                {"127.0.0.1:1", []string{"unknown"}, "127.0.0.1"},
		"NonsenseBehindAProxy":    {"127.0.0.1:1", []string{"; drop, 10.1.2.3"}, "10.1.2.3"},
		"MappedIPv4":              {"[::ffff:203.0.113.9]:1", nil, "203.0.113.9"},
		"AWholeIPv6Network":       {"[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::"},
		"IPv6ByAProxy":            {"127.0.0.1:1", []string{"[2001:db8:1:2:3:4:5:6]:80"}, "2001:db8:1:2::"},
		"ProxiesAlone":            {"127.0.0.1:1", []string{"10.1.2.3"}, "10.1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tc.remote
			for _, value := range tc.forwarded {
				r.Header.Add("X-Forwarded-For", value)
			}
			if got := gate.caller(r).String(); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestAddressesAreForgotten(t *testing.T) {
	limits := few()
	limits.Addresses = 8
	w := newWorld(t, limits)
	w.ask(provider, secret)
	for i := range 200 {
		w.ask(fmt.Sprintf("198.51.100.%d", i), "wrong")
		if n := len(w.gate.callers.list); n > limits.Addresses {
			t.Fatalf("%d addresses are remembered", n)
		}
	}
	if !w.gate.callers.list[netip.MustParseAddr(provider)].isKnown(w.clock.Now()) {
		t.Error("who is known was forgotten for the sake of strangers")
	}
}

// TestBodiesHaveAPlaceEach fills all places of strangers, and sees who waits and who does not.
func TestBodiesHaveAPlaceEach(t *testing.T) {
	limits := DefaultLimits()
	limits.Body, limits.BodiesOfOne, limits.BodiesOfStrangers, limits.BodiesOfKnown = 10, 20, 30, 40
	limits.Patience = 50 * time.Millisecond
	gate := New(limits, nil, clock.System{}, zerolog.Nop())
	busy, inside := make(chan struct{}), make(chan struct{})
	var failed sync.Map
	server := httptest.NewUnstartedServer(gate.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if err != nil {
			failed.Store(r.Header.Get("Name"), err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if r.Header.Get("Name") != "" {
			inside <- struct{}{}
			<-busy
		}
		if r.Header.Get("Authorization") != secret {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})))
	gate.proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	server.Start()
	defer server.Close()
	post := func(from, name, shown string) int {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL, strings.NewReader(strings.Repeat("x", 10)))
		if err != nil {
			t.Error(err)
			return 0
		}
		req.Header.Set("X-Forwarded-For", from)
		req.Header.Set("Name", name)
		req.Header.Set("Authorization", shown)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	if got := post(provider, "", secret); got != 200 {
		t.Fatal(got)
	}
	var running sync.WaitGroup
	for _, from := range []string{"198.51.100.1", "198.51.100.1", "198.51.100.2"} {
		running.Go(func() { post(from, "stays", "wrong") })
		<-inside
	}
	if got := post("198.51.100.1", "third", "wrong"); got != 503 {
		t.Errorf("a third body of one stranger: %d", got)
	}
	if got := post("198.51.100.3", "fourth", "wrong"); got != 503 {
		t.Errorf("a stranger when all places are taken: %d", got)
	}
	if got := post(provider, "", secret); got != 200 {
		t.Errorf("who is known: %d", got)
	}
	close(busy)
	running.Wait()
	for _, name := range []string{"third", "fourth"} {
		err, _ := failed.Load(name)
		if _, again := errs.IsTemporary(err.(error)); !again || !errors.Is(err.(error), context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := post("198.51.100.3", "", secret); got != 200 {
		t.Errorf("when the places are free again: %d", got)
	}
	http.DefaultClient.CloseIdleConnections()
}
