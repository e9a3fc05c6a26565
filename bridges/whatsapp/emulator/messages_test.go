package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
)

func TestSend(t *testing.T) {
	const to = "+16505551234"
	t.Run("EveryTypeArrivesOnThePhone", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		image, video, voice := w.uploaded("image/png", png()), w.uploaded("video/mp4", mp4()), w.uploaded("audio/ogg; codecs=opus", opus())
		pdf, sticker := w.uploaded("application/pdf", []byte("%PDF-1.7 x")), w.uploaded("image/webp", webp(true))
		for _, c := range []struct {
			kind    string
			content any
			check   func(emulator.Message) any
			want    any
		}{
			{"text", object{"body": "*hi*", "preview_url": true}, func(m emulator.Message) any { return m.Text }, "*hi*"},
			{"image", object{"id": image, "caption": "look"}, func(m emulator.Message) any { return m.Text + m.Media.Mime }, "lookimage/png"},
			{"video", object{"id": video}, func(m emulator.Message) any { return m.Media.Kind }, "video"},
			{"audio", object{"id": voice, "voice": true}, func(m emulator.Message) any { return m.Media.Voice }, true},
			{"document", object{"id": pdf, "filename": "bill.pdf"}, func(m emulator.Message) any { return m.Media.Name }, "bill.pdf"},
			{"sticker", object{"id": sticker}, func(m emulator.Message) any { return m.Media.Animated }, true},
			{"location", object{"latitude": 1.5, "longitude": -2, "name": "Here"}, func(m emulator.Message) any { return *m.Location }, emulator.Location{Latitude: 1.5, Longitude: -2, Name: "Here"}},
			{"contacts", []object{{"name": object{"formatted_name": "Bo Li", "first_name": "Bo"}, "phones": []object{{"phone": "+1"}}}}, func(m emulator.Message) any { return m.Contacts[0].Name }, "Bo Li"},
			{"interactive", object{"type": "button", "body": object{"text": "ok?"}, "header": object{"type": "image", "image": object{"id": image}}, "action": object{"buttons": []object{{"type": "reply", "reply": object{"id": "y", "title": "Yes"}}}}}, func(m emulator.Message) any { return m.Buttons[0].ID + m.Media.Kind }, "yimage"},
			{"interactive", object{"type": "list", "body": object{"text": "choose"}, "footer": object{"text": "f"}, "action": object{"button": "Open", "sections": []object{{"rows": []object{{"id": "r1", "title": "One"}}}}}}, func(m emulator.Message) any { return m.List.Sections[0].Rows[0].ID + m.Footer }, "r1f"},
			{"interactive", object{"type": "cta_url", "body": object{"text": "go"}, "action": object{"name": "cta_url", "parameters": object{"display_text": "Go", "url": "https://shop.example"}}}, func(m emulator.Message) any { return m.Buttons[0].URL }, "https://shop.example"},
			{"interactive", object{"type": "location_request_message", "body": object{"text": "where"}, "action": object{"name": "send_location"}}, func(m emulator.Message) any { return m.Buttons[0].Kind }, "location"},
			{"interactive", object{"type": "contact_request", "body": object{"text": "who"}, "action": object{"name": "request_contact_info"}}, func(m emulator.Message) any { return m.Buttons[0].Kind }, "contact"},
			{"template", templateOf("order_update", "Ana", "A-1"), func(m emulator.Message) any { return m.Text }, "Hello Ana, your order A-1 is on its way to you."},
		} {
			m := w.shown(ana, w.send(to, c.kind, c.content))
			w.want(c.check(m), c.want)
			w.want(m.Kind, c.kind)
		}
	})
	t.Run("StatusesFollowOneAnotherAndCarryTheCallbackData", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		id := w.send(to, "text", object{"body": "x"}, object{"biz_opaque_callback_data": "$event"})
		w.ok(w.chat(ana, plain).MarkRead(""))
		values := w.values("messages")
		var got []object
		for _, v := range values {
			got = append(got, list(v, "statuses")...)
		}
		w.want(names(got), "sent delivered read")
		for _, s := range got {
			w.want(s["id"], id)
			w.want(s["biz_opaque_callback_data"], "$event")
			w.want(s["recipient_id"], "16505551234")
			w.want(s["recipient_user_id"], ana)
		}
		w.want(at(got[0], "pricing", "category"), "service")
		w.want(at(values[0], "contacts", 0, "wa_id"), "16505551234")
		w.want(at(values[0], "metadata", "display_phone_number"), "15550783881")
	})
	t.Run("ReplyReactionAndRecipientByUserID", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		mine := w.e.Inbox(ana)[0].ID
		body := outgoing("", "text", object{"body": "answer"}, object{"recipient": ana, "context": object{"message_id": mine}})
		delete(body, "to")
		_, answer := w.call(http.MethodPost, plain+"/messages", body)
		w.want(at(answer, "contacts", 0, "user_id"), ana)
		w.want(at(answer, "contacts", 0, "wa_id"), nil)
		w.want(w.shown(ana, at(answer, "messages", 0, "id").(string)).Quote, mine)
		w.settle()
		w.send(to, "reaction", object{"message_id": mine, "emoji": "👍"})
		w.want(names(w.statuses()), "sent")
		w.want(w.shown(ana, mine).React[0].Emoji, "👍")
		w.send(to, "reaction", object{"message_id": mine, "emoji": ""})
		w.want(len(w.shown(ana, mine).React), 0)
	})
	t.Run("ReactionToNothingFailsLater", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.send(to, "reaction", object{"message_id": "wamid.none", "emoji": "👍"})
		s := w.statuses()
		w.want(names(s), "failed")
		w.want(at(s[0], "errors", 0, "code"), 131009)
	})
	t.Run("ReadMarkCoversEarlierMessagesAndShowsTyping", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) { o.Clock = c }).withAna()
		chat := w.chat(ana, plain)
		first := w.must(chat.SendText("one"))
		last := w.must(chat.SendText("two"))
		later := w.must(chat.SendText("three"))
		status, answer := w.call(http.MethodPost, plain+"/messages", object{"messaging_product": "whatsapp", "status": "read", "message_id": last, "typing_indicator": object{"type": "text"}})
		w.want(status, 200)
		w.want(answer["success"], true)
		w.want(w.shown(ana, first).Status, "read")
		w.want(w.shown(ana, later).Status, "delivered")
		w.want(chat.BusinessTyping(), true)
		c.Advance(26 * time.Second)
		w.want(chat.BusinessTyping(), false)
		w.want(len(w.values("messages")) > 0, true)
	})
	t.Run("LinksAreDownloaded", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		host := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/a.png" {
				http.NotFound(rw, r)
				return
			}
			rw.Header().Set("Content-Type", "image/png")
			_, _ = rw.Write(png())
		}))
		defer host.Close()
		w.want(w.shown(ana, w.send(to, "image", object{"link": host.URL + "/a.png"})).Media.Size, len(png()))
		w.settle()
		w.send(to, "image", object{"link": host.URL + "/none.png"})
		w.want(at(w.statuses()[0], "errors", 0, "code"), 131053)
	})
	t.Run("PhoneThatIsOffGetsItLater", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.ok(w.chat(ana, plain).SetOnline(false))
		id := w.send(to, "text", object{"body": "x"})
		w.want(names(w.statuses()), "sent")
		p, err := w.e.Phone(ana)
		w.ok(err)
		_, there := p.Message(id)
		w.want(there, false)
		w.ok(w.chat(ana, plain).SetOnline(true))
		w.want(names(w.statuses()), "delivered")
	})
	t.Run("NoReadReceiptsNoReadStatusButPlayedVoiceIsTold", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		chat := w.chat(ana, plain)
		voice := w.uploaded("audio/ogg; codecs=opus", opus())
		id := w.send(to, "audio", object{"id": voice, "voice": true})
		w.ok(chat.MarkPlayed(id))
		w.want(names(w.statuses()), "sent delivered played")
		w.ok(chat.SetReadReceipts(false))
		w.send(to, "text", object{"body": "x"})
		w.ok(chat.MarkRead(""))
		w.want(names(w.statuses()), "sent delivered")
	})
}

