package webhook

import (
	"context"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
)

// convert makes a Matrix message of what somebody said: always one event, so that a crash cannot leave half of it.
func (in *incoming) convert(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, said *Message) (*bridgev2.ConvertedMessage, error) {
	part, err := in.part(ctx, portal, intent, said)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, false); err != nil {
		return nil, err
	}
	converted := &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}}
	if said.ReplyTo != "" {
		target, err := in.target(ctx, said.ReplyTo)
		if err != nil {
			return nil, err
		} else if target != nil {
			converted.ReplyTo = &networkid.MessageOptionalPartID{MessageID: target.ID}
		}
	}
	return converted, nil
}

func (in *incoming) convertEdit(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, existing []*database.Message, said *Message) (*bridgev2.ConvertedEdit, error) {
	part, err := in.part(ctx, portal, intent, said)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, true); err != nil {
		return nil, err
	}
	return &bridgev2.ConvertedEdit{ModifiedParts: []*bridgev2.ConvertedEditPart{part.ToEditPart(existing[0])}}, nil
}

// convertVersion shows what a message says now beside it.
func (in *incoming) convertVersion(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, said *Message, of networkid.MessageID) (*bridgev2.ConvertedMessage, error) {
	converted, err := in.convert(ctx, portal, intent, said)
	if err != nil {
		return nil, err
	}
	message.AddAbove(converted.Parts[0].Content, "✏️ New version of an earlier message:")
	converted.ReplyTo = &networkid.MessageOptionalPartID{MessageID: of}
	return converted, nil
}

// convertUnknown shows that something came that cannot be shown.
func (in *incoming) convertUnknown(context.Context, *bridgev2.Portal, bridgev2.MatrixAPI, *Message) (*bridgev2.ConvertedMessage, error) {
	notice := message.Notice("The customer sent something of a kind (" + plainType(in.evt.Type) +
		") that this version of Puente does not know. Look at it in " + in.client.meta.DisplayName + ".")
	return &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{notice}}, nil
}

func (in *incoming) part(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, said *Message) (*bridgev2.ConvertedMessagePart, error) {
	switch {
	case len(said.Media) > 0:
		return in.media(ctx, portal, intent, said)
	case said.Location != nil:
		l := said.Location
		return message.Location(l.Latitude, l.Longitude, l.Name, l.Address), nil
	case said.Contact != nil:
		return message.Plain(event.MsgText, contactText(said.Contact)), nil
	case said.Answer != nil:
		return message.Answer(said.Answer.ID, said.Answer.Title, ""), nil
	}
	return message.Text(clean(said.Text, said.HTML)), nil
}

func contactText(card *Contact) string {
	lines := []string{"👤 " + card.Name}
	if card.Organization != "" {
		lines = append(lines, card.Organization)
	}
	return strings.Join(append(append(lines, card.Phones...), card.Emails...), "\n")
}
