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

// GhostMeta is what is kept of a person.
type GhostMeta struct {
	// ProfileAt is the profile's own time of its last change, as far as the room shows it.
	ProfileAt int64 `json:"profile_at,omitzero"`
}

// MessageMeta is what is kept of a message.
type MessageMeta struct {
	// Edits are the timestamps of the message's versions: phones name it by any of them.
	Edits []int64 `json:"edits,omitzero"`
	// Answers are a poll's answers, by the IDs that Matrix clients know them by.
	Answers []string `json:"answers,omitzero"`
	// Votes is how many times the business voted in the poll.
	Votes int `json:"votes,omitzero"`
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
		Ghost:     func() any { return &GhostMeta{} },
		Message:   func() any { return &MessageMeta{} },
	}
}
