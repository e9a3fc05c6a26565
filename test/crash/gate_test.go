package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
)

// gate is a proxy between Puente and one of its neighbours.
type gate struct {
	name   string
	kill   func(point string) bool
	log    zerolog.Logger
	spread func() time.Duration // how much longer a request takes here; nil: none
	client *http.Client
	server *http.Server
	url    string
	ended  chan struct{}

	mu       sync.Mutex
	target   string
	traps    []*trap
	refusals []*refusal
	tries    map[token][]time.Time // when requests came that name a message
	answers  map[string]int        // how often a path was answered with a status: "/whatsapp/webhook 503"
}

// newGate listens on a free port of this machine; what comes is passed on to target, once that is set.
func newGate(name string, kill func(string) bool) (*gate, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the proxy %s: %w", name, err)
	}
	g := &gate{
		name: name, kill: kill, url: "http://" + listener.Addr().String(), ended: make(chan struct{}),
		tries: map[token][]time.Time{}, answers: map[string]int{},
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(g.ended)
		_ = g.server.Serve(listener) // ErrServerClosed
	}()
	return g, nil
}

func (g *gate) close() {
	_ = g.server.Close()
	<-g.ended
	g.client.CloseIdleConnections()
}

func (g *gate) setTarget(url string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target = url
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // whoever asked is gone
	}
	var before, after time.Duration
	if g.spread != nil {
		whole := g.spread()
		before = rand.N(whole + 1) // #nosec G404 -- how long something takes need not be secret
		after = whole - before
	}
	if clock.Sleep(r.Context(), clock.System{}, before) != nil {
		panic(http.ErrAbortHandler)
	}
	x := exchange{Request: r, body: body}
	g.tried(x)
	if t := g.trapFor(x); t != nil {
		g.spring(x, t)
	}
	if no := g.refusalFor(x); no != nil {
		g.answerBySelf(w, x, no)
		return
	}
	answer, err := g.forward(r.Context(), x, bytes.NewReader(body))
	g.note(x, answer, err)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	x.answer = append([]byte{}, answer.body...)
	if t := g.trapFor(x); t != nil {
		defer close(t.fired)
		if t.at == answerPassedOn {
			answer.write(w)
			_ = http.NewResponseController(w).Flush()
			g.kill(t.point)
			return
		}
		g.kill(t.point)
		panic(http.ErrAbortHandler)
	}
	if clock.Sleep(r.Context(), clock.System{}, after) != nil {
		panic(http.ErrAbortHandler)
	}
	answer.write(w)
}

// spring ends Puente while a request is on its way: it does not return.
func (g *gate) spring(x exchange, t *trap) {
	defer close(t.fired)
	if t.at == insideBody {
		half := io.MultiReader(bytes.NewReader(x.body[:len(x.body)/2]), readerFunc(func([]byte) (int, error) {
			g.kill(t.point)
			return 0, errors.New("the sender is gone")
		}))
		_, _ = g.forward(context.WithoutCancel(x.Context()), x, half) // who asked is the one to die
	} else {
		g.kill(t.point)
	}
	panic(http.ErrAbortHandler)
}

// answerBySelf answers as a refusal says.
func (g *gate) answerBySelf(w http.ResponseWriter, x exchange, no *refusal) {
	if no.lost {
		answer, err := g.forward(context.WithoutCancel(x.Context()), x, bytes.NewReader(x.body))
		g.note(x, answer, err)
	}
	if no.hit != nil {
		no.hit()
	}
	if no.hang {
		<-x.Context().Done()
	}
	if no.status == 0 {
		panic(http.ErrAbortHandler)
	}
	if no.after != "" {
		w.Header().Set("Retry-After", no.after)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(no.status)
	_, _ = io.WriteString(w, no.body)
}

// tried remembers when a message was tried.
func (g *gate) tried(x exchange) {
	if t, ok := findToken(string(x.body)); ok {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.tries[t] = append(g.tries[t], time.Now())
	}
}

// triesOf returns when requests came that name a message.
func (g *gate) triesOf(t token) []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.tries[t])
}

// answered tells how often a path was answered with a status.
func (g *gate) answered(path string, status int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.answers[fmt.Sprintf("%s %d", path, status)]
}

// note writes down what passed, for whoever looks for the reason of a failure.
func (g *gate) note(x exchange, a *answer, err error) {
	about, status := "", 0
	if t, ok := findToken(string(x.body)); ok {
		about = t.String()
	}
	if a != nil {
		status = a.status
		g.mu.Lock()
		g.answers[fmt.Sprintf("%s %d", x.URL.Path, status)]++
		g.mu.Unlock()
	}
	g.log.Info().Str("gate", g.name).Str("method", x.Method).Str("path", x.URL.Path).Str("as", x.URL.Query().Get("user_id")).
		Str("token", about).Int("status", status).Err(err).Send()
}

type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// answer is a whole answer of the other side.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) write(w http.ResponseWriter) {
	for key, values := range a.header {
		if key != "Content-Length" && key != "Connection" && key != "Transfer-Encoding" {
			w.Header()[key] = values
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever asked may be gone
}

// forward passes a request on and reads the whole answer.
func (g *gate) forward(ctx context.Context, r exchange, body io.Reader) (*answer, error) {
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	out, err := http.NewRequestWithContext(ctx, r.Method, target+r.URL.RequestURI(), body)
	if err != nil {
		return nil, fmt.Errorf("pass a request on to %s: %w", g.name, err)
	}
	out.Header = r.Header.Clone()
	out.Header.Del("Connection")
	out.ContentLength = r.ContentLength
	if r.ContentLength <= 0 && r.Method == http.MethodGet {
		out.Body = nil
	}
	resp, err := g.client.Do(out) // #nosec G704 -- the target is ours
	if err != nil {
		return nil, fmt.Errorf("pass a request on to %s: %w", g.name, err)
	}
	defer func() { _ = resp.Body.Close() }()
	whole, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", g.name, err)
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: whole}, nil
}
