package botapi

import (
	"strings"
	"time"

	"puente/core/base/errs"
)

// explanation is what an error means. Descriptions are compared by how they begin behind "Bad Request: ", without
// regard to case, because their ends change. ref: reference/telegram-bot.md §6
type explanation struct {
	code   int    // 0: any
	begins string // in lower case; "": any
	kind   error  // of package errs
	passes bool   // worth another try
	after  time.Duration
	words  string // for the agent: why, and what to do next
}

func (x explanation) fits(e *Error) bool {
	if x.code != 0 && x.code != e.Code && (x.code != 500 || e.Code < 500) {
		return false
	}
	text := strings.ToLower(e.Description)
	for _, prefix := range []string{"bad request: ", "forbidden: ", "unauthorized: ", "conflict: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.HasPrefix(text, x.begins)
}

// The cases that the bridge acts on.
const (
	notModified = "message is not modified"
	editGone    = "message to edit not found"
	deleteGone  = "message to delete not found"
	replyGone   = "message to be replied not found"
	loggedOut   = "logged out"
	fileTooBig  = "file is too big"
	noMethod    = "not found: method"
	migrated    = "group chat was upgraded"
)

// What several cases share.
const (
	writeAnew   = " Write a new message instead."
	otherFile   = " Send it in another format, or as a file."
	askOperator = " Ask whoever runs Puente to mend it."
	otherWay    = " Use another channel to reach the customer."
)

// explanations are Telegram's refusals, the special before the general.
var explanations = []explanation{
	{begins: notModified, kind: errs.ErrConflict, words: "the message says that already."},
	{begins: migrated, kind: errs.ErrConflict, passes: true, words: "the group became a supergroup; it is tried again there."},
	{begins: loggedOut, kind: errs.ErrForbidden, words: "the bot was logged out of this Bot API server." + askOperator},

	{code: 403, begins: "bot was blocked by the user", kind: errs.ErrForbidden, words: "the customer has blocked the bot. Only the customer can undo that, by starting the bot again." + otherWay},
	{code: 403, begins: "user is deactivated", kind: errs.ErrForbidden, words: "the customer's Telegram account was deleted." + otherWay},
	{code: 403, begins: "bot was kicked", kind: errs.ErrForbidden, words: "the bot was removed from this group. Somebody in the group must add it again."},
	{code: 403, begins: "bot is not a member", kind: errs.ErrForbidden, words: "the bot is not in this group. Somebody in the group must add it."},
	{code: 403, begins: "bot can't initiate conversation", kind: errs.ErrForbidden, words: "a bot may write only to who wrote to it first. Ask the customer to open the bot and press Start."},
	{code: 403, begins: "bot can't send messages to bots", kind: errs.ErrForbidden, words: "Telegram lets no bot write to another bot."},

	{begins: "chat not found", kind: errs.ErrNotFound, words: "Telegram does not know this chat any more." + otherWay},
	{begins: "user not found", kind: errs.ErrNotFound, words: "Telegram does not know this customer any more." + otherWay},
	{begins: "peer_id_invalid", kind: errs.ErrNotFound, words: "Telegram does not let the bot write to this chat. Ask the customer to write first."},
	{begins: replyGone, kind: errs.ErrNotFound, words: "the message that you answer is gone. Send it without the reply."},
	{begins: editGone, kind: errs.ErrNotFound, words: "the message is no longer there to be changed." + writeAnew},
	{begins: deleteGone, kind: errs.ErrNotFound, words: "the message is no longer there to be deleted."},
	{begins: "message to react not found", kind: errs.ErrNotFound, words: "the message is no longer there to react to."},
	{begins: "message not found", kind: errs.ErrNotFound, words: "the message is no longer there."},
	{begins: "message_id_invalid", kind: errs.ErrNotFound, words: "the message is no longer there."},
	{begins: "message thread not found", kind: errs.ErrNotFound, words: "this topic was deleted on Telegram. Write in another one."},
	{begins: "topic_deleted", kind: errs.ErrNotFound, words: "this topic was deleted on Telegram. Write in another one."},
	{begins: "topic_closed", kind: errs.ErrForbidden, words: "this topic is closed on Telegram. An administrator of the group can open it again."},
	{begins: "message can't be edited", kind: errs.ErrForbidden, words: "Telegram lets nobody change this message: it is too old, of a kind that cannot be changed, or not the business's own." + writeAnew},
	{begins: "message can't be deleted", kind: errs.ErrForbidden, words: "Telegram lets nobody delete this message: it is older than 48 hours, or not the business's own. The customer still sees it."},
	{begins: "there is no text in the message to edit", kind: errs.ErrInvalid, words: "this message has no text that could be changed." + writeAnew},
	{begins: "there is no caption in the message to edit", kind: errs.ErrInvalid, words: "this message has no caption that could be changed." + writeAnew},

	{begins: "message is too long", kind: errs.ErrTooLarge, words: "the text is too long for Telegram. Send it in several messages."},
	{begins: "message caption is too long", kind: errs.ErrTooLarge, words: "the caption is too long for Telegram. Send it as a message of its own."},
	{begins: "message text is empty", kind: errs.ErrInvalid, words: "nothing would be left of this text on Telegram. Write something that can be seen."},
	{begins: "text must be non-empty", kind: errs.ErrInvalid, words: "nothing would be left of this text on Telegram. Write something that can be seen."},
	{begins: "can't parse entities", kind: errs.ErrInvalid, words: "Telegram does not understand the formatting. Send it as plain text."},
	{begins: "entity_bounds_invalid", kind: errs.ErrInvalid, words: "Telegram does not understand the formatting. Send it as plain text."},
	{begins: fileTooBig, kind: errs.ErrTooLarge, words: "the file is larger than Telegram hands over to bots (20 MB). Ask for it in another way."},
	{code: 413, kind: errs.ErrTooLarge, words: "the file is larger than Telegram takes from bots. Send a smaller one, or a link."},
	{begins: "wrong file identifier", kind: errs.ErrNotFound, words: "Telegram no longer has this file. Ask for it again."},
	{begins: "file_id_invalid", kind: errs.ErrNotFound, words: "Telegram no longer has this file. Ask for it again."},
	{begins: "file is temporarily unavailable", kind: errs.ErrNotFound, passes: true, after: 5 * time.Second, words: "Telegram does not have this file at hand. It is tried again."},
	{begins: "file must be non-empty", kind: errs.ErrInvalid, words: "the file is empty. Send it again."},
	{begins: "photo_invalid_dimensions", kind: errs.ErrInvalid, words: "Telegram takes no picture of this shape as a photo." + otherFile},
	{begins: "photo_", kind: errs.ErrInvalid, words: "Telegram could not read this picture." + otherFile},
	{begins: "image_process_failed", kind: errs.ErrInvalid, words: "Telegram could not read this picture." + otherFile},
	{begins: "video_", kind: errs.ErrInvalid, words: "Telegram could not read this video." + otherFile},
	{begins: "sticker_", kind: errs.ErrInvalid, words: "Telegram could not read this sticker. Send it as a picture."},
	{begins: "voice_messages_forbidden", kind: errs.ErrForbidden, words: "the customer takes no voice messages. Write it, or send it as a file."},
	{begins: "user_privacy_restricted", kind: errs.ErrForbidden, words: "the customer's privacy settings do not allow this. Send it in another form."},

	{begins: "reaction_invalid", kind: errs.ErrUnsupported, words: "Telegram does not take this emoji as a reaction here. Try 👍, ❤, 🔥 or 🎉."},
	{begins: "reactions_too_many", kind: errs.ErrUnsupported, words: "the message has as many reactions as Telegram allows."},
	{begins: "button_data_invalid", kind: errs.ErrInvalid, words: "a button's data is too long for Telegram (64 bytes). Use shorter ones."},
	{begins: "reply markup is too long", kind: errs.ErrTooLarge, words: "these are too many or too long buttons for Telegram. Use fewer."},
	{begins: "poll ", kind: errs.ErrInvalid, words: "Telegram does not take this poll: a question of 1 to 300 characters, 2 to 12 answers of 1 to 100."},
	{begins: "query is too old", kind: errs.ErrNotFound, words: "the button was pressed too long ago to be answered."},

	{begins: "business_connection_invalid", kind: errs.ErrForbidden, words: "the business account is no longer connected to the bot. Its owner connects it in Telegram under Settings, Telegram Business, Chatbots."},
	{begins: "business_connection_not_allowed", kind: errs.ErrForbidden, words: "the business account does not allow the bot to do this. Its owner gives the right in Telegram under Settings, Telegram Business, Chatbots."},
	{begins: "business_peer", kind: errs.ErrForbidden, words: "Telegram lets the bot answer for the business account only within 24 hours of the customer's last message. Answer in the Telegram app."},
	{begins: "business_", kind: errs.ErrForbidden, words: "Telegram does not let the bot do this for the business account. Do it in the Telegram app."},
	{begins: "not enough rights", kind: errs.ErrForbidden, words: "the bot has no right to do this in the group. An administrator of the group can give it."},
	{begins: "have no rights", kind: errs.ErrForbidden, words: "the bot may not write in this group. An administrator of the group can allow it."},
	{begins: "need administrator rights", kind: errs.ErrForbidden, words: "the bot must be an administrator of the group for this."},
	{begins: "chat_write_forbidden", kind: errs.ErrForbidden, words: "the bot may not write in this group. An administrator of the group can allow it."},
	{begins: "chat_send_", kind: errs.ErrForbidden, words: "this group takes no messages of this kind. Send it in another form."},
	{begins: "chat_restricted", kind: errs.ErrForbidden, words: "Telegram has restricted this chat." + otherWay},

	{code: 400, begins: "bad webhook", kind: errs.ErrInvalid, words: "Telegram does not take public_url as the webhook's address: it must be https, on port 443, 80, 88 or 8443." + askOperator},
	{code: 401, kind: errs.ErrForbidden, words: "Telegram refuses the bot's token: it was revoked. An operator gets a new one from BotFather (/token) and logs in again with `login telegram`."},
	{code: 403, kind: errs.ErrForbidden, words: "Telegram does not let the bot write here." + otherWay},
	{code: 404, begins: noMethod, kind: errs.ErrUnsupported, words: "the Bot API server at api_url is too old for this." + askOperator},
	{code: 404, kind: errs.ErrForbidden, words: "Telegram does not know the bot's token. An operator gets it from BotFather (/token) and logs in again with `login telegram`."},
	{code: 409, begins: "can't use getupdates method while webhook is active", kind: errs.ErrConflict, passes: true, words: "another program set a webhook for this bot. Stop that program, or give Puente a bot of its own."},
	{code: 409, kind: errs.ErrConflict, passes: true, words: "another program fetches this bot's messages too. Stop that program, or give Puente a bot of its own."},
	{code: 429, kind: errs.ErrConflict, passes: true, after: time.Second, words: "too much was sent at once; Telegram asks to wait. It is tried again."},
	{code: 500, kind: errs.ErrConflict, passes: true, words: "Telegram has a fault at the moment. It is tried again."},
}
