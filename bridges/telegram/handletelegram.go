package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// HandleEntry implements network.Connector: one update, in the order of its chat.
func (c *Connector) HandleEntry(ctx context.Context, entry network.Entry) error {
	bot, err := c.botClient(botOf(entry))
	if err != nil {
		return err
	}
	var u models.Update
	if err = json.Unmarshal(entry.Payload, &u); err != nil {
		return c.handleUnreadable(ctx, bot, entry)
	}
	switch {
	case u.Message != nil:
		return bot.handleMessage(ctx, u.Message)
	case u.EditedMessage != nil:
		return bot.handleEdit(ctx, u.EditedMessage)
	case u.MessageReaction != nil:
		return bot.handleReaction(ctx, u.MessageReaction)
	case u.CallbackQuery != nil:
		return c.handleCallback(ctx, bot, u.CallbackQuery, entry.ReceivedAt)
	case u.MyChatMember != nil:
		return bot.handleMyMembership(ctx, u.MyChatMember)
	case u.Poll != nil:
		return c.handlePoll(ctx, bot, u.Poll, entry.ReceivedAt)
	case u.PollAnswer != nil:
		return c.handlePollAnswer(ctx, bot, u.PollAnswer, entry.ReceivedAt)
	case u.BusinessConnection != nil:
		return c.handleConnection(ctx, bot, u.BusinessConnection)
	}
	return c.handleBusiness(ctx, bot, &u, entry.ReceivedAt)
}

// handleBusiness deals with what happens in a business account's chats.
func (c *Connector) handleBusiness(ctx context.Context, bot *Client, u *models.Update, at time.Time) error {
	connectionID := ""
	switch {
	case u.BusinessMessage != nil:
		connectionID = u.BusinessMessage.BusinessConnectionID
	case u.EditedBusinessMessage != nil:
		connectionID = u.EditedBusinessMessage.BusinessConnectionID
	case u.DeletedBusinessMessages != nil:
		connectionID = u.DeletedBusinessMessages.BusinessConnectionID
	default:
		return fmt.Errorf("update of a kind that is not handled: %w", errs.ErrUnsupported)
	}
	cl, err := c.businessClient(ctx, bot, connectionID)
	if err != nil {
		return err
	}
	switch {
	case u.BusinessMessage != nil:
		return cl.handleMessage(ctx, u.BusinessMessage)
	case u.EditedBusinessMessage != nil:
		return cl.handleEdit(ctx, u.EditedBusinessMessage)
	}
	return cl.handleDeletions(ctx, u.DeletedBusinessMessages, at)
}

// incoming is one message as it is being bridged.
type incoming struct {
	client *Client
	msg    *models.Message
	chat   networkid.PortalKey
	person networkid.UserID // of a private chat: who is on the other side
	sender bridgev2.EventSender
	// echo tells that a bot sent it for a business account: usually we.
	echo bool
}

func (cl *Client) handleMessage(ctx context.Context, msg *models.Message) error {
	in, err := cl.place(ctx, msg)
	if err != nil {
		return err
	}
	if done, err := in.handleService(ctx); done || err != nil {
		return err
	}
	if err = in.learnPhone(ctx); err != nil {
		return err
	} else if err = in.deliver(ctx); err != nil {
		return err
	}
	return in.afterwards(ctx)
}

// deliver hands the message to bridgev2, which answers when the event stands in the room.
func (in *incoming) deliver(ctx context.Context) error {
	return in.client.queue(&simplevent.Message[*models.Message]{
		EventMeta: in.eventMeta(bridgev2.RemoteEventMessage), Data: in.msg, ID: messageID(in.msg.Chat.ID, in.msg.ID),
		ConvertMessageFunc: in.convert,
	})
}

// queue hands an event to bridgev2 and tells what came of it.
func (cl *Client) queue(evt bridgev2.RemoteEvent) error {
	return network.Result(cl.login.QueueRemoteEvent(evt))
}

func (in *incoming) eventMeta(kind bridgev2.RemoteEventType) simplevent.EventMeta {
	return simplevent.EventMeta{
		Type: kind, PortalKey: in.chat, Sender: in.sender, Timestamp: timeOf(in.msg.Date), CreatePortal: true, PreHandleFunc: in.note,
	}
}

// note keeps what the message tells of its chat: that the customer wrote, by which link, in which topic. It is noted
// first: an agent may answer as soon as the message stands in the room.
func (in *incoming) note(ctx context.Context, portal *bridgev2.Portal) {
	meta := portal.Metadata.(*PortalMeta)
	before := *meta
	at := timeOf(in.msg.Date)
	if !in.sender.IsFromMe && !at.Before(meta.LastInbound) {
		meta.LastInbound, meta.LastInboundID = at, in.msg.ID
		meta.Blocked = false
	}
	if payload := startPayload(in.msg.Text); payload != "" && !in.sender.IsFromMe {
		meta.Start = payload
	}
	if _, isGroup := groupOf(portal.ID); !isGroup {
		meta.Thread = threadOf(in.msg)
	} else if name := topicName(in.msg); name != "" {
		meta.Topic = name
	}
	if *meta == before {
		return
	}
	if err := portal.Save(ctx); err != nil {
		in.client.connector.log.Error().Err(err).Msg("Could not note what a message tells of its chat")
	}
}

// startPayload is what a link to the bot carried: "/start <payload>". ref: reference/telegram-bot.md §4, deep links
func startPayload(text string) string {
	payload, ok := strings.CutPrefix(text, "/start ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(payload)
}

// handleDeletions removes what somebody deleted in a business account's chat, the one place where a bot learns of it.
func (cl *Client) handleDeletions(ctx context.Context, deleted *models.BusinessMessagesDeleted, at time.Time) error {
	person, err := cl.connector.personOf(ctx, deleted.Chat.ID, deleted.Chat.Username)
	if err != nil {
		return err
	}
	chat := personChat(person, cl.login.ID)
	var failed []error
	for _, message := range deleted.MessageIDs {
		target := messageID(deleted.Chat.ID, message)
		if _, err = cl.connector.env.Target(ctx, cl.connector.bridge, chat, target); err != nil {
			return fmt.Errorf("find a message that was deleted: %w", err)
		}
		// Who deleted it is not told: the bridge's bot does it.
		failed = append(failed, cl.queue(&simplevent.MessageRemove{
			EventMeta:     simplevent.EventMeta{Type: bridgev2.RemoteEventMessageRemove, PortalKey: chat, Timestamp: at},
			TargetMessage: target,
		}))
	}
	return errors.Join(failed...)
}

func timeOf(unix int) time.Time { return time.Unix(int64(unix), 0).UTC() }

func hasPrefixFold(text string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}
