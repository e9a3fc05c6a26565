package signal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
	"puente/bridges/signal/daemon"
)

// piece is what of a message becomes one event.
type piece struct {
	data *daemon.DataMessage
	file *daemon.Attachment
	more bool // behind the first: without the text and the quote
	// unknown: there is nothing in it that this version knows.
	unknown bool
}

// partsOf takes a message apart: one event of each file, with the text under the first.
func (in *incoming) partsOf(data *daemon.DataMessage) []piece {
	if len(data.Attachments) == 0 || data.ViewOnce {
		return []piece{{data: data, unknown: in.saysNothing(data)}}
	}
	pieces := make([]piece, len(data.Attachments))
	for i := range data.Attachments {
		pieces[i] = piece{data: data, file: &data.Attachments[i], more: i > 0}
	}
	return pieces
}

// saysNothing tells whether only members that are not known make it a message.
func (in *incoming) saysNothing(data *daemon.DataMessage) bool {
	known := *data
	known.Unknown = nil
	return known.IsEmpty()
}

// convert makes the event of a piece.
func (in *incoming) convert(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, p piece) (*bridgev2.ConvertedMessage, error) {
	part, err := in.part(ctx, portal, intent, p)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, false); err != nil {
		return nil, err
	}
	converted := &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}}
	if quote := p.data.Quote; quote != nil && !p.more {
		if err = in.quote(ctx, quote, converted); err != nil {
			return nil, err
		}
	}
	if p.data.StoryContext != nil && !p.more {
		message.AddAbove(part.Content, "↩ Answers a story of yours or of somebody else's")
	}
	converted.Disappear = in.client.connector.disappears(p.data, in.self)
	in.keepTimer(ctx, portal, p.data)
	return converted, nil
}

// disappears is when a message is to be deleted in Matrix too.
func (c *Connector) disappears(data *daemon.DataMessage, self bool) database.DisappearingSetting {
	if !c.config.Disappearing || data.ExpiresInSeconds <= 0 {
		return database.DisappearingSetting{}
	}
	setting := timer(data.ExpiresInSeconds)
	if self {
		setting.Type = event.DisappearingTypeAfterSend
	}
	return setting
}

// timer is a chat's time for messages to disappear: it runs from when they are read.
func timer(seconds int64) database.DisappearingSetting {
	if seconds <= 0 {
		return database.DisappearingSetting{}
	}
	return database.DisappearingSetting{Type: event.DisappearingTypeAfterRead, Timer: time.Duration(seconds) * time.Second}
}

// quote makes it a reply. A message that the room does not have is quoted in words.
func (in *incoming) quote(ctx context.Context, quote *daemon.Quote, converted *bridgev2.ConvertedMessage) error {
	author := in.client.author(quote.AuthorUUID, quote.AuthorNumber)
	target, err := in.target(ctx, author, quote.Timestamp)
	if err != nil {
		return err
	}
	if target != nil {
		converted.ReplyTo = &networkid.MessageOptionalPartID{MessageID: target.ID}
		return nil
	}
	if words := shorten(quote.Text, quotedShown); words != "" {
		message.AddAbove(converted.Parts[0].Content, "↩ In reply to: "+words)
	}
	return nil
}

// quotedShown is how much of a quoted message is shown, in characters.
const quotedShown = 200

