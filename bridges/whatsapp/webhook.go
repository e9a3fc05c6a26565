package whatsapp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"sync"

	"puente/bridges/whatsapp/graph"
	"puente/core/hub/network"
)

// Webhooks implements network.Connector.
func (c *Connector) Webhooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /webhook", c.verifyWebhook)
	mux.HandleFunc("POST /webhook", c.takeWebhook)
	return mux
}

// verifyWebhook proves to Meta that the callback URL is ours.
func (c *Connector) verifyWebhook(w http.ResponseWriter, r *http.Request) {
	challenge, ok := graph.Verify(r.URL.Query(), c.config.VerifyToken)
	if !ok {
		http.Error(w, "hub.verify_token does not match networks.whatsapp.verify_token", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, challenge) //nolint:gosec // sent as plain text, nosniff, and only to who knows the verify token
}

// takeWebhook commits what Meta sends and only then answers 200; anything else makes Meta send it again.
func (c *Connector) takeWebhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, graph.MaxWebhookBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, "the body is over 3 MB", http.StatusRequestEntityTooLarge)
		return
	} else if err != nil {
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	if !graph.ValidSignature(c.config.AppSecret, body, r.Header.Get(graph.SignatureHeader)) {
		c.log.Warn().Int("bytes", len(body)).Msg("Webhook with a wrong signature refused: compare networks.whatsapp.app_secret with Meta's App Dashboard")
		http.Error(w, "X-Hub-Signature-256 does not match", http.StatusUnauthorized)
		return
	}
	if err = c.env.Intake.Take(r.Context(), c.entries(r.Context(), body)...); err != nil {
		c.log.Error().Err(err).Msg("Webhook not committed, Meta will send it again")
		http.Error(w, "not committed, send it again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// entries takes a webhook's body apart. What is broken is kept too, as failed.
func (c *Connector) entries(ctx context.Context, body []byte) []network.Entry {
	updates, err := graph.ParseWebhook(body)
	if err != nil {
		sum := sha256.Sum256(body)
		return []network.Entry{{Key: "broken:" + hex.EncodeToString(sum[:]), Kind: "broken", Payload: body, Failed: err.Error()}}
	}
	entries := make([]network.Entry, len(updates))
	for i, update := range updates {
		entries[i] = network.Entry{
			Key: update.Key, Lane: c.lanes.of(ctx, update), Kind: string(update.Kind), Payload: update.Raw,
		}
		if update.Err != nil {
			entries[i].Failed = update.Err.Error()
		}
	}
	return entries
}

// lanes keeps each chat in one lane: Meta names a customer by user ID, by number, or by both, and what it sends must
// stay in order whichever it is.
type lanes struct {
	handles network.Handles
	mu      sync.Mutex
	userIDs map[string]string // number → lane, mostly the user ID, learnt from what names both
	renewed map[string]string // user ID → lane of the one before, so that nothing overtakes the news of it
}

// maxLearnt bounds what lanes remembers; who is forgotten is found in the database.
const maxLearnt = 100_000

func newLanes(handles network.Handles) *lanes {
	return &lanes{handles: handles, userIDs: map[string]string{}, renewed: map[string]string{}}
}

func (l *lanes) of(ctx context.Context, update graph.Update) string {
	return update.PhoneNumberID + ":" + l.chat(ctx, update)
}

func (l *lanes) chat(ctx context.Context, update graph.Update) string {
	switch {
	case update.GroupID != "":
		return groupPrefix + update.GroupID
	case update.UserID != "":
		lane := l.original(update.UserID)
		l.learn(update.WaID, lane)
		return l.follow(update, lane)
	case update.WaID != "":
		return l.follow(update, l.byNumber(ctx, update.WaID))
	}
	return string(update.Kind)
}

// follow keeps the lane for who has another number or user ID from now on.
func (l *lanes) follow(update graph.Update, lane string) string {
	l.learn(update.NewWaID, lane)
	l.renew(update.NewUserID, lane)
	return lane
}

func (l *lanes) learn(waID, userID string) {
	if waID == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.userIDs) >= maxLearnt {
		clear(l.userIDs)
	}
	l.userIDs[waID] = userID
}

// original is the user ID by which a chat that was renewed has its lane.
func (l *lanes) original(userID string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before := l.renewed[userID]; before != "" {
		return before
	}
	return userID
}

// renew keeps whoever has a new user ID in the lane of the old one.
func (l *lanes) renew(userID, before string) {
	if userID == "" || userID == before {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.renewed) >= maxLearnt {
		clear(l.renewed)
	}
	l.renewed[userID] = before
}

// byNumber finds the lane of who comes by number alone. Numbers themselves stay out of lanes, which logs show.
func (l *lanes) byNumber(ctx context.Context, waID string) string {
	l.mu.Lock()
	userID := l.userIDs[waID]
	l.mu.Unlock()
	if userID != "" {
		return userID
	}
	person, err := l.handles.Lookup(ctx, network.Handle{Kind: handleWaID, Value: waID})
	if err == nil {
		if own, err := l.handles.Of(ctx, person); err == nil {
			for _, handle := range own {
				if handle.Kind == handleUserID {
					l.learn(waID, handle.Value)
					return handle.Value
				}
			}
		}
	}
	sum := sha256.Sum256([]byte(waID))
	return "number:" + hex.EncodeToString(sum[:8])
}
