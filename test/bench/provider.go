package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"puente/bridges/whatsapp/emulator"
	"puente/bridges/whatsapp/graph"
)

// The business on the emulated WhatsApp.
const (
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	accessToken   = "EAAbenchToken0123456789"
	appSecret     = "bench-app-secret"
	verifyToken   = "bench-verify"
)

// provider is WhatsApp: the emulator answers as Meta's API does and keeps the customers' phones; what customers say
// in bulk is posted from here, signed as Meta signs it.
type provider struct {
	*emulator.Emulator
	url      string // of the Graph API
	callback string
	server   *http.Server
	done     chan struct{}
	client   *http.Client
	wamids   atomic.Int64
	people   int

	mu      sync.Mutex
	taken   int // messages of the business
	changed chan struct{}
}

func startProvider(ctx context.Context, front string) (*provider, error) {
	p := &provider{
		callback: front + "/whatsapp/webhook", done: make(chan struct{}), changed: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	p.Emulator = emulator.New(emulator.Options{
		AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
		Numbers: []emulator.Number{{
			PhoneNumberID: phoneNumberID, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Corner Shop", Coexistence: true,
		}},
		CallbackURL: p.callback, RetryMin: 50 * time.Millisecond, RetryMax: time.Second,
	})
	if _, err := p.Start(ctx, ""); err != nil {
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.Stop()
		return nil, err
	}
	p.url = "http://" + socket.Addr().String()
	p.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: p.counting(p.Handler())}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(socket) // ends with stop
	}()
	return p, nil
}

func (p *provider) stop() {
	_ = p.server.Close()
	<-p.done
	p.Stop()
	p.client.CloseIdleConnections()
}

// counting counts the messages that the API takes.
func (p *provider) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/messages") {
			next.ServeHTTP(w, r)
			return
		}
		seen := &status{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(seen, r)
		if seen.code != http.StatusOK {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken++
		close(p.changed)
		p.changed = make(chan struct{})
	})
}

type status struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// count is how many messages of the business were taken so far.
func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// waits returns when n messages were taken.
func (p *provider) waits(ctx context.Context, n int) error {
	for {
		p.mu.Lock()
		taken, changed := p.taken, p.changed
		p.mu.Unlock()
		if taken >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d messages reached the provider: %w", taken, n, ctx.Err())
		}
	}
}

// customer adds somebody who has not written yet. The numbers stay clear of the emulator's magic ones.
func (p *provider) customer() (emulator.Customer, error) {
	p.people++
	return p.AddCustomer(emulator.Customer{
		UserID: fmt.Sprintf("US.%d", 13_000_000_000_000_000+p.people), WaID: fmt.Sprintf("165055%05d2", p.people),
		Name: fmt.Sprintf("Customer %d", p.people),
	})
}

// update is the body of a webhook with one text of a customer. ref: reference/whatsapp-cloud.md §3
func (p *provider) update(from emulator.Customer, text string) []byte {
	number := p.Numbers()[0]
	display := strings.NewReplacer("+", "", " ", "", "-", "").Replace(number.DisplayPhoneNumber)
	body, err := json.Marshal(object{"object": "whatsapp_business_account", "entry": []object{{
		"id": wabaID, "changes": []object{{"field": "messages", "value": object{
			"messaging_product": "whatsapp",
			"metadata":          object{"display_phone_number": display, "phone_number_id": number.PhoneNumberID},
			"contacts":          []object{{"profile": object{"name": from.Name}, "wa_id": from.WaID, "user_id": from.UserID}},
			"messages": []object{{
				"from": from.WaID, "from_user_id": from.UserID, "id": fmt.Sprintf("wamid.bench%d", p.wamids.Add(1)),
				"timestamp": strconv.FormatInt(time.Now().Unix(), 10), "type": "text", "text": object{"body": text},
			}},
		}}},
	}}})
	if err != nil {
		panic(err) // maps of texts
	}
	return body
}

type object = map[string]any

// post has a customer write a text, and returns when the bridge has answered for it.
func (p *provider) post(ctx context.Context, from emulator.Customer, text string) error {
	body := p.update(from, text)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.callback, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(graph.SignatureHeader, graph.Sign(appSecret, body))
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("a webhook was answered %s", resp.Status)
	}
	return nil
}
