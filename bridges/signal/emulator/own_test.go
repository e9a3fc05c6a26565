package emulator_test

import (
	"testing"

	"puente/bridges/signal/emulator"
)

func TestOwnPhone(t *testing.T) {
	w := newWorld(t, nil).withAna()
	own := w.own(ana)
	sync := func() object {
		content, envelope := w.c.next("syncMessage")
		has(t, "envelope", envelope, object{"source": shop, "sourceNumber": shop, "sourceUuid": shopACI, "sourceName": "Lucky Shrub", "sourceDevice": 1})
		return content
	}
	sent := func() object { return sync()["sentMessage"].(object) }

	var ref emulator.Ref
	t.Run("WritingIsASentMessage", func(t *testing.T) {
		ref = w.must(own.SendText("from the phone", emulator.WithStyles(emulator.Style{Start: 0, Length: 4, Name: "BOLD"})))
		w.c.next("receiptMessage")
		got := sent()
		has(t, "sent", got, object{
			"destination": ana, "destinationNumber": nil, "destinationUuid": ana, "timestamp": ref.Timestamp, "message": "from the phone",
			"expiresInSeconds": 0,
		})
		equal(t, "styles", got["textStyles"], []object{{"style": "BOLD", "start": 0, "length": 4}})
		absent(t, "sent", got, "editMessage", "groupInfo")
		if m, ok := w.now(ana).Message(ref); !ok || m.Text != "from the phone" {
			t.Error("the customer did not get it")
		}
	})
	t.Run("EditDeleteReactAreSentMessagesToo", func(t *testing.T) {
		w.must(own.Edit(ref, "corrected"))
		got := sent()
		edit := got["editMessage"].(object)
		has(t, "edit", edit, object{"targetSentTimestamp": ref.Timestamp})
		has(t, "edit", edit["dataMessage"].(object), object{"message": "corrected"})
		absent(t, "sent", got, "message", "timestamp")
		asked := w.must(w.chat(ana).SendText("thanks"))
		w.c.next("dataMessage")
		w.okay(own.React(asked, "🙏"))
		has(t, "reaction", sent()["reaction"].(object), object{"emoji": "🙏", "targetAuthorUuid": ana})
		w.okay(own.Delete(ref))
		equal(t, "delete", sent()["remoteDelete"], object{"timestamp": ref.Timestamp})
	})
	t.Run("FilesOfThePhoneCanBeFetched", func(t *testing.T) {
		w.must(own.SendVoice(emulator.Sample("voice.aac")))
		w.c.next("receiptMessage")
		file := list(sent(), "attachments")[0]
		if w.attachment(file["id"]) != string(emulator.Sample("voice.aac").Data) {
			t.Error("the content differs")
		}
	})
	t.Run("ReadingIsAListOfMessages", func(t *testing.T) {
		one := w.must(w.chat(ana).SendText("1"))
		two := w.must(w.chat(ana).SendText("2"))
		w.c.next("dataMessage")
		w.c.next("dataMessage")
		w.phone(ana, func(p emulator.Phone) bool { m, _ := p.Message(two); return m.State(shopACI) == emulator.Delivered })
		w.okay(own.Read(one, two))
		equal(t, "read", sync()["readMessages"], []object{
			{"sender": ana, "senderNumber": nil, "senderUuid": ana, "timestamp": one.Timestamp},
			{"sender": ana, "senderNumber": nil, "senderUuid": ana, "timestamp": two.Timestamp},
		})
		p := w.now(ana)
		equal(t, "receipt", p.Receipts[len(p.Receipts)-1], emulator.Receipt{Account: shop, Type: "read", Timestamps: []int64{one.Timestamp, two.Timestamp}})
	})
	t.Run("NotesToSelfAndContactsAndBlocks", func(t *testing.T) {
		w.must(w.own(shopACI).SendText("note"))
		has(t, "sent", sent(), object{"destinationUuid": shopACI, "message": "note"})
		w.okay(w.e.SaveContact(shop, ana, "Ana from the market"))
		equal(t, "sync", sync(), object{"type": "CONTACTS_SYNC"})
		w.okay(w.e.AnswerRequest(shop, ana, true))
		equal(t, "sync", sync(), object{})
		w.okay(w.e.BlockOnPhone(shop, ana, true))
		equal(t, "sync", sync(), object{"blockedNumbers": []string{"+491701234567"}, "blockedGroupIds": []string{}})
		w.must(w.chat(ana).SendText("dropped"))
		w.okay(w.e.BlockOnPhone(shop, ana, false))
		sync()
		w.c.ok("sendSyncRequest", object{"account": shop})
		equal(t, "sync", sync(), object{"type": "CONTACTS_SYNC"})
		equal(t, "sync", sync(), object{"type": "GROUPS_SYNC"})
	})
	t.Run("ContactNameGoesBeforeTheProfile", func(t *testing.T) {
		w.must(w.chat(ana).SendText("it is me"))
		_, envelope := w.c.next("dataMessage")
		has(t, "envelope", envelope, object{"sourceName": "Ana from the market", "sourceNumber": "+491701234567"})
	})
	t.Run("DaemonsSendsStandOnThePhone", func(t *testing.T) {
		m := w.send(object{"message": "from the daemon"})
		if got, ok := w.now(shopACI).Message(m.Ref()); !ok || got.Text != "from the daemon" {
			t.Error("the own phone does not show it")
		}
	})
	t.Run("StoryIsASync", func(t *testing.T) {
		w.c.next("receiptMessage")
		w.must(own.PostStory(nil, "new plants"))
		has(t, "story", sync()["sentStoryMessage"].(object), object{"allowsReplies": true, "destinationUuid": nil})
	})
}
