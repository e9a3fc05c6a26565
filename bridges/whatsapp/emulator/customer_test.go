package emulator_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

func TestCustomerMessages(t *testing.T) {
	w := newWorld(t, nil).withAna()
	chat := w.chat(ana, plain)
	file := func(mime string, data []byte) emulator.File {
		return emulator.File{Data: data, Mime: mime, Name: "a.bin", Caption: "look"}
	}
	one := func(id string, err error) object {
		t.Helper()
		w.must(id, err)
		m, value := w.message()
		w.want(m["id"], id)
		w.want(m["from"], "16505551234")
		w.want(m["from_user_id"], ana)
		w.want(at(value, "contacts", 0, "profile", "name"), "Ana Ñandú 🌱")
		w.want(at(value, "metadata", "phone_number_id"), plain)
		return m
	}
	first := w.e.Inbox(ana)[0].ID
	t.Run("Text", func(t *testing.T) {
		m := one(chat.SendText("hi", emulator.WithReferral(emulator.Referral{SourceID: "1", SourceType: "ad", Headline: "Sale", Welcome: "Hello"})))
		w.want(at(m, "text", "body"), "hi")
		w.want(at(m, "referral", "welcome_message", "text"), "Hello")
	})
	t.Run("FilesAreDownloadable", func(t *testing.T) {
		m := one(chat.SendImage(file("image/jpeg", jpeg())))
		w.want(at(m, "image", "caption"), "look")
		status, data, _ := w.get(at(m, "image", "url").(string), true)
		w.want(status, 200)
		w.want(len(data), len(jpeg()))
		_, info := w.call(http.MethodGet, at(m, "image", "id").(string), nil)
		w.want(info["mime_type"], "image/jpeg")
	})
	t.Run("OtherFiles", func(t *testing.T) {
		w.want(at(one(chat.SendVideo(file("video/mp4", mp4()))), "video", "mime_type"), "video/mp4")
		w.want(at(one(chat.SendAudio(file("audio/mpeg", []byte("ID3")))), "audio", "voice"), false)
		w.want(at(one(chat.SendVoice(file("audio/ogg; codecs=opus", opus()))), "audio", "voice"), true)
		w.want(at(one(chat.SendDocument(file("application/pdf", []byte("%PDF-")))), "document", "filename"), "a.bin")
		w.want(at(one(chat.SendSticker(file("", webp(true)))), "sticker", "animated"), true)
		w.want(at(one(chat.SendSticker(file("", webp(false)))), "sticker", "animated"), false)
	})
	t.Run("LocationContactsOrderFlow", func(t *testing.T) {
		w.want(at(one(chat.SendLocation(emulator.Location{Latitude: 1, Longitude: 2, Name: "x"})), "location", "longitude"), 2)
		w.want(at(one(chat.SendContacts([]emulator.Contact{{Name: "Bo", Phones: []string{"+49 1"}}})), "contacts", 0, "phones", 0, "wa_id"), "491")
		order := one(chat.SendOrder(emulator.Purchase{CatalogID: "c", Items: []emulator.PurchaseItem{{ProductID: "p", Quantity: 2, Price: 1.5, Currency: "EUR"}}}))
		w.want(at(order, "order", "product_items", 0, "quantity"), 2)
		w.want(at(one(chat.FlowReply("", "flow", object{"day": "Monday"})), "interactive", "nfm_reply", "response_json"), `{"day":"Monday"}`)
		w.want(at(one(chat.CallPermission(first, true)), "interactive", "call_permission_reply", "response"), "accept")
	})
	t.Run("Context", func(t *testing.T) {
		w.want(at(one(chat.Reply(first, "x")), "context", "id"), first)
		w.want(at(one(chat.SendText("x", emulator.Forwarded(false))), "context", "forwarded"), true)
		w.want(at(one(chat.SendText("x", emulator.Forwarded(true))), "context", "frequently_forwarded"), true)
		w.want(at(one(chat.SendText("x", emulator.AboutProduct("c", "p"))), "context", "referred_product", "catalog_id"), "c")
	})
	t.Run("Reactions", func(t *testing.T) {
		w.want(at(one(chat.React(first, "👍")), "reaction", "emoji"), "👍")
		w.want(one(chat.Unreact(first, true))["reaction"], object{"message_id": first, "emoji": ""})
		w.want(one(chat.Unreact(first, false))["reaction"], object{"message_id": first})
	})
	t.Run("Unsupported", func(t *testing.T) {
		m := one(chat.SendUnsupported("poll"))
		w.want(m["type"], "unsupported")
		w.want(at(m, "unsupported", "type"), "poll")
		w.want(at(m, "errors", 0, "code"), 131051)
		w.want(at(one(chat.SendTooLarge()), "errors", 0, "code"), 131052)
	})
	t.Run("OrdinaryNumberHidesEditsAndDeletions", func(t *testing.T) {
		id := one(chat.SendText("x"))["id"].(string)
		w.want(at(one(chat.Edit(id, "y")), "unsupported", "type"), "edit")
		w.must(chat.Delete(id))
		w.want(len(w.settle()), 0)
		w.want(w.shown(ana, id).Deleted, true)
	})
	t.Run("Presses", func(t *testing.T) {
		interactive := func(body object) string {
			body["body"] = object{"text": "x"}
			id := w.send("+16505551234", "interactive", body)
			w.settle()
			return id
		}
		id := interactive(object{"type": "button", "action": object{"buttons": []object{{"type": "reply", "reply": object{"id": "y", "title": "Yes"}}}}})
		m := one(chat.Press(id, "y"))
		w.want(m["interactive"], object{"type": "button_reply", "button_reply": object{"id": "y", "title": "Yes"}})
		w.want(m["context"], object{"from": "15550783881", "id": id})
		id = interactive(object{"type": "list", "action": object{"button": "b", "sections": []object{{"rows": []object{{"id": "r", "title": "Row", "description": "d"}}}}}})
		w.want(at(one(chat.Press(id, "Row")), "interactive", "list_reply", "description"), "d")
		id = interactive(object{"type": "location_request_message", "action": object{"name": "send_location"}})
		w.want(one(chat.Press(id, "location"))["type"], "location")
		id = interactive(object{"type": "cta_url", "action": object{"name": "cta_url", "parameters": object{"display_text": "Go", "url": "https://a.example"}}})
		w.must(chat.Press(id, "Go"))
		w.want(len(w.settle()), 0)
		_, err := chat.Press(id, "nothing")
		w.want(errors.Is(err, errs.ErrNotFound), true)
	})
	t.Run("CallsAndPreferences", func(t *testing.T) {
		w.must(chat.Call())
		calls := w.values("calls")
		w.want(at(calls[0], "calls", 0, "event"), "connect")
		w.want(at(calls[1], "calls", 0, "event"), "terminate")
		w.ok(chat.SetMarketing(false))
		p := w.values("user_preferences")[0]
		w.want(at(p, "user_preferences", 0, "value"), "stop")
		w.send("+16505551234", "template", object{"name": "spring_offer", "language": object{"code": "en_US"}, "components": []object{{"type": "body", "parameters": []object{{"type": "text", "text": "Ana"}}}}})
		w.want(at(w.statuses()[0], "errors", 0, "code"), 131050)
		w.ok(chat.SetMarketing(true))
		w.want(at(w.values("user_preferences")[0], "user_preferences", 0, "value"), "resume")
	})
}

