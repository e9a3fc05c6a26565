package whatsapp

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

// Client is one of the business's numbers.
type Client struct {
	connector     *Connector
	login         *bridgev2.UserLogin
	phoneNumberID string
	graph         *graph.Client
	stopped       atomic.Bool // Meta refuses the token
	unreachable   atomic.Bool // Meta did not answer at the start
	templates     templateCache
	typing        sync.Map // chat → when we last said that we type
}

var (
	_ bridgev2.NetworkAPI                    = (*Client)(nil)
	_ bridgev2.NetworkAPIWithUserID          = (*Client)(nil)
	_ bridgev2.ReactionHandlingNetworkAPI    = (*Client)(nil)
	_ bridgev2.ReadReceiptHandlingNetworkAPI = (*Client)(nil)
	_ bridgev2.TypingHandlingNetworkAPI      = (*Client)(nil)
)

func (cl *Client) meta() *LoginMeta { return cl.login.Metadata.(*LoginMeta) }

// Connect implements bridgev2.NetworkAPI. There is no connection: Meta calls us. One question shows whether the
// token still works.
func (cl *Client) Connect(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, err := cl.graph.PhoneNumber(ctx, cl.phoneNumberID)
	cl.noteAccount(err)
	if err == nil {
		cl.login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		return
	}
	if cl.stopped.Load() {
		return
	}
	cl.unreachable.Store(true)
	cl.connector.log.Warn().Err(err).Str("login_id", cl.phoneNumberID).Msg("Meta did not answer for a number at the start")
	cl.login.BridgeState.Send(status.BridgeState{StateEvent: status.StateTransientDisconnect, Error: "whatsapp-unreachable"})
}

// noteAccount notices that Meta refuses the account, so that operators see it, and that it takes it again.
func (cl *Client) noteAccount(err error) {
	var refused *graph.Error
	switch {
	case err == nil:
		wasUnreachable := cl.unreachable.Swap(false)
		if cl.stopped.Swap(false) || wasUnreachable {
			cl.login.BridgeState.Send(status.BridgeState{StateEvent: status.StateConnected})
		}
	case errors.As(err, &refused) && refused.Explain().Class == graph.AccountStopped:
		if !cl.stopped.Swap(true) {
			cl.connector.log.Error().Err(err).Str("login_id", cl.phoneNumberID).Msg("Meta refuses the account; an operator must act")
			cl.login.BridgeState.Send(status.BridgeState{
				StateEvent: status.StateBadCredentials, Error: "whatsapp-account-stopped", Message: errs.Message(err),
			})
		}
	}
}

// Disconnect implements bridgev2.NetworkAPI.
func (cl *Client) Disconnect() {}

// IsLoggedIn implements bridgev2.NetworkAPI. A number whose token Meta refuses stays logged in: what agents write then
// fails with Meta's reason, which says what to do.
func (cl *Client) IsLoggedIn() bool { return true }

// LogoutRemote implements bridgev2.NetworkAPI. Tokens are the business's own; Puente only forgets its copy.
func (cl *Client) LogoutRemote(context.Context) {}

// IsThisUser implements bridgev2.NetworkAPI.
func (cl *Client) IsThisUser(_ context.Context, userID networkid.UserID) bool {
	return userID == businessID(cl.phoneNumberID)
}

// GetUserID implements bridgev2.NetworkAPIWithUserID.
func (cl *Client) GetUserID() networkid.UserID { return businessID(cl.phoneNumberID) }

// allowsFreeText tells whether the customer wrote recently enough. ref: reference/whatsapp-cloud.md §6
func (cl *Client) allowsFreeText(portal *bridgev2.Portal) bool {
	if _, isGroup := groupOf(portal.ID); isGroup {
		return true
	}
	return cl.connector.Rules().AllowsFreeText(cl.connector.clock.Now(), portal.Metadata.(*PortalMeta).LastInbound)
}
