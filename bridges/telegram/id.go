package telegram

import (
	"strconv"
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"
)

// The kinds of handle by which Telegram names a person, strongest first. ref: reference/telegram-bot.md §4, identity
const (
	handleUserID   = "user_id"  // never changes: the identity. Groups and channels that write have negative ones
	handlePhone    = "phone"    // digits; only what the person themselves shared
	handleUsername = "username" // changes, and changes hands
)

const (
	groupPrefix    = "group:"
	businessPrefix = "business:"
)

// botLogin is the login of a bot: its user ID.
func botLogin(botID int64) networkid.UserLoginID {
	return networkid.UserLoginID(strconv.FormatInt(botID, 10))
}

// businessLogin is the login of a business account that a bot is connected to. The connection's own ID changes when the
// owner connects the bot anew; the account does not.
func businessLogin(botID, owner int64) networkid.UserLoginID {
	return networkid.UserLoginID(strconv.FormatInt(botID, 10) + "-" + strconv.FormatInt(owner, 10))
}

// businessID is the ghost of the business itself, who writes what its owner typed in Telegram.
func businessID(login networkid.UserLoginID) networkid.UserID {
	return networkid.UserID(businessPrefix + string(login))
}

// personChat is the chat of a login with one person. The person is Puente's own opaque ID, so that no change of name
// moves the room, and the login keeps a business account's chats apart from the bot's own with the same person.
func personChat(person networkid.UserID, login networkid.UserLoginID) networkid.PortalKey {
	return networkid.PortalKey{ID: networkid.PortalID(person), Receiver: login}
}

// group is a group or one topic of a forum.
type group struct {
	chat   int64
	thread int // 0: the group itself, or the forum's General topic
}

func (g group) key(login networkid.UserLoginID) networkid.PortalKey {
	return networkid.PortalKey{ID: g.portalID(), Receiver: login}
}

func (g group) portalID() networkid.PortalID {
	text := groupPrefix + strconv.FormatInt(g.chat, 10)
	if g.thread != 0 {
		text += ":" + strconv.Itoa(g.thread)
	}
	return networkid.PortalID(text)
}

// groupOf returns the group if the chat is one.
func groupOf(chat networkid.PortalID) (g group, ok bool) {
	text, ok := strings.CutPrefix(string(chat), groupPrefix)
	if !ok {
		return group{}, false
	}
	number, thread, isTopic := strings.Cut(text, ":")
	var err error
	if g.chat, err = strconv.ParseInt(number, 10, 64); err != nil {
		return group{}, false
	}
	if isTopic {
		if g.thread, err = strconv.Atoi(thread); err != nil {
			return group{}, false
		}
	}
	return g, true
}

// messageID is a message as bridgev2 knows it: Telegram counts messages per chat. ref: reference/telegram-bot.md §2
func messageID(chat int64, message int) networkid.MessageID {
	return networkid.MessageID(strconv.FormatInt(chat, 10) + "." + strconv.Itoa(message))
}

// readMessageID takes a message's ID apart; false if it is none of Telegram's own.
func readMessageID(id networkid.MessageID) (chat int64, message int, ok bool) {
	first, second, found := strings.Cut(string(id), ".")
	chat, chatErr := strconv.ParseInt(first, 10, 64)
	message, messageErr := strconv.Atoi(second)
	return chat, message, found && chatErr == nil && messageErr == nil
}

// outcomeID names a message among those of all logins: two bots may number messages with one person alike.
func outcomeID(login networkid.UserLoginID, id networkid.MessageID) string {
	return string(login) + "/" + string(id)
}

// fromOutcomeID is the message of an outcomeID.
func fromOutcomeID(id string) networkid.MessageID {
	_, message, _ := strings.Cut(id, "/")
	return networkid.MessageID(message)
}
