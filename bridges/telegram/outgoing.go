package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// The lengths that Telegram takes, in UTF-16 code units. ref: reference/telegram-bot.md §4
const (
	maxText    = 4096
	maxCaption = 1024
)

// send sends a Matrix message and notes in meta what must be known of it later.
func (cl *Client) send(ctx context.Context, msg *bridgev2.MatrixMessage, meta *MessageMeta) (networkid.MessageID, error) {
	composed := message.Composition(msg.Event)
	if composed.Template != nil {
		return "", errs.Tell(fmt.Errorf("template: %w", errs.ErrUnsupported), "Telegram has no templates. Write it as a message.")
	}
	switch msg.Content.MsgType {
	case event.MsgImage, event.MsgVideo, event.MsgAudio, event.MsgFile, event.CapMsgSticker:
		return cl.sendFile(ctx, msg, meta)
	}
	return cl.deliver(ctx, msg.Event.ID, msg.Portal, msg.ReplyTo, func(address) (post, error) {
		switch {
		case composed.Choices != nil:
			return cl.choices(composed.Choices, meta)
		case msg.Content.MsgType == event.MsgText, msg.Content.MsgType == event.MsgNotice, msg.Content.MsgType == event.MsgEmote:
			return cl.text(ctx, msg.Content, meta)
		case msg.Content.MsgType == event.MsgLocation:
			return locationOut(msg.Content, meta)
		}
		return nil, message.Unsupported(displayName, msg.Content.MsgType)
	})
}

// textOf is the text of a message for Telegram. An emote is in italics.
func (cl *Client) textOf(ctx context.Context, content *event.MessageEventContent) (string, []models.MessageEntity, error) {
	body, html := message.Body(content)
	if content.MsgType == event.MsgEmote {
		html = "<em>" + either(html, event.TextToHTML(body)) + "</em>"
	}
	text, entities := cl.fromMatrix(ctx, body, html)
	if strings.TrimSpace(text) == "" {
		return "", nil, errs.Tell(fmt.Errorf("empty text: %w", errs.ErrInvalid), "there is nothing in this text that Telegram could show.")
	}
	return text, entities, tooLong("text", text, maxText)
}

func tooLong(what, text string, most int) error {
	if length := richtext.Len(text); length > most {
		return message.TooLong(displayName, what, length, most)
	}
	return nil
}

func (cl *Client) text(ctx context.Context, content *event.MessageEventContent, meta *MessageMeta) (post, error) {
	text, entities, err := cl.textOf(ctx, content)
	if err != nil {
		return nil, err
	}
	meta.Words = words(text)
	return func(ctx context.Context, api *botapi.Client, to address) (*models.Message, error) {
		return api.SendMessage(ctx, &bot.SendMessageParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Text: text, Entities: entities,
			LinkPreviewOptions: cl.linkPreview(), ReplyParameters: to.reply,
		})
	}, nil
}

func (cl *Client) linkPreview() *models.LinkPreviewOptions {
	if cl.connector.config.LinkPreviews {
		return nil
	}
	off := true
	return &models.LinkPreviewOptions{IsDisabled: &off}
}

// maxCallback is how many bytes of data a button carries. ref: reference/telegram-bot.md §4, Buttons
const maxCallback = 64

// callbackData is what a button carries: the choice's own ID, or its place if that is too long.
func callbackData(place int, id string) string {
	if id != "" && len(id) <= maxCallback {
		return id
	}
	return "puente:" + strconv.Itoa(place)
}

// mostButtons is how many buttons Telegram takes under a message.
const mostButtons = 100

// choices makes a question with a button for each answer: side by side if there are few, else one below another.
func (cl *Client) choices(c *network.ChoicesContent, meta *MessageMeta) (post, error) {
	if len(c.Choice) == 0 || len(c.Choice) > mostButtons {
		return nil, errs.Tell(fmt.Errorf("%d choices: %w", len(c.Choice), errs.ErrInvalid), fmt.Sprintf("Telegram takes 1 to %d answers.", mostButtons))
	}
	text, entities := question(c)
	if err := tooLong("question", text, maxText); err != nil {
		return nil, err
	}
	meta.Choices, meta.Column = nil, c.Open != ""
	for _, choice := range c.Choice {
		meta.Choices = append(meta.Choices, Choice{ID: choice.ID, Title: choice.Title})
	}
	keyboard := keyboardOf(meta)
	meta.Words = words(text)
	return func(ctx context.Context, api *botapi.Client, to address) (*models.Message, error) {
		return api.SendMessage(ctx, &bot.SendMessageParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread, Text: text, Entities: entities,
			ReplyParameters: to.reply, ReplyMarkup: keyboard,
		})
	}, nil
}

// keyboardOf are the buttons of a question of ours.
func keyboardOf(meta *MessageMeta) *models.InlineKeyboardMarkup {
	keyboard := &models.InlineKeyboardMarkup{}
	for i, choice := range meta.Choices {
		button := models.InlineKeyboardButton{Text: choice.Title, CallbackData: callbackData(i, choice.ID)}
		if !meta.Column && i > 0 {
			keyboard.InlineKeyboard[0] = append(keyboard.InlineKeyboard[0], button)
		} else {
			keyboard.InlineKeyboard = append(keyboard.InlineKeyboard, []models.InlineKeyboardButton{button})
		}
	}
	return keyboard
}

// question is the text above the buttons: the header in bold, the body, what the rows say more, and the footer.
func question(c *network.ChoicesContent) (string, []models.MessageEntity) {
	var parts []string
	var entities []models.MessageEntity
	if c.Header != "" {
		parts = append(parts, c.Header)
		entities = append(entities, models.MessageEntity{Type: models.MessageEntityTypeBold, Length: richtext.Len(c.Header)})
	}
	parts = append(parts, c.Body)
	var rows []string
	for _, choice := range c.Choice {
		if choice.Description != "" {
			rows = append(rows, "• "+choice.Title+": "+choice.Description)
		}
	}
	if len(rows) > 0 {
		parts = append(parts, strings.Join(rows, "\n"))
	}
	if c.Footer != "" {
		parts = append(parts, c.Footer)
	}
	return strings.Join(parts, "\n\n"), entities
}

// locationOut sends a place. One with a name is a venue, which wants an address too: the coordinates stand for it.
// ref: reference/telegram-bot.md §4, sendLocation and sendVenue
func locationOut(content *event.MessageEventContent, meta *MessageMeta) (post, error) {
	place, err := message.ReadPlace(content)
	if err != nil {
		return nil, err
	}
	meta.Wordless = true
	return func(ctx context.Context, api *botapi.Client, to address) (*models.Message, error) {
		if place.Name != "" {
			return api.SendVenue(ctx, &bot.SendVenueParams{
				BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread,
				Latitude: place.Latitude, Longitude: place.Longitude, Title: place.Name,
				Address: fmt.Sprintf("%.5f, %.5f", place.Latitude, place.Longitude), ReplyParameters: to.reply,
			})
		}
		return api.SendLocation(ctx, &bot.SendLocationParams{
			BusinessConnectionID: to.connection, ChatID: to.chat, MessageThreadID: to.thread,
			Latitude: place.Latitude, Longitude: place.Longitude, ReplyParameters: to.reply,
		})
	}, nil
}
