package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
)

// albumKey marks, in the content of what was sent together, which album it is of.
const albumKey = "dev.puente.album"

// convert makes a Matrix message of what somebody wrote: always one event, so that a crash cannot leave half of it.
// ref: reference/telegram-bot.md §3, Message content
func (in *incoming) convert(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, msg *models.Message) (*bridgev2.ConvertedMessage, error) {
	if in.echo {
		if ours, err := in.settleEcho(ctx, portal); err != nil {
			return nil, err
		} else if ours {
			return nil, fmt.Errorf("echo of what was sent: %w", bridgev2.ErrIgnoringRemoteEvent)
		}
	}
	part, err := in.part(ctx, portal, intent, msg)
	if err != nil {
		return nil, err
	}
	replyTo, err := in.addContext(ctx, part.Content, msg)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, false); err != nil {
		return nil, err
	}
	return &bridgev2.ConvertedMessage{ReplyTo: replyTo, Parts: []*bridgev2.ConvertedMessagePart{part}}, nil
}

// convertEdit makes an edit of what a message says now. Telegram also tells of changes that nobody sees, such as of
// buttons: those are passed over. ref: reference/telegram-bot.md §3, edited_message
func (in *incoming) convertEdit(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, existing []*database.Message, msg *models.Message) (*bridgev2.ConvertedEdit, error) {
	meta, ok := existing[0].Metadata.(*MessageMeta)
	if ok && meta.Said == digest(msg) {
		return nil, fmt.Errorf("edit that changes nothing visible: %w", bridgev2.ErrIgnoringRemoteEvent)
	}
	part, err := in.part(ctx, portal, intent, msg)
	if err != nil {
		return nil, err
	}
	if _, err = in.addContext(ctx, part.Content, msg); err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, true); err != nil {
		return nil, err
	}
	return &bridgev2.ConvertedEdit{ModifiedParts: []*bridgev2.ConvertedEditPart{part.ToEditPart(existing[0])}}, nil
}

// part is the message's event: the first kind of content that matches, in the order that Telegram's doubles ask for.
func (in *incoming) part(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, msg *models.Message) (*bridgev2.ConvertedMessagePart, error) {
	made, err := in.content(ctx, portal, intent, msg)
	if err != nil {
		return nil, err
	}
	made.DBMetadata = &MessageMeta{Said: digest(msg)}
	if msg.MediaGroupID != "" {
		if made.Extra == nil {
			made.Extra = map[string]any{}
		}
		made.Extra[albumKey] = map[string]any{"id": msg.MediaGroupID}
	}
	return made, nil
}

func (in *incoming) content(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, msg *models.Message) (*bridgev2.ConvertedMessagePart, error) {
	switch {
	case startPayload(msg.Text) != "" && !in.sender.IsFromMe:
		return message.Notice("Came by the link " + in.startLink(startPayload(msg.Text))), nil
	case msg.Text != "":
		return message.Text(in.client.toMatrix(ctx, msg.Text, msg.Entities)), nil
	case msg.RichMessage != nil:
		return message.Plain(event.MsgText, richText(msg.RichMessage)), nil
	case msg.Sticker != nil:
		return in.sticker(ctx, portal, intent, msg.Sticker)
	}
	if file := in.fileOf(ctx, msg); file != nil {
		return in.file(ctx, portal, intent, *file)
	}
	return in.thing(msg), nil
}

// thing is what is neither a text nor a file.
func (in *incoming) thing(msg *models.Message) *bridgev2.ConvertedMessagePart {
	switch {
	case msg.Venue != nil: // fills location too
		return message.Location(msg.Venue.Location.Latitude, msg.Venue.Location.Longitude, msg.Venue.Title, msg.Venue.Address)
	case msg.Location != nil:
		return location(msg.Location)
	case msg.Contact != nil:
		return message.Plain(event.MsgText, contactText(msg.Contact))
	case msg.Poll != nil:
		return message.Plain(event.MsgText, pollText(msg.Poll))
	case msg.Dice != nil:
		return message.Plain(event.MsgText, fmt.Sprintf("%s %d", msg.Dice.Emoji, msg.Dice.Value))
	case msg.Checklist != nil:
		return message.Plain(event.MsgText, checklistText(msg.Checklist))
	}
	if line := otherText(msg); line != "" {
		return message.Notice(line)
	} else if line = serviceText(msg); line != "" {
		return message.Notice(line)
	}
	return message.Notice("Something came of a kind that Telegram's interface for bots does not show. Ask for it in another form if you need it.")
}

func location(place *models.Location) *bridgev2.ConvertedMessagePart {
	if place.LivePeriod > 0 {
		return message.Location(place.Latitude, place.Longitude, "Live location")
	}
	return message.Location(place.Latitude, place.Longitude)
}

func contactText(contact *models.Contact) string {
	lines := []string{"👤 " + either(fullName(contact.FirstName, contact.LastName), "Contact")}
	if contact.PhoneNumber != "" {
		lines = append(lines, "+"+strings.TrimPrefix(contact.PhoneNumber, "+"))
	}
	for _, line := range strings.Split(contact.VCard, "\n") {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && value != "" && vcardShown(name) {
			lines = append(lines, value)
		}
	}
	return strings.Join(lines, "\n")
}

// vcardShown tells whether a line of a vCard adds something that people read.
func vcardShown(name string) bool { return hasPrefixFold(name, "EMAIL", "ORG", "TITLE", "URL", "ADR") }

func checklistText(list *models.Checklist) string {
	lines := []string{"☑ " + list.Title}
	for _, task := range list.Tasks {
		mark := "☐ "
		if task.CompletionDate != 0 {
			mark = "☑ "
		}
		lines = append(lines, mark+task.Text)
	}
	return strings.Join(lines, "\n")
}

func (in *incoming) startLink(payload string) string {
	return "t.me/" + either(about(in.client, func(meta *LoginMeta) string { return meta.Username }), "bot") + "?start=" + payload
}
