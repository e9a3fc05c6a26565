package whatsapp

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/bridges/whatsapp/markup"
	"puente/core/hub/network"
)

// convert makes a Matrix message of what a customer wrote: always one event, so that a crash cannot leave half of
// it. ref: reference/whatsapp-cloud.md §4.1
func (in *incoming) convert(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, msg graph.Message) (*bridgev2.ConvertedMessage, error) {
	part, err := in.part(ctx, portal, intent, msg)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, false); err != nil {
		return nil, err
	}
	converted := &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}}
	if msg.Context != nil {
		if msg.Context.ID != "" {
			converted.ReplyTo = &networkid.MessageOptionalPartID{MessageID: networkid.MessageID(msg.Context.ID)}
		}
		if msg.Context.Forwarded || msg.Context.FrequentlyForwarded {
			message.AddAbove(part.Content, "↷ Forwarded")
		}
	}
	if msg.Referral != nil {
		message.AddAbove(part.Content, referralText(msg.Referral))
	}
	return converted, nil
}

func (in *incoming) convertEdit(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, existing []*database.Message, msg graph.Message) (*bridgev2.ConvertedEdit, error) {
	part, err := in.part(ctx, portal, intent, msg)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, true); err != nil {
		return nil, err
	}
	return &bridgev2.ConvertedEdit{ModifiedParts: []*bridgev2.ConvertedEditPart{part.ToEditPart(existing[0])}}, nil
}

func (in *incoming) part(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, msg graph.Message) (*bridgev2.ConvertedMessagePart, error) {
	if media := msg.Media(); media != nil {
		return in.media(ctx, portal, intent, msg.Type, media)
	}
	switch {
	case msg.Type == "text" && msg.Text != nil:
		return text(msg.Text.Body), nil
	case msg.Type == "location" && msg.Location != nil:
		return location(msg.Location), nil
	case msg.Type == "contacts" && len(msg.Contacts) > 0:
		return message.Plain(event.MsgText, contactsText(msg.Contacts)), nil
	case msg.Type == "button" && msg.Button != nil:
		return message.Answer(msg.Button.Payload, msg.Button.Text, ""), nil
	case msg.Type == "interactive" && msg.Interactive != nil:
		return interactive(msg.Interactive), nil
	case msg.Type == "order" && msg.Order != nil:
		return order(msg.Order), nil
	case msg.Type == "system" && msg.System != nil:
		return message.Notice(systemText(msg.System)), nil
	case msg.Type == "request_welcome":
		return message.Notice("The customer opened the chat for the first time."), nil
	}
	return message.Notice(unsupportedText(msg)), nil
}

func text(body string) *bridgev2.ConvertedMessagePart { return message.Text(markup.ToMatrix(body)) }

func location(place *graph.Location) *bridgev2.ConvertedMessagePart {
	return message.Location(float64(place.Latitude), float64(place.Longitude), place.Name, place.Address)
}

func interactive(i *graph.Interactive) *bridgev2.ConvertedMessagePart {
	switch {
	case i.ButtonReply != nil:
		return message.Answer(string(i.ButtonReply.ID), i.ButtonReply.Title, "")
	case i.ListReply != nil:
		return message.Answer(string(i.ListReply.ID), i.ListReply.Title, i.ListReply.Description)
	case i.FormReply != nil:
		return form(i.FormReply)
	case i.CallPermission != nil:
		return message.Notice("The customer's answer to your request to call: " + i.CallPermission.Response)
	}
	return message.Notice("The customer answered, but WhatsApp did not say what.")
}

