package telegram

import (
	"context"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/bridgekit/message"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// changeWindow is for how long messages can be deleted, and those of business accounts changed that the bot did not send.
// ref: reference/telegram-bot.md §4, the methods editMessage… and deleteMessage
const changeWindow = 48 * time.Hour

// HandleMatrixEdit implements bridgev2.EditHandlingNetworkAPI. A message's kind stays: of a file only the caption
// changes.
func (cl *Client) HandleMatrixEdit(ctx context.Context, msg *bridgev2.MatrixEdit) error {
	if err := cl.mayWrite(msg.Portal); err != nil {
		return err
	}
	meta, known := msg.EditTarget.Metadata.(*MessageMeta)
	switch {
	case msg.EditTarget.SenderID != cl.GetUserID():
		return errs.Tell(fmt.Errorf("edit of somebody else's message: %w", errs.ErrForbidden), "only the business's own messages can be changed.")
	case !known:
		meta = &MessageMeta{}
	case meta.Wordless:
		return errs.Tell(fmt.Errorf("edit of a message without words: %w", errs.ErrUnsupported), "this message has no words that could be changed. Delete it and send another one.")
	}
	written := meta.Said != "" // in Telegram, by the account's owner
	if cl.isBusiness() && written && cl.connector.clock.Now().Sub(msg.EditTarget.Timestamp) >= changeWindow {
		return errs.Tell(fmt.Errorf("edit after its window: %w", errs.ErrForbidden),
			"what was written in the Telegram app can be changed from here for 48 hours. Write a new message instead.")
	}
	text, entities, err := cl.editedText(ctx, msg, meta)
	if err != nil {
		return err
	}
	err = cl.on(ctx, msg.Portal, msg.EditTarget.ID, func(api *botapi.Client, to address, number int) error {
		return cl.edit(ctx, api, to, number, meta, text, entities)
	})
	if err != nil && !botapi.IsNotModified(err) {
		return fmt.Errorf("change a message: %w", err)
	}
	meta.Words = words(text)
	msg.EditTarget.Metadata = meta
	return nil
}

func (cl *Client) editedText(ctx context.Context, msg *bridgev2.MatrixEdit, meta *MessageMeta) (string, []models.MessageEntity, error) {
	if meta.Caption && msg.Content.MsgType.IsMedia() {
		return cl.captionOf(ctx, msg.Content)
	} else if meta.Caption { // some clients edit a caption as if it were a text
		body, html := message.Body(msg.Content)
		text, entities := cl.fromMatrix(ctx, body, html)
		return text, entities, tooLong("caption", text, maxCaption)
	}
	return cl.textOf(ctx, msg.Content)
}

func (cl *Client) edit(ctx context.Context, api *botapi.Client, to address, number int, meta *MessageMeta, text string, entities []models.MessageEntity) error {
	if meta.Caption {
		_, err := api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageID: number, Caption: text, CaptionEntities: entities,
		})
		return err
	}
	params := &bot.EditMessageTextParams{
		BusinessConnectionID: to.connection, ChatID: to.chat, MessageID: number, Text: text, Entities: entities, LinkPreviewOptions: cl.linkPreview(),
	}
	if len(meta.Choices) > 0 {
		params.ReplyMarkup = keyboardOf(meta)
	}
	_, err := api.EditMessageText(ctx, params)
	return err
}

// HandleMatrixMessageRemove implements bridgev2.RedactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixMessageRemove(ctx context.Context, msg *bridgev2.MatrixMessageRemove) error {
	if err := cl.mayDelete(msg); err != nil {
		return err
	}
	err := cl.on(ctx, msg.Portal, msg.TargetMessage.ID, func(api *botapi.Client, to address, number int) error {
		if to.connection != "" {
			_, err := api.DeleteBusinessMessages(ctx, &bot.DeleteBusinessMessagesParams{BusinessConnectionID: to.connection, MessageIDs: []int{number}})
			return err
		}
		_, err := api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: to.chat, MessageID: number})
		return err
	})
	if err != nil && !botapi.IsGone(err) {
		return fmt.Errorf("delete a message: %w", err)
	}
	return nil
}

// mayDelete tells why a message cannot be deleted; nil if it may be tried.
func (cl *Client) mayDelete(msg *bridgev2.MatrixMessageRemove) error {
	own := msg.TargetMessage.SenderID == cl.GetUserID()
	if !cl.isBusiness() {
		if cl.connector.clock.Now().Sub(msg.TargetMessage.Timestamp) >= changeWindow {
			return errs.Tell(fmt.Errorf("deletion after its window: %w", errs.ErrForbidden), "Telegram lets bots delete messages for 48 hours, and this one is older. The customer still sees it.")
		}
		return nil
	}
	now := cl.business()
	switch {
	case !now.Enabled:
		return errs.Tell(fmt.Errorf("business connection: %w", errs.ErrForbidden), cl.missingRight())
	case now.Rights.CanDeleteAllMessages, own && now.Rights.CanDeleteSentMessages:
		return nil
	}
	return errs.Tell(fmt.Errorf("right to delete: %w", errs.ErrForbidden),
		"the bot may not delete this message for the business account. Its owner gives the right "+whereToConnect+". The customer still sees it.")
}
