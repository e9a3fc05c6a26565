package telegram

import (
	"context"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/bridgekit/message"
	"puente/bridges/telegram/botapi"
)

// handleCallback shows that somebody pressed a button under a message of ours. Telegram is told at once that it was
// taken: the app shows a wheel until then. ref: reference/telegram-bot.md §4, Buttons
func (c *Connector) handleCallback(ctx context.Context, owner *Client, query *models.CallbackQuery, at time.Time) error {
	if err := owner.answerCallback(ctx, query.ID); err != nil {
		return err
	}
	asked, cl, err := c.questionOf(ctx, owner, query)
	if err != nil || asked == nil {
		return err
	}
	in, err := cl.place(ctx, &models.Message{
		ID: asked.ID, Chat: asked.Chat, From: &query.From, Date: int(at.Unix()),
		MessageThreadID: asked.MessageThreadID, IsTopicMessage: asked.IsTopicMessage, BusinessConnectionID: asked.BusinessConnectionID,
	})
	if err != nil {
		return err
	}
	target := messageID(asked.Chat.ID, asked.ID)
	question, err := c.env.Target(ctx, c.bridge, in.chat, target)
	if err != nil {
		return fmt.Errorf("find the question that was answered: %w", err)
	}
	chosen := choiceOf(question, asked, query.Data)
	converted := &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{message.Answer(chosen.ID, chosen.Title, "")}}
	if question != nil {
		converted.ReplyTo, in.chat = replyTo(target), question.Room // an inaccessible message does not tell its topic
	}
	meta := in.eventMeta(bridgev2.RemoteEventMessage)
	meta.PreHandleFunc = nil // a press is no message: it opens no window, and cannot be marked as read
	return cl.queue(&simplevent.PreConvertedMessage{
		EventMeta: meta, ID: networkid.MessageID("callback:" + query.ID), Data: converted,
	})
}

// answerCallback tells Telegram that a press was taken. That Telegram does not want to know, as when it is too old to be
// answered or the token was revoked meanwhile, does not make it less one.
func (cl *Client) answerCallback(ctx context.Context, queryID string) error {
	api, err := cl.api()
	if err != nil {
		return err
	}
	_, err = api.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: queryID})
	cl.noteAccount(err)
	if botapi.As(err) != nil {
		cl.connector.log.Debug().Err(err).Msg("Telegram does not take the answer to a button")
		return nil
	} else if err != nil {
		return fmt.Errorf("answer a button: %w", err)
	}
	return nil
}

// questionOf is the message whose button was pressed, and whose chat it is in; nil if Telegram does not say.
func (c *Connector) questionOf(ctx context.Context, owner *Client, query *models.CallbackQuery) (*models.Message, *Client, error) {
	asked := query.Message.Message
	if old := query.Message.InaccessibleMessage; old != nil {
		asked = &models.Message{ID: old.MessageID, Chat: old.Chat}
	}
	if asked == nil {
		return nil, nil, nil // under a message that somebody else sent by way of the bot
	}
	if asked.BusinessConnectionID == "" {
		return asked, owner, nil
	}
	cl, err := c.businessClient(ctx, owner, asked.BusinessConnectionID)
	return asked, cl, err
}

// choiceOf is which of our choices a button stands for, with its words.
func choiceOf(question *database.Message, asked *models.Message, data string) Choice {
	if question != nil {
		if meta, ok := question.Metadata.(*MessageMeta); ok {
			for i, choice := range meta.Choices {
				if callbackData(i, choice.ID) == data {
					return choice
				}
			}
		}
	}
	if asked.ReplyMarkup != nil {
		for _, row := range asked.ReplyMarkup.InlineKeyboard {
			for _, button := range row {
				if button.CallbackData == data {
					return Choice{ID: data, Title: button.Text}
				}
			}
		}
	}
	return Choice{ID: data, Title: data}
}
