package hub

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// provisioningSecret is what the bridges' provisioning APIs are guarded with from the inside. Without one in the
// config, a random one keeps everybody out who has no Matrix token.
func (h *Hub) provisioningSecret() string {
	if h.ProvisioningSecret == "" {
		var secret [32]byte
		_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the program instead
		h.ProvisioningSecret = hex.EncodeToString(secret[:])
	}
	return h.ProvisioningSecret
}

// maxProvisioning bounds what a login step may send, in bytes.
const maxProvisioning = 1 << 20

// provisioning is bridgev2's own provisioning API (v3) of one bridge, for people and tools that know mautrix. Who
// asks must be an operator, by Matrix token or by the shared secret; whatever is logged in belongs to the
// business, so the bridge sees the desk's user in the operator's place.
func (h *Hub) provisioning(b *hosted) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			if err := h.authorise(r); err != nil {
				writeProvisioningError(w, err)
				return
			}
			query := r.URL.Query()
			query.Set("user_id", h.Desk().String())
			r = r.Clone(r.Context())
			r.URL.RawQuery = query.Encode()
			r.Header.Set("Authorization", "Bearer "+h.provisioningSecret())
			if !bounded(w, r) {
				return
			}
		}
		b.matrix.AS.Router.ServeHTTP(w, r)
	})
}

// bounded reads the body, so that what follows gets it whole or not at all.
func bounded(w http.ResponseWriter, r *http.Request) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProvisioning))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		mautrix.MTooLarge.WithMessage("The body is over %d bytes", tooLarge.Limit).Write(w)
		return false
	} else if err != nil {
		mautrix.MUnknown.WithMessage("The body could not be read").WithStatus(http.StatusBadRequest).Write(w)
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}

func (h *Hub) authorise(r *http.Request) error {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || token == "" {
		return fmt.Errorf("no token: %w", errs.ErrInvalid)
	}
	if sameSecret(token, h.provisioningSecret()) {
		return nil
	}
	user, err := h.whoIs(r.Context(), token)
	if err != nil {
		return err
	} else if !h.isOperator(user) {
		return fmt.Errorf("%s is no operator: %w", user, errs.ErrForbidden)
	}
	return nil
}

// whoIs asks the homeserver whose access token it is.
func (h *Hub) whoIs(ctx context.Context, token string) (id.UserID, error) {
	client, err := mautrix.NewClient(h.Homeserver, "", token)
	if err != nil {
		return "", fmt.Errorf("ask whose token it is: %w", err)
	}
	client.Client = h.as.HTTPClient // its connections end with the hub
	who, err := client.Whoami(ctx)
	if errors.Is(err, mautrix.MUnknownToken) {
		return "", fmt.Errorf("unknown token: %w", errs.ErrInvalid)
	} else if err != nil {
		return "", errs.Temporary(fmt.Errorf("ask whose token it is: %w", err), 0)
	}
	return who.UserID, nil
}

func writeProvisioningError(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errs.ErrForbidden):
		mautrix.MForbidden.WithMessage("Only operators (agents.operators in the config) may do this").Write(w)
	case errors.Is(err, errs.ErrInvalid):
		mautrix.MUnknownToken.WithMessage("Show a Matrix access token of an operator, or provisioning.shared_secret, as Bearer token").Write(w)
	default:
		mautrix.MUnknown.WithMessage("The homeserver could not be asked").WithStatus(http.StatusBadGateway).Write(w)
	}
}
