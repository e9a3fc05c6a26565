package emulator_test

import (
	"testing"
	"time"

	"puente/bridges/telegram/emulator"
)

// TestWhatCustomersSend sends every kind of message; the client's transport holds each update against the description.
func TestWhatCustomersSend(t *testing.T) {
	w := newWorld(t, nil).withAna()
	bea := w.person("Bea", "")
	for name, test := range map[string]struct {
		send func() (int64, error)
		has  []any // a path in the message and what must be there
	}{
		"formatted text": {func() (int64, error) {
			return w.chat.SendText("🌱 bold Ana", emulator.Formatted(
				emulator.Entity{Type: "bold", Offset: 3, Length: 4},
				emulator.Entity{Type: "text_mention", Offset: 8, Length: 3, User: w.ana}))
		}, []any{"entities", 1, "user", "id", w.ana}},
		"rich":            {func() (int64, error) { return w.chat.SendRich("Order", "one", "two") }, []any{"rich_message", "blocks", 0, "text", "Order"}},
		"static sticker":  {func() (int64, error) { return w.chat.SendSticker("static") }, []any{"sticker", "is_animated", false}},
		"TGS sticker":     {func() (int64, error) { return w.chat.SendSticker("animated") }, []any{"sticker", "is_animated", true}},
		"video sticker":   {func() (int64, error) { return w.chat.SendSticker("video") }, []any{"sticker", "is_video", true}},
		"place":           {func() (int64, error) { return w.chat.SendLocation(emulator.Place{Latitude: 1.5, Longitude: 2}) }, []any{"location", "latitude", 1.5}},
		"venue":           {func() (int64, error) { return w.chat.SendLocation(emulator.Place{Name: "Shop", Address: "Street 1"}) }, []any{"venue", "title", "Shop"}},
		"live place":      {func() (int64, error) { return w.chat.SendLocation(emulator.Place{Live: time.Hour}) }, []any{"location", "live_period", 3600}},
		"own contact":     {func() (int64, error) { return w.chat.ShareContact() }, []any{"contact", "user_id", w.ana}},
		"other's contact": {func() (int64, error) { return w.chat.SendContact("+1650", "Cy", "", 0) }, []any{"contact", "user_id", nil}},
		"poll": {func() (int64, error) {
			return w.chat.SendPoll(emulator.Ask{Question: "When?", Options: []string{"now", "later"}})
		}, []any{"poll", "options", 1, "text", "later"}},
		"dice":       {func() (int64, error) { return w.chat.SendDice("🎯", 3) }, []any{"dice", "value", 3}},
		"story":      {func() (int64, error) { return w.chat.SendStory(12) }, []any{"story", "id", 12}},
		"paid media": {func() (int64, error) { return w.chat.SendPaidMedia(5) }, []any{"paid_media", "star_count", 5}},
		"checklist":  {func() (int64, error) { return w.chat.SendChecklist("Buy", []string{"milk", "bread"}, 1) }, []any{"checklist", "tasks", 1, "completed_by_user", "id", w.ana}},
		"game":       {func() (int64, error) { return w.chat.SendGame("Chess") }, []any{"game", "title", "Chess"}},
		"invoice":    {func() (int64, error) { return w.chat.SendInvoice("Tree", "EUR", 1999) }, []any{"invoice", "total_amount", 1999}},
		"giveaway":   {func() (int64, error) { return w.chat.SendGiveaway(3) }, []any{"giveaway", "winner_count", 3}},
		"unknown":    {func() (int64, error) { return w.chat.SendOdd() }, []any{"hologram", "depth", 3}},
		"from a person": {func() (int64, error) { return w.chat.SendText("x", emulator.ForwardedFrom(bea.UserID())) },
			[]any{"forward_origin", "sender_user", "first_name", "Bea"}},
		"from somebody hidden": {func() (int64, error) { return w.chat.SendText("x", emulator.ForwardedFromHidden("Dora")) },
			[]any{"forward_origin", "sender_user_name", "Dora"}},
		"from a group": {func() (int64, error) { return w.chat.SendText("x", emulator.ForwardedFromGroup(-100200, "boss")) },
			[]any{"forward_origin", "author_signature", "boss"}},
		"from a channel": {func() (int64, error) { return w.chat.SendText("x", emulator.ForwardedFromChannel(-100200, 7, "")) },
			[]any{"forward_origin", "message_id", 7}},
		"caption": {func() (int64, error) {
			return w.chat.SendPhoto(emulator.File{Spoiler: true}, emulator.Caption("look"))
		}, []any{"caption", "look"}},
		"photo in sizes": {func() (int64, error) { return w.chat.SendPhoto(emulator.File{}) }, []any{"photo", 3, "width", 1280}},
		"animation is a document too": {func() (int64, error) { return w.chat.SendFile(emulator.Animation, emulator.File{}) },
			[]any{"document", "mime_type", "video/mp4"}},
		"video tells its size": {func() (int64, error) { return w.chat.SendFile(emulator.Video, emulator.File{}) }, []any{"video", "width", 320}},
		"video has a preview": {func() (int64, error) { return w.chat.SendFile(emulator.Video, emulator.File{}) },
			[]any{"video", "thumbnail", "width", 320}},
		"voice tells its length": {func() (int64, error) { return w.chat.SendVoice(emulator.File{}) }, []any{"voice", "duration", 2}},
		"auto-delete":            {func() (int64, error) { return 0, w.chat.SetAutoDelete(24 * time.Hour) }, []any{"message_auto_delete_timer_changed", "message_auto_delete_time", 86400}},
		"may write":              {func() (int64, error) { return w.chat.AllowWriting() }, []any{"write_access_allowed", "from_request", true}},
		"effect":                 {func() (int64, error) { return w.chat.SendText("x", emulator.With("effect_id", "51")) }, []any{"effect_id", "51"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.id(test.send())
			m := w.update("message")
			n := len(test.has) - 1
			w.want(at(m, test.has[:n]...), test.has[n])
		})
	}
}

