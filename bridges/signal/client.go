package signal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/signal/daemon"
)

// Client is one of the business's accounts.
type Client struct {
	connector *Connector
	login     *bridgev2.UserLogin
	own       atomic.Pointer[LoginMeta] // a copy: another login of the account changes the login's own
	wanted    atomic.Bool               // connected as far as bridgev2 is concerned
	gone      atomic.Bool               // the daemon no longer has the account
	limit     limit

	mu    sync.Mutex
	state status.BridgeStateEvent // what was reported last
}

var (
	_ bridgev2.NetworkAPI                    = (*Client)(nil)
	_ bridgev2.NetworkAPIWithUserID          = (*Client)(nil)
	_ bridgev2.EditHandlingNetworkAPI        = (*Client)(nil)
	_ bridgev2.PollHandlingNetworkAPI        = (*Client)(nil)
	_ bridgev2.ReactionHandlingNetworkAPI    = (*Client)(nil)
	_ bridgev2.RedactionHandlingNetworkAPI   = (*Client)(nil)
	_ bridgev2.ReadReceiptHandlingNetworkAPI = (*Client)(nil)
	_ bridgev2.TypingHandlingNetworkAPI      = (*Client)(nil)
)

// meta is what is known of the account.
func (cl *Client) meta() LoginMeta { return *cl.own.Load() }

// account is how the daemon knows the account, whatever its version.
func (cl *Client) account() string { return cl.meta().Number }

// self is the account as the author of its messages.
func (cl *Client) self() string { return string(cl.login.ID) }

// address is how others name the account.
func (cl *Client) address() string {
	if aci := cl.meta().ACI; aci != "" {
		return aci
	}
	return cl.meta().Number
}

// isSelf tells whether an address is the account's own.
func (cl *Client) isSelf(uuid, number string) bool {
	meta := cl.meta()
	return (uuid != "" && strings.EqualFold(uuid, meta.ACI)) || (number != "" && number == meta.Number)
}

// Connect implements bridgev2.NetworkAPI. The connection is all accounts' together; this one is subscribed on it. That
// it connects is not reported: the first state that the hub hears of a new account is what it tells the operators.
func (cl *Client) Connect(context.Context) {
	cl.gone.Store(false)
	cl.wanted.Store(true)
	cl.connector.lookNow()
}

// Disconnect implements bridgev2.NetworkAPI.
func (cl *Client) Disconnect() { cl.wanted.Store(false) }

// IsLoggedIn implements bridgev2.NetworkAPI. An account that the daemon lost stays logged in: what agents write then
// fails with the reason, which says what to do.
func (cl *Client) IsLoggedIn() bool { return true }

// LogoutRemote implements bridgev2.NetworkAPI. The daemon keeps the account: Puente only forgets it.
func (cl *Client) LogoutRemote(context.Context) {
	cl.wanted.Store(false)
	cl.connector.accounts.remove(cl)
}

// IsThisUser implements bridgev2.NetworkAPI.
func (cl *Client) IsThisUser(_ context.Context, userID networkid.UserID) bool {
	return userID == cl.GetUserID()
}

// GetUserID implements bridgev2.NetworkAPIWithUserID.
func (cl *Client) GetUserID() networkid.UserID { return businessID(cl.login.ID) }

// attend subscribes the account on the present connection if it is not yet, and notices that the daemon lost it. It
// tells whether all went well.
func (cl *Client) attend(ctx context.Context, there bool, subscribed map[string]bool) bool {
	switch {
	case !cl.wanted.Load():
		return true
	case !there:
		delete(subscribed, cl.account())
		cl.noteGone()
		return true
	case subscribed[cl.account()]:
		cl.gone.Store(false)
		cl.report(status.StateConnected, "", "")
		return true
	}
	cl.learnACI(ctx)
	err := cl.connector.daemon.Subscribe(ctx, cl.account())
	if errors.Is(err, daemon.ErrPaused) {
		return true // Puente is being stopped
	} else if err != nil {
		cl.connector.log.Warn().Err(err).Str("login_id", cl.self()).Msg("Could not subscribe to an account's messages")
		cl.noteAccount(err)
		return false
	}
	subscribed[cl.account()] = true
	cl.gone.Store(false)
	cl.report(status.StateConnected, "", "")
	return true
}

// learnACI asks who the account is, if that is not known yet.
func (cl *Client) learnACI(ctx context.Context) {
	meta := cl.meta()
	if meta.ACI != "" {
		return
	}
	aci, err := cl.connector.ownACI(ctx, meta.Number)
	if aci == "" {
		cl.connector.log.Warn().Err(err).Str("login_id", cl.self()).Msg("The signal-cli daemon does not tell the account's ACI; replies to what was sent may stand without their targets")
		return
	}
	meta.ACI = aci
	cl.own.Store(&meta)
}

// noteAccount notices from a refusal that the daemon no longer has the account.
func (cl *Client) noteAccount(err error) {
	var refused *daemon.Error
	if errors.As(err, &refused) && isGone(refused) {
		cl.noteGone()
		cl.connector.lookNow()
	}
}

// isGone tells whether a refusal says that the account is not on the daemon, or that Signal knows the device no more.
func isGone(refused *daemon.Error) bool {
	return refused.Code == daemon.CodeParams && refused.Says("account") ||
		refused.Says("AuthorizationFailed") || refused.Says("not registered, yet") || refused.Says("User is not registered")
}

func (cl *Client) noteGone() {
	if !cl.gone.Swap(true) {
		cl.connector.log.Error().Str("login_id", cl.self()).Msg("The signal-cli daemon no longer has the account; an operator must link it again")
	}
	cl.report(status.StateBadCredentials, "signal-unlinked", goneWords)
}

const goneWords = "The Signal account is no longer linked to Puente: it was removed on the phone, or not used for too long. An operator can link it again with `login signal link`."

// noteAway notices that the daemon cannot be reached.
func (cl *Client) noteAway() {
	if cl.wanted.Load() && !cl.gone.Load() {
		cl.report(status.StateTransientDisconnect, "signal-daemon-unreachable", "The signal-cli daemon cannot be reached.")
	}
}

// report tells a state that is news.
func (cl *Client) report(state status.BridgeStateEvent, code status.BridgeStateErrorCode, words string) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if cl.state == state {
		return
	}
	cl.state = state
	cl.login.BridgeState.Send(status.BridgeState{StateEvent: state, Error: code, Message: words})
}
