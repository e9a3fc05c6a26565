package emulator_test

import (
	"encoding/base64"
	"testing"
	"time"

	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
)

// data returns the next dataMessage, with its timestamp taken out.
func (w *world) data() object {
	w.t.Helper()
	data, envelope := w.c.next("dataMessage")
	equal(w.t, "timestamps", data["timestamp"], envelope["timestamp"])
	return data
}

// attachment fetches an attachment's content.
func (w *world) attachment(id any) string {
	w.t.Helper()
	got := w.c.ok("getAttachment", object{"account": shop, "id": id}).(object)["data"].(string)
	data, err := base64.StdEncoding.DecodeString(got)
	return string(need(w.t, data, err))
}

func TestCustomersMessages(t *testing.T) {
	w := newWorld(t, nil).withAna()
	c := w.chat(ana)
	welcome, _ := w.now(ana).Last()

	t.Run("StylesAndMentions", func(t *testing.T) {
		w.must(c.SendText("🌱 hi \ufffc", emulator.WithStyles(emulator.Style{Start: 3, Length: 2, Name: "ITALIC"}), emulator.WithMentions(shopACI)))
		data := w.data()
		equal(t, "styles", data["textStyles"], []object{{"style": "ITALIC", "start": 3, "length": 2}})
		equal(t, "mentions", data["mentions"], []object{{"name": shop, "number": shop, "uuid": shopACI, "start": 6, "length": 1}})
		if _, err := c.SendText("x", emulator.WithStyles(emulator.Style{Start: 0, Length: 2, Name: "BOLD"})); err == nil {
			t.Error("a style outside the text was taken")
		}
	})
	t.Run("ReplyQuotes", func(t *testing.T) {
		w.must(c.SendText("thanks", emulator.ReplyTo(welcome.Ref())))
		equal(t, "quote", w.data()["quote"], object{
			"id": welcome.Timestamp, "author": shop, "authorNumber": shop, "authorUuid": shopACI, "text": "welcome", "attachments": []any{},
		})
	})
	t.Run("Files", func(t *testing.T) {
		photo := emulator.Sample("photo.jpg")
		w.must(c.SendFiles("look", []emulator.File{photo, emulator.Sample("movie.mp4")}, emulator.Once()))
		data := w.data()
		has(t, "data", data, object{"message": "look", "viewOnce": true})
		files := list(data, "attachments")
		has(t, "attachment", files[0], object{
			"contentType": "image/jpeg", "filename": "photo.jpg", "size": len(photo.Data), "width": 320, "height": 240, "caption": nil, "isVoiceNote": false,
		})
		has(t, "attachment", files[1], object{"contentType": "video/mp4", "width": nil, "height": nil})
		if w.attachment(files[0]["id"]) != string(photo.Data) {
			t.Error("the content differs")
		}
		w.c.fail(-1, "getAttachment", object{"account": shop, "id": "nothing.jpg"})
		w.c.fail(-1, "getAttachment", object{"account": shop})
	})
	t.Run("VoiceNoteHasNoName", func(t *testing.T) {
		w.must(c.SendVoice(emulator.Sample("voice.aac")))
		has(t, "attachment", list(w.data(), "attachments")[0], object{"contentType": "audio/aac", "filename": nil, "isVoiceNote": true})
		old := newWorld(t, func(o *emulator.Options) { o.Version = "0.14.7" }).withAna()
		old.must(old.chat(ana).SendVoice(emulator.Sample("voice.aac")))
		absent(t, "attachment", list(old.data(), "attachments")[0], "isVoiceNote")
	})
	t.Run("StickerCanBeFetched", func(t *testing.T) {
		w.must(c.SendSticker(1))
		got := w.data()["sticker"]
		equal(t, "sticker", got, object{"packId": emulator.SamplePack, "stickerId": 1})
		data := w.c.ok("getSticker", object{"account": shop, "packId": emulator.SamplePack, "stickerId": 1}).(object)["data"]
		equal(t, "content", data, base64.StdEncoding.EncodeToString(emulator.Sample("wave.webp").Data))
		w.c.fail(-1, "getSticker", object{"account": shop, "packId": emulator.SamplePack, "stickerId": 7})
	})
	t.Run("ContactPreviewStoryPayment", func(t *testing.T) {
		w.must(c.SendContact(emulator.Card{Given: "Ben", Family: "Ode", Phones: []string{"+491709999999"}, Emails: []string{"ben@example.com"}, City: "Rome", Organization: "Shop"}))
		card := list(w.data(), "contacts")[0]
		equal(t, "name", card["name"], object{"nickname": nil, "given": "Ben", "family": "Ode", "prefix": nil, "suffix": nil, "middle": nil})
		equal(t, "phone", card["phone"], []object{{"value": "+491709999999", "type": "MOBILE", "label": nil}})
		has(t, "contact", card, object{"organization": "Shop"})

		picture := emulator.Sample("picture.png")
		w.must(c.SendText("https://example.com", emulator.WithPreview("https://example.com", "Example", "", &picture), emulator.AboutStory(emulator.Ref{Author: shopACI, Timestamp: 9})))
		data := w.data()
		has(t, "preview", list(data, "previews")[0], object{"url": "https://example.com", "title": "Example", "description": ""})
		equal(t, "story", data["storyContext"], object{"authorNumber": shop, "authorUuid": shopACI, "sentTimestamp": 9})

		w.must(c.SendPayment("for the plants"))
		has(t, "payment", w.data()["payment"].(object), object{"note": "for the plants"})
	})
	t.Run("EditAndDelete", func(t *testing.T) {
		ref := w.must(c.SendText("one"))
		w.data()
		done := w.must(c.Edit(ref, "two"))
		edit, envelope := w.c.next("editMessage")
		has(t, "edit", edit, object{"targetSentTimestamp": ref.Timestamp})
		has(t, "data", edit["dataMessage"].(object), object{"message": "two", "timestamp": done.Timestamp})
		has(t, "envelope", envelope, object{"timestamp": done.Timestamp})
		w.must(c.Edit(ref, "three"))
		edit, _ = w.c.next("editMessage")
		has(t, "second edit", edit, object{"targetSentTimestamp": done.Timestamp})
		w.okay(c.Delete(ref))
		data := w.data()
		equal(t, "remoteDelete", data["remoteDelete"], object{"timestamp": ref.Timestamp})
		has(t, "data", data, object{"message": nil})
		if err := c.Delete(welcome.Ref()); err == nil {
			t.Error("the business's message could be deleted")
		}
	})
	t.Run("ReactAndTakeItBack", func(t *testing.T) {
		w.okay(c.React(welcome.Ref(), "👍"))
		target := object{"targetAuthor": shop, "targetAuthorNumber": shop, "targetAuthorUuid": shopACI, "targetSentTimestamp": welcome.Timestamp}
		got := w.data()["reaction"].(object)
		has(t, "reaction", got, target)
		has(t, "reaction", got, object{"emoji": "👍", "isRemove": false})
		w.okay(c.Unreact(welcome.Ref()))
		has(t, "reaction", w.data()["reaction"].(object), object{"emoji": "👍", "isRemove": true})
	})
	t.Run("PollVotesAndEnd", func(t *testing.T) {
		ref := w.must(c.SendPoll("Which?", []string{"red", "blue"}, false))
		equal(t, "poll", w.data()["pollCreate"], object{"question": "Which?", "allowMultiple": false, "options": []string{"red", "blue"}})
		w.okay(c.Vote(ref, 1))
		equal(t, "vote", w.data()["pollVote"], object{
			"author": ana, "authorNumber": nil, "authorUuid": ana, "targetSentTimestamp": ref.Timestamp, "optionIndexes": []int{1}, "voteCount": 1,
		})
		w.okay(c.Vote(ref))
		has(t, "vote", w.data()["pollVote"].(object), object{"optionIndexes": []int{}, "voteCount": 2})
		if err := c.Vote(ref, 0, 1); err == nil {
			t.Error("two votes were taken")
		}
		w.okay(c.ClosePoll(ref))
		equal(t, "end", w.data()["pollTerminate"], object{"targetSentTimestamp": ref.Timestamp})
		if err := c.Vote(ref, 0); err == nil {
			t.Error("a vote in a closed poll was taken")
		}
	})
	t.Run("PinsTimerTypingCallsStories", func(t *testing.T) {
		w.okay(c.Pin(welcome.Ref(), 3600))
		has(t, "pin", w.data()["pinMessage"].(object), object{"targetSentTimestamp": welcome.Timestamp, "targetAuthorUuid": shopACI, "pinDurationSeconds": 3600})
		w.okay(c.Unpin(welcome.Ref()))
		has(t, "unpin", w.data()["unpinMessage"].(object), object{"targetSentTimestamp": welcome.Timestamp})

		w.okay(c.SetTimer(86400))
		has(t, "timer", w.data(), object{"message": nil, "expiresInSeconds": 86400, "isExpirationUpdate": true})
		w.must(c.SendText("short-lived"))
		has(t, "data", w.data(), object{"expiresInSeconds": 86400, "isExpirationUpdate": false})

		w.okay(c.Typing(true))
		typing, _ := w.c.next("typingMessage")
		has(t, "typing", typing, object{"action": "STARTED"})
		absent(t, "typing", typing, "groupId")
		w.okay(c.Typing(false))
		typing, _ = w.c.next("typingMessage")
		has(t, "typing", typing, object{"action": "STOPPED"})

		w.okay(c.Call(true))
		call, _ := w.c.next("callMessage")
		has(t, "offer", call["offerMessage"].(object), object{"type": "VIDEO_CALL"})
		call, _ = w.c.next("callMessage")
		absent(t, "call", call, "offerMessage", "hangupMessage", "answerMessage", "busyMessage")
		call, _ = w.c.next("callMessage")
		has(t, "hangup", call["hangupMessage"].(object), object{"type": "NORMAL"})

		w.must(c.PostStory(nil, "good morning"))
		story, _ := w.c.next("storyMessage")
		has(t, "story", story, object{"allowsReplies": true})
		absent(t, "story", story, "groupId", "fileAttachment")
	})
	t.Run("WhatCannotBeDecryptedHasNoContent", func(t *testing.T) {
		ref := w.must(c.SendUndecryptable(false))
		note := w.c.note()["result"].(object)
		has(t, "exception", note["exception"].(object), object{"type": "ProtocolInvalidMessageException"})
		has(t, "envelope", note["envelope"].(object), object{"sourceUuid": ana, "timestamp": ref.Timestamp})
		w.must(c.SendUndecryptable(true))
		envelope := w.c.note()["result"].(object)["envelope"].(object)
		has(t, "envelope", envelope, object{"source": nil, "sourceNumber": nil, "sourceUuid": nil, "sourceName": nil, "sourceDevice": nil})
	})
	t.Run("EnvelopesByHand", func(t *testing.T) {
		w.okay(w.e.Enqueue(shop, object{"sourceUuid": ana, "timestamp": 1, "newThing": object{"a": 1}}, nil))
		w.c.next("newThing")
	})
}

