package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix/id"
)

// front is the one address that Synapse and the provider know. Whoever's turn it is gets what comes.
type front struct {
	url    string
	server *http.Server
	now    atomic.Pointer[http.Handler]
	done   chan struct{}
}

func startFront() (*front, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &front{url: "http://" + socket.Addr().String(), done: make(chan struct{})}
	f.to(http.NotFoundHandler())
	f.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*f.now.Load()).ServeHTTP(w, r)
	})}
	go func() {
		defer close(f.done)
		_ = f.server.Serve(socket) // ends with stop
	}()
	return f, nil
}

func (f *front) to(handler http.Handler) { f.now.Store(&handler) }

func (f *front) stop() {
	_ = f.server.Close()
	<-f.done
}

// forward hands requests on to another process on this machine.
func forward(to string) (http.Handler, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.Is(err, context.Canceled) {
				w.WriteHeader(http.StatusBadGateway)
			}
		},
	}, nil
}

// sink takes what the homeserver pushes and does nothing with it: an application service that costs nothing.
type sink struct {
	mu      sync.Mutex
	events  map[id.EventID]bool
	changed chan struct{}
}

func newSink() *sink { return &sink{events: map[id.EventID]bool{}, changed: make(chan struct{})} }

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/transactions/") {
		var txn struct {
			Events []struct {
				ID id.EventID `json:"event_id"`
			} `json:"events"`
		}
		if json.NewDecoder(r.Body).Decode(&txn) == nil {
			s.mu.Lock()
			for _, evt := range txn.Events {
				s.events[evt.ID] = true
			}
			close(s.changed)
			s.changed = make(chan struct{})
			s.mu.Unlock()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// waits returns when the homeserver has pushed the event: what it pushes later is no longer of this turn.
func (s *sink) waits(ctx context.Context, eventID id.EventID) error {
	for {
		s.mu.Lock()
		seen, changed := s.events[eventID], s.changed
		s.mu.Unlock()
		if seen {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
