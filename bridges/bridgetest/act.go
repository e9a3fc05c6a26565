package bridgetest

import "puente/core/hub/network"

// Act is something that a customer does on the phone: one of the types below. A provider takes those that it knows in
// a type switch, and answers errs.ErrUnsupported to all others.
type Act interface{ isAct() }

// Unseen, in the place of a message's ID, means a message that exists on the network but never came to Puente, such as
// one from before the business was connected.
const Unseen = "unseen"

// Where says in which conversation an act happens, and what it answers.
type Where struct {
	// Group is the ID of a group; empty: the customer's own chat with the business.
	Group string
	// ReplyTo is the ID of the message that is answered; empty: none. It may be Unseen.
	ReplyTo string
}

// Say writes a text. A text that is longer than the network takes at once is sent as the customer's app would send it:
// in parts, or as a file; it is an errs.ErrUnsupported if the app would refuse it.
type Say struct {
	Where
	Text  string
	Spans []Span
}

// Send sends a file.
type Send struct {
	Where
	File
	// Caption stands under the file; a kind of file that has none here is an errs.ErrUnsupported.
	Caption string
	Spans   []Span // of the caption
}

// File is a file of one kind.
type File struct {
	// Kind is how the customer sends it, or how the phone shows it: FeatureImage, FeatureVideo, FeatureVideoNote,
	// FeatureAudio, FeatureVoice, FeatureFile, FeatureSticker or FeatureAnimatedSticker.
	Kind network.Feature
	// Data is the file itself. For an animated sticker the suite gives an animated WebP; a network with a format of
	// its own sends a sticker of its own instead.
	Data []byte
	MIME string
	Name string // empty where the network keeps no names
}

// SendAlbum sends several pictures and films at once, with the caption at the first.
type SendAlbum struct {
	Where
	Files   []File
	Caption string
}

// SendTooLarge sends a file that is larger than the provider hands over to the business.
type SendTooLarge struct{ Where }

// SendLocation shares a place.
type SendLocation struct {
	Where
	Location
}

// Location is a place, in degrees. Name and Address are empty where the network has none.
type Location struct {
	Latitude, Longitude float64
	Name, Address       string
}

// SendContact shares a card of the address book.
type SendContact struct {
	Where
	Contact
}

// Contact is a card of the address book.
type Contact struct {
	Name  string
	Phone string // "+34600111222"
	Email string // passed over where the network has none
}

// SendPoll asks a question.
type SendPoll struct {
	Where
	Poll
}

// Poll is a question with answers.
type Poll struct {
	Question string
	Options  []string
	Multiple bool // several answers may be chosen
}

// Vote answers a poll of the business's; no options take the vote back.
type Vote struct {
	Where
	Poll    string // the poll's message ID
	Options []int  // from 0
}

// Press presses a button under a message of the business's, or chooses a row of its list.
type Press struct {
	Message string // the message's ID
	Choice  string // the words on the button
}

// React puts an emoji on a message, in the place of an earlier one of the same customer's.
type React struct {
	Where
	Message string // ID; may be Unseen
	Emoji   string // empty: takes it off
}

// Edit changes the text or the caption of an own message.
type Edit struct {
	Where
	Message string // ID; may be Unseen
	Text    string
	Spans   []Span
}

// Delete deletes an own message for everyone.
type Delete struct {
	Where
	Message string // ID; may be Unseen
}

// Type shows, or stops showing, that the customer is typing.
type Type struct {
	Where
	On bool
}

// Read reads what the business sent, up to and with a message.
type Read struct {
	Where
	Message string // ID
}

// Call rings the business and hangs up.
type Call struct{}

// SayUnknown sends something of a kind that no bridge can know: one that the provider may add tomorrow.
type SayUnknown struct{ Where }

// Own is what somebody at the business writes to this customer in the provider's own app, past Puente.
type Own struct{ Text string }

func (Say) isAct()          {}
func (Send) isAct()         {}
func (SendAlbum) isAct()    {}
func (SendTooLarge) isAct() {}
func (SendLocation) isAct() {}
func (SendContact) isAct()  {}
func (SendPoll) isAct()     {}
func (Vote) isAct()         {}
func (Press) isAct()        {}
func (React) isAct()        {}
func (Edit) isAct()         {}
func (Delete) isAct()       {}
func (Type) isAct()         {}
func (Read) isAct()         {}
func (Call) isAct()         {}
func (SayUnknown) isAct()   {}
func (Own) isAct()          {}
