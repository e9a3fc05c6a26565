package whatsapp

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/graph"
)

// The lengths that WhatsApp takes, in characters. ref: reference/whatsapp-cloud.md §5.1
const (
	maxText    = 4096
	maxCaption = 1024
)

// GetCapabilities implements bridgev2.NetworkConnector.
func (c *Connector) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}

// GetCapabilities implements bridgev2.NetworkAPI: what agents may send into a chat. Types that WhatsApp does not take
// but that can be converted count as supported; the conversion refuses by name what it cannot do.
func (cl *Client) GetCapabilities(_ context.Context, portal *bridgev2.Portal) *event.RoomFeatures {
	_, isGroup := groupOf(portal.ID)
	file := func(max int64, caption event.CapabilitySupportLevel) *event.FileFeatures {
		return &event.FileFeatures{
			MimeTypes: map[string]event.CapabilitySupportLevel{"*/*": event.CapLevelPartialSupport},
			Caption:   caption, MaxCaptionLength: maxCaption, MaxSize: max,
		}
	}
	return &event.RoomFeatures{
		ID: "dev.puente.whatsapp.1",
		Formatting: event.FormattingFeatureMap{
			event.FmtBold: event.CapLevelFullySupported, event.FmtItalic: event.CapLevelFullySupported,
			event.FmtStrikethrough: event.CapLevelFullySupported, event.FmtInlineCode: event.CapLevelFullySupported,
			event.FmtCodeBlock: event.CapLevelFullySupported, event.FmtBlockquote: event.CapLevelFullySupported,
			event.FmtUnorderedList: event.CapLevelFullySupported, event.FmtOrderedList: event.CapLevelFullySupported,
			event.FmtInlineLink: event.CapLevelPartialSupport, event.FmtHeaders: event.CapLevelPartialSupport,
			event.FmtUserLink: event.CapLevelPartialSupport, event.FmtUnderline: event.CapLevelDropped,
		},
		File: event.FileFeatureMap{
			// Pictures larger than the limit are made smaller, so only the conversion's own ceiling counts here.
			event.MsgImage: file(graph.MaxDocument, event.CapLevelFullySupported), event.MsgVideo: file(graph.MaxDocument, event.CapLevelFullySupported),
			event.MsgAudio: file(graph.MaxDocument, event.CapLevelDropped), event.CapMsgVoice: file(graph.MaxDocument, event.CapLevelDropped),
			event.MsgFile: file(graph.MaxDocument, event.CapLevelFullySupported), event.CapMsgSticker: file(graph.MaxDocument, event.CapLevelDropped),
			event.CapMsgGIF: file(graph.MaxDocument, event.CapLevelFullySupported),
		},
		MaxTextLength:       maxText,
		LocationMessage:     event.CapLevelFullySupported,
		Reply:               event.CapLevelFullySupported,
		Reaction:            event.CapLevelFullySupported,
		ReactionCount:       1,
		Edit:                event.CapLevelRejected,
		Delete:              event.CapLevelRejected,
		Poll:                event.CapLevelRejected,
		ReadReceipts:        !isGroup,
		TypingNotifications: !isGroup && cl.connector.config.Typing,
	}
}
