package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"
)

// The kinds of handle by which a system names a person, strongest first.
const (
	handleID    = "id"    // the system's own ID, scoped by the system: the identity
	handlePhone = "phone" // an alias that changes hands
	handleEmail = "email" // the same
)

const businessPrefix = "business:"

// systemName is what a system may be called.
var systemName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// loginID is one of the company's systems.
func loginID(system string) networkid.UserLoginID { return networkid.UserLoginID(system) }

// businessID is the ghost of the company's own side in a system.
func businessID(system networkid.UserLoginID) networkid.UserID {
	return networkid.UserID(businessPrefix + string(system))
}

// portalKey is a conversation. Systems may name conversations by phone number, and IDs of chats stand in logs, so it is
// a fingerprint; PortalMeta has the system's own name.
func portalKey(system, conversation string) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(fingerprint(conversation)), Receiver: loginID(system)}
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// ownPrefix starts the IDs that Puente gives: to what agents do, and to what it makes of a system's message. A system's own
// IDs may not start so.
const ownPrefix = "puente_"

// ownID is what Puente calls what an agent did: the same in each attempt, and readable backwards.
func ownID(eventID id.EventID) string {
	return ownPrefix + base64.RawURLEncoding.EncodeToString([]byte(eventID))
}

// eventOf reads an ID of Puente's backwards; ok is false for any other.
func eventOf(messageID string) (eventID id.EventID, ok bool) {
	encoded, ok := strings.CutPrefix(messageID, ownPrefix)
	if !ok {
		return "", false
	}
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	return id.EventID(decoded), err == nil && len(decoded) > 1 && decoded[0] == '$'
}

// furtherFile is the ID of what a message's n-th file, counted from 0, is on its own. No message of a system's is called so.
func furtherFile(id string, n int) string {
	if n == 0 {
		return id
	}
	return fmt.Sprintf("%sfile_%d_%s", ownPrefix, n+1, id)
}

// versionID names what an event says of a message that it cannot change. No message of a system's is called so.
func versionID(eventID string) networkid.MessageID {
	return networkid.MessageID(ownPrefix + "version_" + fingerprint(eventID))
}

// scoped makes an ID of a message that goes out unique among all systems, for network.Outcomes.
func scoped(system networkid.UserLoginID, messageID string) string {
	return string(system) + ":" + messageID
}

// unscoped takes the system off again.
func unscoped(networkMessageID string) string {
	_, messageID, _ := strings.Cut(networkMessageID, ":")
	return messageID
}
