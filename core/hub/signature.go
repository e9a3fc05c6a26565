package hub

import (
	"html"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/desk/channel"
)

// Signature says how an agent's message names its author to the customer.
type Signature string

// The signatures.
const (
	SignatureNone      Signature = "none"
	SignatureFirstName Signature = "first_name"
	SignatureFull      Signature = "full_name"
)

// sign puts the author's name above the words of a message; messages without words stay as they are, and what the
// business itself sends has no author.
func (s Signature) sign(evt *event.Event, author channel.Party) {
	name := s.name(author)
	msg, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if name == "" || !ok || evt.Type != event.EventMessage {
		return
	}
	msg.RemoveReplyFallback()
	signContent(msg, name)
	if msg.NewContent != nil {
		signContent(msg.NewContent, name)
	}
}

func (s Signature) name(author channel.Party) string {
	name := strings.TrimSpace(author.Name)
	switch s {
	case SignatureFull:
		return name
	case SignatureFirstName:
		first, _, _ := strings.Cut(name, " ")
		return first
	}
	return ""
}

func signContent(msg *event.MessageEventContent, name string) {
	switch msg.MsgType {
	case event.MsgText, event.MsgEmote:
	case event.MsgImage, event.MsgVideo, event.MsgFile:
		if msg.GetCaption() == "" {
			return
		}
	default:
		return
	}
	msg.EnsureHasHTML()
	msg.Body = name + ":\n" + msg.Body
	msg.FormattedBody = "<strong>" + html.EscapeString(name) + ":</strong><br>" + msg.FormattedBody
}
