package emulator

import (
	"context"
	"net/http"
	"strings"
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
	if e.bad != nil {
		return "", e.bad
	}
	return e.server.Start(ctx, listenAddr, e.Handler(), &e.keeper, e.deliver)
}

// Stop ends all that Start began and waits for it. Updates that no bot has taken are kept for the next run if there
// is a DataDir. It may be called more than once.
func (e *Emulator) Stop() {
	e.server.Stop()
	e.client.CloseIdleConnections()
	e.files.Clear()
}