func templateOf(name string, values ...string) object {
	var params []object
	for _, v := range values {
		params = append(params, object{"type": "text", "text": v})
	}
	t := object{"name": name, "language": object{"code": "en_US"}}
	if params != nil {
		t["components"] = []object{{"type": "body", "parameters": params}}
	}
	return t
}

func TestSendIsRefused(t *testing.T) {
	const to = "+16505551234"
	long := strings.Repeat("x", 5000)
	buttons := func(n int) object {
		var all []object
		for i := range n {
			all = append(all, object{"type": "reply", "reply": object{"id": string(rune('a' + i)), "title": string(rune('A' + i))}})
		}
		return object{"type": "button", "body": object{"text": "x"}, "action": object{"buttons": all}}
	}
	w := newWorld(t, nil).withAna()
	image := w.uploaded("image/png", png())
	_ = image
	for name, c := range map[string]struct {
		body   object
		status int
		code   int
	}{
		"NoProduct":             {object{"to": to, "type": "text", "text": object{"body": "x"}}, 400, 131008},
		"NoRecipient":           {object{"messaging_product": "whatsapp", "type": "text", "text": object{"body": "x"}}, 400, 131008},
		"UnknownKey":            {outgoing(to, "text", object{"body": "x"}, object{"colour": "red"}), 400, 100},
		"UnknownInnerKey":       {outgoing(to, "text", object{"body": "x", "bold": true}), 400, 100},
		"NoBody":                {outgoing(to, "text", object{}), 400, 131008},
		"EmptyBody":             {outgoing(to, "text", object{"body": " "}), 400, 100},
		"LongBody":              {outgoing(to, "text", object{"body": long}), 400, 100},
		"LongCaption":           {outgoing(to, "image", object{"id": image, "caption": long}), 400, 100},
		"CaptionOnAudio":        {outgoing(to, "audio", object{"id": image, "caption": "x"}), 400, 100},
		"UnknownType":           {outgoing(to, "poll", object{}), 400, 131051},
		"IDAndLink":             {outgoing(to, "image", object{"id": image, "link": "https://a.example/b.png"}), 400, 131009},
		"BadLink":               {outgoing(to, "image", object{"link": "file:///etc/passwd"}), 400, 131009},
		"NeitherIDNorLink":      {outgoing(to, "image", object{}), 400, 131008},
		"BadLatitude":           {outgoing(to, "location", object{"latitude": 91, "longitude": 0}), 400, 100},
		"ContactWithOneName":    {outgoing(to, "contacts", []object{{"name": object{"formatted_name": "x"}}}), 400, 131009},
		"FourButtons":           {outgoing(to, "interactive", buttons(4)), 400, 131009},
		"NoButtons":             {outgoing(to, "interactive", buttons(0)), 400, 131008},
		"LongCallbackData":      {outgoing(to, "text", object{"body": "x"}, object{"biz_opaque_callback_data": long}), 400, 100},
		"UnknownQuote":          {outgoing(to, "text", object{"body": "x"}, object{"context": object{"message_id": "wamid.no"}}), 400, 131009},
		"UnknownNumber":         {outgoing("+4915100000", "text", object{"body": "x"}), 400, 131026},
		"OwnNumber":             {outgoing("+15550783881", "text", object{"body": "x"}), 400, 131021},
		"UnknownGroup":          {outgoing("group", "text", object{"body": "x"}, object{"recipient_type": "group"}), 400, 131041},
		"UnknownRecipientType":  {outgoing(to, "text", object{"body": "x"}, object{"recipient_type": "all"}), 400, 131009},
		"BadUserID":             {object{"messaging_product": "whatsapp", "recipient": "nobody", "type": "text", "text": object{"body": "x"}}, 400, 131009},
		"TemplateUnknown":       {outgoing(to, "template", templateOf("nothing")), 404, 132001},
		"TemplateLanguage":      {outgoing(to, "template", object{"name": "order_update", "language": object{"code": "de"}}), 404, 132001},
		"TemplateTooFewValues":  {outgoing(to, "template", templateOf("order_update", "Ana")), 400, 132000},
		"TemplateTooManyValues": {outgoing(to, "template", templateOf("hello_world", "Ana")), 400, 132000},
		"TemplateNewline":       {outgoing(to, "template", templateOf("order_update", "Ana", "a\nb")), 400, 132018},
		"TemplateNoHeader":      {outgoing(to, "template", templateOf("appointment_reminder", "a", "b", "c")), 400, 132012},
		"TemplatePaused":        {outgoing(to, "template", templateOf("winter_offer", "Ana")), 400, 132015},
		"ReadOfUnknownMessage":  {object{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.no"}, 400, 131009},
		"DeliveredIsNoReadMark": {object{"messaging_product": "whatsapp", "status": "delivered", "message_id": "wamid.no"}, 400, 131009},
	} {
		t.Run(name, func(t *testing.T) {
			status, code, _ := w.refused(c.body)
			if status != c.status || code != c.code {
				t.Errorf("got %d/%d, want %d/%d", status, code, c.status, c.code)
			}
		})
	}
	t.Run("NothingOfAllThatReachedThePhone", func(t *testing.T) {
		if got := len(w.e.Inbox(ana)); got != 2 {
			t.Errorf("got %d messages, want her own two", got)
		}
	})
}

func TestWindow(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	const to = "+16505551234"
	t.Run("ClosesAfter24HoursExceptForTemplates", func(t *testing.T) {
		c := clock.NewManual(start)
		w := newWorld(t, func(o *emulator.Options) { o.Clock = c }).withAna()
		c.Advance(24*time.Hour - time.Second)
		w.send(to, "text", object{"body": "x"})
		c.Advance(time.Second)
		status, code, _ := w.refused(outgoing(to, "text", object{"body": "x"}))
		w.want(status, 400)
		w.want(code, 131047)
		w.send(to, "template", templateOf("hello_world"))
		w.must(w.chat(ana, plain).SendText("again"))
		w.send(to, "text", object{"body": "x"})
	})
	t.Run("MayFailLate", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.WindowFailsLate = true })
		w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana"})
		w.send(to, "text", object{"body": "x"})
		s := w.statuses()
		w.want(names(s), "failed")
		w.want(at(s[0], "errors", 0, "code"), 131047)
		w.want(s[0]["recipient_user_id"], nil)
	})
	t.Run("EachNumberHasItsOwn", func(t *testing.T) {
		w := newWorld(t, nil)
		w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana"})
		w.must(w.chat(ana, coex).SendText("x"))
		_, code, _ := w.refused(outgoing(to, "text", object{"body": "x"}))
		w.want(code, 131047)
	})
}

