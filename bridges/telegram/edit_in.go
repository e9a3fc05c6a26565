package telegram

import (
	"context"
	"fmt"
	"strconv"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
)

// handleEdit shows that a message says something else now.
func (cl *Client) handleEdit(ctx context.Context, msg *models.Message) error {
	in, err := cl.place(ctx, msg)
	if err != nil {
		return err
	}
	id := messageID(msg.Chat.ID, msg.ID)
	known, err := cl.connector.env.Target(ctx, cl.connector.bridge, in.chat, id)
	if err != nil {
		return fmt.Errorf("find the message that was edited: %w", err)
	}
	if known == nil {
		return in.deliver(ctx) // it was written before we saw the chat: what it says now is all there is
	}
	if in.sender.IsFromMe {
		self, err := cl.connector.bridge.GetGhostByID(ctx, cl.GetUserID())
		if err != nil {
			return errs.Temporary(fmt.Errorf("find the business's own ghost: %w", err), 0)
		} else if known.SenderMXID != self.Intent.GetMXID() {
			return in.handleOwnEdit(known) // an agent wrote it
		}
	}
	meta := in.eventMeta(bridgev2.RemoteEventEdit)
	meta.Timestamp, meta.CreatePortal, meta.PreHandleFunc = timeOf(msg.EditDate), false, nil
	return cl.queue(&simplevent.Message[*models.Message]{
		EventMeta: meta, Data: msg, ID: id, TargetMessage: id, ConvertEditFunc: in.convertEdit,
	})
}

// handleOwnEdit tells the room that the owner of a business account changed, in Telegram, what an agent wrote: nobody
// can change an agent's own event, so that a notice says it. Agents' edits come back too: those say what is known.
func (in *incoming) handleOwnEdit(known *database.Message) error {
	now := either(in.msg.Text, in.msg.Caption)
	if meta, ok := known.Metadata.(*MessageMeta); ok && (meta.Words == words(now) || meta.Said == digest(in.msg)) {
		return nil
	}
	meta := in.eventMeta(bridgev2.RemoteEventMessage)
	meta.Timestamp, meta.CreatePortal, meta.PreHandleFunc = timeOf(in.msg.EditDate), false, nil
	return in.client.queue(&simplevent.Message[string]{
		EventMeta: meta, Data: now, ID: networkid.MessageID(string(known.ID) + "~" + strconv.Itoa(in.msg.EditDate) + words(now)),
		ConvertMessageFunc: func(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, now string) (*bridgev2.ConvertedMessage, error) {
			part := message.Notice("✎ Changed in Telegram to: " + now)
			if err := message.Fit(ctx, portal.MXID, intent, part, false); err != nil {
				return nil, err
			}
			return &bridgev2.ConvertedMessage{ReplyTo: replyTo(known.ID), Parts: []*bridgev2.ConvertedMessagePart{part}}, nil
		},
	})
}