func shorten(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// part makes the event of one piece.
func (in *incoming) part(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, p piece) (*bridgev2.ConvertedMessagePart, error) {
	data := p.data
	switch {
	case data.ViewOnce:
		return message.Notice(in.who() + " sent something that can be viewed once. It can be seen on a phone only, so it is not shown here."), nil
	case p.file != nil:
		return in.file(ctx, portal, intent, p)
	case data.Sticker != nil:
		return in.sticker(ctx, portal, intent, data.Sticker)
	case data.PollCreate != nil:
		return pollPart(data.PollCreate), nil
	case len(data.Contacts) > 0:
		return message.Plain(event.MsgText, contactsText(data.Contacts)), nil
	case data.Payment != nil:
		return message.Notice(paymentText(in.who(), data.Payment)), nil
	case p.unknown:
		return message.Notice(in.unknownText()), nil
	}
	return message.Text(in.text(ctx, data)), nil
}

// who is whoever did it, at the beginning of a notice.
func (in *incoming) who() string {
	if in.self {
		return "You"
	}
	return "The customer"
}

// text is what a message says, and its HTML. Mentions link to people and ping nobody.
func (in *incoming) text(ctx context.Context, data *daemon.DataMessage) (body, html string) {
	return toRichtext(data).ToMatrix(func(person string) (id.UserID, string, bool) {
		return in.mentioned(ctx, data, person)
	})
}

var styles = map[string]richtext.Style{
	"BOLD": richtext.Bold, "ITALIC": richtext.Italic, "SPOILER": richtext.Spoiler, "STRIKETHROUGH": richtext.Strike,
	"MONOSPACE": richtext.Code,
}

// toRichtext reads a text with its styles and mentions. ref: reference/signal-cli.md §5, textStyles and mentions
func toRichtext(data *daemon.DataMessage) richtext.Text {
	text := richtext.Text{Body: data.Message}
	for _, style := range data.TextStyles {
		if known, ok := styles[style.Style]; ok {
			text.Spans = append(text.Spans, richtext.Span{Style: known, Offset: style.Start, Length: style.Length})
		}
	}
	for _, mention := range data.Mentions {
		text.Spans = append(text.Spans, richtext.Span{
			Style: richtext.Mention, Offset: mention.Start, Length: mention.Length, Value: either(mention.UUID, mention.Number),
		})
	}
	return text
}

// mentioned is who a mention is about.
func (in *incoming) mentioned(ctx context.Context, data *daemon.DataMessage, person string) (id.UserID, string, bool) {
	for _, mention := range data.Mentions {
		if either(mention.UUID, mention.Number) != person {
			continue
		}
		if in.client.isSelf(mention.UUID, mention.Number) {
			return "", either(in.client.meta().Name, remoteName(in.client.meta())), false
		}
		name, mxid := in.client.nameOf(ctx, mention.UUID, mention.Number)
		return mxid, name, mxid != ""
	}
	return "", "somebody", false
}

func contactsText(people []daemon.SharedPerson) string {
	blocks := make([]string, 0, len(people))
	for _, person := range people {
		name := strings.Join(nonEmpty(person.Name.Prefix, person.Name.Given, person.Name.Middle, person.Name.Family, person.Name.Suffix), " ")
		lines := []string{"👤 " + either(either(name, person.Name.Nickname), "Contact")}
		lines = append(lines, nonEmpty(person.Organization)...)
		for _, phone := range person.Phone {
			lines = append(lines, labelled(phone))
		}
		for _, email := range person.Email {
			lines = append(lines, labelled(email))
		}
		for _, a := range person.Address {
			lines = append(lines, strings.Join(nonEmpty(a.Street, a.Pobox, a.Neighborhood, strings.TrimSpace(a.Postcode+" "+a.City), a.Region, a.Country), ", "))
		}
		blocks = append(blocks, strings.Join(nonEmpty(lines...), "\n"))
	}
	return strings.Join(blocks, "\n\n")
}

func labelled(entry daemon.Labelled) string {
	label := either(entry.Label, strings.ToLower(entry.Type))
	if label == "" || entry.Value == "" {
		return entry.Value
	}
	return label + ": " + entry.Value
}

func paymentText(who string, payment *daemon.Payment) string {
	text := "💰 " + who + " sent a payment by Signal. It can be seen on a phone only."
	if payment.Note != "" {
		text += " Note: " + payment.Note
	}
	return text
}

func (in *incoming) unknownText() string {
	return in.who() + " sent something that this version of Puente does not know. Ask for it in another form if you need it."
}

// words are names of the network's that may stand in a log.
func words(names []string) []string {
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = message.CleanWord(name)
	}
	return clean
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

func nonEmpty(list ...string) []string {
	kept := make([]string, 0, len(list))
	for _, item := range list {
		if item != "" {
			kept = append(kept, item)
		}
	}
	return kept
}

// span is a time in words that people use.
func span(seconds int64) string {
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{7 * 24 * 3600, "week"}, {24 * 3600, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if n := seconds / unit.seconds; n > 0 && seconds%unit.seconds == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return fmt.Sprintf("%d seconds", seconds)
}
