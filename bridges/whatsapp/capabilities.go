package whatsapp

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/hub/network"
)

// The lengths that WhatsApp takes, in characters. ref: reference/whatsapp-cloud.md §5.1
const (
	maxText    = 4096
	maxCaption = 1024
)

// capabilities is what WhatsApp can do, whatever the config says.
func capabilities() network.Capabilities {
	return network.Capabilities{
		Chats: []network.ChatKind{
			{Name: "private chat", Features: roomFeatures(false, true), Choices: event.CapLevelFullySupported},
			// Groups take nothing interactive. ref: reference/whatsapp-cloud.md §8
			{Name: "group", Features: roomFeatures(true, true), Choices: event.CapLevelRejected},
		},
		Receives: []network.Feature{
			network.FeatureText, network.FeatureFormatting, network.FeatureImage, network.FeatureVideo, network.FeatureAudio,
			network.FeatureVoice, network.FeatureFile, network.FeatureSticker, network.FeatureAnimatedSticker,
			network.FeatureLocation, network.FeatureContact, network.FeatureAnswer, network.FeatureReply, network.FeatureReaction,
			// Edits and deletions reach a number in coexistence only. ref: reference/whatsapp-cloud.md §4.1
			network.FeatureEdit, network.FeatureDelete, network.FeatureDelivered, network.FeatureRead, network.FeatureGroup,
			network.FeatureOwn, network.FeatureCall,
		},
	}
}

// GetCapabilities implements bridgev2.NetworkConnector.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

// GetCapabilities implements bridgev2.NetworkAPI: what agents may send into a chat.
func (cl *Client) GetCapabilities(_ context.Context, portal *bridgev2.Portal) *event.RoomFeatures {
	_, isGroup := groupOf(portal.ID)
	return roomFeatures(isGroup, cl.connector.config.Typing)
}

// roomFeatures is what agents may send into one kind of chat. Types that WhatsApp does not take but that can be
// converted count as supported; the conversion refuses by name what it cannot do.
func roomFeatures(isGroup, typing bool) *event.RoomFeatures {
	features := &event.RoomFeatures{
		ID: "dev.puente.whatsapp.3",
		Formatting: event.FormattingFeatureMap{
			event.FmtBold: event.CapLevelFullySupported, event.FmtItalic: event.CapLevelFullySupported,
			event.FmtStrikethrough: event.CapLevelFullySupported, event.FmtInlineCode: event.CapLevelFullySupported,
			event.FmtCodeBlock: event.CapLevelFullySupported, event.FmtBlockquote: event.CapLevelFullySupported,
			event.FmtUnorderedList: event.CapLevelFullySupported, event.FmtOrderedList: event.CapLevelFullySupported,
			event.FmtInlineLink: event.CapLevelPartialSupport, event.FmtHeaders: event.CapLevelPartialSupport,
			event.FmtUserLink: event.CapLevelPartialSupport, event.FmtUnderline: event.CapLevelDropped,
		},
		// Pictures larger than the limit are made smaller, so only the conversion's own ceiling counts here.
		File:            message.FileFeatures(limits, maxCaption, graph.MaxDocument, media.Audio, media.Voice),
		MaxTextLength:   maxText,
		LocationMessage: event.CapLevelFullySupported,
		Reply:           event.CapLevelFullySupported,
		Reaction:        event.CapLevelFullySupported,
		ReactionCount:   1,
		Edit:            event.CapLevelRejected,
		Delete:          event.CapLevelRejected,
		Poll:            event.CapLevelRejected,
	}
	switch {
	case isGroup:
		features.ID += "+group" // nothing can be marked as read there, nor typing be shown. ref: §8
	case typing:
		features.ReadReceipts, features.TypingNotifications = true, true
	default:
		features.ID += "+quiet"
		features.ReadReceipts = true
	}
	return features
}
