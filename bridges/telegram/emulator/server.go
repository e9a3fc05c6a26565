package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"puente/core/base/errs"
)

// Handler serves the Bot API under /bot<token>/ and files under /file/bot<token>/. Behind it nothing is sent to
// webhooks until Start has been called.
func (e *Emulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
			token, path, _ := strings.Cut(rest, "/")
			e.serveFile(w, r, token, path)
			return
		}
		if rest, ok := strings.CutPrefix(r.URL.Path, "/bot"); ok {
			token, name, _ := strings.Cut(rest, "/")
			e.serveCall(w, r, token, strings.ToLower(strings.Trim(name, "/")))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Start begins sending webhooks and, unless listenAddr is empty, listens there ("127.0.0.1:0" picks a port). It
// returns the base URL of what it serves, to be used instead of https://api.telegram.org. The emulator runs until
// Stop, or until ctx ends, after which Stop must still be called.
func (e *Emulator) Start(ctx context.Context, listenAddr string) (baseURL string, err error) {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	if e.bad != nil {
		return "", e.bad
	}
	if e.cancel != nil {
		return "", fmt.Errorf("start the emulator: it runs already: %w", errs.ErrConflict)
	}
	var listener net.Listener
	if listenAddr != "" {
		listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", listenAddr)
		if err != nil {
			return "", fmt.Errorf("listen for the emulator: %w", err)
		}
	}
	e.ctx, e.cancel = context.WithCancel(ctx)
	e.mu.Lock()
	if listener != nil {
		e.baseURL = "http://" + listener.Addr().String()
	}
	baseURL = e.baseURL
	e.mu.Unlock()
	e.spawn(e.deliver)
	if e.opt.DataDir != "" {
		e.spawn(e.keepSaving)
	}
	if listener != nil {
		e.serve(listener)
	}
	return baseURL, nil
}

// serve answers on listener until Stop. The caller holds runMu.
func (e *Emulator) serve(listener net.Listener) {
	ctx := e.ctx
	e.server = &http.Server{
		Handler: e.Handler(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	server := e.server
	e.workers.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			e.log.Err(err).Msg("Emulator stopped listening")
		}
	})
}

func (e *Emulator) spawn(work func(context.Context)) {
	ctx := e.ctx
	e.workers.Go(func() { work(ctx) })
}

// Stop ends all that Start began and waits for it. Updates that no bot has taken are kept for the next run if there
// is a DataDir. It may be called more than once.
func (e *Emulator) Stop() {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	if e.cancel != nil {
		e.cancel()
		if e.server != nil {
			e.closeServer()
		}
		e.workers.Wait()
		e.cancel, e.ctx, e.server = nil, nil, nil
	}
	e.client.CloseIdleConnections()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tempDir {
		_ = os.RemoveAll(e.fileDir)
		e.fileDir, e.tempDir = "", false
	}
}

// closeServer lets requests finish for a moment and then cuts them off.
func (e *Emulator) closeServer() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := e.server.Shutdown(ctx); err != nil {
		_ = e.server.Close()
	}
}
