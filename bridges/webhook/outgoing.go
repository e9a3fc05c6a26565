package webhook

import (
	"context"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
)

// content makes of a Matrix message what goes over the wire.
func (cl *Client) content(ctx context.Context, evt *event.Event, msg *event.MessageEventContent) (*Message, error) {
	composed := message.Composition(evt)
	switch {
	case composed.Template != nil:
		return nil, message.Unsupported(cl.meta.DisplayName, "template")
	case composed.Choices != nil:
		return &Message{Text: composed.Choices.Body, Choices: composed.Choices}, nil
	}
	switch msg.MsgType {
	case event.MsgText, event.MsgNotice:
		return written(message.Body(msg)), nil
	case event.MsgEmote:
		body, html := message.Body(msg)
		if html == "" {
			html = event.TextToHTML(body)
		}
		return written(body, "<em>"+html+"</em>"), nil
	case event.MsgLocation:
		place, err := message.ReadPlace(msg)
		if err != nil {
			return nil, err
		}
		return &Message{Location: &Location{Latitude: place.Latitude, Longitude: place.Longitude, Name: place.Name}}, nil
	case event.MsgImage, event.MsgVideo, event.MsgAudio, event.MsgFile, event.CapMsgSticker:
		return cl.fileContent(ctx, msg)
	}
	return nil, message.Unsupported(cl.meta.DisplayName, msg.MsgType)
}

// written is a text with its formatting.
func written(body, html string) *Message {
	text, formatted := clean(body, html)
	return &Message{Text: text, HTML: formatted}
}

// clean makes of a text and its HTML, whoever wrote them, what both sides may show as it is: the HTML has only strong,
// em, u, del, span with data-mx-spoiler, code, pre, blockquote, br and a with a harmless address, and is empty if
// nothing is styled. Without a text it is made of the HTML.
func clean(body, html string) (text, formatted string) {
	return richtext.FromMatrix(body, html, dialect()).ToMatrix(nil)
}

// dialect is all that richtext has but mentions and custom emoji, which become text.
func dialect() richtext.Dialect {
	return richtext.Dialect{
		Styles: map[richtext.Style]bool{
			richtext.Bold: true, richtext.Italic: true, richtext.Underline: true, richtext.Strike: true, richtext.Spoiler: true,
			richtext.Code: true, richtext.Pre: true, richtext.Quote: true, richtext.Link: true,
		},
		NestCode: true, Schemes: []string{"http", "https", "mailto", "tel"},
	}
}
