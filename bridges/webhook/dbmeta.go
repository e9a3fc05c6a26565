package webhook

import (
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
)

// LoginMeta is what is kept of one of the company's systems.
type LoginMeta struct {
	DisplayName string `json:"display_name"`
	CallbackURL string `json:"callback_url"`
	Secret      string `json:"secret"`     // signs what goes out: "whsec_…"
	TokenHash   string `json:"token_hash"` // SHA-256 of the API token, in hex; the token itself is not kept
}

// PortalMeta is what is kept of a conversation.
type PortalMeta struct {
	Conversation string           `json:"conversation"`       // the system's own ID of it
	Customer     networkid.UserID `json:"customer,omitempty"` // who wrote first
	Group        bool             `json:"group,omitempty"`    // several people take part
}

// metaTypes tells bridgev2 what to put into its metadata columns.
func metaTypes() database.MetaTypes {
	return database.MetaTypes{
		UserLogin: func() any { return &LoginMeta{} },
		Portal:    func() any { return &PortalMeta{} },
	}
}
