package webhook

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

// maxOutFile is the largest file that goes out, in bytes.
const maxOutFile = 100 << 20

// capabilities is what can be said over the API, whatever the config says. A system that has nothing for one of these
// answers 4xx with the reason, which the agent reads.
func capabilities() network.Capabilities {
	return network.Capabilities{
		Chats: []network.ChatKind{
			{Name: "private chat", Features: roomFeatures(), Choices: event.CapLevelFullySupported},
			{Name: "group", Features: roomFeatures(), Choices: event.CapLevelFullySupported},
		},
		Receives: []network.Feature{
			network.FeatureText, network.FeatureFormatting, network.FeatureImage, network.FeatureVideo, network.FeatureAudio,
			network.FeatureVoice, network.FeatureFile, network.FeatureSticker, network.FeatureAnimatedSticker, network.FeatureAlbum,
			network.FeatureLocation, network.FeatureContact, network.FeatureAnswer, network.FeatureReply, network.FeatureReaction,
			network.FeatureEdit, network.FeatureDelete, network.FeatureTyping, network.FeatureDelivered, network.FeatureRead,
			network.FeatureGroup, network.FeatureOwn,
		},
	}
}

// GetCapabilities implements bridgev2.NetworkConnector.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

// GetCapabilities implements bridgev2.NetworkAPI: what agents may send into a chat.
func (cl *Client) GetCapabilities(context.Context, *bridgev2.Portal) *event.RoomFeatures {
	return roomFeatures()
}

func roomFeatures() *event.RoomFeatures {
	withCaption, without := fileFeatures(event.CapLevelFullySupported), fileFeatures(event.CapLevelDropped)
	return &event.RoomFeatures{
		ID: "dev.puente.webhook.1",
		Formatting: event.FormattingFeatureMap{
			event.FmtBold: event.CapLevelFullySupported, event.FmtItalic: event.CapLevelFullySupported,
			event.FmtUnderline: event.CapLevelFullySupported, event.FmtStrikethrough: event.CapLevelFullySupported,
			event.FmtInlineCode: event.CapLevelFullySupported, event.FmtCodeBlock: event.CapLevelFullySupported,
			event.FmtBlockquote: event.CapLevelFullySupported, event.FmtInlineLink: event.CapLevelFullySupported,
			event.FmtSpoiler: event.CapLevelFullySupported,
			// These become text that reads the same. ref: bridgekit/richtext
			event.FmtUnorderedList: event.CapLevelPartialSupport, event.FmtOrderedList: event.CapLevelPartialSupport,
			event.FmtHeaders: event.CapLevelPartialSupport, event.FmtUserLink: event.CapLevelPartialSupport,
		},
		File: event.FileFeatureMap{
			event.MsgImage: withCaption, event.MsgVideo: withCaption, event.MsgFile: withCaption, event.CapMsgGIF: withCaption,
			event.MsgAudio: withCaption, event.CapMsgVoice: withCaption, event.CapMsgSticker: without,
		},
		LocationMessage: event.CapLevelFullySupported,
		Reply:           event.CapLevelFullySupported,
		Reaction:        event.CapLevelFullySupported,
		ReactionCount:   1,
		Edit:            event.CapLevelFullySupported,
		Delete:          event.CapLevelFullySupported,
		Poll:            event.CapLevelRejected,
		ReadReceipts:    true, TypingNotifications: true,
	}
}

func fileFeatures(caption event.CapabilitySupportLevel) *event.FileFeatures {
	return &event.FileFeatures{
		MimeTypes: map[string]event.CapabilitySupportLevel{"*/*": event.CapLevelFullySupported},
		Caption:   caption, MaxCaptionLength: maxText, MaxSize: maxOutFile,
	}
}