func TestAnswersAndQuotes(t *testing.T) {
	w := newWorld(t, nil).withAna()
	first := w.id(w.chat.SendText("one 🌱 two"))
	w.updates()
	w.id(w.chat.SendText("this", emulator.Quoting(first, "two")))
	m := w.update("message")
	w.want(at(m, "reply_to_message", "message_id"), first)
	w.want(at(m, "quote", "position"), 7)

	second := w.id(w.chat.Reply(int64(m["message_id"].(float64)), "again"))
	w.want(at(w.update("message"), "reply_to_message", "reply_to_message"), nil)
	w.want(second > first, true)

	other, err := w.e.Chat(w.ana, otherID)
	w.ok(err)
	there := w.id(other.SendFile(emulator.Photo, emulator.File{}))
	w.id(w.chat.SendText("about that", emulator.ReplyElsewhere(other, there)))
	m = w.update("message")
	w.want(at(m, "external_reply", "origin", "type"), "user")
	w.want(len(w.download(at(m, "external_reply", "photo", 0, "file_id"))) > 0, true)
}

func TestAlbum(t *testing.T) {
	w := newWorld(t, nil).withAna()
	ids, err := w.chat.SendAlbum([]string{emulator.Photo, emulator.Video}, make([]emulator.File, 2), emulator.Caption("both"))
	w.ok(err)
	all := w.updates()
	w.want(len(all), 2)
	w.want(at(all[0], "message", "caption"), "both")
	w.want(at(all[1], "message", "caption"), nil)
	w.want(at(all[0], "message", "media_group_id") == at(all[1], "message", "media_group_id"), true)
	w.want(at(all[1], "message", "message_id"), ids[1])
}

