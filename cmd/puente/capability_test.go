package main

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

func TestCapabilityPage(t *testing.T) {
	level := event.CapLevelFullySupported
	page := capabilityPage([]network.Network{{
		ID: "toy", DisplayName: "Toynet",
		Capabilities: network.Capabilities{
			Chats: []network.ChatKind{
				{Name: "private chat", Choices: event.CapLevelPartialSupport, Features: &event.RoomFeatures{
					MaxTextLength: 4096, Reaction: level, AllowedReactions: []string{"a", "b"}, Edit: event.CapLevelRejected, ReadReceipts: true,
					Formatting: event.FormattingFeatureMap{event.FmtBold: level, event.FmtUnderline: event.CapLevelDropped},
					File: event.FileFeatureMap{event.MsgImage: {
						MimeTypes: map[string]event.CapabilitySupportLevel{"image/jpeg": level, "*/*": event.CapLevelPartialSupport}, MaxSize: 20 << 20, Caption: level,
					}},
				}},
				{Name: "group", Features: &event.RoomFeatures{}, Receives: []network.Feature{network.FeatureText, network.FeatureCall}},
			},
			Receives: []network.Feature{network.FeatureText, network.FeatureTyping},
		},
	}})
	for _, line := range []string{
		"|  | Toynet, private chat | Toynet, group |",
		"| text, characters | 4096 | any length |",
		"| bold | ✓ | dropped |",
		"| underline | dropped | dropped |",
		"| code | dropped | dropped |",
		"| picture | ✓ ≤ 20 MB, caption | no |",
		"| video | no | no |",
		"| question with buttons or a list | ~ | no |",
		"| reaction | ✓ of 2 emoji | no |",
		"| edit | no | no |",
		"| read receipt | ✓ | no |",
		"|  | Toynet | Toynet, group |",
		"| text | ✓ | ✓ |",
		"| typing | ✓ | – |",
		"| call | – | ✓ |",
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("the page lacks %q:\n%s", line, page)
		}
	}
}
