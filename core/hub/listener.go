package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/netutil"
	"maunium.net/go/mautrix"

	"puente/core/base/clock"
	"puente/core/hub/gate"
)

// maxTransaction bounds what the homeserver may send at once: Synapse puts up to 100 events of at most 64 KiB into
// one transaction, and as many device messages and receipts.
const maxTransaction = 32 << 20

const (
	// mostConnections bounds how many connections are open at once; who comes then waits.
	mostConnections = 4096
	// longestAnswer is how long an answer may take, with all that it waits for: somebody who scans a code, a slow reader.
	longestAnswer = 15 * time.Minute
)

// echoPause is how long a transaction of nothing but our own echoes is left without an answer while messages stream into
// rooms: the homeserver gathers what comes meanwhile in one transaction, and has its time for the messages.
const echoPause = 100 * time.Millisecond

// Where the homeserver and Puente's own command line call.
const (
	homeserverPaths = "/_matrix/app/"
	adminPaths      = "/_puente/"
)

// listener is the one HTTP server: the homeserver's calls, the providers' webhooks and the bridges' provisioning.
type listener struct {
	hub        *Hub
	succession succession
	server     *http.Server
	socket     net.Listener
	done       chan struct{}
}

func newListener(h *Hub) *listener {
	l := &listener{hub: h}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /_matrix/app/v1/transactions/{txnID}", l.fromHomeserver(l.putTransaction))
	mux.HandleFunc("POST /_matrix/app/v1/ping", l.fromHomeserver(l.empty))
	mux.HandleFunc("GET /_matrix/app/v1/users/{userID}", l.fromHomeserver(l.unknown))
	mux.HandleFunc("GET /_matrix/app/v1/rooms/{roomAlias}", l.fromHomeserver(l.unknown))
	mux.HandleFunc("GET /healthz", l.health)
	if h.MetricsToken != "" {
		mux.HandleFunc("GET /metrics", l.fromPrometheus(h.metrics()))
	}
	l.mountAdmin(mux)
	for _, b := range h.bridges {
		l.mount(mux, b)
	}
	guard := gate.New(gate.DefaultLimits(), h.TrustedProxies, h.Clock, h.Log)
	l.server = &http.Server{
		Handler: guard.Guard(mux, homeserverPaths, adminPaths), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: longestAnswer,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	return l
}

// mount puts a bridge's own paths under its ID, so that no bridge can be reached through another.
func (l *listener) mount(mux *http.ServeMux, b *hosted) {
	prefix := "/" + b.network.ID
	mux.Handle(prefix+"/_matrix/provision/", http.StripPrefix(prefix, l.hub.provisioning(b)))
	if webhooks := b.connector.Webhooks(); webhooks != nil {
		mux.Handle(prefix+"/", http.StripPrefix(prefix, webhooks))
	}
}

func (l *listener) start() error {
	socket, err := net.Listen("tcp", l.hub.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s (appservice.listen): %w", l.hub.Listen, err)
	}
	socket = netutil.LimitListener(socket, mostConnections)
	l.socket, l.done = socket, make(chan struct{})
	go func() {
		defer close(l.done)
		if err := l.server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			l.hub.Log.Error().Err(err).Msg("The listener stopped")
		}
	}()
	return nil
}

func (l *listener) stop() {
	if l.socket == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
	<-l.done
}

func (l *listener) url() string {
	if l.socket == nil {
		return ""
	}
	return "http://" + l.socket.Addr().String()
}

// fromHomeserver lets through only who shows the hs_token.
func (l *listener) fromHomeserver(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !found || token == "" {
			mautrix.MMissingToken.WithMessage("Missing access token").Write(w)
		} else if !sameSecret(token, l.hub.HSToken) {
			mautrix.MForbidden.WithMessage("Wrong hs_token: compare appservice.hs_token with the registration file").Write(w)
		} else {
			next(w, r)
		}
	}
}

// fromPrometheus lets through only who shows metrics.token.
func (l *listener) fromPrometheus(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !sameSecret(token, l.hub.MetricsToken) {
			http.Error(w, "show metrics.token as Bearer token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// putTransaction commits all that a transaction holds and only then says so. A transaction that comes again finds
// its events in the journal already.
func (l *listener) putTransaction(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTransaction))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		mautrix.MTooLarge.WithMessage("Transaction is over %d MiB", maxTransaction>>20).Write(w)
		return
	} else if err != nil {
		mautrix.MUnknown.WithMessage("Transaction could not be read").WithStatus(http.StatusBadRequest).Write(w)
		return
	}
	if txnID := r.PathValue("txnID"); !l.succession.admits(txnID) {
		l.hub.Log.Debug().Str("transaction_id", txnID).Msg("Transaction sent back, an earlier one may have been kept back")
		mautrix.MUnknown.WithMessage("An earlier transaction has not come, begin with that one").WithStatus(http.StatusServiceUnavailable).Write(w)
		l.hub.goDo(func() { l.hub.callBack(l.hub.background) })
		return
	}
	entries, err := l.hub.splitTransaction(r.PathValue("txnID"), body)
	if err != nil {
		l.hub.Log.Error().Err(err).Str("transaction_id", r.PathValue("txnID")).Msg("The homeserver sent a broken transaction")
		mautrix.MBadJSON.WithMessage("Transaction is no valid JSON").Write(w)
		return
	}
	if err = l.hub.Journal.Append(r.Context(), entries...); err != nil {
		l.hub.reconciler.troubled()
		l.hub.Log.Error().Err(err).Msg("Transaction not committed, the homeserver will send it again")
		mautrix.MUnknown.WithMessage("Not committed, send it again").WithStatus(http.StatusServiceUnavailable).Write(w)
		return
	}
	if l.succession.took(r.PathValue("txnID")) {
		l.hub.reconciler.troubled()
	}
	if len(entries) == 0 && l.hub.lull.streaming(l.hub.Clock) {
		_ = clock.Sleep(r.Context(), l.hub.Clock, echoPause) // whoever is gone needs no answer
	}
	l.empty(w, r)
}

func (l *listener) empty(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

// unknown answers whether a user or alias of ours exists: those that do are registered already.
func (l *listener) unknown(w http.ResponseWriter, _ *http.Request) {
	mautrix.MNotFound.WithMessage("No such user or room").Write(w)
}

func (l *listener) health(w http.ResponseWriter, _ *http.Request) {
	status := http.StatusOK
	if !l.hub.Ready() {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]bool{"ready": l.hub.Ready()})
}
