package whatsapp

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/graph"
	"puente/bridges/whatsapp/markup"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// composed is what an event says beyond what Matrix has words for.
type composed struct {
	template *network.TemplateContent
	choices  *network.ChoicesContent
}

func composition(evt *event.Event) (c composed) {
	if raw, ok := evt.Content.Raw[network.TemplateKey]; ok {
		c.template = decodeKey[network.TemplateContent](raw)
	} else if raw, ok = evt.Content.Raw[network.ChoicesKey]; ok {
		c.choices = decodeKey[network.ChoicesContent](raw)
	}
	return c
}

func decodeKey[T any](raw any) *T {
	encoded, err := json.Marshal(raw)
	if err != nil {
		return nil
	}
	value := new(T)
	if json.Unmarshal(encoded, value) != nil {
		return nil
	}
	return value
}

// content makes WhatsApp's content of a Matrix message. ref: reference/whatsapp-cloud.md §5.1
func (cl *Client) content(ctx context.Context, msg *bridgev2.MatrixMessage, c composed) (graph.Content, error) {
	switch {
	case c.template != nil:
		return cl.templateContent(ctx, msg, c.template)
	case c.choices != nil:
		return choicesContent(c.choices), nil
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
	return nil, errs.Tell(fmt.Errorf("message type %s: %w", msg.Content.MsgType, errs.ErrUnsupported),
		"WhatsApp has nothing that corresponds to this kind of message.")
}

func body(content *event.MessageEventContent) string {
	formatted := ""
	if content.Format == event.FormatHTML {
		formatted = content.FormattedBody
	}
	return markup.FromMatrix(content.Body, formatted)
}

// caption is what stands under a file, if anything does.
func caption(content *event.MessageEventContent) string {
	if content.FileName == "" || content.FileName == content.Body {
		return ""
	}
	return body(content)
}

func locationContent(content *event.MessageEventContent) (graph.Content, error) {
	coordinates, _, _ := strings.Cut(strings.TrimPrefix(content.GeoURI, "geo:"), ";")
	latitude, longitude, _ := strings.Cut(coordinates, ",")
	longitude, _, _ = strings.Cut(longitude, ",") // an altitude may follow
	lat, latErr := strconv.ParseFloat(latitude, 64)
	long, longErr := strconv.ParseFloat(longitude, 64)
	if latErr != nil || longErr != nil {
		return nil, errs.Tell(fmt.Errorf("geo_uri of a location: %w", errs.ErrInvalid), "the location has no coordinates that Puente can read.")
	}
	place := graph.OutLocation{Latitude: lat, Longitude: long}
	if name := strings.TrimSpace(content.Body); !strings.Contains(name, "geo:") {
		place.Name = firstLine(name)
	}
	return place, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
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
