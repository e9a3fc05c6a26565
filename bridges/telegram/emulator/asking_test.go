package emulator_test

import (
	"testing"

	"puente/bridges/telegram/emulator"
	"puente/core/testkit/sample"
)

func TestForwardAndCopy(t *testing.T) {
	w := newWorld(t, nil).withAna()
	bea := w.person("Bea", "")
	id := w.id(w.chat.SendPhoto(emulator.File{}, emulator.Caption("look")))
	from := object{"chat_id": bea.UserID(), "from_chat_id": w.ana, "message_id": id}
	sent := w.result("forwardMessage", from)
	w.want(at(sent, "forward_origin", "sender_user", "id"), w.ana)
	from["caption"] = "mine"
	w.result("copyMessage", from)
	last, _ := bea.View().Last()
	w.want(last.Text, "mine")
	w.want(last.Content["forward_origin"], nil)
	w.want(len(w.result("forwardMessages", object{"chat_id": bea.UserID(), "from_chat_id": w.ana, "message_ids": []int64{id}}).([]any)), 1)
	w.want(len(w.result("copyMessages", object{"chat_id": bea.UserID(), "from_chat_id": w.ana, "message_ids": []int64{id, 999}}).([]any)), 1)
}

func TestStickersAndCustomEmoji(t *testing.T) {
	w := newWorld(t, nil).withAna()
	set := w.result("getStickerSet", object{"name": "PuenteSamples"})
	w.want(len(at(set, "stickers").([]any)), 3)
	w.refused("getStickerSet", object{"name": "nobody"}, "Bad Request: STICKERSET_INVALID")
	emoji := w.result("getCustomEmojiStickers", object{"custom_emoji_ids": append(w.e.CustomEmojiIDs(), "1")}).([]any)
	w.want(len(emoji), 3)
	w.want(at(emoji[1], "is_animated"), true)
	w.want(len(w.download(at(emoji[2], "file_id"))) > 0, true)
	w.result("getForumTopicIconStickers", nil)
}

func TestProfile(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.want(at(w.result("getUserProfilePhotos", object{"user_id": w.ana}), "total_count"), 0)
	w.ok(w.e.SetPhoto(w.ana, must(sample.PhotoJPEG())))
	photos := w.result("getUserProfilePhotos", object{"user_id": w.ana})
	w.want(at(photos, "photos", 0, 1, "width"), 640)
	chat := w.result("getChat", object{"chat_id": w.ana})
	w.want(at(chat, "last_name"), "Ñandú 🌱")
	w.want(len(w.download(at(chat, "photo", "big_file_id"))) > 0, true)
	w.ok(w.e.Rename(w.ana, "Anna", "", ""))
	w.want(at(w.result("getChat", object{"chat_id": w.ana}), "first_name"), "Anna")
	w.ok(w.e.DeleteAccount(w.ana))
	w.refused("sendMessage", object{"chat_id": w.ana, "text": "x"}, "Forbidden: user is deactivated")
}

func TestNobodyIsWrittenToFirst(t *testing.T) {
	w := newWorld(t, nil).withAna()
	c, err := w.e.AddCustomer(emulator.Customer{FirstName: "Bea"})
	w.ok(err)
	w.refused("sendMessage", object{"chat_id": c.ID, "text": "x"}, "Bad Request: chat not found")
	_, err = w.e.AddGroup(emulator.Group{Title: "G", Members: []int64{w.ana, c.ID}, Bots: []int64{botID}})
	w.ok(err)
	w.refused("sendMessage", object{"chat_id": c.ID, "text": "x"}, "Forbidden: bot can't initiate conversation with a user")
}
