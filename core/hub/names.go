package hub

import (
	"fmt"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// Names are the Matrix users that Puente has on the homeserver. All of them start with one prefix, so that one
// registration covers every bridge and no two bridges' ghosts can overlap.
type Names struct {
	Domain string // the homeserver's server name
	Bot    string // localpart of the one face for people, the registration's sender_localpart: "puente"
	Prefix string // what every other localpart starts with: "puente_"
}

// reserved are the words that no network may take: the desk's user behind the prefix, and the journal's other sources.
var reserved = []string{"desk", sourceMatrix, sourceOperators, sourceShown, sourceInvite}

var networkID = regexp.MustCompile(`^[a-z]{2,20}$`)

// checkNetworkID refuses a network's ID that would clash with another name of ours.
func checkNetworkID(id string) error {
	if !networkID.MatchString(id) {
		return fmt.Errorf("network ID %q must be 2 to 20 lower-case letters: %w", id, errs.ErrInvalid)
	}
	for _, word := range reserved {
		if id == word {
			return fmt.Errorf("network ID %q is reserved: %w", id, errs.ErrInvalid)
		}
	}
	return nil
}

// Front is @puente: invite it, talk to it.
func (n Names) Front() id.UserID { return id.NewUserID(n.Bot, n.Domain) }

// Desk is the user who owns the business's logins and who writes what the business itself sends.
func (n Names) Desk() id.UserID { return id.NewUserID(n.Prefix+"desk", n.Domain) }

// BridgeBot is the localpart of a network's own bot, which creates and looks after its rooms.
func (n Names) BridgeBot(network string) string { return n.Prefix + network }

// GhostTemplate is the localpart of a network's customers, with {{.}} for the customer.
func (n Names) GhostTemplate(network string) string { return n.Prefix + network + "_{{.}}" }

// IsOurs tells whether a user belongs to Puente.
func (n Names) IsOurs(user id.UserID) bool {
	localpart, domain, err := user.Parse()
	return err == nil && domain == n.Domain && (localpart == n.Bot || strings.HasPrefix(localpart, n.Prefix))
}

// IsPuppet tells whether what a user does is Puente's own doing: everybody of ours but the desk, who speaks for
// the business and is heard like an agent.
func (n Names) IsPuppet(user id.UserID) bool {
	return n.IsOurs(user) && user != n.Desk()
}

// IsGhost tells whether a user is somebody on a network, and none of those by whom Puente itself acts.
func (n Names) IsGhost(user id.UserID) bool {
	return n.IsOurs(user) && strings.Contains(strings.TrimPrefix(user.Localpart(), n.Prefix), "_")
}
