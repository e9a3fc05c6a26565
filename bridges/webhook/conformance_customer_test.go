package webhook_test

import (
	"context"
	"fmt"

	"puente/bridges/bridgekit/richtext"
	"puente/bridges/bridgetest"
	"puente/bridges/webhook/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// customer is somebody with the shop's widget.
type customer struct {
	emulator *emulator.Emulator
	id       string
	phone    string
}

func (c *customer) Secrets() []string { return []string{c.phone, c.phone[1:]} }

func (c *customer) Do(_ context.Context, act bridgetest.Act) (string, error) {
	where := bridgetest.Where{}
	switch act := act.(type) {
	case bridgetest.Say:
		where = act.Where
	case bridgetest.Send:
		where = act.Where
	case bridgetest.SendAlbum:
		where = act.Where
	}
	chat, err := c.emulator.Chat(c.id, where.Group)
	if err != nil {
		return "", err
	}
	if messageID, done, err := say(chat, act); done {
		return messageID, err
	}
	return change(chat, act)
}

// say does what makes a message.
func say(chat *emulator.Chat, act bridgetest.Act) (messageID string, done bool, err error) {
	switch act := act.(type) {
	case bridgetest.Say:
		html, err := htmlOf(act.Text, act.Spans)
		if err != nil {
			return "", true, err
		}
		messageID, err = chat.Say(act.Text, html, act.ReplyTo)
		return messageID, true, err
	case bridgetest.Send:
		upload, err := uploadOf(act.File)
		if err != nil {
			return "", true, err
		} else if act.Caption != "" && upload.Kind == "sticker" {
			return "", true, fmt.Errorf("caption of a sticker: %w", errs.ErrUnsupported)
		}
		html, err := htmlOf(act.Caption, act.Spans)
		if err != nil {
			return "", true, err
		}
		messageID, err = chat.SendFiles(act.Caption, html, act.ReplyTo, upload)
		return messageID, true, err
	case bridgetest.SendAlbum:
		var uploads []emulator.Upload
		for _, file := range act.Files {
			upload, err := uploadOf(file)
			if err != nil {
				return "", true, err
			}
			uploads = append(uploads, upload)
		}
		messageID, err = chat.SendFiles(act.Caption, "", act.ReplyTo, uploads...)
	case bridgetest.SendTooLarge:
		messageID, err = chat.SendTooLarge()
	case bridgetest.SendLocation:
		messageID, err = chat.SendLocation(emulator.Location(act.Location))
	case bridgetest.SendContact:
		messageID, err = chat.SendContact(emulator.Contact(act.Contact))
	case bridgetest.SayUnknown:
		messageID, err = chat.SendOdd()
	case bridgetest.Own:
		messageID, err = chat.Own(act.Text)
	default:
		return "", false, nil
	}
	return messageID, true, err
}

// change does what concerns another message, or none.
func change(chat *emulator.Chat, act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.Press:
		return chat.Press(act.Message, choiceID(chat, act))
	case bridgetest.React:
		return "", chat.React(act.Message, act.Emoji)
	case bridgetest.Edit:
		html, err := htmlOf(act.Text, act.Spans)
		if err != nil {
			return "", err
		}
		return "", chat.Edit(act.Message, act.Text, html)
	case bridgetest.Delete:
		return "", chat.Delete(act.Message)
	case bridgetest.Type:
		return "", chat.Type(act.On)
	case bridgetest.Read:
		return "", chat.Read(act.Message)
	}
	return "", fmt.Errorf("%T in the widget: %w", act, errs.ErrUnsupported)
}

func choiceID(chat *emulator.Chat, act bridgetest.Press) string {
	for _, one := range chat.Choices(act.Message) {
		if one.Title == act.Choice {
			return one.ID
		}
	}
	return ""
}

var fileKinds = map[network.Feature]string{
	network.FeatureImage: "image", network.FeatureVideo: "video", network.FeatureAudio: "audio", network.FeatureVoice: "voice",
	network.FeatureFile: "file", network.FeatureSticker: "sticker", network.FeatureAnimatedSticker: "sticker",
}

