package telegram

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// Client is one login: a bot, or a business account that a bot is connected to.
type Client struct {
	connector *Connector
	login     *bridgev2.UserLogin
	own       atomic.Pointer[botapi.Client] // of a bot; see api
	reporting sync.Mutex                    // bridgev2's queue of states takes one at a time
	listening listening                     // of a bot
	typing    typing
	topics    sync.Map // networkid.PortalID → name of a forum topic, until its room exists
}

var (
	_ bridgev2.NetworkAPI                    = (*Client)(nil)
	_ bridgev2.NetworkAPIWithUserID          = (*Client)(nil)
	_ bridgev2.EditHandlingNetworkAPI        = (*Client)(nil)
	_ bridgev2.RedactionHandlingNetworkAPI   = (*Client)(nil)
	_ bridgev2.ReactionHandlingNetworkAPI    = (*Client)(nil)
	_ bridgev2.PollHandlingNetworkAPI        = (*Client)(nil)
	_ bridgev2.ReadReceiptHandlingNetworkAPI = (*Client)(nil)
	_ bridgev2.TypingHandlingNetworkAPI      = (*Client)(nil)
)

func newClient(c *Connector, login *bridgev2.UserLogin) *Client {
	return &Client{connector: c, login: login, typing: typing{now: map[networkid.PortalID]context.CancelFunc{}}}
}

// change changes what is kept of the login, and keeps it if change says that there is something to keep.
func (cl *Client) change(ctx context.Context, change func(*LoginMeta) (changed bool)) error {
	meta := cl.meta()
	meta.mu.Lock()
	defer meta.mu.Unlock()
	if !change(meta) {
		return nil
	}
	if name := meta.heading(); !cl.isBusiness() && cl.login.RemoteName != name {
		cl.login.RemoteName = name
	}
	if err := cl.login.Save(ctx); err != nil {
		return errs.Temporary(fmt.Errorf("keep what changed of login %s: %w", cl.login.ID, err), 0)
	}
	return nil
}

func (cl *Client) meta() *LoginMeta { return cl.login.Metadata.(*LoginMeta) }

// about reads something of what is kept of the login.
func about[T any](cl *Client, read func(*LoginMeta) T) T {
	meta := cl.meta()
	meta.mu.Lock()
	defer meta.mu.Unlock()
	return read(meta)
}

// title is what operators and rooms call the account.
func (cl *Client) title() string { return about(cl, (*LoginMeta).heading) }

// isBusiness tells whether the login is a business account.
func (cl *Client) isBusiness() bool { return strings.Contains(string(cl.login.ID), "-") }

// business returns the connection of a business account as it is now; the zero value for a bot.
func (cl *Client) business() BusinessMeta {
	return about(cl, func(meta *LoginMeta) BusinessMeta {
		if meta.Business == nil {
			return BusinessMeta{}
		}
		return *meta.Business
	})
}

// api is what calls the Bot API: the bot's own client, or that of the bot which the business account is connected to.
func (cl *Client) api() (*botapi.Client, error) {
	bot := cl
	if cl.isBusiness() {
		var err error
		if bot, err = cl.connector.botClient(cl.meta().BotID); err != nil {
			return nil, err
		}
	}
	api := bot.own.Load()
	if api == nil {
		return nil, fmt.Errorf("bot %d has no client: %w", cl.meta().BotID, errs.ErrNotFound)
	}
	return api, nil
}

func (cl *Client) courier() *delivery.Courier {
	if cl.isBusiness() {
		return cl.connector.businessCourier
	}
	return cl.connector.courier
}

// Connect implements bridgev2.NetworkAPI. A bot begins to listen, in the background; a business account has no
// connection of its own.
func (cl *Client) Connect(context.Context) {
	if cl.isBusiness() {
		cl.reportBusiness()
		return
	}
	cl.listen()
}

// Disconnect implements bridgev2.NetworkAPI.
func (cl *Client) Disconnect() {
	cl.listening.stop()
	cl.typing.stop()
}

// IsLoggedIn implements bridgev2.NetworkAPI. A bot whose token Telegram refuses stays logged in: what agents write then
// fails with Telegram's reason, which says what to do.
func (cl *Client) IsLoggedIn() bool { return true }

// LogoutRemote implements bridgev2.NetworkAPI. The token stays the business's own; Puente only stops listening and
// forgets its copy. Where a webhook was set it is taken away, so that Telegram does not call in vain.
func (cl *Client) LogoutRemote(ctx context.Context) {
	cl.Disconnect()
	if cl.isBusiness() || cl.connector.config.Mode != modeWebhook {
		return
	}
	if api := cl.own.Load(); api != nil {
		if err := removeWebhook(ctx, api); err != nil {
			cl.connector.log.Warn().Err(err).Msg("Could not take away a bot's webhook")
		}
	}
}

// IsThisUser implements bridgev2.NetworkAPI.
func (cl *Client) IsThisUser(_ context.Context, userID networkid.UserID) bool {
	return userID == cl.GetUserID()
}

// GetUserID implements bridgev2.NetworkAPIWithUserID.
func (cl *Client) GetUserID() networkid.UserID { return businessID(cl.login.ID) }

// report says how the login is; the hub tells the operators. A business account is no better than its bot.
func (cl *Client) report(state status.BridgeState) {
	cl.reporting.Lock()
	if queue := cl.login.BridgeState; queue != nil {
		queue.Send(state)
	}
	cl.reporting.Unlock()
	if cl.isBusiness() {
		return
	}
	for _, account := range cl.accounts() {
		switch state.StateEvent {
		case status.StateConnected:
			account.reportBusiness()
		case status.StateBadCredentials:
			account.report(state)
		}
	}
}

// accounts are the business accounts that a bot is connected to.
func (cl *Client) accounts() (list []*Client) {
	for _, login := range cl.connector.bridge.GetAllCachedUserLogins() {
		account, ok := login.Client.(*Client)
		if ok && account.isBusiness() && account.meta().BotID == cl.meta().BotID {
			list = append(list, account)
		}
	}
	return list
}

// noteAccount notices, when something was sent, that Telegram refuses the bot's token.
func (cl *Client) noteAccount(err error) {
	if !botapi.IsUnauthorized(err) {
		return
	}
	if bot, missing := cl.connector.botClient(cl.meta().BotID); missing == nil {
		bot.report(refusedState(err))
	}
}

func refusedState(err error) status.BridgeState {
	return status.BridgeState{StateEvent: status.StateBadCredentials, Error: "telegram-token-refused", Message: errs.Message(err)}
}

// movedTo returns the supergroup that a group became, or the group itself.
func (cl *Client) movedTo(chat int64) int64 {
	if now, moved := about(cl, func(meta *LoginMeta) map[int64]int64 { return meta.Moved })[chat]; moved {
		return now
	}
	return chat
}

// tell says something to the operators.
func (c *Connector) tell(ctx context.Context, key, markdown string) {
	if c.env.Operators != nil {
		c.env.Operators.Tell(ctx, key, markdown)
	}
}
