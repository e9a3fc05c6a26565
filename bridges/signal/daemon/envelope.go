package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// Received is what a notification of the method receive holds. ref: reference/signal-cli.md §5
type Received struct {
	Account   string     `json:"account"` // the number, or the ACI
	Envelope  Envelope   `json:"envelope"`
	Exception *Exception `json:"exception"`
}

// Exception says why the daemon could not read a message: the name of a Java class.
type Exception struct {
	Type string `json:"type"`
}

// Untrusted is the Exception of a message under a new identity key that the account does not trust.
const Untrusted = "UntrustedIdentityException"

// Envelope is one thing that came from Signal. At most one of the messages is set.
type Envelope struct {
	SourceNumber string `json:"sourceNumber"`
	SourceUUID   string `json:"sourceUuid"` // ACI; empty if the sender could not be read
	SourceName   string `json:"sourceName"`
	SourceDevice int    `json:"sourceDevice"`
	Timestamp    int64  `json:"timestamp"` // the sender's, in milliseconds

	Data    *DataMessage    `json:"dataMessage"`
	Edit    *EditMessage    `json:"editMessage"`
	Story   *StoryMessage   `json:"storyMessage"`
	Sync    *SyncMessage    `json:"syncMessage"`
	Call    *CallMessage    `json:"callMessage"`
	Receipt *ReceiptMessage `json:"receiptMessage"`
	Typing  *TypingMessage  `json:"typingMessage"`

	// Unknown names the messages in it that Puente does not know.
	Unknown []string `json:"-"`
}

