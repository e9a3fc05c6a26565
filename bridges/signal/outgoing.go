package signal

import (
	"context"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// compose makes Signal's message of a Matrix message. ref: reference/signal-cli.md §3, send
func (cl *Client) compose(ctx context.Context, msg *bridgev2.MatrixMessage, c message.Composed, to daemon.To) (handover, error) {
	if c.Template != nil {
		return handover{}, errs.Tell(fmt.Errorf("template: %w", errs.ErrUnsupported), "Signal has no templates. Write the text itself.")
	}
	out, end := daemon.Message{}, func() {}
	var err error
	switch msg.Content.MsgType {
	case event.MsgImage, event.MsgVideo, event.MsgAudio, event.MsgFile, event.CapMsgSticker:
		out, end, err = cl.fileMessage(ctx, msg.Content)
	default:
		if c.Choices != nil {
			out.Text = choicesText(c.Choices)
		} else {
			out, err = cl.words(msg.Content)
		}
	}
	if err != nil {
		return handover{}, err
	}
	if msg.ReplyTo != nil {
		out.Quote = cl.quoteOf(ctx, msg)
	}
	ready := cl.sending(to, out)
	ready.end = end
	return ready, nil
}

// sending is a message ready to be given to the daemon.
func (cl *Client) sending(to daemon.To, out daemon.Message) handover {
	return handover{text: out.Text, send: func(ctx context.Context, late daemon.Late) (daemon.SendResult, error) {
		return cl.connector.daemon.Send(ctx, cl.account(), to, out, late)
	}}
}

// words is what a message, or the caption of a file, says.
func (cl *Client) words(content *event.MessageEventContent) (daemon.Message, error) {
	switch content.MsgType {
	case event.MsgText, event.MsgNotice:
		return cl.text(message.Body(content)), nil
	case event.MsgEmote:
		out := cl.text(message.Body(content))
		out.Styles = []daemon.TextStyle{{Style: "ITALIC", Length: richtext.Len(out.Text)}}
		return out, nil
	case event.MsgLocation:
		return placeText(content)
	case event.MsgImage, event.MsgVideo, event.MsgAudio, event.MsgFile:
		return cl.text(message.Caption(content)), nil
	}
	return daemon.Message{}, message.Unsupported(displayName, content.MsgType)
}

var styleNames = map[richtext.Style]string{
	richtext.Bold: "BOLD", richtext.Italic: "ITALIC", richtext.Spoiler: "SPOILER", richtext.Strike: "STRIKETHROUGH",
	richtext.Code: "MONOSPACE", richtext.Pre: "MONOSPACE",
}

// text makes Signal's text of one with HTML. ref: reference/signal-cli.md §3, formats
func (cl *Client) text(body, html string) daemon.Message {
	text := richtext.FromMatrix(body, html, richtext.Dialect{
		Styles: map[richtext.Style]bool{
			richtext.Bold: true, richtext.Italic: true, richtext.Spoiler: true, richtext.Strike: true, richtext.Code: true, richtext.Mention: true,
		},
		NestCode: true, Overlap: true, Mention: cl.mention,
	})
	out := daemon.Message{Text: text.Body}
	for _, span := range text.Spans {
		if span.Style == richtext.Mention {
			out.Mentions = append(out.Mentions, daemon.Mention{Start: span.Offset, Length: span.Length, UUID: span.Value})
		} else if name := styleNames[span.Style]; name != "" {
			out.Styles = append(out.Styles, daemon.TextStyle{Style: name, Start: span.Offset, Length: span.Length})
		}
	}
	return out
}

// mention names a customer's ghost as Signal does. Who is nobody on Signal stays a name.
func (cl *Client) mention(userID id.UserID, _ string) (value, text string, ok bool) {
	person, isGhost := cl.connector.bridge.Matrix.ParseGhostMXID(userID)
	if !isGhost || strings.HasPrefix(string(person), businessPrefix) {
		return "", "", false
	}
	recipient, err := cl.connector.recipient(context.Background(), person)
	if err != nil || strings.HasPrefix(recipient, "u:") {
		return "", "", false
	}
	return recipient, richtext.Placeholder, true
}

// placeText is a location as text: Signal's apps send places as links to a map too.
func placeText(content *event.MessageEventContent) (daemon.Message, error) {
	place, err := message.ReadPlace(content)
	if err != nil {
		return daemon.Message{}, err
	}
	link := fmt.Sprintf("https://www.openstreetmap.org/?mlat=%[1]f&mlon=%[2]f#map=16/%[1]f/%[2]f", place.Latitude, place.Longitude)
	return daemon.Message{Text: strings.Join(nonEmpty("📍 "+either(place.Name, "Location"), link), "\n")}, nil
}

// choicesText is a question with numbered answers: Signal has no buttons.
func choicesText(c *network.ChoicesContent) string {
	lines := nonEmpty(c.Header, c.Body)
	if len(c.Choice) > 0 {
		lines = append(lines, "")
	}
	for i, choice := range c.Choice {
		line := fmt.Sprintf("%d. %s", i+1, choice.Title)
		if choice.Description != "" {
			line += " – " + choice.Description
		}
		lines = append(lines, line)
	}
	if c.Footer != "" {
		lines = append(lines, "", c.Footer)
	}
	return strings.Join(lines, "\n")
}

// quoteOf is the message that an agent answers, as phones show it; nil if it is none of Signal's.
func (cl *Client) quoteOf(ctx context.Context, msg *bridgev2.MatrixMessage) *daemon.OutgoingQuote {
	author, timestamp, ok := parseMessageID(msg.ReplyTo.ID)
	if !ok {
		return nil
	}
	by, err := cl.addressOf(ctx, author)
	if err != nil {
		return nil // the answer is worth more than what it points at
	}
	return &daemon.OutgoingQuote{Timestamp: timestamp, Author: by, Text: cl.quotedText(ctx, msg)}
}

// quotedText is what the answered message says; empty if that cannot be found out: phones look it up by themselves.
func (cl *Client) quotedText(ctx context.Context, msg *bridgev2.MatrixMessage) string {
	evt, err := cl.connector.bridge.Bot.GetEvent(ctx, msg.Portal.MXID, msg.ReplyTo.MXID)
	if err != nil {
		cl.connector.log.Debug().Err(err).Stringer("event_id", msg.ReplyTo.MXID).Msg("Could not read what a reply answers")
		return ""
	}
	content, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if !ok {
		return ""
	}
	content.RemoveReplyFallback()
	if content.URL != "" || content.File != nil {
		return content.GetCaption()
	}
	return content.Body
}
