package telegram_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// relay stands between Puente and the Bot API. Of some customers' messages it takes the first try and spoils the
// answer.
type relay struct {
	api     http.Handler
	server  *http.Server
	address string
	done    chan struct{}

	mu      sync.Mutex
	spoiled map[int64]spoil
	seen    map[[32]byte]bool
}

// spoil is what becomes of an answer.
type spoil int

const (
	cutAnswer spoil = iota + 1
	garbleAnswer
)

func newRelay(api http.Handler) (*relay, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a relay: %w", err)
	}
	r := &relay{
		api: api, address: "http://" + socket.Addr().String(), done: make(chan struct{}),
		spoiled: map[int64]spoil{}, seen: map[[32]byte]bool{},
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(r.done)
		_ = r.server.Serve(socket) // ends with stop
	}()
	return r, nil
}

func (r *relay) stop() {
	_ = r.server.Close()
	<-r.done
}

func (r *relay) trouble(chat int64, how spoil) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoiled[chat] = how
}

// ServeHTTP implements http.Handler.
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	method := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	if !strings.HasPrefix(method, "send") || method == "sendChatAction" {
		r.api.ServeHTTP(w, req)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the caller broke off
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	chat, fields := formOf(req.Header.Get("Content-Type"), body)
	how := r.first(chat, method+fields)
	if how == 0 {
		r.api.ServeHTTP(w, req)
		return
	}
	taken := httptest.NewRecorder()
	r.api.ServeHTTP(taken, req)
	if how == garbleAnswer {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>it works, or does it?") // a proxy's page
		return
	}
	panic(http.ErrAbortHandler) // cuts the connection
}

// first tells how the first try of a message is spoiled; 0 for later ones and for other customers.
func (r *relay) first(chat int64, what string) spoil {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := sha256.Sum256([]byte(strconv.FormatInt(chat, 10) + what))
	if r.seen[key] {
		return 0
	}
	r.seen[key] = true
	return r.spoiled[chat]
}

// formOf reads the chat and the fields of a call, without its files.
func formOf(contentType string, body []byte) (chat int64, fields string) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, ""
	}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return chat, fields
		}
		value, err := io.ReadAll(part)
		if err != nil || part.FileName() != "" {
			continue
		}
		if part.FormName() == "chat_id" {
			chat, _ = strconv.ParseInt(string(value), 10, 64)
		}
		fields += part.FormName() + "=" + string(value) + "\n"
	}
}