func TestWhatCustomersChange(t *testing.T) {
	w := newWorld(t, nil).withAna()
	text := w.id(w.chat.SendText("helo"))
	photo := w.id(w.chat.SendPhoto(emulator.File{}, emulator.Caption("a")))
	live := w.id(w.chat.SendLocation(emulator.Place{Live: time.Hour}))
	w.updates()

	w.ok(w.chat.Edit(text, "hello", emulator.Entity{Type: "bold", Length: 5}))
	m := w.update("edited_message")
	w.want(m["text"], "hello")
	w.want(at(m, "entities", 0, "type"), "bold")
	w.ok(w.chat.EditInvisibly(text))
	w.want(w.update("edited_message")["text"], "hello")
	w.ok(w.chat.Edit(photo, "b"))
	w.want(w.update("edited_message")["caption"], "b")
	w.ok(w.chat.MoveLocation(live, emulator.Place{Latitude: 3, Live: time.Hour}))
	w.want(at(w.update("edited_message"), "location", "latitude"), 3)

	w.ok(w.chat.Delete(text))
	w.want(len(w.updates()), 0) // a bot is not told
	if w.chat.Edit(text, "x") == nil {
		t.Error("a deleted message was edited")
	}
}

func TestBlocking(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.ok(w.chat.Block())
	m := w.update("my_chat_member")
	w.want(at(m, "new_chat_member", "status"), "kicked")
	w.refused("sendMessage", object{"chat_id": w.ana, "text": "x"}, "Forbidden: bot was blocked by the user")
	w.ok(w.chat.Unblock())
	w.want(at(w.update("my_chat_member"), "new_chat_member", "status"), "member")
	w.result("sendMessage", object{"chat_id": w.ana, "text": "x"})
}

func TestDeepLink(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.id(w.chat.Start("order-17"))
	m := w.update("message")
	w.want(m["text"], "/start order-17")
	w.want(at(m, "entities", 0, "length"), 6)
	if _, err := w.chat.Start("two words"); err == nil {
		t.Error("a payload with a space was taken")
	}
}

func TestReactions(t *testing.T) {
	w := newWorld(t, nil).withAna()
	id := w.id(w.chat.SendText("x"))
	w.updates()
	w.ok(w.chat.React(id, "👍"))
	w.want(len(w.updates()), 0) // not asked for
	w.result("getUpdates", object{"allowed_updates": []string{"message", "message_reaction"}})
	w.ok(w.chat.React(id, "❤"))
	m := w.update("message_reaction")
	w.want(at(m, "old_reaction", 0, "emoji"), "👍")
	w.want(at(m, "new_reaction", 0, "emoji"), "❤")
	w.ok(w.chat.ReactCustom(id, w.e.CustomEmojiIDs()[0]))
	w.want(at(w.update("message_reaction"), "new_reaction", 0, "type"), "custom_emoji")
	w.ok(w.chat.Unreact(id))
	w.want(len(at(w.update("message_reaction"), "new_reaction").([]any)), 0)
	if w.chat.React(id, "🦖") == nil {
		t.Error("an emoji that nobody can react with was taken")
	}
}

func TestVotes(t *testing.T) {
	w := newWorld(t, nil).withAna()
	sent := w.result("sendPoll", object{
		"chat_id": w.ana, "question": "When?", "options": []object{{"text": "now"}, {"text": "later"}}, "is_anonymous": false,
	})
	id := int64(at(sent, "message_id").(float64))
	w.ok(w.chat.Vote(id, 1))
	all := w.updates()
	w.want(at(all[0], "poll_answer", "option_ids", 0), 1)
	w.want(at(all[1], "poll", "options", 1, "voter_count"), 1)
	w.ok(w.chat.Vote(id))
	all = w.updates()
	w.want(len(at(all[0], "poll_answer", "option_ids").([]any)), 0)
	w.want(at(w.result("stopPoll", object{"chat_id": w.ana, "message_id": id}), "is_closed"), true)
	if w.chat.Vote(id, 0) == nil {
		t.Error("a closed poll was voted in")
	}
}
