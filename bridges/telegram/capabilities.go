package telegram

import (
	"context"

	"go.mau.fi/util/jsontime"
	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/core/hub/network"
)

// kind is one kind of chat.
type kind int

const (
	privateChat kind = iota
	groupChat
	topicChat
	businessChat
)

// capabilities is what Telegram can do, whatever the config says.
func capabilities() network.Capabilities {
	chat := func(name string, k kind) network.ChatKind {
		return network.ChatKind{Name: name, Features: roomFeatures(k, true, false), Choices: event.CapLevelFullySupported}
	}
	business := chat("business account", businessChat)
	business.Receives = receives(businessChat)
	return network.Capabilities{
		Chats:    []network.ChatKind{chat("private chat", privateChat), chat("group", groupChat), chat("forum topic", topicChat), business},
		Receives: receives(privateChat),
	}
}

// receives is what comes from one kind of chat. Deletions and the business's own messages are seen in business accounts
// only, and reactions are not seen there. ref: reference/telegram-bot.md §3, §5
func receives(k kind) []network.Feature {
	all := []network.Feature{
		network.FeatureText, network.FeatureFormatting, network.FeatureMention, network.FeatureImage, network.FeatureVideo,
		network.FeatureVideoNote, network.FeatureAudio, network.FeatureVoice, network.FeatureFile, network.FeatureSticker,
		network.FeatureAnimatedSticker, network.FeatureAlbum, network.FeatureLocation, network.FeatureContact,
		network.FeaturePoll, network.FeaturePollVote, network.FeatureAnswer, network.FeatureReply, network.FeatureEdit,
	}
	if k == businessChat {
		return append(all, network.FeatureDelete, network.FeatureOwn)
	}
	return append(all, network.FeatureReaction, network.FeatureGroup)
}

// GetCapabilities implements bridgev2.NetworkConnector.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

// GetCapabilities implements bridgev2.NetworkAPI: what agents may send into a chat.
func (cl *Client) GetCapabilities(_ context.Context, portal *bridgev2.Portal) *event.RoomFeatures {
	k := privateChat
	if g, ok := groupOf(portal.ID); ok && g.thread != 0 {
		k = topicChat
	} else if ok {
		k = groupChat
	} else if cl.isBusiness() {
		k = businessChat
	}
	return roomFeatures(k, cl.connector.config.Typing, cl.connector.config.LocalServer)
}

// roomFeatures is what agents may send into one kind of chat. Types that Telegram does not take but that can be
// converted count as supported; the conversion refuses by name what it cannot do.
func roomFeatures(k kind, typing, local bool) *event.RoomFeatures {
	window := jsontime.S(changeWindow)
	features := &event.RoomFeatures{
		ID:                  "dev.puente.telegram.3",
		Formatting:          formatting(),
		File:                message.FileFeatures(limitsOf(local), maxCaption, uploadLimit(local)),
		MaxTextLength:       maxText,
		LocationMessage:     event.CapLevelFullySupported,
		Poll:                event.CapLevelFullySupported,
		PollMaxOptions:      mostPollOptions,
		PollOptionMaxLength: maxPollOption,
		Reply:               event.CapLevelFullySupported,
		Edit:                event.CapLevelFullySupported,
		Delete:              event.CapLevelFullySupported,
		DeleteMaxAge:        &window,
		Reaction:            event.CapLevelFullySupported,
		ReactionCount:       1,
		AllowedReactions:    allowedReactions(),
		TypingNotifications: typing,
	}
	switch k {
	case groupChat:
		features.ID += "+group"
	case topicChat:
		features.ID += "+topic"
	case businessChat:
		features.ID += "+business"
		features.Reaction, features.ReactionCount, features.AllowedReactions = event.CapLevelRejected, 0, nil
		features.ReadReceipts, features.DeleteMaxAge = true, nil
	}
	if !typing {
		features.ID += "+quiet"
	}
	if local {
		features.ID += "+local"
	}
	return features
}

func formatting() event.FormattingFeatureMap {
	return event.FormattingFeatureMap{
		event.FmtBold: event.CapLevelFullySupported, event.FmtItalic: event.CapLevelFullySupported,
		event.FmtUnderline: event.CapLevelFullySupported, event.FmtStrikethrough: event.CapLevelFullySupported,
		event.FmtInlineCode: event.CapLevelFullySupported, event.FmtCodeBlock: event.CapLevelFullySupported,
		event.FmtSyntaxHighlighting: event.CapLevelFullySupported, event.FmtBlockquote: event.CapLevelFullySupported,
		event.FmtInlineLink: event.CapLevelFullySupported, event.FmtUserLink: event.CapLevelFullySupported,
		event.FmtSpoiler: event.CapLevelFullySupported, event.FmtSpoilerReason: event.CapLevelPartialSupport,
		event.FmtUnorderedList: event.CapLevelPartialSupport, event.FmtOrderedList: event.CapLevelPartialSupport,
		event.FmtHeaders: event.CapLevelPartialSupport, event.FmtTable: event.CapLevelPartialSupport,
	}
}

func allowedReactions() []string {
	list := reactionList()
	for i, one := range list {
		list[i] = variationselector.FullyQualify(one)
	}
	return list
}