func TestCoexistence(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	w := newWorld(t, func(o *emulator.Options) { o.Clock = c }).withAna()
	chat := w.chat(ana, coex)
	id := w.must(chat.SendText("x"))
	w.settle()
	t.Run("EditsAndDeletionsAreTold", func(t *testing.T) {
		w.must(chat.Edit(id, "y"))
		m, _ := w.message()
		w.want(m["edit"], object{"original_message_id": id, "message": object{"type": "text", "text": object{"body": "y"}}})
		w.must(chat.Delete(id))
		m, _ = w.message()
		w.want(m["revoke"], object{"original_message_id": id})
	})
	t.Run("EditsOnlyFor15Minutes", func(t *testing.T) {
		id := w.must(chat.SendText("x"))
		w.settle()
		c.Advance(16 * time.Minute)
		_, err := chat.Edit(id, "y")
		w.want(errors.Is(err, errs.ErrForbidden), true)
	})
	t.Run("Echoes", func(t *testing.T) {
		id := w.must(chat.Echo("from the app", nil))
		echo := list(w.values("smb_message_echoes")[0], "message_echoes")[0]
		w.want(echo["from"], "15550783882")
		w.want(echo["to"], "16505551234")
		w.want(at(echo, "text", "body"), "from the app")
		w.want(w.shown(ana, id).Echo, true)
		w.must(chat.EchoEdit(id, "better"))
		w.must(chat.EchoDelete(id))
		values := w.values("smb_message_echoes")
		w.want(at(values[0], "message_echoes", 0, "edit", "message", "text", "body"), "better")
		w.want(at(values[1], "message_echoes", 0, "revoke", "original_message_id"), id)
		w.must(chat.Echo("see", &emulator.File{Data: png(), Mime: "image/png"}))
		w.want(at(w.values("smb_message_echoes")[0], "message_echoes", 0, "image", "caption"), "see")
		_, err := w.chat(ana, plain).Echo("x", nil)
		w.want(errors.Is(err, errs.ErrUnsupported), true)
	})
}

