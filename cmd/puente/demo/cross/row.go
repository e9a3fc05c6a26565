package cross

import (
	"context"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

// play does one step and returns when it is seen at its far end. Of what is not declared it returns the reason that
// was told, as errTold.
type play func(ctx context.Context, s *stage, declared bool) error

// row is one type of message with its two directions; a nil one does not exist, for the reason in never.
type row struct {
	name    string
	feature network.Feature
	level   func(network.ChatKind) event.CapabilitySupportLevel
	in, out play
	never   string
}

// declaredIn tells whether the network declares that the type comes from its customers.
func (r row) declaredIn(n network.Network) bool {
	for _, feature := range n.Capabilities.Receives {
		if feature == r.feature {
			return true
		}
	}
	return false
}

// declaredOut tells whether the network declares that agents can send the type to one customer.
func (r row) declaredOut(n network.Network) bool {
	return r.level != nil && len(n.Capabilities.Chats) > 0 && r.level(n.Capabilities.Chats[0]) > 0
}

func rows() []row {
	features := func(of func(*event.RoomFeatures) event.CapabilitySupportLevel) func(network.ChatKind) event.CapabilitySupportLevel {
		return func(c network.ChatKind) event.CapabilitySupportLevel { return of(c.Features) }
	}
	yes := func(of func(*event.RoomFeatures) bool) func(network.ChatKind) event.CapabilitySupportLevel {
		return func(c network.ChatKind) event.CapabilitySupportLevel {
			if of(c.Features) {
				return event.CapLevelFullySupported
			}
			return event.CapLevelRejected
		}
	}
	list := []row{
		{name: "text", feature: network.FeatureText, level: always, in: textIn, out: textOut},
		{
			name: "formatted text", feature: network.FeatureFormatting, in: formattedIn, out: formattedOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Formatting[event.FmtBold] }),
		},
	}
	list = append(list, fileRows()...)
	return append(list,
		row{
			name: "location", feature: network.FeatureLocation, in: locationIn, out: locationOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.LocationMessage }),
		},
		row{name: "contact", feature: network.FeatureContact, in: contactIn, never: "Matrix has no message of this type"},
		row{
			name: "poll", feature: network.FeaturePoll, in: pollIn, out: pollOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Poll }),
		},
		row{
			name: "buttons, answer", feature: network.FeatureAnswer, in: answerIn, out: buttonsOut,
			level: func(c network.ChatKind) event.CapabilitySupportLevel { return c.Choices },
		},
		row{
			name: "reply", feature: network.FeatureReply, in: replyIn, out: replyOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Reply }),
		},
		row{
			name: "reaction", feature: network.FeatureReaction, in: reactionIn, out: reactionOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Reaction }),
		},
		row{
			name: "reaction removed", feature: network.FeatureReaction, in: unreactionIn, out: unreactionOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Reaction }),
		},
		row{
			name: "edit", feature: network.FeatureEdit, in: editIn, out: editOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Edit }),
		},
		row{
			name: "typing", feature: network.FeatureTyping, in: typingIn, out: typingOut,
			level: yes(func(f *event.RoomFeatures) bool { return f.TypingNotifications }),
		},
		row{name: "delivered", feature: network.FeatureDelivered, in: deliveredIn, never: "networks tell their customers by themselves"},
		row{
			name: "read", feature: network.FeatureRead, in: readIn, out: readOut,
			level: yes(func(f *event.RoomFeatures) bool { return f.ReadReceipts }),
		},
		row{
			name: "deletion", feature: network.FeatureDelete, in: deletionIn, out: deletionOut,
			level: features(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Delete }),
		},
	)
}

func always(network.ChatKind) event.CapabilitySupportLevel { return event.CapLevelFullySupported }
