package hub

import (
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// saidBy is what an event from a person says. Before room version 11 the redacted message stands outside the content.
func saidBy(evt *event.Event) *channel.Content {
	said := contentOf(evt.Type, &evt.Content)
	if said != nil && evt.Type == event.EventRedaction && said.Target == "" {
		said.Target = evt.Redacts.String()
	}
	return said
}

// preferenceIn is what a customer allows or forbids, beside the words that people read.
func preferenceIn(content *event.Content) map[string]any {
	said, _ := content.Raw[network.PreferenceKey].(map[string]any)
	category, hasCategory := said["category"].(string)
	value, hasValue := said["value"].(string)
	if !hasCategory || !hasValue {
		return nil
	}
	return map[string]any{"category": category, "value": value}
}

// contentOf says in plain words what an event says; nil if it says nothing to the business floor.
func contentOf(eventType event.Type, content *event.Content) *channel.Content {
	switch parsed := content.Parsed.(type) {
	case *event.MessageEventContent:
		said := messageContent(eventType, parsed)
		if preference := preferenceIn(content); preference != nil {
			if said.Payload == nil {
				said.Payload = map[string]any{}
			}
			said.Payload["preference"] = preference
		}
		return said
	case *event.ReactionEventContent:
		return &channel.Content{Kind: "reaction", Text: parsed.RelatesTo.Key, Target: parsed.RelatesTo.EventID.String()}
	case *event.RedactionEventContent:
		return &channel.Content{Kind: "deletion", Target: parsed.Redacts.String()}
	}
	return nil
}

var kinds = map[event.MessageType]string{
	event.MsgText: "text", event.MsgEmote: "text", event.MsgNotice: "notice", event.MsgImage: "image", event.MsgVideo: "video",
	event.MsgAudio: "audio", event.MsgFile: "file", event.MsgLocation: "location",
}

func messageContent(eventType event.Type, msg *event.MessageEventContent) *channel.Content {
	said := &channel.Content{Kind: kinds[msg.MsgType], Text: msg.Body, File: fileAddress(msg)}
	if said.Kind == "" {
		said.Kind = "other"
	}
	switch {
	case eventType == event.EventSticker:
		said.Kind = "sticker"
	case msg.MSC3245Voice != nil:
		said.Kind = "voice"
	}
	if said.File != "" {
		said.Text = msg.GetCaption()
	}
	if msg.GeoURI != "" {
		said.Payload = map[string]any{"geo_uri": msg.GeoURI}
	}
	if target := msg.RelatesTo.GetReplaceID(); target != "" {
		said.Kind, said.Target = "edit", target.String()
		if msg.NewContent != nil {
			said.Text = msg.NewContent.Body
		} else {
			said.Text = strings.TrimPrefix(said.Text, "* ")
		}
	} else if target = msg.RelatesTo.GetReplyTo(); target != "" {
		said.Target = target.String()
	}
	return said
}
