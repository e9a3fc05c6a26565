package daemon

import (
	"encoding/json"
	"errors"
	"strings"
)

// DataMessage is what people see of a message. ref: reference/signal-cli.md §5, dataMessage
type DataMessage struct {
	Timestamp          int64          `json:"timestamp"`
	Message            string         `json:"message"`
	ExpiresInSeconds   int64          `json:"expiresInSeconds"`
	IsExpirationUpdate bool           `json:"isExpirationUpdate"`
	ViewOnce           bool           `json:"viewOnce"`
	Reaction           *Reaction      `json:"reaction"`
	Quote              *Quote         `json:"quote"`
	Payment            *Payment       `json:"payment"`
	Mentions           []Mention      `json:"mentions"`
	Previews           []Preview      `json:"previews"`
	Attachments        []Attachment   `json:"attachments"`
	Sticker            *Sticker       `json:"sticker"`
	RemoteDelete       *RemoteDelete  `json:"remoteDelete"`
	Contacts           []SharedPerson `json:"contacts"`
	PollCreate         *PollCreate    `json:"pollCreate"`
	PollVote           *PollVote      `json:"pollVote"`
	PollTerminate      *Target        `json:"pollTerminate"`
	TextStyles         []TextStyle    `json:"textStyles"`
	Group              *GroupInfo     `json:"groupInfo"`
	StoryContext       *StoryContext  `json:"storyContext"`
	Pin                *Target        `json:"pinMessage"`
	Unpin              *Target        `json:"unpinMessage"`
	AdminDelete        *Target        `json:"adminDelete"`

	// Unknown names the members that Puente does not know.
	Unknown []string `json:"-"`
}

