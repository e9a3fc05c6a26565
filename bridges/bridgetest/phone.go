package bridgetest

import "puente/core/hub/network"

// Phone is what a customer's phone shows at one moment.
type Phone struct {
	// Messages are those of the chat with the business and of the groups with it, oldest first: what the customer and
	// other members wrote too. What is still under way, or failed, is not there.
	Messages []Message
	// Typing: the business shows that it is typing in the chat with the customer.
	Typing bool
}

// Message is one message as the phone shows it. What a network does not have stays empty.
type Message struct {
	ID           string // the provider's, as Customer.Do returns it and as acts name it
	Group        string // ID of the group that it stands in
	FromBusiness bool
	// Kind is one of FeatureText, the kinds of File, FeatureLocation, FeatureContact, FeaturePoll; a question with
	// buttons is a text with Choices.
	Kind network.Feature
	// Text is what people read, without markup: the words, or the caption.
	Text  string
	Spans []Span // how Text is styled; in any order, neighbours of one style may be joined or not
	// File is set for the kinds of file. Data may be nil if the emulator does not keep what it converts.
	File     *File
	Location *Location
	Poll     *Poll
	// Votes are, for a poll, how many chose each option.
	Votes []int
	// Choices are the words on the buttons, or of the list's rows.
	Choices []string
	// ReplyTo is the ID of the message that it answers.
	ReplyTo   string
	Reactions []Reaction
	Edited    bool
	Deleted   bool // the phone shows that something was deleted, or nothing any more
	// Read tells, of a message of the customer's, that the phone shows it as read by the business.
	Read bool
}

// Reaction is somebody's emoji on a message.
type Reaction struct {
	FromBusiness bool
	Emoji        string
}

// Style is how a stretch of a text looks.
type Style string

// The styles. They may nest.
const (
	Bold          Style = "bold"
	Italic        Style = "italic"
	Underline     Style = "underline"
	Strikethrough Style = "strikethrough"
	Spoiler       Style = "spoiler"
	Code          Style = "code"       // within a line
	CodeBlock     Style = "code block" // whole lines
	Quote         Style = "quote"      // whole lines
	Link          Style = "link"       // the words lead to Span.URL
	// Mention is a mention of the business: by its name or handle on the network, which the provider puts in the place
	// of the words, or by linking the words to it.
	Mention Style = "mention"
)

// Span is a stretch of a text in one style.
type Span struct {
	Start, Length int // in UTF-16 code units
	Style         Style
	URL           string // of a Link
}
