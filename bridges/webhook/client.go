package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"

	"golang.org/x/time/rate"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
)

// Client is one of the company's systems.
type Client struct {
	connector *Connector
	login     *bridgev2.UserLogin
	system    networkid.UserLoginID
	meta      LoginMeta
	limit     *rate.Limiter

	mu     sync.Mutex
	state  status.BridgeStateEvent     // as last reported
	fault  status.BridgeStateErrorCode // the same
	silent int                         // calls in a row that nobody answered
}

var (
	_ bridgev2.NetworkAPI                    = (*Client)(nil)
	_ bridgev2.NetworkAPIWithUserID          = (*Client)(nil)
	_ bridgev2.EditHandlingNetworkAPI        = (*Client)(nil)
	_ bridgev2.ReactionHandlingNetworkAPI    = (*Client)(nil)
	_ bridgev2.RedactionHandlingNetworkAPI   = (*Client)(nil)
	_ bridgev2.ReadReceiptHandlingNetworkAPI = (*Client)(nil)
	_ bridgev2.TypingHandlingNetworkAPI      = (*Client)(nil)
)

func newClientOf(c *Connector, login *bridgev2.UserLogin, meta LoginMeta) *Client {
	return &Client{
		connector: c, login: login, system: login.ID, meta: meta,
		limit: rate.NewLimiter(rate.Limit(c.config.EventsPerSecond), max(maxBatch, c.config.EventsPerSecond)),
	}
}

// Connect implements bridgev2.NetworkAPI. There is no connection: the system calls us, and we call it. A ping shows
// whether its callback works.
func (cl *Client) Connect(ctx context.Context) {
	if err := cl.ping(ctx); err != nil {
		cl.connector.log.Warn().Err(err).Str("login_id", string(cl.system)).Msg("A system's callback did not take a ping at the start")
	}
}

// noteCallback notices that the system does not want our calls, or cannot be reached, and that it takes them again.
// Operators see the state; the hub tells them of a change.
func (cl *Client) noteCallback(how verdict, ping bool) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if how != callbackAway {
		cl.silent = 0
	} else if cl.silent++; cl.silent < silentCalls && !ping {
		return // one that is lost now and then says nothing
	}
	if state := cl.stateOf(how); cl.isNews(state) {
		cl.login.BridgeState.Send(state)
	}
}

// isNews notes a state, and tells whether it is another one than before: a callback that is gone and one that refuses are
// mended differently. The caller holds the lock.
func (cl *Client) isNews(state status.BridgeState) bool {
	if cl.state == state.StateEvent && cl.fault == state.Error {
		return false
	}
	cl.state, cl.fault = state.StateEvent, state.Error
	return true
}

// silentCalls is how many calls in a row must go unanswered for the system to count as away.
const silentCalls = 3

func (cl *Client) stateOf(how verdict) status.BridgeState {
	switch how {
	case callbackGone:
		return status.BridgeState{StateEvent: status.StateBadCredentials, Error: "webhook-callback-gone",
			Message: "The system says that its callback is gone (410). Log the system in again with its new callback URL."}
	case callbackForbids:
		return status.BridgeState{StateEvent: status.StateBadCredentials, Error: "webhook-callback-refuses",
			Message: "The system does not accept Puente's signature (401). Log the system in again, and give it the signing secret that is then shown."}
	case callbackAway:
		return status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "webhook-callback-away",
			Message: "The system's callback does not answer. What agents write waits and is tried again."}
	case callbackAnswers:
	}
	return status.BridgeState{StateEvent: status.StateConnected}
}

// knows tells whether the token is this system's, in a time that says nothing about it.
func (cl *Client) knows(token string) bool {
	return subtle.ConstantTimeCompare([]byte(hashToken(token)), []byte(cl.meta.TokenHash)) == 1
}

// hashToken is how a token is kept. It is 256 random bits, so nobody can guess what a plain hash came from.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Disconnect implements bridgev2.NetworkAPI.
func (cl *Client) Disconnect() {}

// IsLoggedIn implements bridgev2.NetworkAPI. A system whose callback is gone stays logged in: what agents write then
// fails with the reason, which says what to do.
func (cl *Client) IsLoggedIn() bool { return true }

// LogoutRemote implements bridgev2.NetworkAPI: the system's token is not taken any more.
func (cl *Client) LogoutRemote(context.Context) { cl.connector.clients.Delete(cl.system) }

// IsThisUser implements bridgev2.NetworkAPI.
func (cl *Client) IsThisUser(_ context.Context, userID networkid.UserID) bool {
	return userID == businessID(cl.system)
}

// GetUserID implements bridgev2.NetworkAPIWithUserID.
func (cl *Client) GetUserID() networkid.UserID { return businessID(cl.system) }