func TestMagicNumbers(t *testing.T) {
	text := func(to string) object {
		return outgoing("+"+to, "text", object{"body": "x"}, object{"biz_opaque_callback_data": "$1"})
	}
	t.Run("EachFailsInItsWay", func(t *testing.T) {
		for ending, c := range map[string]struct {
			body         func(string) object
			status, code int
			thenOK       bool
		}{
			"0429": {text, 400, 130429, true},
			"0056": {text, 400, 131056, true},
			"0501": {text, 500, 131000, true},
			"0500": {text, 500, 131000, false},
			"0470": {text, 400, 131047, false},
			"0190": {text, 401, 190, false},
			"0131": {func(to string) object { return outgoing("+"+to, "template", templateOf("hello_world")) }, 400, 132015, false},
		} {
			t.Run(ending, func(t *testing.T) {
				w := newWorld(t, nil)
				body := c.body(w.opened(ending))
				status, code, _ := w.refused(body)
				w.want([]int{status, code}, []int{c.status, c.code})
				status, code, _ = w.refused(body)
				if c.thenOK {
					w.want([]int{status, code}, []int{200, 0})
				} else {
					w.want([]int{status, code}, []int{c.status, c.code})
				}
			})
		}
	})
	t.Run("LateFailures", func(t *testing.T) {
		for ending, code := range map[string]int{"0026": 131026, "0471": 131047} {
			w := newWorld(t, nil)
			w.call(http.MethodPost, plain+"/messages", text(w.opened(ending)))
			s := w.statuses()
			w.want(names(s), "failed")
			w.want(at(s[0], "errors", 0, "code"), code)
			w.want(s[0]["biz_opaque_callback_data"], "$1")
		}
	})
	t.Run("AnswerThatNeverComes", func(t *testing.T) {
		w := newWorld(t, nil)
		_, _, err := w.try(http.MethodPost, plain+"/messages", text(w.opened("0408")))
		w.want(err != nil, true)
		s := w.statuses()
		w.want(names(s), "sent delivered")
		w.want(s[0]["biz_opaque_callback_data"], "$1")
	})
	t.Run("InjectedFailuresHitAnyCall", func(t *testing.T) {
		w := newWorld(t, nil)
		w.e.FailNext(2, 80007)
		for _, want := range []int{400, 400, 200} {
			status, _ := w.call(http.MethodGet, plain, nil)
			w.want(status, want)
		}
	})
}
