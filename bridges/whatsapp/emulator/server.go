package emulator

import (
	"context"
	"net/http"

	"puente/bridges/bridgekit/phone"
)

// Handler serves the Graph API under /v{N}.0/, media bytes under /media/ and the phone page at /. Behind it
// nothing is delivered until Start has been called.
func (e *Emulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", phone.Page{MaxUpload: maxUpload, Clock: e.clock, Log: e.log}.Handler(e.Phones()))
	mux.HandleFunc("/media/", e.serveMedia)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if version, rest, ok := graphPath(r.URL.Path); ok {
			e.serveGraph(w, r, version, rest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Start begins delivering webhooks and, unless listenAddr is empty, listens there ("127.0.0.1:0" picks a port).
// It returns the base URL of what it serves. The emulator runs until Stop, or until ctx ends, after which Stop
// must still be called.
func (e *Emulator) Start(ctx context.Context, listenAddr string) (baseURL string, err error) {
	if e.bad != nil {
		return "", e.bad
	}
	return e.server.Start(ctx, listenAddr, e.Handler(), &e.keeper, e.deliver, e.review)
}

// Stop ends all that Start began and waits for it. Undelivered webhooks are kept for the next run if there is a
// DataDir. It may be called more than once.
func (e *Emulator) Stop() {
	e.server.Stop()
	e.client.CloseIdleConnections()
	e.files.Clear()
}

// mediaBase is the URL that media links start with; r helps when the emulator does not know its own address.
func (e *Emulator) mediaBase(r *http.Request) string {
	if known := e.server.BaseURL(); known != "" {
		return known
	}
	if r != nil {
		return "http://" + r.Host
	}
	return "http://127.0.0.1"
}
