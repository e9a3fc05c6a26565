package network

import "maunium.net/go/mautrix/event"

// Capabilities is what a network can do. The documentation's table is made of it, and the conformance suite holds
// the bridge to it.
type Capabilities struct {
	// Chats are the kinds of chat with what agents may send into each; the first is the chat with one customer.
	Chats []ChatKind
	// Receives is what customers may send, and what the network tells of its own accord.
	Receives []Feature
}

// ChatKind is one kind of chat of a network.
type ChatKind struct {
	// Name is what people read: "private chat", "group", "business account".
	Name string
	// Features is what the bridge tells Matrix clients of such a chat.
	Features *event.RoomFeatures
	// Receives, if not nil, is what customers of this kind of chat send, in the place of Capabilities.Receives.
	Receives []Feature
	// Choices tells whether questions with buttons or a list can be sent (ChoicesKey).
	Choices event.CapabilitySupportLevel
}

// Feature is one thing that comes from a network.
type Feature string

// The features, in the order of the documentation's table.
const (
	FeatureText            Feature = "text"
	FeatureFormatting      Feature = "formatting"
	FeatureMention         Feature = "mention"
	FeatureImage           Feature = "image"
	FeatureVideo           Feature = "video"
	FeatureVideoNote       Feature = "video note"
	FeatureAudio           Feature = "audio"
	FeatureVoice           Feature = "voice message"
	FeatureFile            Feature = "file"
	FeatureSticker         Feature = "sticker"
	FeatureAnimatedSticker Feature = "animated sticker"
	FeatureAlbum           Feature = "album"
	FeatureLocation        Feature = "location"
	FeatureContact         Feature = "contact"
	FeaturePoll            Feature = "poll"
	FeaturePollVote        Feature = "poll vote"
	FeatureAnswer          Feature = "button or list answer"
	FeatureReply           Feature = "reply"
	FeatureReaction        Feature = "reaction"
	FeatureEdit            Feature = "edit"
	FeatureDelete          Feature = "deletion"
	FeatureTyping          Feature = "typing"
	FeatureDelivered       Feature = "delivery receipt"
	FeatureRead            Feature = "read receipt"
	FeatureGroup           Feature = "group"
	FeatureOwn             Feature = "own message from the business's phone"
	FeatureCall            Feature = "call"
)

// Features lists all of them, in the order of the documentation's table.
func Features() []Feature {
	return []Feature{
		FeatureText, FeatureFormatting, FeatureMention, FeatureImage, FeatureVideo, FeatureVideoNote, FeatureAudio, FeatureVoice, FeatureFile, FeatureSticker, FeatureAnimatedSticker, FeatureAlbum, FeatureLocation, FeatureContact,
		FeaturePoll, FeaturePollVote, FeatureAnswer, FeatureReply, FeatureReaction, FeatureEdit, FeatureDelete, FeatureTyping, FeatureDelivered, FeatureRead, FeatureGroup, FeatureOwn, FeatureCall,
	}
}
