package emulator

import (
	"context"
	"net/http"
)

// Handler serves the callback and the files of customers.
func (e *Emulator) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /callback", e.serveCallback)
	mux.HandleFunc("GET /files/"+hugeFile, e.serveHuge)
	mux.HandleFunc("GET /files/{file}", e.serveFile)
	return mux
}

// CallbackURL is where Puente is to post to.
func (e *Emulator) CallbackURL() string { return e.server.BaseURL() + "/callback" }

// Start begins posting events and, unless listenAddr is empty, listens there ("127.0.0.1:0" picks a port). It returns
// the base URL of what it serves. The emulator runs until Stop, which must also be called after ctx has ended.
func (e *Emulator) Start(ctx context.Context, listenAddr string) (baseURL string, err error) {
	if e.bad != nil {
		return "", e.bad
	}
	return e.server.Start(ctx, listenAddr, e.Handler(), &e.keeper, e.deliver)
}

// Stop ends all that Start began and waits for it. What was not posted is kept for the next run if there is a DataDir.
// It may be called more than once.
func (e *Emulator) Stop() {
	e.server.Stop()
	e.client.CloseIdleConnections()
}
