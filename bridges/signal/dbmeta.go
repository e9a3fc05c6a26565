package signal

import (
	"slices"

	"maunium.net/go/mautrix/bridgev2/database"
)

// LoginMeta is what is kept of one of the business's accounts.
type LoginMeta struct {
	Number string `json:"number"`
	ACI    string `json:"aci,omitzero"` // empty as long as the daemon does not tell it
	Name   string `json:"name,omitzero"`
}

// CopyFrom implements database.MetaMerger: another login of the account may know less.
func (m *LoginMeta) CopyFrom(other any) {
	from, ok := other.(*LoginMeta)
	if !ok {
		return
	}
	m.Number, m.ACI, m.Name = from.Number, either(from.ACI, m.ACI), either(from.Name, m.Name)
}

// PortalMeta is what is kept of a chat.
type PortalMeta struct {
	// Requested: the customer's first message is not accepted yet.
	Requested bool `json:"requested,omitzero"`
	// Revision and Members are the group as the room shows it: its state's number, and the people by their opaque IDs.
	Revision int      `json:"revision,omitzero"`
	Members  []string `json:"members,omitzero"`
	// ReadUpTo is the timestamp up to which customers were told that their messages are read.
	ReadUpTo int64 `json:"read_up_to,omitzero"`
}

// MessageMeta is what is kept of a message.
type MessageMeta struct {
	// Edits are the timestamps of the message's later versions, the latest last: phones name it by any of them.
	Edits []int64 `json:"edits,omitzero"`
	// Answers are a poll's answers, by the IDs that Matrix clients know them by.
	Answers []string `json:"answers,omitzero"`
	// Votes is how many times the business voted in the poll.
	Votes int `json:"votes,omitzero"`
}

// latestVersion is the timestamp of a message's last version; first is that of its first.
func latestVersion(msg *database.Message, first int64) int64 {
	if meta, ok := msg.Metadata.(*MessageMeta); ok && len(meta.Edits) > 0 {
		return meta.Edits[len(meta.Edits)-1]
	}
	return first
}

// isVersion tells whether the timestamp is that of one of a message's later versions.
func isVersion(msg *database.Message, timestamp int64) bool {
	meta, ok := msg.Metadata.(*MessageMeta)
	return ok && slices.Contains(meta.Edits, timestamp)
}

// addVersion notes a new version of a message, which the caller saves.
func addVersion(msg *database.Message, timestamp int64) {
	meta, ok := msg.Metadata.(*MessageMeta)
	if !ok {
		meta = &MessageMeta{}
		msg.Metadata = meta
	}
	meta.CopyFrom(&MessageMeta{Edits: []int64{timestamp}})
}

// CopyFrom implements database.MetaMerger.
func (m *MessageMeta) CopyFrom(other any) {
	from, ok := other.(*MessageMeta)
	if !ok {
		return
	}
	for _, edit := range from.Edits {
		if !slices.Contains(m.Edits, edit) {
			m.Edits = append(m.Edits, edit)
		}
	}
	if len(from.Answers) > 0 {
		m.Answers = from.Answers
	}
	m.Votes = max(m.Votes, from.Votes)
}

// metaTypes tells bridgev2 what to put into its metadata columns.
func metaTypes() database.MetaTypes {
	return database.MetaTypes{
		UserLogin: func() any { return &LoginMeta{} },
		Portal:    func() any { return &PortalMeta{} },
		Message:   func() any { return &MessageMeta{} },
	}
}
