package telegram

import (
	"context"
	"strconv"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/richtext"
)

// styles are Telegram's words for what a text can look like, and ours. What Telegram finds by itself (addresses,
// hashtags, commands) Matrix clients find too. ref: reference/telegram-bot.md §3, Entities
var styles = map[models.MessageEntityType]richtext.Style{
	models.MessageEntityTypeBold: richtext.Bold, models.MessageEntityTypeItalic: richtext.Italic,
	models.MessageEntityTypeUnderline: richtext.Underline, models.MessageEntityTypeStrikethrough: richtext.Strike,
	models.MessageEntityTypeSpoiler: richtext.Spoiler, models.MessageEntityTypeBlockquote: richtext.Quote,
	models.MessageEntityTypeExpandableBlockquote: richtext.Quote, models.MessageEntityTypeCode: richtext.Code,
	models.MessageEntityTypePre: richtext.Pre, models.MessageEntityTypeTextLink: richtext.Link,
	models.MessageEntityTypeTextMention: richtext.Mention, models.MessageEntityTypeCustomEmoji: richtext.CustomEmoji,
}

// entityTypes is styles the other way round.
var entityTypes = map[richtext.Style]models.MessageEntityType{
	richtext.Bold: models.MessageEntityTypeBold, richtext.Italic: models.MessageEntityTypeItalic,
	richtext.Underline: models.MessageEntityTypeUnderline, richtext.Strike: models.MessageEntityTypeStrikethrough,
	richtext.Spoiler: models.MessageEntityTypeSpoiler, richtext.Quote: models.MessageEntityTypeBlockquote,
	richtext.Code: models.MessageEntityTypeCode, richtext.Pre: models.MessageEntityTypePre,
	richtext.Link: models.MessageEntityTypeTextLink, richtext.Mention: models.MessageEntityTypeTextMention,
}

// spans are the entities that style something.
func spans(entities []models.MessageEntity) []richtext.Span {
	made := make([]richtext.Span, 0, len(entities))
	for _, entity := range entities {
		style, ok := styles[entity.Type]
		if !ok {
			continue
		}
		span := richtext.Span{Style: style, Offset: entity.Offset, Length: entity.Length}
		switch {
		case style == richtext.Link:
			span.Value = entity.URL
		case style == richtext.Pre:
			span.Value = entity.Language
		case style == richtext.Mention && entity.User != nil:
			span.Value = strconv.FormatInt(entity.User.ID, 10)
		}
		made = append(made, span)
	}
	return made
}

// toMatrix makes a Matrix body and HTML of a text; html is empty if nothing is styled. Mentions of people who are
// known link to their ghosts, and ping nobody.
func (cl *Client) toMatrix(ctx context.Context, text string, entities []models.MessageEntity) (body, html string) {
	return richtext.Text{Body: text, Spans: spans(entities)}.ToMatrix(func(userID string) (id.UserID, string, bool) {
		number, err := strconv.ParseInt(userID, 10, 64)
		if err != nil || number == cl.meta().BotID {
			return "", "", false
		}
		person, err := cl.connector.personOf(ctx, number, "")
		if err != nil {
			return "", "", false
		}
		ghost, err := cl.connector.bridge.GetGhostByID(ctx, person)
		if err != nil {
			return "", "", false
		}
		return ghost.Intent.GetMXID(), ghost.Name, true
	})
}

// fromMatrix makes Telegram's text and entities of a Matrix body and HTML. Entities are sent as they are: no markup
// has to be escaped. ref: reference/telegram-bot.md §3
func (cl *Client) fromMatrix(ctx context.Context, body, html string) (string, []models.MessageEntity) {
	text := richtext.FromMatrix(body, html, cl.dialect(ctx))
	made := make([]models.MessageEntity, 0, len(text.Spans))
	for _, span := range text.Spans {
		kind, ok := entityTypes[span.Style]
		if !ok {
			continue
		}
		entity := models.MessageEntity{Type: kind, Offset: span.Offset, Length: span.Length}
		switch span.Style {
		case richtext.Link:
			entity.URL = span.Value
		case richtext.Pre:
			entity.Language = span.Value
		case richtext.Mention:
			number, err := strconv.ParseInt(span.Value, 10, 64)
			if err != nil {
				continue
			}
			entity.User = &models.User{ID: number}
		}
		made = append(made, entity)
	}
	return text.Body, made
}

// dialect is what Telegram can show. Styles may nest, but code holds and lies in no other.
// ref: reference/telegram-bot.md §3
func (cl *Client) dialect(ctx context.Context) richtext.Dialect {
	can := make(map[richtext.Style]bool, len(entityTypes))
	for style := range entityTypes {
		can[style] = true
	}
	return richtext.Dialect{
		Styles: can, Overlap: true, Schemes: []string{"http", "https", "tg", "mailto", "tel"},
		Mention: func(userID id.UserID, shown string) (value, text string, ok bool) {
			return cl.mention(ctx, userID, shown)
		},
	}
}

// mention names a person by username, which everybody sees as a link, or else by the account itself.
func (cl *Client) mention(ctx context.Context, userID id.UserID, shown string) (value, text string, ok bool) {
	person, isGhost := cl.connector.bridge.Matrix.ParseGhostMXID(userID)
	if !isGhost {
		return "", "", false
	}
	return cl.mentionOf(ctx, person, shown)
}

func (cl *Client) mentionOf(ctx context.Context, person networkid.UserID, shown string) (value, text string, ok bool) {
	list, err := cl.connector.env.Handles.Of(ctx, person)
	if err != nil {
		return "", "", false
	}
	for _, handle := range list {
		switch handle.Kind {
		case handleUsername:
			return "", "@" + handle.Value, true
		case handleUserID:
			value = handle.Value
		}
	}
	return value, shown, value != ""
}