func TestReceiptsOfCustomers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	send := func() int64 {
		return int64(w.c.ok("send", object{"account": shop, "recipient": ana, "message": "x"}).(object)["timestamp"].(float64))
	}
	t.Run("ReadingSendsOneReceiptForAll", func(t *testing.T) {
		one, two := send(), send()
		w.c.next("receiptMessage")
		w.c.next("receiptMessage")
		w.okay(w.chat(ana).ReadAll())
		receipt, _ := w.c.next("receiptMessage")
		has(t, "receipt", receipt, object{"isDelivery": false, "isRead": true, "isViewed": false})
		if got := receipt["timestamps"].([]any); len(got) != 3 || got[1] != float64(one) || got[2] != float64(two) {
			t.Errorf("timestamps are %v", got)
		}
	})
	t.Run("ViewedIsAnother", func(t *testing.T) {
		at := send()
		w.c.next("receiptMessage")
		w.okay(w.chat(ana).View(emulator.Ref{Author: shopACI, Timestamp: at}))
		receipt, _ := w.c.next("receiptMessage")
		has(t, "receipt", receipt, object{"isViewed": true, "timestamps": []int64{at}})
	})
	t.Run("SwitchedOffPhoneTellsLater", func(t *testing.T) {
		w.okay(w.e.SetOnline(ana, false))
		at := send()
		if _, ok := w.now(ana).Message(emulator.Ref{Author: shopACI, Timestamp: at}); ok {
			t.Error("a phone that is off shows the message")
		}
		w.okay(w.e.SetOnline(ana, true))
		receipt, _ := w.c.next("receiptMessage")
		has(t, "receipt", receipt, object{"isDelivery": true, "timestamps": []int64{at}})
	})
	t.Run("ReadReceiptsCanBeOffAndBlockedIsSilent", func(t *testing.T) {
		w.okay(w.e.SetReadReceipts(ana, false))
		w.okay(w.chat(ana).ReadAll())
		w.okay(w.e.SetBlocks(ana, shop, true))
		at := send()
		w.okay(w.e.SetBlocks(ana, shop, false))
		if _, ok := w.now(ana).Message(emulator.Ref{Author: shopACI, Timestamp: at}); ok {
			t.Error("a blocked message arrived")
		}
		w.must(w.chat(ana).SendText("still here"))
		w.c.next("dataMessage") // and no receipt before it
	})
	t.Run("UnregisteredIsAResult", func(t *testing.T) {
		w.okay(w.e.SetRegistered(ana, false))
		got := w.c.fail(-1, "send", object{"account": shop, "recipient": ana, "message": "x"})
		has(t, "result", results(got)[0], object{"type": "UNREGISTERED_FAILURE"})
		if _, err := w.chat(ana).SendText("x"); err == nil {
			t.Error("somebody who is not on Signal wrote")
		}
	})
	t.Run("AutoReadReadsAtOnce", func(t *testing.T) {
		auto := newWorld(t, func(o *emulator.Options) { o.AutoRead = true }).withAna()
		receipt, _ := auto.c.next("receiptMessage")
		has(t, "receipt", receipt, object{"isRead": true})
	})
}

