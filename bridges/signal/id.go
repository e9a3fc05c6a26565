package signal

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"
)

// The kinds of handle by which Signal names a customer, strongest first. ref: reference/signal-cli.md §5, identity
const (
	handleACI      = "aci"      // the account: the identity
	handlePhone    = "phone"    // mostly hidden, and it changes hands
	handleUsername = "username" // a name to look somebody up by, which changes
	handlePNI      = "pni"      // of somebody who was invited by number and has not joined yet
)

const (
	groupPrefix    = "group:"
	businessPrefix = "business:"
	pniPrefix      = "PNI:"
)

// loginID is one of the business's accounts: its ACI, or a hash of the number where the daemon does not tell it. Login
// IDs stand in logs, numbers must not.
func loginID(aci, number string) networkid.UserLoginID {
	if aci != "" {
		return networkid.UserLoginID(strings.ToLower(aci))
	}
	return networkid.UserLoginID("number-" + hashed(number))
}

// hashed lets a number be told from others without showing it.
func hashed(number string) string {
	sum := sha256.Sum256([]byte(number))
	return hex.EncodeToString(sum[:8])
}

// businessID is the ghost of the business itself, who writes what was typed on the phone.
func businessID(login networkid.UserLoginID) networkid.UserID {
	return networkid.UserID(businessPrefix + string(login))
}

// personChat is the chat with one person. The person is Puente's own opaque ID.
func personChat(person networkid.UserID, login networkid.UserLoginID) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(person), Receiver: login}
}

func groupChat(groupID string, login networkid.UserLoginID) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(groupPrefix + groupID), Receiver: login}
}

// groupOf returns the group's ID if the chat is one.
func groupOf(chat networkid.PortalID) (string, bool) {
	return strings.CutPrefix(string(chat), groupPrefix)
}

// messageID is a message as bridgev2 knows it: its author's ACI, which for our own is the login's ID, and its
// timestamp. ref: reference/signal-cli.md §5, identity
func messageID(author string, timestamp int64) networkid.MessageID {
	return networkid.MessageID(author + "." + strconv.FormatInt(timestamp, 10))
}

// partID is the n-th event of a message with several files; the first one has the message's own ID.
func partID(whole networkid.MessageID, n int) networkid.MessageID {
	if n == 0 {
		return whole
	}
	return whole + networkid.MessageID("."+strconv.Itoa(n))
}

// parseMessageID takes an ID apart; ok is false for what is no message of Signal's, such as a notice of ours.
func parseMessageID(id networkid.MessageID) (author string, timestamp int64, ok bool) {
	parts := strings.Split(string(id), ".")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || strings.Contains(parts[0], ":") {
		return "", 0, false
	}
	timestamp, err := strconv.ParseInt(parts[1], 10, 64)
	return parts[0], timestamp, err == nil && timestamp > 0
}

// noticeID is a line of ours about something that is no message. The same thing has the same one.
func noticeID(what, author string, timestamp int64) networkid.MessageID {
	return networkid.MessageID(what+":") + messageID(author, timestamp)
}
