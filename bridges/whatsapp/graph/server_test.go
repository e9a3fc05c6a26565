package graph_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "EAAG-secret-token"

// seen is one request that the server got.
type seen struct {
	method, path, auth, agent, contentType string
	query                                  map[string][]string
	body                                   []byte
	length                                 int64
}

// json returns the body as a value.
func (s seen) json(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(s.body, &value); err != nil {
		t.Fatalf("body is no JSON object: %v", err)
	}
	return value
}

// server answers with a script and notes what it was asked.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []seen
}

// serve starts a server of which each request is answered by answer.
func serve(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = []byte("unreadable")
		}
		s.mu.Lock()
		s.requests = append(s.requests, seen{method: r.Method, path: r.URL.Path, query: r.URL.Query(), auth: r.Header.Get("Authorization"),
			agent: r.UserAgent(), contentType: r.Header.Get("Content-Type"), body: body, length: r.ContentLength})
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// says answers each request with a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// all returns the requests so far.
func (s *server) all() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.requests...)
}

// last returns the latest request.
func (s *server) last(t *testing.T) seen {
	t.Helper()
	all := s.all()
	if len(all) == 0 {
		t.Fatal("the server was not asked")
	}
	return all[len(all)-1]
}

// client returns a client of the server, with a clock that stands still.
func (s *server) client(t *testing.T) *graph.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return graph.New(graph.Config{BaseURL: s.URL, AccessToken: token, Clock: standing(),
		HTTPClient: &http.Client{Transport: transport}, Pacer: graph.NewPacer(graph.PacerConfig{PerSecond: 1e9}, clock.System{})})
}

func standing() *clock.Manual { return clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)) }

const accepted = `{"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234","user_id":"US.1349"}],
	"messages":[{"id":"wamid.OUT1","message_status":"accepted"}]}`

// hello is the plainest message.
func hello() graph.OutgoingMessage {
	return graph.OutgoingMessage{To: "16505551234", Content: graph.OutText{Body: "hello"}, CallbackData: "$evt"}
}

func send(t *testing.T, c *graph.Client, msg graph.OutgoingMessage) (graph.SendResult, error) {
	t.Helper()
	return c.Send(context.Background(), ourNumber, msg)
}