func uploadOf(file bridgetest.File) (emulator.Upload, error) {
	kind, ok := fileKinds[file.Kind]
	if !ok {
		return emulator.Upload{}, fmt.Errorf("%s in the widget: %w", file.Kind, errs.ErrUnsupported)
	}
	return emulator.Upload{Kind: kind, Mime: file.MIME, Name: file.Name, Data: file.Data}, nil
}

var styles = map[bridgetest.Style]richtext.Style{
	bridgetest.Bold: richtext.Bold, bridgetest.Italic: richtext.Italic, bridgetest.Underline: richtext.Underline, bridgetest.Strikethrough: richtext.Strike,
	bridgetest.Spoiler: richtext.Spoiler, bridgetest.Code: richtext.Code, bridgetest.CodeBlock: richtext.Pre, bridgetest.Quote: richtext.Quote, bridgetest.Link: richtext.Link,
}

// htmlOf is what the widget makes of a styled text.
func htmlOf(text string, spans []bridgetest.Span) (string, error) {
	styled := richtext.Text{Body: text}
	for _, span := range spans {
		style, ok := styles[span.Style]
		if !ok {
			return "", fmt.Errorf("%s in the widget: %w", span.Style, errs.ErrUnsupported)
		}
		styled.Spans = append(styled.Spans, richtext.Span{Style: style, Offset: span.Start, Length: span.Length, Value: span.URL})
	}
	_, html := styled.ToMatrix(nil)
	return html, nil
}

// read is what the widget shows of a text with HTML.
func read(text, html string) (string, []bridgetest.Span) {
	all := map[richtext.Style]bool{}
	for _, style := range styles {
		all[style] = true
	}
	styled := richtext.FromMatrix(text, html, richtext.Dialect{Styles: all, NestCode: true})
	var spans []bridgetest.Span
	for _, span := range styled.Spans {
		for ours, theirs := range styles {
			if theirs == span.Style {
				made := bridgetest.Span{Start: span.Offset, Length: span.Length, Style: ours}
				if ours == bridgetest.Link {
					made.URL = span.Value
				}
				spans = append(spans, made)
			}
		}
	}
	return styled.Body, spans
}

func (c *customer) Wait(ctx context.Context, fact func(bridgetest.Phone) bool) (bridgetest.Phone, error) {
	shown, err := c.emulator.Wait(ctx, c.id, func(p emulator.Phone) bool { return fact(c.show(p)) })
	return c.show(shown), err
}

func (c *customer) show(p emulator.Phone) (out bridgetest.Phone) {
	for _, chatID := range p.Typing {
		out.Typing = out.Typing || chatID == "con-"+c.id
	}
	for _, m := range p.Messages {
		out.Messages = append(out.Messages, c.message(m))
	}
	return out
}

func (c *customer) message(m emulator.Message) bridgetest.Message {
	out := bridgetest.Message{
		ID: m.ID, FromBusiness: m.FromBusiness, Kind: network.FeatureText, ReplyTo: m.ReplyTo, Edited: m.Edited, Deleted: m.Deleted,
		Read: !m.FromBusiness && m.Status == "read",
	}
	if m.Group {
		out.Group = m.Chat
	}
	out.Text, out.Spans = read(m.Text, m.HTML)
	switch {
	case m.File != nil:
		for feature, kind := range fileKinds {
			if kind == m.File.Kind && feature != network.FeatureAnimatedSticker {
				out.Kind = feature
			}
		}
		out.File = &bridgetest.File{Kind: out.Kind, MIME: m.File.Mime, Name: m.File.Name, Data: c.emulator.FileData(m.File.ID)}
	case m.Location != nil:
		out.Kind = network.FeatureLocation
		place := bridgetest.Location(*m.Location)
		out.Location = &place
	case m.Contact != nil:
		out.Kind = network.FeatureContact
	case m.Choices != nil:
		for _, one := range m.Choices.List {
			out.Choices = append(out.Choices, one.Title)
		}
	}
	for _, r := range m.Reactions {
		out.Reactions = append(out.Reactions, bridgetest.Reaction{FromBusiness: r.By == "", Emoji: r.Emoji})
	}
	return out
}
