package telegram

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// whereToConnect is where the owner of a business account finds what belongs to the bot.
const whereToConnect = "in Telegram under Settings, Telegram Business, Chatbots"

// handleConnection follows a business account that was connected, changed its rights or was disconnected.
// ref: reference/telegram-bot.md §5
func (c *Connector) handleConnection(ctx context.Context, bot *Client, connection *models.BusinessConnection) error {
	_, err := c.connect(ctx, bot, connection)
	return err
}

// connect makes the login of a business account, or brings the one that it has up to date.
func (c *Connector) connect(ctx context.Context, bot *Client, connection *models.BusinessConnection) (*Client, error) {
	id := businessLogin(bot.meta().BotID, connection.User.ID)
	now := businessMeta(connection)
	known := c.bridge.GetCachedUserLoginByID(id)
	if known != nil {
		cl := known.Client.(*Client)
		if cl.business().Since.After(now.Since) {
			return cl, nil // older than what is known: the update was repeated
		}
		if err := cl.noteConnection(ctx, now); err != nil {
			return nil, err
		}
		return cl, nil
	} else if !connection.IsEnabled {
		return nil, nil
	}
	name := fullName(connection.User.FirstName, connection.User.LastName)
	meta := &LoginMeta{BotID: bot.meta().BotID, Name: name, Username: connection.User.Username, Business: &now}
	login, err := bot.login.User.NewLogin(ctx, &database.UserLogin{
		ID: id, RemoteName: meta.heading() + " (Telegram Business)", RemoteProfile: status.RemoteProfile{Name: name, Username: meta.Username}, Metadata: meta,
	}, nil)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("keep the login of a business account: %w", err), 0)
	}
	cl := login.Client.(*Client)
	cl.reportBusiness()
	words := fmt.Sprintf("The Telegram Business account **%s** was connected to the bot **%s**. Its chats come in here from now on.", network.Plain(meta.heading()), network.Plain(bot.title()))
	if missing := cl.missingRight(); missing != "" {
		words += " But " + missing
	}
	c.tell(ctx, fmt.Sprintf("telegram:%s:connection", id), words)
	return cl, nil
}

func businessMeta(connection *models.BusinessConnection) BusinessMeta {
	meta := BusinessMeta{
		Owner: connection.User.ID, ConnectionID: connection.ID, Enabled: connection.IsEnabled, Since: time.Unix(connection.Date, 0).UTC(),
	}
	if connection.Rights != nil {
		meta.Rights = *connection.Rights
	}
	return meta
}

// noteConnection keeps what a connection is now, and tells how the account is.
func (cl *Client) noteConnection(ctx context.Context, now BusinessMeta) error {
	changed := false
	err := cl.change(ctx, func(meta *LoginMeta) bool {
		changed = *meta.Business != now
		meta.Business = &now
		return changed
	})
	if err != nil || !changed {
		return err
	}
	cl.reportBusiness()
	words := fmt.Sprintf("The Telegram Business account **%s** can be answered for from here.", network.Plain(cl.title()))
	if missing := cl.missingRight(); missing != "" {
		words = fmt.Sprintf("The Telegram Business account **%s**: %s", network.Plain(cl.title()), missing)
	}
	cl.connector.tell(ctx, fmt.Sprintf("telegram:%s:connection", cl.login.ID), words)
	return nil
}

// missingRight says what keeps Puente from answering for the business account, and the mend; "" if nothing does.
func (cl *Client) missingRight() string {
	switch now := cl.business(); {
	case !now.Enabled:
		return "the bot was disconnected from it. To answer from here again, its owner connects the bot " + whereToConnect + "."
	case !now.Rights.CanReply:
		return "the bot may not answer for it. Its owner gives the right to reply to messages " + whereToConnect + "."
	}
	return ""
}

// reportBusiness says how the business account is.
func (cl *Client) reportBusiness() {
	missing := cl.missingRight()
	if missing == "" {
		cl.report(status.BridgeState{StateEvent: status.StateConnected})
		return
	}
	cl.report(status.BridgeState{
		StateEvent: status.StateBadCredentials, Error: "telegram-business-rights", Message: missing, UserAction: status.UserActionOpenNative,
	})
}

// connected returns the business account of a connection; nil if it is not known.
func (c *Connector) connected(botID int64, connectionID string) *Client {
	bot, err := c.botClient(botID)
	if err != nil {
		return nil
	}
	for _, account := range bot.accounts() {
		if account.business().ConnectionID == connectionID {
			return account
		}
	}
	return nil
}

// businessClient returns the business account of a connection, and asks Telegram about one that is not known: its
// update may be under way, or older than a day.
func (c *Connector) businessClient(ctx context.Context, owner *Client, connectionID string) (*Client, error) {
	if cl := c.connected(owner.meta().BotID, connectionID); cl != nil {
		return cl, nil
	}
	api, err := owner.api()
	if err != nil {
		return nil, err
	}
	connection, err := api.GetBusinessConnection(ctx, &bot.GetBusinessConnectionParams{BusinessConnectionID: connectionID})
	if err != nil {
		return nil, fmt.Errorf("ask about a business connection: %w", err)
	}
	cl, err := c.connect(ctx, owner, connection)
	if err == nil && cl == nil {
		err = errs.Tell(fmt.Errorf("business connection: %w", errs.ErrNotFound), "this business account is no longer connected to the bot.")
	}
	return cl, err
}

// replyWindow is how long after the customer's last message a bot may answer for a business account.
// ref: reference/telegram-bot.md §5, can_reply
const replyWindow = 24 * time.Hour

// mayWrite tells why nothing may be sent into a business account's chat now; nil if it may, and for a bot's chats.
func (cl *Client) mayWrite(portal *bridgev2.Portal) error {
	if !cl.isBusiness() {
		return nil
	}
	if missing := cl.missingRight(); missing != "" {
		return errs.Tell(fmt.Errorf("business connection: %w", errs.ErrForbidden), missing)
	}
	last := portal.Metadata.(*PortalMeta).LastInbound
	if last.IsZero() || cl.connector.clock.Now().Sub(last) >= replyWindow {
		return errs.Tell(fmt.Errorf("business chat outside of its window: %w", errs.ErrForbidden),
			"the customer last wrote more than 24 hours ago, and Telegram then lets no bot answer for a business account. Answer in the Telegram app, or wait until the customer writes.")
	}
	return nil
}

// askConnection asks Telegram how a connection is that it just refused, so that operators learn of it.
func (cl *Client) askConnection(ctx context.Context, api *botapi.Client, connectionID string) {
	connection, err := api.GetBusinessConnection(ctx, &bot.GetBusinessConnectionParams{BusinessConnectionID: connectionID})
	now := cl.business()
	if err == nil {
		now = businessMeta(connection)
	} else if botapi.As(err) != nil {
		now.Enabled = false // Telegram does not know it any more
	}
	if err = cl.noteConnection(ctx, now); err != nil {
		cl.connector.log.Error().Err(err).Msg("Could not note that a business connection changed")
	}
}

// lostConnection tells whether Telegram refused because the connection changed without our knowing.
func lostConnection(err error) bool {
	e := botapi.As(err)
	return e != nil && errors.Is(err, errs.ErrForbidden) && hasPrefixFold(e.Description, "business_connection", "bad request: business_connection")
}
