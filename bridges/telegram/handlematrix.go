package telegram

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// HandleMatrixMessage implements bridgev2.NetworkAPI.
func (cl *Client) HandleMatrixMessage(ctx context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	meta := &MessageMeta{}
	sent, err := cl.send(ctx, msg, meta)
	if err != nil {
		return nil, err
	}
	return cl.sent(sent, meta), nil
}

// sent is what bridgev2 keeps of a message that went out.
func (cl *Client) sent(id networkid.MessageID, meta *MessageMeta) *bridgev2.MatrixMessageResponse {
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{ID: id, SenderID: cl.GetUserID(), Metadata: meta}}
}

// address is where a message goes.
type address struct {
	chat       int64
	thread     int
	connection string // of a business account
	reply      *models.ReplyParameters
}

// addressOf is where a chat's messages go.
func (cl *Client) addressOf(ctx context.Context, portal *bridgev2.Portal) (to address, err error) {
	if g, ok := groupOf(portal.ID); ok {
		return address{chat: cl.movedTo(g.chat), thread: g.thread}, nil
	}
	if to.chat, err = cl.connector.userIDOf(ctx, networkid.UserID(portal.ID)); err != nil {
		return address{}, err
	}
	to.connection = cl.business().ConnectionID
	if to.connection == "" {
		to.thread = portal.Metadata.(*PortalMeta).Thread
	}
	return to, nil
}

// answering says which message is answered. One that is gone must not hold the answer back.
// ref: reference/telegram-bot.md §4, Common
func (to address) answering(target *database.Message) address {
	if target == nil {
		return to
	}
	chat, message, ok := readMessageID(target.ID)
	if ok && (chat == to.chat || to.connection != "") {
		to.reply = &models.ReplyParameters{MessageID: message, AllowSendingWithoutReply: true}
	}
	return to
}

// post is one call that sends something.
type post func(ctx context.Context, api *botapi.Client, to address) (*models.Message, error)

// deliver sends one message, once as far as Telegram lets us. What prepare refuses, or the chat, was not sent by an earlier
// attempt either.
func (cl *Client) deliver(ctx context.Context, eventID id.EventID, portal *bridgev2.Portal, reply *database.Message, prepare func(to address) (post, error)) (networkid.MessageID, error) {
	sent, err := cl.courier().Once(ctx, eventID, portal.MXID, func(ctx context.Context) (delivery.Send, error) {
		if err := cl.mayWrite(portal); err != nil {
			return nil, err
		}
		api, err := cl.api()
		if err != nil {
			return nil, err
		}
		to, err := cl.addressOf(ctx, portal)
		if err != nil {
			return nil, err
		}
		call, err := prepare(to)
		if err != nil {
			return nil, err
		}
		if err = cl.connector.pacer.Wait(ctx, api.ID(), to.chat); err != nil {
			return nil, err
		}
		return func(ctx context.Context) (string, error) { return cl.hand(ctx, api, to.answering(reply), call) }, nil
	})
	return fromOutcomeID(sent), err
}

// hand gives a message to Telegram; to the supergroup, if the group became one meanwhile.
func (cl *Client) hand(ctx context.Context, api *botapi.Client, to address, call post) (string, error) {
	message, err := call(ctx, api, to)
	if moved := botapi.MigratedTo(err); moved != 0 {
		if err = cl.migrate(ctx, to.chat, moved); err != nil {
			return "", err
		}
		to.chat, to.reply = moved, nil // messages are counted anew there
		message, err = call(ctx, api, to)
	}
	cl.learn(ctx, api, to, err)
	if err != nil {
		return "", fmt.Errorf("send: %w", err)
	}
	return outcomeID(cl.login.ID, messageID(to.chat, message.ID)), nil
}

// learn lets the pacer and the account know how a call ended.
func (cl *Client) learn(ctx context.Context, api *botapi.Client, to address, err error) {
	cl.connector.pacer.Learn(api.ID(), to.chat, err)
	cl.noteAccount(err)
	if to.connection != "" && lostConnection(err) {
		cl.askConnection(ctx, api, to.connection)
	}
}

// on makes a call about a message that exists, where repeating does no harm.
func (cl *Client) on(ctx context.Context, portal *bridgev2.Portal, target networkid.MessageID, call func(api *botapi.Client, to address, message int) error) error {
	api, err := cl.api()
	if err != nil {
		return err
	}
	to, err := cl.addressOf(ctx, portal)
	if err != nil {
		return err
	}
	chat, message, ok := readMessageID(target)
	if !ok {
		return errs.Tell(fmt.Errorf("message %q: %w", target, errs.ErrUnsupported), "this line is Puente's own and is not on Telegram.")
	}
	if to.connection == "" {
		to.chat = chat
	}
	if err = cl.connector.pacer.Wait(ctx, api.ID(), to.chat); err != nil {
		return err
	}
	err = call(api, to, message)
	cl.learn(ctx, api, to, err)
	if botapi.MigratedTo(err) != 0 {
		return errs.Final(errs.Tell(err, "this message is from before the group became a supergroup; Telegram lets nobody act on it any more."))
	}
	return err
}
