package whatsapp

import (
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"
)

// The kinds of handle by which WhatsApp names a customer, strongest first. ref: reference/whatsapp-cloud.md §3
const (
	handleUserID   = "user_id"  // business-scoped user ID: the identity
	handleWaID     = "wa_id"    // phone number in WhatsApp's spelling: an alias that changes hands
	handleUsername = "username" // @name: an alias that changes
)

const (
	groupPrefix    = "group:"
	businessPrefix = "business:"
)

// loginID is the business's own number: its phone number ID.
func loginID(phoneNumberID string) networkid.UserLoginID { return networkid.UserLoginID(phoneNumberID) }

// businessID is the ghost of the business itself, who writes what was typed in the WhatsApp Business app.
func businessID(phoneNumberID string) networkid.UserID {
	return networkid.UserID(businessPrefix + phoneNumberID)
}

// customerChat is the chat with one customer on one of the business's numbers. The customer is Puente's own opaque
// ID, so that neither a new number nor a new user ID moves the room.
func customerChat(person networkid.UserID, phoneNumberID string) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(person), Receiver: loginID(phoneNumberID)}
}

func groupChat(groupID, phoneNumberID string) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(groupPrefix + groupID), Receiver: loginID(phoneNumberID)}
}

// groupOf returns the group's ID if the chat is one.
func groupOf(chat networkid.PortalID) (string, bool) {
	return strings.CutPrefix(string(chat), groupPrefix)
}

// messageID is a message as bridgev2 knows it: WhatsApp's own ID (wamid.…).
func messageID(wamid string) networkid.MessageID { return networkid.MessageID(wamid) }

// wamidOf returns WhatsApp's own ID of a message; false for a line of Puente's own, such as that of a call, which WhatsApp
// does not know. ref: reference/whatsapp-cloud.md §1, identifiers
func wamidOf(id networkid.MessageID) (wamid string, ok bool) {
	if !strings.HasPrefix(string(id), "wamid.") {
		return "", false
	}
	return string(id), true
}