func form(reply *graph.FormReply) *bridgev2.ConvertedMessagePart {
	fields := reply.Answers()
	keys := make([]string, 0, len(fields))
	for key := range fields {
		if key != "flow_token" {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	lines := []string{either(reply.Body, "Form filled in")}
	for _, key := range keys {
		lines = append(lines, fmt.Sprintf("%s: %s", key, fieldText(fields[key])))
	}
	part := message.Plain(event.MsgText, strings.Join(lines, "\n"))
	part.Extra = map[string]any{network.AnswerKey: map[string]any{"id": reply.Name, "fields": fields}}
	return part
}

func fieldText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

func order(o *graph.Order) *bridgev2.ConvertedMessagePart {
	lines := []string{"🛒 Order"}
	items := make([]map[string]any, 0, len(o.Items))
	for _, item := range o.Items {
		lines = append(lines, fmt.Sprintf("%d × %s, %s %s each", item.Quantity, item.ProductRetailerID, item.ItemPrice, item.Currency))
		items = append(items, map[string]any{
			"product_retailer_id": item.ProductRetailerID, "quantity": item.Quantity, "item_price": string(item.ItemPrice), "currency": item.Currency,
		})
	}
	if o.Text != "" {
		lines = append(lines, o.Text)
	}
	part := message.Plain(event.MsgText, strings.Join(lines, "\n"))
	part.Extra = map[string]any{"dev.puente.order": map[string]any{"catalog_id": o.CatalogID, "items": items}}
	return part
}

func contactsText(cards []graph.Card) string {
	var blocks []string
	for _, card := range cards {
		lines := []string{"👤 Contact"}
		if card.Name != nil {
			lines[0] = "👤 " + card.Name.FormattedName
		}
		if card.Org != nil {
			lines = append(lines, nonEmpty(strings.Join(nonEmpty(card.Org.Title, card.Org.Department, card.Org.Company), ", "))...)
		}
		for _, phone := range card.Phones {
			lines = append(lines, labelled(phone.Type, phone.Phone))
		}
		for _, email := range card.Emails {
			lines = append(lines, labelled(email.Type, email.Email))
		}
		for _, url := range card.URLs {
			lines = append(lines, labelled(url.Type, url.URL))
		}
		for _, a := range card.Addresses {
			lines = append(lines, labelled(a.Type, strings.Join(nonEmpty(a.Street, strings.TrimSpace(string(a.Zip)+" "+a.City), a.State, a.Country), ", ")))
		}
		if card.Birthday != "" {
			lines = append(lines, "born "+card.Birthday)
		}
		blocks = append(blocks, strings.Join(lines, "\n"))
	}
	return strings.Join(blocks, "\n\n")
}

func labelled(label, value string) string {
	if label == "" {
		return value
	}
	return strings.ToLower(label) + ": " + value
}

func systemText(system *graph.System) string {
	switch system.Type {
	case "user_changed_number":
		return "The customer has a new phone number. Messages go on in this room."
	case "user_changed_user_id":
		return "The customer's WhatsApp account was renewed. Messages go on in this room."
	case "customer_identity_changed":
		return "The customer's security code changed: WhatsApp was installed anew or on another device."
	}
	return either(system.Body, "WhatsApp reports a change of this chat.")
}

var unsupportedKinds = map[string]string{
	"edit": "edited a message; WhatsApp does not tell what it says now", "poll": "sent a poll",
	"button": "sent a message with buttons", "video_note": "sent a video note", "event": "sent an event", "view_once": "sent something that can be viewed once",
}

// unsupportedText says what came that cannot be shown, and where it can be seen.
func unsupportedText(msg graph.Message) string {
	kind := msg.Type
	if msg.Unsupported != nil && msg.Unsupported.Type != "" {
		kind = msg.Unsupported.Type
	}
	what := unsupportedKinds[kind]
	if what == "" && (kind == "" || kind == "unsupported" || kind == "unknown") {
		what = "sent something that WhatsApp does not hand over to businesses"
	} else if what == "" {
		what = fmt.Sprintf("sent something of a kind (%s) that WhatsApp does not hand over to businesses", message.CleanWord(kind))
	}
	text := "The customer " + what + "."
	for _, problem := range msg.Errors {
		if problem.Code == 131052 {
			return "The customer sent a file that WhatsApp could not hand over: it is too large or broken."
		}
	}
	return text + " Ask the customer to send it another way if you need it."
}

func referralText(r *graph.Referral) string {
	kind := either(r.SourceType, "ad")
	return strings.Join(nonEmpty("📣 Came from your "+kind+": "+strings.Join(nonEmpty(r.Headline, r.Body), " – "), r.SourceURL), "\n")
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