// envelopeFields are the members of an envelope that are known, beside the messages.
func envelopeFields() []string {
	return []string{
		"source", "sourceNumber", "sourceUuid", "sourceName", "sourceDevice", "timestamp", "serverReceivedTimestamp",
		"serverDeliveredTimestamp", "dataMessage", "editMessage", "storyMessage", "syncMessage", "callMessage",
		"receiptMessage", "typingMessage",
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *Envelope) UnmarshalJSON(raw []byte) error {
	type plain Envelope
	if err := json.Unmarshal(raw, (*plain)(e)); err != nil {
		return err
	}
	return noteUnknown(raw, envelopeFields(), &e.Unknown)
}

// noteUnknown lists the members of an object that are none of the known ones and not null or empty.
func noteUnknown(raw []byte, known []string, unknown *[]string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	for name, value := range members {
		if !slices.Contains(known, name) && !slices.Contains([]string{"null", "[]", "{}", "false", `""`, "0"}, string(value)) {
			*unknown = append(*unknown, name)
		}
	}
	slices.Sort(*unknown)
	return nil
}

// ParseReceived reads a notification. What has no account or no envelope, or is of another shape, is an
// errs.ErrInvalid.
func ParseReceived(raw []byte) (*Received, error) {
	got := new(Received)
	if err := json.Unmarshal(raw, got); err != nil {
		return nil, fmt.Errorf("notification of another shape (%s): %w", shapeOf(err), errs.ErrInvalid)
	} else if got.Account == "" || got.Envelope.Timestamp == 0 {
		return nil, fmt.Errorf("notification without account or timestamp: %w", errs.ErrInvalid)
	}
	return got, nil
}

// shapeOf says of a JSON error where it is, without what stands there.
func shapeOf(err error) string {
	var wrong *json.UnmarshalTypeError
	if ok := asType(err, &wrong); ok {
		return wrong.Field
	}
	return "no JSON"
}

// Kind says what an Envelope holds.
type Kind string

// The kinds.
const (
	KindMessage   Kind = "message" // also what the account's owner sent from the phone
	KindEdit      Kind = "edit"
	KindReceipt   Kind = "receipt"
	KindTyping    Kind = "typing"
	KindCall      Kind = "call"
	KindStory     Kind = "story"
	KindSync      Kind = "sync" // of the account's own other devices, but for messages
	KindException Kind = "exception"
	KindEmpty     Kind = "empty"   // such as a change of keys: nothing to show
	KindUnknown   Kind = "unknown" // something that came after this was written
)

// Kind says what came.
func (r *Received) Kind() Kind {
	e := r.Envelope
	switch {
	case r.Exception != nil:
		return KindException
	case e.Edit != nil || (e.Sync != nil && e.Sync.Sent != nil && e.Sync.Sent.Edit != nil):
		return KindEdit
	case e.Data != nil || (e.Sync != nil && e.Sync.Sent != nil):
		return KindMessage
	case e.Receipt != nil:
		return KindReceipt
	case e.Typing != nil:
		return KindTyping
	case e.Call != nil:
		return KindCall
	case e.Story != nil:
		return KindStory
	case e.Sync != nil:
		return KindSync
	case len(e.Unknown) > 0:
		return KindUnknown
	}
	return KindEmpty
}

// GroupID is the group that it belongs to; empty for a chat between two.
func (r *Received) GroupID() string {
	e := r.Envelope
	switch {
	case e.Data != nil:
		return e.Data.groupID()
	case e.Edit != nil && e.Edit.Data != nil:
		return e.Edit.Data.groupID()
	case e.Sync != nil && e.Sync.Sent != nil:
		return e.Sync.Sent.Message().groupID()
	case e.Typing != nil:
		return e.Typing.GroupID
	case e.Story != nil:
		return e.Story.GroupID
	}
	return ""
}

// StoryMessage is a story that somebody posted.
type StoryMessage struct {
	GroupID string `json:"groupId"`
}

// CallMessage is about a call. Only an offer says something to people.
type CallMessage struct {
	Offer *struct {
		ID   int64  `json:"id"`
		Type string `json:"type"` // AUDIO_CALL, VIDEO_CALL
	} `json:"offerMessage"`
}

// ReceiptMessage tells that somebody's phone has, or somebody has read or viewed, messages of the account's.
type ReceiptMessage struct {
	When       int64   `json:"when"`
	IsDelivery bool    `json:"isDelivery"`
	IsRead     bool    `json:"isRead"`
	IsViewed   bool    `json:"isViewed"`
	Timestamps []int64 `json:"timestamps"`
}

// TypingMessage tells that somebody types, or stopped.
type TypingMessage struct {
	Action  string `json:"action"` // STARTED, STOPPED
	GroupID string `json:"groupId"`
}

// SyncMessage is what the account's owner did on another device.
type SyncMessage struct {
	Sent *SentMessage  `json:"sentMessage"`
	Read []ReadMessage `json:"readMessages"`
	Type string        `json:"type"` // CONTACTS_SYNC, GROUPS_SYNC, REQUEST_SYNC
}

// ReadMessage is a message that the account's owner read on another device.
type ReadMessage struct {
	SenderNumber string `json:"senderNumber"`
	SenderUUID   string `json:"senderUuid"`
	Timestamp    int64  `json:"timestamp"`
}

// SentMessage is a message that the account's owner sent from another device: a DataMessage with its recipient.
type SentMessage struct {
	DestinationNumber string       `json:"destinationNumber"`
	DestinationUUID   string       `json:"destinationUuid"` // empty for groups
	Edit              *EditMessage `json:"editMessage"`
	Data              *DataMessage `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler: the message's own fields stand beside the recipient.
func (s *SentMessage) UnmarshalJSON(raw []byte) error {
	type plain SentMessage
	if err := json.Unmarshal(raw, (*plain)(s)); err != nil {
		return err
	}
	if s.Edit != nil {
		return nil
	}
	s.Data = new(DataMessage)
	if err := json.Unmarshal(raw, s.Data); err != nil {
		return err
	}
	s.Data.Unknown = slices.DeleteFunc(s.Data.Unknown, func(name string) bool { return strings.HasPrefix(name, "destination") })
	return nil
}

// Message is what was sent: the new version if it is an edit.
func (s *SentMessage) Message() *DataMessage {
	if s.Edit != nil && s.Edit.Data != nil {
		return s.Edit.Data
	} else if s.Data != nil {
		return s.Data
	}
	return &DataMessage{}
}