func TestTimeOnPhones(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	w := newWorld(t, func(o *emulator.Options) {
		o.Clock, o.Latency = manual, emulator.Latency{Min: time.Second, Max: time.Second}
	})
	w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
	c := w.chat(ana)
	t.Run("TimestampsFollowTheClockAndAreUnique", func(t *testing.T) {
		one, two := w.must(c.SendText("one")), w.must(c.SendText("two"))
		if one.Timestamp != 1_700_000_000_000 || two.Timestamp != one.Timestamp+1 {
			t.Errorf("timestamps are %d and %d", one.Timestamp, two.Timestamp)
		}
	})
	t.Run("LatencyHoldsNotificationsBack", func(t *testing.T) {
		w.subscribe()
		if n := w.e.Daemon().Waiting[shop]; n != 2 {
			t.Fatalf("%d wait, want 2", n)
		}
		manual.Advance(time.Second)
		w.c.next("dataMessage")
		w.c.next("dataMessage")
	})
	t.Run("EditsAndDeletionsEndAfterADay", func(t *testing.T) {
		ref := w.must(c.SendText("old"))
		manual.Advance(25 * time.Hour)
		if _, err := c.Edit(ref, "new"); err == nil {
			t.Error("a day-old message was edited")
		}
		if err := c.Delete(ref); err == nil {
			t.Error("a day-old message was deleted")
		}
	})
}
