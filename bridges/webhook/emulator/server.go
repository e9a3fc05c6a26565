package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"puente/core/base/errs"
)

// running is what Start began.
type running struct {
	mu      sync.Mutex
	server  *http.Server
	cancel  context.CancelFunc
	workers sync.WaitGroup
}

// Handler serves the callback and the files of customers.
func (e *Emulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /callback", e.serveCallback)
	mux.HandleFunc("GET /files/"+hugeFile, e.serveHuge)
	mux.HandleFunc("GET /files/{file}", e.serveFile)
	return mux
}

// CallbackURL is where Puente is to post to.
func (e *Emulator) CallbackURL() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.baseURL + "/callback"
}

// Start begins posting events and, unless listenAddr is empty, listens there ("127.0.0.1:0" picks a port). It returns
// the base URL of what it serves. The emulator runs until Stop, which must also be called after ctx has ended.
func (e *Emulator) Start(ctx context.Context, listenAddr string) (baseURL string, err error) {
	e.run.mu.Lock()
	defer e.run.mu.Unlock()
	if e.bad != nil {
		return "", e.bad
	} else if e.run.cancel != nil {
		return "", fmt.Errorf("start the emulator: it runs already: %w", errs.ErrConflict)
	}
	ctx, cancel := context.WithCancel(ctx)
	if listenAddr != "" {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listenAddr)
		if err != nil {
			cancel()
			return "", fmt.Errorf("listen for the emulator: %w", err)
		}
		e.serve(ctx, listener)
	}
	e.run.cancel = cancel
	e.run.workers.Go(func() { e.deliver(ctx) })
	if e.opt.DataDir != "" {
		e.run.workers.Go(func() { e.keepSaving(ctx) })
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.baseURL, nil
}

func (e *Emulator) serve(ctx context.Context, listener net.Listener) {
	e.mu.Lock()
	if e.opt.PublicURL == "" {
		e.baseURL = "http://" + listener.Addr().String()
	}
	e.mu.Unlock()
	server := &http.Server{
		Handler: e.Handler(), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx },
	}
	e.run.server = server
	e.run.workers.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.log.Err(err).Msg("Emulator stopped listening")
		}
	})
}

// Stop ends all that Start began and waits for it. What was not posted is kept for the next run if there is a DataDir.
// It may be called more than once.
func (e *Emulator) Stop() {
	e.run.mu.Lock()
	defer e.run.mu.Unlock()
	if e.run.cancel == nil {
		return
	}
	e.run.cancel()
	if e.run.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		if e.run.server.Shutdown(ctx) != nil {
			_ = e.run.server.Close()
		}
		cancel()
	}
	e.run.workers.Wait()
	if e.opt.DataDir != "" {
		e.saveOrTell() // when nobody changes anything any more
	}
	e.run.cancel, e.run.server = nil, nil
	e.client.CloseIdleConnections()
}