// dataFields are the members of a dataMessage that are known.
func dataFields() []string {
	return []string{
		"timestamp", "message", "expiresInSeconds", "isExpirationUpdate", "viewOnce", "reaction", "quote", "payment",
		"mentions", "previews", "attachments", "sticker", "remoteDelete", "contacts", "pollCreate", "pollVote",
		"pollTerminate", "textStyles", "groupInfo", "storyContext", "pinMessage", "unpinMessage", "adminDelete",
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *DataMessage) UnmarshalJSON(raw []byte) error {
	type plain DataMessage
	if err := json.Unmarshal(raw, (*plain)(d)); err != nil {
		return err
	}
	return noteUnknown(raw, dataFields(), &d.Unknown)
}

func (d *DataMessage) groupID() string {
	if d == nil || d.Group == nil {
		return ""
	}
	return d.Group.GroupID
}

// IsEmpty tells that nothing in it is for people to see, and nothing is unknown: a change of keys, of a profile.
func (d *DataMessage) IsEmpty() bool {
	return d.Message == "" && !d.IsExpirationUpdate && !d.ViewOnce && d.Reaction == nil && d.Payment == nil &&
		len(d.Attachments) == 0 && d.Sticker == nil && d.RemoteDelete == nil && len(d.Contacts) == 0 &&
		d.PollCreate == nil && d.PollVote == nil && d.PollTerminate == nil && d.Pin == nil && d.Unpin == nil &&
		d.AdminDelete == nil && len(d.Unknown) == 0
}

// EditMessage is a new version of a message.
type EditMessage struct {
	Target int64        `json:"targetSentTimestamp"`
	Data   *DataMessage `json:"dataMessage"`
}

// Target names a message by its author and timestamp. Without an author it is the sender's own.
type Target struct {
	AuthorNumber string `json:"targetAuthorNumber"`
	AuthorUUID   string `json:"targetAuthorUuid"`
	Timestamp    int64  `json:"targetSentTimestamp"`
}

// Reaction is an emoji on a message.
type Reaction struct {
	Target
	Emoji    string `json:"emoji"`
	IsRemove bool   `json:"isRemove"`
}

// Quote is the message that is answered.
type Quote struct {
	Timestamp    int64  `json:"id"`
	AuthorNumber string `json:"authorNumber"`
	AuthorUUID   string `json:"authorUuid"`
	Text         string `json:"text"`
}

// Payment is a MobileCoin payment.
type Payment struct {
	Note string `json:"note"`
}

// Mention stands at the character U+FFFC of the text. Offsets are in UTF-16 code units.
type Mention struct {
	Number string `json:"number"`
	UUID   string `json:"uuid"`
	Name   string `json:"name"`
	Start  int    `json:"start"`
	Length int    `json:"length"`
}

// TextStyle is the look of a part of the text, in UTF-16 code units.
type TextStyle struct {
	Style  string `json:"style"` // BOLD, ITALIC, SPOILER, STRIKETHROUGH, MONOSPACE
	Start  int    `json:"start"`
	Length int    `json:"length"`
}

// Preview is of a link in the text.
type Preview struct {
	URL string `json:"url"`
}

// Attachment is a file; GetAttachment fetches it.
type Attachment struct {
	ID          string `json:"id"`
	ContentType string `json:"contentType"`
	Filename    string `json:"filename"`
	Size        int64  `json:"size"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Caption     string `json:"caption"`
	// VoiceNote is set since 0.14.8 alone: use IsVoice.
	VoiceNote *bool `json:"isVoiceNote"`
}

// IsVoice tells whether it is a voice message. A daemon before 0.14.8 does not say; the apps' are AAC without a name.
// ref: reference/signal-cli.md §5, attachments
func (a Attachment) IsVoice() bool {
	if a.VoiceNote != nil {
		return *a.VoiceNote
	}
	return a.Filename == "" && strings.HasPrefix(a.ContentType, "audio/aac")
}

// Sticker is one sticker of a pack; GetSticker fetches it.
type Sticker struct {
	PackID    string `json:"packId"`
	StickerID int    `json:"stickerId"`
}

// RemoteDelete names a message of the sender's own that was deleted.
type RemoteDelete struct {
	Timestamp int64 `json:"timestamp"`
}

// PollCreate is a question with answers.
type PollCreate struct {
	Question      string   `json:"question"`
	AllowMultiple bool     `json:"allowMultiple"`
	Options       []string `json:"options"`
}

// PollVote is an answer to a poll, in the place of earlier ones.
type PollVote struct {
	AuthorNumber  string `json:"authorNumber"`
	AuthorUUID    string `json:"authorUuid"`
	Timestamp     int64  `json:"targetSentTimestamp"`
	OptionIndexes []int  `json:"optionIndexes"`
	VoteCount     int    `json:"voteCount"`
}

// StoryContext names the story that a message answers.
type StoryContext struct {
	AuthorUUID string `json:"authorUuid"`
	Timestamp  int64  `json:"sentTimestamp"`
}

// GroupInfo names the group of a message. An UPDATE tells that the group has changed.
type GroupInfo struct {
	GroupID  string `json:"groupId"`
	Name     string `json:"groupName"`
	Revision int    `json:"revision"`
	Type     string `json:"type"` // DELIVER, UPDATE
}

// IsUpdate tells that the group has changed.
func (g *GroupInfo) IsUpdate() bool { return g != nil && g.Type == "UPDATE" }

// SharedPerson is a card of the address book.
type SharedPerson struct {
	Name struct {
		Nickname string `json:"nickname"`
		Given    string `json:"given"`
		Family   string `json:"family"`
		Prefix   string `json:"prefix"`
		Suffix   string `json:"suffix"`
		Middle   string `json:"middle"`
	} `json:"name"`
	Phone        []Labelled `json:"phone"`
	Email        []Labelled `json:"email"`
	Address      []Postal   `json:"address"`
	Organization string     `json:"organization"`
}

// Labelled is a number or an address with what it is for.
type Labelled struct {
	Value string `json:"value"`
	Type  string `json:"type"`
	Label string `json:"label"`
}

// Postal is an address of a house.
type Postal struct {
	Type         string `json:"type"`
	Label        string `json:"label"`
	Street       string `json:"street"`
	Pobox        string `json:"pobox"`
	Neighborhood string `json:"neighborhood"`
	City         string `json:"city"`
	Region       string `json:"region"`
	Postcode     string `json:"postcode"`
	Country      string `json:"country"`
}

func asType[T error](err error, target *T) bool { return errors.As(err, target) }
