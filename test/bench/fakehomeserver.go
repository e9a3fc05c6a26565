package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix/id"
)

// instantHomeserver answers at once whatever Puente asks, and remembers nothing: what is left is Puente's own cost.
type instantHomeserver struct {
	url          string
	server       *http.Server
	done         chan struct{}
	next         atomic.Int64 // of events
	transactions atomic.Int64 // numbers transactions
	sent         atomic.Int64 // messages that ghosts sent
	client       *http.Client
}

func startInstant() (*instantHomeserver, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &instantHomeserver{
		url: "http://" + socket.Addr().String(), done: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	h.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: h}
	go func() {
		defer close(h.done)
		_ = h.server.Serve(socket) // ends with stop
	}()
	return h, nil
}

func (h *instantHomeserver) stop() {
	_ = h.server.Close()
	<-h.done
	h.client.CloseIdleConnections()
}

func (h *instantHomeserver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what cannot be read is answered all the same
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, h.answer(r, body)) //nolint:gosec // G705: JSON for Puente, not for a browser
}

func (h *instantHomeserver) answer(r *http.Request, body []byte) string {
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/versions"):
		return `{"versions":["v1.1","v1.11"],"unstable_features":{}}`
	case strings.HasSuffix(path, "/whoami"):
		return fmt.Sprintf(`{"user_id":%q}`, r.URL.Query().Get("user_id"))
	case strings.HasSuffix(path, "/createRoom"):
		return fmt.Sprintf(`{"room_id":"!room%d:%s"}`, h.next.Add(1), domain)
	case strings.HasSuffix(path, "/join"):
		return fmt.Sprintf(`{"room_id":%q}`, strings.Split(path, "/")[5])
	case strings.Contains(path, "/send/m.room.message/"):
		h.sent.Add(1)
		return h.event()
	case strings.Contains(path, "/send/"), r.Method == http.MethodPut && strings.Contains(path, "/state/"):
		return h.event()
	case strings.HasSuffix(path, "/register"):
		var asked struct {
			Username string `json:"username"`
		}
		_ = json.Unmarshal(body, &asked) // then the name is empty
		return fmt.Sprintf(`{"user_id":"@%s:%s"}`, asked.Username, domain)
	}
	return "{}"
}

func (h *instantHomeserver) event() string {
	return fmt.Sprintf(`{"event_id":"$event%d"}`, h.next.Add(1))
}

// push hands what alice wrote to Puente, as the homeserver does: several events in one transaction.
func (h *instantHomeserver) push(ctx context.Context, puente string, rooms []id.RoomID) error {
	events := make([]object, len(rooms))
	for i, room := range rooms {
		events[i] = object{
			"event_id": fmt.Sprintf("$alice%d", h.next.Add(1)), "room_id": room, "sender": aliceID, "type": "m.room.message",
			"origin_server_ts": time.Now().UnixMilli(), "content": object{"msgtype": "m.text", "body": words},
		}
	}
	body, err := json.Marshal(object{"events": events})
	if err != nil {
		return err
	}
	address := fmt.Sprintf("%s/_matrix/app/v1/transactions/%d", puente, h.transactions.Add(1))
	status, err := h.put(ctx, address, body)
	if err == nil && status == http.StatusServiceUnavailable { // Puente asks for earlier ones: there are none
		status, err = h.put(ctx, address, body)
	}
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("a transaction was answered %d", status)
	}
	return err
}

func (h *instantHomeserver) put(ctx context.Context, address string, body []byte) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+hsToken)
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
