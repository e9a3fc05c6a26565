package whatsapp

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/bridges/whatsapp/markup"
	"puente/core/hub/network"
)

// content makes WhatsApp's content of a Matrix message. ref: reference/whatsapp-cloud.md §5.1
func (cl *Client) content(ctx context.Context, msg *bridgev2.MatrixMessage, c message.Composed) (graph.Content, error) {
	switch {
	case c.Template != nil:
		return cl.templateContent(ctx, msg, c.Template)
	case c.Choices != nil:
		return choicesContent(c.Choices), nil
	}
	switch msg.Content.MsgType {
	case event.MsgText, event.MsgNotice:
		return graph.OutText{Body: body(msg.Content), PreviewURL: cl.connector.config.LinkPreviews}, nil
	case event.MsgEmote:
		return graph.OutText{Body: "_" + body(msg.Content) + "_"}, nil
	case event.MsgLocation:
		return locationContent(msg.Content)
	case event.MsgImage, event.MsgVideo, event.MsgAudio, event.MsgFile, event.CapMsgSticker:
		return cl.fileContent(ctx, msg)
	}
	return nil, message.Unsupported(displayName, msg.Content.MsgType)
}

func body(content *event.MessageEventContent) string { return markup.FromMatrix(message.Body(content)) }

// caption is what stands under a file, if anything does.
func caption(content *event.MessageEventContent) string {
	return markup.FromMatrix(message.Caption(content))
}

func locationContent(content *event.MessageEventContent) (graph.Content, error) {
	place, err := message.ReadPlace(content)
	if err != nil {
		return nil, err
	}
	return graph.OutLocation{Latitude: place.Latitude, Longitude: place.Longitude, Name: place.Name, Address: place.Address}, nil
}

func choicesContent(c *network.ChoicesContent) graph.Content {
	var header *graph.Header
	if c.Header != "" {
		header = &graph.Header{Text: c.Header}
	}
	if c.Open == "" {
		buttons := make([]graph.ReplyButton, len(c.Choice))
		for i, choice := range c.Choice {
			buttons[i] = graph.ReplyButton{ID: choice.ID, Title: choice.Title}
		}
		return graph.OutButtons{Header: header, Body: c.Body, Footer: c.Footer, Buttons: buttons}
	}
	rows := make([]graph.Row, len(c.Choice))
	for i, choice := range c.Choice {
		rows[i] = graph.Row{ID: choice.ID, Title: choice.Title, Description: choice.Description}
	}
	return graph.OutList{Header: header, Body: c.Body, Footer: c.Footer, Button: c.Open, Sections: []graph.Section{{Rows: rows}}}
}
