package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"puente/core/testkit/sample"
)

func TestEntitiesAreChecked(t *testing.T) {
	w := newWorld(t, nil).withAna()
	send := func(text string, offset, length int) object {
		return object{"chat_id": w.ana, "text": text, "entities": []object{{"type": "bold", "offset": offset, "length": length}}}
	}
	w.refused("sendMessage", send("abc", 2, 2), "Bad Request: ENTITY_BOUNDS_INVALID")
	w.refused("sendMessage", send("🌱🌱", 1, 2), "Bad Request: entity begins or ends in a middle")
	sent := w.result("sendMessage", send("  🌱 ab  ", 4, 9-4))
	w.want(at(sent, "text"), "🌱 ab")
	w.want(at(sent, "entities", 0, "offset"), 2)
	w.want(at(sent, "entities", 0, "length"), 3)
}

func TestRepliesOfABot(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.id(w.chat.SendText("one two"))
	reply := func(p object) object { return object{"chat_id": w.ana, "text": "x", "reply_parameters": p} }
	sent := w.result("sendMessage", reply(object{"message_id": id, "quote": "two"}))
	w.want(at(sent, "quote", "position"), 4)
	w.refused("sendMessage", reply(object{"message_id": id, "quote": "three"}), "Bad Request: QUOTE_TEXT_INVALID")
	w.refused("sendMessage", reply(object{"message_id": 999}), "Bad Request: message to be replied not found")
	w.result("sendMessage", reply(object{"message_id": 999, "allow_sending_without_reply": true}))
}

func TestEditsOfABot(t *testing.T) {
	w := newWorld(t, nil).withAna()
	sent := w.result("sendMessage", object{"chat_id": w.ana, "text": "x"})
	id := at(sent, "message_id")
	edit := func(text string) object { return object{"chat_id": w.ana, "message_id": id, "text": text} }
	w.refused("editMessageText", edit("x"), "Bad Request: message is not modified")
	w.want(at(w.result("editMessageText", edit("y")), "edit_date") != nil, true)
	theirs := w.id(w.chat.SendText("z"))
	w.refused("editMessageText", object{"chat_id": w.ana, "message_id": theirs, "text": "y"}, "Bad Request: message can't be edited")
	w.refused("editMessageText", object{"chat_id": w.ana, "message_id": 999, "text": "y"}, "Bad Request: message to edit not found")

	photo, err := w.bot.SendPhoto(w.ctx, &bot.SendPhotoParams{ChatID: w.ana, Photo: upload("a.jpg", must(sample.PhotoJPEG()))})
	w.ok(err)
	changed, err := w.bot.EditMessageMedia(w.ctx, &bot.EditMessageMediaParams{ChatID: w.ana, MessageID: photo.ID,
		Media: &models.InputMediaDocument{Media: "attach://f", MediaAttachment: strings.NewReader("text"), Caption: "c"}})
	w.ok(err)
	w.want(changed.Caption, "c")
	w.want(changed.Document.FileSize, 4)

	live := w.result("sendLocation", object{"chat_id": w.ana, "latitude": 1, "longitude": 1, "live_period": 600})
	moved := object{"chat_id": w.ana, "message_id": at(live, "message_id"), "latitude": 2, "longitude": 2}
	w.want(at(w.result("editMessageLiveLocation", moved), "location", "latitude"), 2)
	stopped := object{"chat_id": w.ana, "message_id": at(live, "message_id")}
	w.want(at(w.result("stopMessageLiveLocation", stopped), "location", "live_period"), nil)
	live = w.result("sendLocation", object{"chat_id": w.ana, "latitude": 1, "longitude": 1, "live_period": 600})
	moved["message_id"] = at(live, "message_id")
	w.clock.Advance(11 * time.Minute)
	w.refused("editMessageLiveLocation", moved, "Bad Request: message can't be edited")
}

func TestDeletionsOfABot(t *testing.T) {
	w := newWorld(t, nil).withAna()
	old := w.id(w.chat.SendText("old"))
	w.clock.Advance(48*time.Hour + time.Second)
	fresh, other := w.id(w.chat.SendText("fresh")), w.id(w.chat.SendText("other"))
	w.refused("deleteMessage", object{"chat_id": w.ana, "message_id": old}, "Bad Request: message can't be deleted")
	w.result("deleteMessage", object{"chat_id": w.ana, "message_id": fresh}) // a customer's own, in a private chat
	w.refused("deleteMessage", object{"chat_id": w.ana, "message_id": fresh}, "Bad Request: message to delete not found")
	w.result("deleteMessages", object{"chat_id": w.ana, "message_ids": []int64{fresh, other}})
	m, _ := w.chat.View().Message(other)
	w.want(m.Deleted, true)
}

func TestReactionsOfABot(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.id(w.chat.SendText("x"))
	react := func(list ...object) object {
		return object{"chat_id": w.ana, "message_id": id, "reaction": append([]object{}, list...)}
	}
	w.result("setMessageReaction", react(object{"type": "emoji", "emoji": "👍"}))
	w.refused("setMessageReaction", react(object{"type": "emoji", "emoji": "🦖"}), "Bad Request: REACTION_INVALID")
	w.refused("setMessageReaction", react(object{"type": "emoji", "emoji": "👍"}, object{"type": "emoji", "emoji": "❤"}), "Bad Request: REACTIONS_TOO_MANY")
	w.refused("setMessageReaction", react(object{"type": "custom_emoji", "custom_emoji_id": "1"}), "Bad Request: REACTION_INVALID")
	w.ok(w.chat.ReactCustom(id, "1"))
	w.result("setMessageReaction", react(object{"type": "custom_emoji", "custom_emoji_id": "1"}))
	m, _ := w.chat.View().Message(id)
	w.want(len(m.Reactions), 2)
	w.result("setMessageReaction", react())
	m, _ = w.chat.View().Message(id)
	w.want(len(m.Reactions), 1)
}

func TestTyping(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.result("sendChatAction", object{"chat_id": w.ana, "action": "upload_photo"})
	w.want(w.chat.View().Typing, "upload_photo")
	w.clock.Advance(6 * time.Second)
	w.want(w.chat.View().Typing, "")
	w.refused("sendChatAction", object{"chat_id": w.ana, "action": "dancing"}, "Bad Request: wrong parameter action")
}
