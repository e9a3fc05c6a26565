package whatsapp_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// relay is a server between Meta and Puente, which lets pass what it should.
type relay struct {
	server  *http.Server
	address string
	done    chan struct{}
	client  *http.Client
}

func (r *relay) start(handler http.Handler) error {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start a relay: %w", err)
	}
	r.address, r.done = "http://"+socket.Addr().String(), make(chan struct{})
	r.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	r.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(r.done)
		_ = r.server.Serve(socket) // ends with stop
	}()
	return nil
}

func (r *relay) url() string { return r.address }

func (r *relay) stop() {
	_ = r.server.Close()
	<-r.done
}

// webhookRelay stands between Meta and Puente's webhook. It can keep deliveries back, and deliver them in other ways.
type webhookRelay struct {
	relay
	target string

	mu      sync.Mutex
	holding bool
	kept    [][]byte
}

func newWebhookRelay(target string) (*webhookRelay, error) {
	w := &webhookRelay{target: target}
	return w, w.start(w)
}

// ServeHTTP implements http.Handler.
func (w *webhookRelay) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	if w.holding {
		w.kept = append(w.kept, body)
	}
	holding := w.holding
	w.mu.Unlock()
	if holding {
		out.WriteHeader(http.StatusOK)
		return
	}
	status, err := w.post(r.Context(), body, r.Header.Get(graph.SignatureHeader))
	if err != nil {
		status = http.StatusBadGateway // Puente is down
	}
	out.WriteHeader(status)
}

func (w *webhookRelay) post(ctx context.Context, body []byte, signature string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.target, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("make a delivery: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if signature != "" {
		req.Header.Set(graph.SignatureHeader, signature)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("deliver: %w", err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

func (w *webhookRelay) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = true
}

// release delivers what was kept. What comes meanwhile waits its turn behind it.
func (w *webhookRelay) release(ctx context.Context, way bridgetest.Delivery) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	bodies := w.kept
	if way.Reversed {
		slices.Reverse(bodies)
	}
	if way.Together {
		one, err := together(bodies)
		if err != nil {
			return err
		}
		bodies = [][]byte{one}
	}
	for _, body := range bodies {
		times := 1
		if way.Twice {
			times = 2
		}
		for range times {
			if status, err := w.post(ctx, body, signed(appSecret, body)); err != nil {
				return err
			} else if status != http.StatusOK {
				return fmt.Errorf("a delivery is answered %d: %w", status, errs.ErrConflict)
			}
		}
	}
	w.holding, w.kept = false, nil
	return nil
}

// together makes one delivery of several.
func together(bodies [][]byte) ([]byte, error) {
	var all struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	var entries []json.RawMessage
	for _, body := range bodies {
		all.Entry = nil
		if err := json.Unmarshal(body, &all); err != nil {
			return nil, fmt.Errorf("join deliveries: %w", err)
		}
		entries = append(entries, all.Entry...)
	}
	all.Entry = entries
	return json.Marshal(all)
}

// signed is the signature of a body. ref: reference/whatsapp-cloud.md §2
func signed(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// graphRelay stands between Puente and Meta's API. It can refuse all credentials, and make nonsense of answers.
type graphRelay struct {
	relay
	meta http.Handler // set before anything comes

	mu       sync.Mutex
	refusing bool
	garbled  map[string]bool // numbers, whose messages are answered by nonsense at first
	seen     map[string]bool // messages that have been, by our own ID of them
}

func newGraphRelay() (*graphRelay, error) {
	g := &graphRelay{garbled: map[string]bool{}, seen: map[string]bool{}}
	return g, g.start(g)
}

func (g *graphRelay) refuse(refusing bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusing = refusing
}

func (g *graphRelay) garble(number string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.garbled[number] = true
}

// ServeHTTP implements http.Handler.
func (g *graphRelay) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	refusing := g.refusing
	g.mu.Unlock()
	if refusing {
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(out, `{"error":{"message":"Error validating access token: The session has been invalidated.","type":"OAuthException","code":190,"error_subcode":460,"fbtrace_id":"AbCdEf"}}`)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/messages") {
		g.meta.ServeHTTP(out, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !g.toGarble(body) {
		g.meta.ServeHTTP(out, r)
		return
	}
	g.meta.ServeHTTP(&nowhere{header: http.Header{}}, r)
	out.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(out, "<html><body>Something is not quite right")
}

// toGarble tells whether this is the first try of a message to a number whose answers are nonsense.
func (g *graphRelay) toGarble(body []byte) bool {
	var message struct {
		To       string `json:"to"`
		Callback string `json:"biz_opaque_callback_data"`
	}
	if json.Unmarshal(body, &message) != nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if message.Callback == "" || !g.garbled[message.To] || g.seen[message.Callback] {
		return false
	}
	g.seen[message.Callback] = true
	return true
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

// Header implements http.ResponseWriter.
func (n *nowhere) Header() http.Header { return n.header }

// Write implements http.ResponseWriter.
func (n *nowhere) Write(data []byte) (int, error) { return len(data), nil }

// WriteHeader implements http.ResponseWriter.
func (n *nowhere) WriteHeader(int) {}

// fetch gets one of Meta's files as Puente would.
func (p *provider) fetch(ctx context.Context, mediaID string) ([]byte, error) {
	p.mu.Lock()
	data, known := p.content[mediaID]
	p.mu.Unlock()
	if known {
		return data, nil
	}
	client := graph.New(graph.Config{
		BaseURL: p.graph.url(), Version: "v25.0", AccessToken: accessToken, HTTPClient: p.graph.client, Clock: clock.System{},
	})
	info, err := client.MediaInfo(ctx, mediaID, phoneNumberID)
	if err != nil {
		return nil, fmt.Errorf("find a file of the phone's: %w", err)
	}
	body, _, _, err := client.DownloadMedia(ctx, info.URL)
	if err != nil {
		return nil, fmt.Errorf("fetch a file of the phone's: %w", err)
	}
	defer func() { _ = body.Close() }()
	if data, err = io.ReadAll(body); err != nil {
		return nil, fmt.Errorf("read a file of the phone's: %w", err)
	}
	p.mu.Lock()
	p.content[mediaID] = data
	p.mu.Unlock()
	return data, nil
}
