package whatsapp

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// templatesLast is how long a list of templates is believed; Meta allows 200 such questions an hour and account, and
// tells of changes by webhook. ref: reference/whatsapp-cloud.md §6, management calls
const templatesLast = 10 * time.Minute

// templateCache holds an account's templates.
type templateCache struct {
	mu   sync.Mutex
	list []graph.TemplateInfo
	read time.Time
}

func (t *templateCache) forget() {
	t.mu.Lock()
	t.read = time.Time{}
	t.mu.Unlock()
}

// allTemplates returns the account's templates as Meta has them.
func (cl *Client) allTemplates(ctx context.Context) ([]graph.TemplateInfo, error) {
	cl.templates.mu.Lock()
	defer cl.templates.mu.Unlock()
	now := cl.connector.clock.Now()
	if !cl.templates.read.IsZero() && now.Sub(cl.templates.read) < templatesLast {
		return cl.templates.list, nil
	}
	list, err := cl.graph.AllTemplates(ctx, cl.meta().WABAID, graph.TemplateFilter{Limit: 100})
	cl.noteAccount(err)
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	cl.templates.list, cl.templates.read = list, now
	return list, nil
}

// Templates implements network.Templater.
func (c *Connector) Templates(ctx context.Context, login *bridgev2.UserLogin) ([]channel.Template, error) {
	infos, err := login.Client.(*Client).allTemplates(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]channel.Template, len(infos))
	for i, info := range infos {
		list[i] = plainTemplate(info)
	}
	return list, nil
}

func plainTemplate(info graph.TemplateInfo) channel.Template {
	t := channel.Template{Name: info.Name, Language: info.Language, Category: info.Category, Status: info.Status}
	for _, part := range info.Components {
		switch strings.ToUpper(part.Type) {
		case "HEADER":
			t.Header = channel.TemplateHeader{Kind: strings.ToUpper(part.Format), Text: part.Text}
		case "BODY":
			t.Body = part.Text
		case "FOOTER":
			t.Footer = part.Text
		case "BUTTONS":
			for _, button := range part.Buttons {
				t.Buttons = append(t.Buttons, channel.TemplateButton{Kind: button.Type, Text: button.Text, URL: button.URL})
			}
		}
	}
	return t
}

// templateContent fills the template in: its header with a text, a file or a place, body, and buttons that carry something.
func (cl *Client) templateContent(ctx context.Context, msg *bridgev2.MatrixMessage, t *network.TemplateContent) (graph.Content, error) {
	info, err := cl.template(ctx, t.Name, t.Language)
	if err != nil {
		return nil, err
	}
	out := graph.OutTemplate{Name: t.Name, Language: t.Language}
	plain := plainTemplate(info)
	header, err := cl.headerPart(ctx, msg, plain, t, named(info))
	if err != nil {
		return nil, err
	}
	if header != nil {
		out.Components = append(out.Components, *header)
	}
	if len(t.Variables) > 0 {
		out.Components = append(out.Components, graph.BodyPart(values(plain.Variables(), t.Variables, named(info))...))
	}
	out.Components = append(out.Components, buttonParts(plain.Buttons, t.Buttons)...)
	return out, nil
}

func (cl *Client) template(ctx context.Context, name, language string) (graph.TemplateInfo, error) {
	list, err := cl.allTemplates(ctx)
	if err != nil {
		return graph.TemplateInfo{}, err
	}
	for _, info := range list {
		if info.Name == name && info.Language == language {
			return info, nil
		}
	}
	return graph.TemplateInfo{}, errs.Tell(fmt.Errorf("template: %w", errs.ErrNotFound), "WhatsApp has no such template in this language; `!puente templates` lists them.")
}

func named(info graph.TemplateInfo) bool { return strings.EqualFold(info.ParameterFormat, "named") }

func values(names, given []string, named bool) []graph.Parameter {
	parameters := make([]graph.Parameter, len(given))
	for i, value := range given {
		if named && i < len(names) {
			parameters[i] = graph.NamedText(names[i], value)
		} else {
			parameters[i] = graph.TextValue(value)
		}
	}
	return parameters
}

func (cl *Client) headerPart(
	ctx context.Context, msg *bridgev2.MatrixMessage, plain channel.Template, t *network.TemplateContent, named bool,
) (*graph.Component, error) {
	switch plain.Header.Kind {
	case "TEXT":
		if len(t.Header) == 0 {
			return nil, nil
		}
		part := graph.HeaderPart(values(plain.HeaderVariables(), t.Header, named)...)
		return &part, nil
	case "IMAGE", "VIDEO", "DOCUMENT":
		file, err := cl.fileContent(ctx, &bridgev2.MatrixMessage{MatrixEventBase: bridgev2.MatrixEventBase[*event.MessageEventContent]{
			Event: msg.Event, Content: withoutCaption(msg.Content), Portal: msg.Portal,
		}})
		if err != nil {
			return nil, err
		}
		return filePart(file)
	case "LOCATION":
		return placePart(t.Place)
	}
	return nil, nil
}

func withoutCaption(content *event.MessageEventContent) *event.MessageEventContent {
	bare := *content
	bare.Body, bare.FormattedBody, bare.Format = content.GetFileName(), "", ""
	return &bare
}

func filePart(file graph.Content) (*graph.Component, error) {
	var value graph.Parameter
	switch file := file.(type) {
	case graph.OutImage:
		value = graph.ImageValue(file.MediaRef)
	case graph.OutVideo:
		value = graph.VideoValue(file.MediaRef)
	case graph.OutDocument:
		value = graph.DocumentValue(file.MediaRef, file.Filename)
	default:
		return nil, errs.Tell(fmt.Errorf("template header: %w", errs.ErrUnsupported), "this file cannot stand at the top of a template.")
	}
	part := graph.HeaderPart(value)
	return &part, nil
}

// placePart is a header with a place. WhatsApp wants a name and an address with it: the coordinates stand for an address that
// is not known. ref: reference/whatsapp-cloud.md §5.5
func placePart(given *network.Place) (*graph.Component, error) {
	if given == nil {
		return nil, errs.Tell(fmt.Errorf("template header without a place: %w", errs.ErrInvalid),
			"the template starts with a location: write the `!puente template` command as a reply to one.")
	}
	place, err := message.ReadPlace(&event.MessageEventContent{GeoURI: given.GeoURI, Body: given.Body})
	if err != nil {
		return nil, err
	}
	if place.Name == "" {
		place.Name = "Location"
	}
	if place.Address == "" {
		place.Address = fmt.Sprintf("%.5f, %.5f", place.Latitude, place.Longitude)
	}
	part := graph.HeaderPart(graph.LocationValue(graph.OutLocation{
		Latitude: place.Latitude, Longitude: place.Longitude, Name: place.Name, Address: place.Address,
	}))
	return &part, nil
}

// buttonParts gives each button that was given something its payload or the end of its address.
func buttonParts(buttons []channel.TemplateButton, given []string) []graph.Component {
	var parts []graph.Component
	for i, value := range given {
		if value == "" || i >= len(buttons) {
			continue
		}
		switch buttons[i].Kind {
		case "QUICK_REPLY":
			parts = append(parts, graph.ButtonPart("quick_reply", i, graph.PayloadValue(value)))
		case "URL":
			parts = append(parts, graph.ButtonPart("url", i, graph.TextValue(value)))
		case "COPY_CODE":
			parts = append(parts, graph.ButtonPart("copy_code", i, graph.CouponValue(value)))
		}
	}
	return parts
}