func TestIdentity(t *testing.T) {
	t.Run("HiddenNumberAppearsWhenTheBusinessWritesToIt", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) { o.Clock = c })
		w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana", Username: "ana", HidesNumber: true})
		chat := w.chat(ana, plain)
		w.must(chat.SendText("x"))
		m, value := w.message()
		_, from := m["from"]
		_, waID := at(value, "contacts", 0).(object)["wa_id"]
		w.want([]bool{from, waID}, []bool{false, false})
		w.want(at(value, "contacts", 0, "profile", "username"), "@ana")
		body := outgoing("", "text", object{"body": "x"}, object{"recipient": ana})
		delete(body, "to")
		w.call(http.MethodPost, plain+"/messages", body)
		s := w.statuses()
		_, id := s[0]["recipient_id"]
		w.want(id, false)
		w.send("+16505551234", "text", object{"body": "x"})
		w.settle()
		w.must(chat.SendText("x"))
		m, _ = w.message()
		w.want(m["from"], "16505551234")
		c.Advance(31 * 24 * time.Hour)
		w.must(chat.SendText("x"))
		m, _ = w.message()
		w.want(m["from"], nil)
	})
	t.Run("SharedNumberStaysKnown", func(t *testing.T) {
		w := newWorld(t, nil)
		w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana", HidesNumber: true})
		w.must(w.chat(ana, plain).SendText("x"))
		body := outgoing("", "interactive", object{"type": "contact_request", "body": object{"text": "x"}, "action": object{"name": "request_contact_info"}}, object{"recipient": ana})
		delete(body, "to")
		_, answer := w.call(http.MethodPost, plain+"/messages", body)
		w.settle()
		w.must(w.chat(ana, plain).Press(at(answer, "messages", 0, "id").(string), "contact"))
		m, _ := w.message()
		w.want(at(m, "contacts", 0, "origin"), "contact_request")
		w.want(m["from"], "16505551234")
	})
	t.Run("NewNumber", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.must(w.chat(ana, plain).ChangeNumber("+1 650 555 9999"))
		m, value := w.message()
		w.want(m["from"], "16505551234")
		w.want(at(m, "system", "wa_id"), "16505559999")
		w.want(value["contacts"], nil)
		w.send("+16505559999", "text", object{"body": "x"})
	})
	t.Run("NewUserIDKeepsTheConversation", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		chat := w.chat(ana, plain)
		w.must(chat.ChangeUserID("US.777"))
		posts := w.settle()
		w.want(at(posts[0].body, "entry", 0, "changes", 0, "value", "messages", 0, "system", "user_id"), "US.777")
		w.want(at(posts[1].body, "entry", 0, "changes", 0, "value", "user_id_update", 0, "user_id"), object{"previous": ana, "current": "US.777"})
		w.must(chat.SendText("still me"))
		w.want(len(w.e.Inbox("US.777")), 3)
	})
	t.Run("NumberWithoutPlusGetsTheBusinessCountry", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.send("6505551234", "text", object{"body": "x"})
	})
}

func TestGroups(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.customer(emulator.Customer{UserID: "US.2", WaID: "16505550002", Name: "Bo"})
	g, err := w.e.AddGroup(emulator.Group{Number: plain, Subject: "Garden", Members: []string{ana, "US.2"}})
	w.ok(err)
	w.must(w.chat("US.2", plain).SendText("hi all", emulator.InGroup(g.ID)))
	m, value := w.message()
	w.want(m["group_id"], g.ID)
	w.want(at(value, "contacts", 0, "user_id"), "US.2")
	id := w.send(g.ID, "text", object{"body": "hello"}, object{"recipient_type": "group"})
	w.ok(w.chat(ana, plain).MarkRead(id))
	s := w.statuses()
	w.want(names(s), "sent delivered delivered read")
	w.want(s[3]["recipient_type"], "group")
	w.want(s[3]["recipient_participant_user_id"], ana)
	w.want(w.shown("US.2", id).Text, "hello")
	_, code, _ := w.refused(outgoing(g.ID, "interactive", object{"type": "contact_request", "body": object{"text": "x"}, "action": object{"name": "request_contact_info"}}, object{"recipient_type": "group"}))
	w.want(code, 131051)
}

func TestCustomersAreChecked(t *testing.T) {
	w := newWorld(t, nil).withAna()
	_, err := w.e.AddCustomer(emulator.Customer{Name: "Twin", WaID: "+1 650 555 1234"})
	w.want(errors.Is(err, errs.ErrConflict), true)
	_, err = w.e.AddCustomer(emulator.Customer{WaID: "1"})
	w.want(errors.Is(err, errs.ErrInvalid), true)
	_, err = w.e.Chat("US.0", plain)
	w.want(errors.Is(err, errs.ErrNotFound), true)
	_, err = w.chat(ana, plain).Reply("wamid.none", "x")
	w.want(errors.Is(err, errs.ErrNotFound), true)
	_, err = w.chat(ana, plain).SendImage(emulator.File{})
	w.want(errors.Is(err, errs.ErrInvalid), true)
}
