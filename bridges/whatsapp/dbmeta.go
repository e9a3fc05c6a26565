package whatsapp

import (
	"time"

	"maunium.net/go/mautrix/bridgev2/database"
)

// LoginMeta is what is kept of one of the business's numbers.
type LoginMeta struct {
	WABAID             string `json:"waba_id"`
	AccessToken        string `json:"access_token"`
	DisplayPhoneNumber string `json:"display_phone_number"`
	VerifiedName       string `json:"verified_name"`
}

// PortalMeta is what is kept of a chat.
type PortalMeta struct {
	LastInbound   time.Time `json:"last_inbound,omitzero"`    // when the customer last wrote: the 24-hour window counts from there
	LastInboundID string    `json:"last_inbound_id,omitzero"` // that message
	LastReadID    string    `json:"last_read_id,omitzero"`    // up to which message we told the customer that we have read
}

// metaTypes tells bridgev2 what to put into its metadata columns.
func metaTypes() database.MetaTypes {
	return database.MetaTypes{
		UserLogin: func() any { return &LoginMeta{} },
		Portal:    func() any { return &PortalMeta{} },
	}
}
