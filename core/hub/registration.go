package hub

import (
	"fmt"
	"regexp"

	"maunium.net/go/mautrix/appservice"
)

// Identity is how Puente and the homeserver know each other.
type Identity struct {
	Names
	ID         string // the registration's id: "puente"
	Homeserver string // base URL at which Puente reaches the homeserver
	Address    string // base URL at which the homeserver reaches Puente's listener
	ASToken    string // Puente shows it to the homeserver
	HSToken    string // the homeserver shows it to Puente
	MSC4190    bool   // devices for encryption are made without a login; needed with Matrix Authentication Service
}

// Registration is the file that the homeserver's admin puts into app_service_config_files: one for all bridges.
func (i Identity) Registration() *appservice.Registration {
	domain := regexp.QuoteMeta(i.Domain)
	unlimited := false
	reg := &appservice.Registration{
		ID:                  i.ID,
		URL:                 i.Address,
		AppToken:            i.ASToken,
		ServerToken:         i.HSToken,
		SenderLocalpart:     i.Bot,
		RateLimited:         &unlimited,
		EphemeralEvents:     true,
		SoruEphemeralEvents: true,
		MSC4190:             i.MSC4190,
	}
	reg.Namespaces.UserIDs.Register(regexp.MustCompile(fmt.Sprintf(`^@%s:%s$`, regexp.QuoteMeta(i.Bot), domain)), true)
	reg.Namespaces.UserIDs.Register(regexp.MustCompile(fmt.Sprintf(`^@%s.*:%s$`, regexp.QuoteMeta(i.Prefix), domain)), true)
	reg.Namespaces.RoomAliases.Register(regexp.MustCompile(fmt.Sprintf(`^#%s.*:%s$`, regexp.QuoteMeta(i.Prefix), domain)), true)
	return reg
}
