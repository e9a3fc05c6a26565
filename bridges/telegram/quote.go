package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
)

// addContext puts above a message what it refers to: where it was forwarded from, which words it quotes. It returns
// the message that it answers, if the room has it. ref: reference/telegram-bot.md §3, Reply and Forward
func (in *incoming) addContext(ctx context.Context, content *event.MessageEventContent, msg *models.Message) (*networkid.MessageOptionalPartID, error) {
	target, quoted, err := in.reply(ctx, msg)
	if err != nil {
		return nil, err
	}
	isSticker := content.MsgType == "" // has no words to put anything above
	if quoted != "" && !isSticker {
		addQuote(content, quoted)
	}
	for _, line := range contextLines(msg) {
		if !isSticker {
			message.AddAbove(content, line)
		}
	}
	return target, nil
}

// reply returns the message that is answered, and the words to quote: those that the sender chose, or what a message
// says that the room does not have.
func (in *incoming) reply(ctx context.Context, msg *models.Message) (target *networkid.MessageOptionalPartID, quoted string, err error) {
	if msg.Quote != nil && (msg.Quote.IsManual || msg.ExternalReply != nil) {
		quoted = msg.Quote.Text
	}
	answered := msg.ReplyToMessage
	if answered == nil || (answered.ForumTopicCreated != nil && answered.ID == msg.MessageThreadID) {
		return nil, quoted, nil // in a forum every message answers the one that made the topic
	}
	id := messageID(msg.Chat.ID, answered.ID)
	known, err := in.client.connector.env.Target(ctx, in.client.connector.bridge, in.chat, id)
	if err != nil {
		return nil, "", fmt.Errorf("find the message that is answered: %w", err)
	} else if known != nil {
		return &networkid.MessageOptionalPartID{MessageID: id}, quoted, nil
	}
	return nil, either(quoted, summary(answered)), nil
}

// mostQuoted is how many characters of a message are quoted that the room does not have.
const mostQuoted = 200

// summary is what a message says in one line.
func summary(msg *models.Message) string {
	text := either(msg.Text, msg.Caption)
	if text == "" {
		text = kindWord(msg)
	}
	if runes := []rune(text); len(runes) > mostQuoted {
		text = string(runes[:mostQuoted]) + "…"
	}
	return text
}

// kindWord is what a message without words is.
func kindWord(msg *models.Message) string {
	switch {
	case len(msg.Photo) > 0:
		return "a picture"
	case msg.Sticker != nil:
		return strings.TrimSpace("a sticker " + msg.Sticker.Emoji)
	case msg.Voice != nil:
		return "a voice message"
	case msg.Video != nil, msg.VideoNote != nil, msg.Animation != nil:
		return "a video"
	case msg.Audio != nil:
		return "an audio file"
	case msg.Document != nil:
		return "a file"
	case msg.Location != nil:
		return "a location"
	case msg.Poll != nil:
		return "a poll: " + msg.Poll.Question
	}
	return "an earlier message"
}

// addQuote puts words of another message above a message's own. A file without a caption gets one.
func addQuote(content *event.MessageEventContent, quoted string) {
	plain := "> " + strings.ReplaceAll(quoted, "\n", "\n> ")
	html := "<blockquote>" + event.TextToHTML(quoted) + "</blockquote>"
	if content.MsgType.IsMedia() && content.FileName == "" {
		content.FileName, content.Body = content.Body, plain
		content.Format, content.FormattedBody = event.FormatHTML, html
		return
	}
	content.EnsureHasHTML()
	content.Body = plain + "\n\n" + content.Body
	content.FormattedBody = html + content.FormattedBody
}

// contextLines are lines of ours above a message, the lowest first.
func contextLines(msg *models.Message) []string {
	var lines []string
	if msg.ReplyToStory != nil {
		lines = append(lines, "In reply to a story")
	}
	if external := msg.ExternalReply; external != nil {
		lines = append(lines, "In reply to a message of "+originName(&external.Origin))
	}
	if msg.ViaBot != nil {
		lines = append(lines, "via @"+either(msg.ViaBot.Username, nameOf(*msg.ViaBot)))
	}
	if msg.ForwardOrigin != nil {
		lines = append(lines, "↷ Forwarded from "+originName(msg.ForwardOrigin))
	}
	return lines
}

func originName(origin *models.MessageOrigin) string {
	switch {
	case origin.MessageOriginUser != nil:
		return nameOf(origin.MessageOriginUser.SenderUser)
	case origin.MessageOriginHiddenUser != nil:
		return origin.MessageOriginHiddenUser.SenderUserName
	case origin.MessageOriginChat != nil:
		return origin.MessageOriginChat.SenderChat.Title
	case origin.MessageOriginChannel != nil:
		return origin.MessageOriginChannel.Chat.Title
	}
	return "somebody"
}
