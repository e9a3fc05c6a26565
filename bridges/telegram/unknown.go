package telegram

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// unknownChat sets a message aside whose chat is of a type that Puente does not know, and tells its room if there is
// one: the type may have changed under it.
func (cl *Client) unknownChat(ctx context.Context, msg *models.Message, kind string) error {
	refusal := errs.Tell(fmt.Errorf("chat of type %q: %w", message.CleanWord(kind), errs.ErrUnsupported),
		"Telegram sent a message of a kind of chat that Puente does not know.")
	for _, chat := range cl.knownChats(ctx, msg.Chat.ID) {
		portal, err := cl.connector.bridge.GetExistingPortalByKey(ctx, chat)
		if err != nil {
			return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
		} else if portal == nil || portal.MXID == "" {
			continue
		}
		id := messageID(msg.Chat.ID, msg.ID)
		if err = cl.notice(chat, bridgev2.EventSender{}, id, timeOf(msg.Date),
			"Something came that Puente cannot show: Telegram changed what kind of chat this is. It is kept; tell whoever runs Puente.", nil); err != nil {
			return err
		}
	}
	return refusal
}

// knownChats are the chats that a chat's number may stand for.
func (cl *Client) knownChats(ctx context.Context, chat int64) []networkid.PortalKey {
	if chat < 0 {
		return []networkid.PortalKey{group{chat: cl.movedTo(chat)}.key(cl.login.ID)}
	}
	person, err := cl.connector.personOf(ctx, chat, "")
	if err != nil {
		return nil
	}
	return []networkid.PortalKey{personChat(person, cl.login.ID)}
}

// handleUnreadable shows a message that the library cannot read, because something in it is of a kind that it does not
// know, by a notice. Anything else that it cannot read is set aside.
func (c *Connector) handleUnreadable(ctx context.Context, bot *Client, entry network.Entry) error {
	var u map[string]json.RawMessage
	if err := json.Unmarshal(entry.Payload, &u); err != nil {
		return fmt.Errorf("read an update: %w", errs.ErrInvalid)
	}
	var bones struct {
		ID           int          `json:"message_id"`
		Date         int          `json:"date"`
		Chat         models.Chat  `json:"chat"`
		From         *models.User `json:"from"`
		SenderChat   *models.Chat `json:"sender_chat"`
		ThreadID     int          `json:"message_thread_id"`
		IsTopic      bool         `json:"is_topic_message"`
		ConnectionID string       `json:"business_connection_id"`
	}
	if err := json.Unmarshal(u[entry.Kind], &bones); err != nil || bones.ID == 0 || bones.Chat.ID == 0 {
		return fmt.Errorf("read an update of kind %s: %w", message.CleanWord(entry.Kind), errs.ErrInvalid)
	}
	cl := bot
	if bones.ConnectionID != "" {
		var err error
		if cl, err = c.businessClient(ctx, bot, bones.ConnectionID); err != nil {
			return err
		}
	}
	return cl.handleMessage(ctx, &models.Message{
		ID: bones.ID, Date: bones.Date, Chat: bones.Chat, From: bones.From, SenderChat: bones.SenderChat,
		MessageThreadID: bones.ThreadID, IsTopicMessage: bones.IsTopic, BusinessConnectionID: bones.ConnectionID,
	})
}
