// Package message makes and reads Matrix messages as all bridges do: what a customer sent becomes one event, and what
// an agent wrote is taken apart for the network.
package message

import (
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

// Plain is a message without formatting. Like all that customers send it pings nobody.
func Plain(kind event.MessageType, body string) *bridgev2.ConvertedMessagePart {
	return &bridgev2.ConvertedMessagePart{
		Type:    event.EventMessage,
		Content: &event.MessageEventContent{MsgType: kind, Body: body, Mentions: &event.Mentions{}},
	}
}

// Text is a text; html is empty if it has no formatting.
func Text(body, html string) *bridgev2.ConvertedMessagePart {
	part := Plain(event.MsgText, body)
	setHTML(part.Content, html)
	return part
}

// Notice is a line of Puente's own in the customer's name: something happened that is no message.
func Notice(body string) *bridgev2.ConvertedMessagePart { return Plain(event.MsgNotice, body) }

func setHTML(content *event.MessageEventContent, html string) {
	if html != "" {
		content.Format, content.FormattedBody = event.FormatHTML, html
	}
}

// Location is a place, with its name and address as far as they are known.
func Location(latitude, longitude float64, lines ...string) *bridgev2.ConvertedMessagePart {
	lines = nonEmpty(lines...)
	if len(lines) == 0 {
		lines = []string{"Location"}
	}
	lines = append(lines, fmt.Sprintf("https://www.openstreetmap.org/?mlat=%[1]f&mlon=%[2]f#map=16/%[1]f/%[2]f", latitude, longitude))
	part := Plain(event.MsgLocation, strings.Join(lines, "\n"))
	part.Content.GeoURI = fmt.Sprintf("geo:%.6f,%.6f", latitude, longitude)
	return part
}

// Answer is a choice that the customer made; its ID stands beside the words for rules and systems.
func Answer(id, title, description string) *bridgev2.ConvertedMessagePart {
	part := Plain(event.MsgText, strings.Join(nonEmpty(title, description), "\n"))
	part.Extra = map[string]any{network.AnswerKey: map[string]any{"id": id, "title": title}}
	return part
}

// AddAbove puts a line of ours above what the customer wrote: "↷ Forwarded". A file without a caption gets one.
func AddAbove(content *event.MessageEventContent, line string) {
	if content.MsgType.IsMedia() && content.FileName == "" {
		content.FileName, content.Body = content.Body, line
		return
	}
	content.EnsureHasHTML()
	content.Body = line + "\n" + content.Body
	content.FormattedBody = "<em>" + event.TextToHTML(line) + "</em><br>" + content.FormattedBody
}

// CleanWord lets a name of the network's, such as an unknown kind of message, stand in a text of ours or in a log.
func CleanWord(word string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			return r
		}
		return -1
	}, word)
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
