package signal

import (
	"context"

	"go.mau.fi/util/jsontime"
	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

// defaultAttachment is the largest file in MB unless the config says otherwise. ref: reference/signal-cli.md §3
const defaultAttachment = 100

// capabilities is what Signal can do, whatever the config says.
func capabilities() network.Capabilities {
	features := roomFeatures(Config{AttachmentLimit: defaultAttachment, Typing: true, ReadReceipts: true})
	return network.Capabilities{
		Chats: []network.ChatKind{
			// Signal has no buttons: a question becomes a text with numbered answers.
			{Name: "private chat", Features: features, Choices: event.CapLevelPartialSupport},
			{Name: "group", Features: features, Choices: event.CapLevelPartialSupport},
		},
		Receives: []network.Feature{
			network.FeatureText, network.FeatureFormatting, network.FeatureMention, network.FeatureImage, network.FeatureVideo,
			network.FeatureAudio, network.FeatureVoice, network.FeatureFile, network.FeatureSticker, network.FeatureAnimatedSticker,
			network.FeatureAlbum, network.FeatureContact, network.FeaturePoll, network.FeaturePollVote, network.FeatureReply,
			network.FeatureReaction, network.FeatureEdit, network.FeatureDelete, network.FeatureTyping, network.FeatureDelivered,
			network.FeatureRead, network.FeatureGroup, network.FeatureOwn, network.FeatureCall,
		},
	}
}

// GetCapabilities implements bridgev2.NetworkConnector.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{DisappearingMessages: c.config.Disappearing}
}

// GetCapabilities implements bridgev2.NetworkAPI: what agents may send into a chat.
func (cl *Client) GetCapabilities(context.Context, *bridgev2.Portal) *event.RoomFeatures {
	return roomFeatures(cl.connector.config)
}

// roomFeatures is what agents may send into any chat.
func roomFeatures(config Config) *event.RoomFeatures {
	withCaption := &event.FileFeatures{
		MimeTypes: map[string]event.CapabilitySupportLevel{"*/*": event.CapLevelPartialSupport},
		Caption:   event.CapLevelFullySupported, MaxSize: config.maxFile(),
	}
	without := &event.FileFeatures{
		MimeTypes: map[string]event.CapabilitySupportLevel{"*/*": event.CapLevelPartialSupport},
		Caption:   event.CapLevelDropped, MaxSize: config.maxFile(),
	}
	features := &event.RoomFeatures{
		ID: "dev.puente.signal.1",
		Formatting: event.FormattingFeatureMap{
			event.FmtBold: event.CapLevelFullySupported, event.FmtItalic: event.CapLevelFullySupported,
			event.FmtStrikethrough: event.CapLevelFullySupported, event.FmtSpoiler: event.CapLevelFullySupported,
			event.FmtInlineCode: event.CapLevelFullySupported, event.FmtCodeBlock: event.CapLevelPartialSupport,
			event.FmtUserLink: event.CapLevelFullySupported, event.FmtInlineLink: event.CapLevelPartialSupport,
			event.FmtBlockquote: event.CapLevelPartialSupport, event.FmtUnorderedList: event.CapLevelPartialSupport,
			event.FmtOrderedList: event.CapLevelPartialSupport, event.FmtHeaders: event.CapLevelPartialSupport,
			event.FmtUnderline: event.CapLevelDropped,
		},
		File: event.FileFeatureMap{
			event.MsgImage: withCaption, event.MsgVideo: withCaption, event.MsgFile: withCaption, event.CapMsgGIF: withCaption,
			event.MsgAudio: withCaption, event.CapMsgVoice: withCaption, event.CapMsgSticker: without,
		},
		LocationMessage: event.CapLevelPartialSupport, // as a link to a map
		Poll:            event.CapLevelFullySupported, PollMaxOptions: mostOptions, PollOptionMaxLength: longestOption,
		Reply: event.CapLevelFullySupported, Reaction: event.CapLevelFullySupported, ReactionCount: 1,
		Edit: event.CapLevelFullySupported, EditMaxAge: ptr.Ptr(jsontime.S(changeWindow)),
		Delete: event.CapLevelFullySupported, DeleteMaxAge: ptr.Ptr(jsontime.S(changeWindow)),
		ReadReceipts: config.ReadReceipts, TypingNotifications: config.Typing,
	}
	if !config.Typing {
		features.ID += "+quiet"
	}
	if !config.ReadReceipts {
		features.ID += "+unread"
	}
	return features
}
