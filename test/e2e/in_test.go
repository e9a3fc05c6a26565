package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/hub/network"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
)

// file waits for a message of a customer's with this body and a file, and checks that the file is what was sent.
func (a *agent) file(body string, data []byte) *event.Event {
	a.w.tb.Helper()
	evt := a.message("the file "+body, func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.Body == body && msg.URL != "" })
	msg := evt.Content.Parsed.(*event.MessageEventContent)
	got, err := a.Download(a.w.ctx, msg)
	a.w.must(err)
	if !bytes.Equal(got, data) {
		a.w.tb.Errorf("the file %s came over with %d bytes, not with its own %d", body, len(got), len(data))
	}
	if msg.Info == nil || msg.Info.Size != len(data) {
		a.w.tb.Errorf("the file %s says %+v of itself, not its %d bytes", body, msg.Info, len(data))
	}
	return evt
}

// reactionOn waits for a reaction with the emoji on an event.
func (a *agent) reactionOn(target id.EventID, emoji string) *event.Event {
	a.w.tb.Helper()
	return a.sees("the reaction "+emoji, person.Reaction(target, emoji))
}

// redacted waits until an event was taken back.
func (a *agent) redacted(target id.EventID) *event.Event {
	a.w.tb.Helper()
	return a.sees("the redaction of "+target.String(), person.Redaction(target))
}

func TestCustomerWrites(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	body := func(evt *event.Event) *event.MessageEventContent {
		return evt.Content.Parsed.(*event.MessageEventContent)
	}

	w.sub(t, "TheRoomIsASharedInbox", func(t *testing.T) {
		members, err := w.bob.JoinedMembers(w.ctx, room)
		w.must(err)
		ghosts := 0
		for user, member := range members.Joined {
			if w.opts.IsPuppet(user) && member.DisplayName == "Ana" {
				ghosts++
			}
		}
		if ghosts != 1 || len(members.Joined) < 4 {
			t.Errorf("the room holds %d ghosts named Ana among %d members, want one, both agents and the bot", ghosts, len(members.Joined))
		}
		topic := w.bob.sees("the topic", func(evt *event.Event) bool { return evt.RoomID == room && evt.Type == event.StateTopic })
		if got := topic.Content.AsTopic().Topic; !strings.Contains(got, "+"+ana.WaID) || !strings.Contains(got, "+1 555-078-3881") {
			t.Errorf("the topic is %q, want the customer's number and ours", got)
		}
	})
	w.sub(t, "TextKeepsItsFormatting", func(t *testing.T) {
		ana.says("This is *bold*, _italic_, ~gone~ and ```code```")
		evt := w.bob.message("the formatted text", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.FormattedBody, "<strong>bold</strong>")
		})
		for _, want := range []string{"<em>italic</em>", "<del>gone</del>", "code</code>"} {
			if !strings.Contains(body(evt).FormattedBody, want) {
				t.Errorf("the text came as %q, without %q", body(evt).FormattedBody, want)
			}
		}
		if !w.opts.IsPuppet(evt.Sender) || evt.RoomID != room {
			t.Errorf("the text was sent by %s in %s", evt.Sender, evt.RoomID)
		}
	})
	w.sub(t, "ScriptsAndEmojiArriveAsTheyAre", func(t *testing.T) {
		for _, text := range []string{"👩‍👩‍👧‍👦 🇪🇸 👍🏽", "مرحبا، هل طلبي جاهز؟", "שלום עולם 123", "日本語 テキスト"} {
			ana.says(text)
			w.bob.text(text)
		}
	})
	w.sub(t, "TheLongestTextArrivesWhole", func(t *testing.T) {
		long := strings.Repeat("ñ", 4096)
		ana.says(long)
		w.bob.text(long)
	})
	w.sub(t, "WhatLooksLikeMarkupOrCommandsIsHarmless", func(t *testing.T) {
		for _, text := range []string{
			`<img src=x onerror=alert(1)><b>fat</b> unusual`, "@room everybody wake up", "!puente template hello_world", "<mx-reply>fake</mx-reply> text",
		} {
			ana.says(text)
			msg := body(w.bob.text(text))
			if strings.Contains(msg.FormattedBody, "<img") || strings.Contains(msg.FormattedBody, "<b>") || strings.Contains(msg.FormattedBody, "<mx-reply") {
				t.Errorf("%q became HTML: %q", text, msg.FormattedBody)
			}
			if msg.Mentions == nil || msg.Mentions.Room || len(msg.Mentions.UserIDs) > 0 {
				t.Errorf("%q mentions %+v", text, msg.Mentions)
			}
		}
		if phone, _ := w.emulator.Phone(ana.UserID); len(phone.Messages) == 0 || phone.Messages[len(phone.Messages)-1].FromBusiness {
			t.Error("a customer's command made the business send something")
		}
	})
	w.sub(t, "FilesOfEveryKindArrive", func(t *testing.T) {
		jpg, still, moving := pngOf(t, picture(40, 30, false)), webpOf(t, picture(512, 512, false)), drawn(t, sample.AnimatedSticker)
		for _, file := range []struct {
			name string
			send func(emulator.File, ...emulator.SendOption) (string, error)
			file emulator.File
			body string
			want event.MessageType
		}{
			{"image", ana.SendImage, emulator.File{Data: jpg, Mime: "image/png"}, "image.png", event.MsgImage},
			{"imageWithCaption", ana.SendImage, emulator.File{Data: jpg, Mime: "image/png", Caption: "Look at *this*"}, "Look at *this*", event.MsgImage},
			{"video", ana.SendVideo, emulator.File{Data: sample.FilmMP4(), Mime: "video/mp4", Caption: "My film"}, "My film", event.MsgVideo},
			{"audio", ana.SendAudio, emulator.File{Data: sample.SongMP3(), Mime: "audio/mpeg"}, "audio.mp3", event.MsgAudio},
			{"document", ana.SendDocument, emulator.File{Data: sample.PagePDF("Hello"), Mime: "application/pdf", Name: "Factura año.pdf"}, "Factura año.pdf", event.MsgFile},
			{"documentWithCaption", ana.SendDocument, emulator.File{Data: sample.PagePDF("Hello"), Mime: "application/pdf", Name: "a.pdf", Caption: "The bill"}, "The bill", event.MsgFile},
			{"sticker", ana.SendSticker, emulator.File{Data: still}, "Sticker", ""},
		} {
			_, err := file.send(file.file)
			w.must(err)
			evt := w.bob.file(file.body, file.file.Data)
			if body(evt).MsgType != file.want {
				t.Errorf("%s came as %q", file.name, body(evt).MsgType)
			}
			if file.want == "" && evt.Type != event.EventSticker {
				t.Errorf("%s came as %s", file.name, evt.Type.Type)
			}
			if file.file.Name != "" && body(evt).GetFileName() != file.file.Name {
				t.Errorf("%s is called %q", file.name, body(evt).GetFileName())
			}
		}
		_, err := ana.SendSticker(emulator.File{Data: moving})
		w.must(err)
		w.bob.message("the animated sticker", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.Type == event.EventSticker && msg.Info.Size == len(moving)
		})
		_, err = ana.SendVoice(emulator.File{Data: sample.VoiceOpus(), Mime: "audio/ogg; codecs=opus"})
		w.must(err)
		if evt := w.bob.file("Voice message", sample.VoiceOpus()); body(evt).MSC3245Voice == nil || body(evt).Info.MimeType != "audio/ogg" {
			t.Errorf("a voice message came as %+v", body(evt))
		}
	})
	w.sub(t, "WhatCannotBeHandedOverIsSaid", func(t *testing.T) {
		_, err := ana.SendTooLarge()
		w.must(err)
		w.bob.message("the notice about a large file", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "too large")
		})
		for kind, words := range map[string]string{"poll": "a poll", "hologram": "hologram"} {
			_, err = ana.SendUnsupported(kind)
			w.must(err)
			w.bob.message("the notice about "+kind, func(_ *event.Event, msg *event.MessageEventContent) bool {
				return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, words)
			})
		}
	})
	w.sub(t, "AFileThatIsGoneIsSaid", func(t *testing.T) {
		w.emulator.Enqueue("messages", w.value(ana, map[string]any{
			"id": "wamid.gone", "type": "image", "image": map[string]any{"id": "999999", "mime_type": "image/jpeg", "sha256": ""},
		}))
		w.bob.message("the notice about a lost file", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "no longer hands over")
		})
	})
	w.sub(t, "LocationAndContacts", func(t *testing.T) {
		_, err := ana.SendLocation(emulator.Location{Latitude: 40.416775, Longitude: -3.70379, Name: "Puerta del Sol", Address: "Madrid"})
		w.must(err)
		place := w.bob.message("the place", func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.MsgType == event.MsgLocation })
		if got := body(place); got.GeoURI != "geo:40.416775,-3.703790" || !strings.Contains(got.Body, "Puerta del Sol") {
			t.Errorf("the place came as %q %q", got.GeoURI, got.Body)
		}
		_, err = ana.SendContacts([]emulator.Contact{{Name: "Luis Gil", Phones: []string{"+34 600 111 222"}, Emails: []string{"luis@example.org"}, Org: "Gil & Co"}})
		w.must(err)
		w.bob.message("the card", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "Luis Gil") && strings.Contains(msg.Body, "+34 600 111 222") &&
				strings.Contains(msg.Body, "luis@example.org") && strings.Contains(msg.Body, "Gil & Co")
		})
	})
	w.sub(t, "ReactionsComeChangeAndGo", func(t *testing.T) {
		answer := w.bob.say(room, "React to this")
		wamid := ana.gets("React to this").ID
		_, err := ana.React(wamid, "👍")
		w.must(err)
		first := w.bob.reactionOn(answer, "👍")
		_, err = ana.React(wamid, "❤️")
		w.must(err)
		w.bob.redacted(first.ID)
		second := w.bob.reactionOn(answer, "❤️")
		_, err = ana.Unreact(wamid, false)
		w.must(err)
		w.bob.redacted(second.ID)
		_, err = ana.React(wamid, "🎉")
		w.must(err)
		third := w.bob.reactionOn(answer, "🎉")
		_, err = ana.Unreact(wamid, true)
		w.must(err)
		w.bob.redacted(third.ID)
	})
	w.sub(t, "RepliesPointAtTheirTarget", func(t *testing.T) {
		answer := w.alice.say(room, "Do you want it wrapped?")
		_, err := ana.Reply(ana.gets("Do you want it wrapped?").ID, "Yes, wrapped")
		w.must(err)
		if got := body(w.bob.text("Yes, wrapped")).RelatesTo.GetReplyTo(); got != answer {
			t.Errorf("the reply points at %q, want %q", got, answer)
		}
		w.emulator.Enqueue("messages", w.value(ana, map[string]any{
			"id": "wamid.lost-target", "type": "text", "text": map[string]any{"body": "answer to something lost"}, "context": map[string]any{"id": "wamid.never-seen"},
		}))
		w.bob.text("answer to something lost")
	})
	w.sub(t, "ChangesOfWhatWasNeverSeenHoldNothingUp", func(t *testing.T) {
		for kind, content := range map[string]map[string]any{
			"reaction": {"message_id": "wamid.never-seen", "emoji": "👍"},
			"edit":     {"original_message_id": "wamid.never-seen", "message": map[string]any{"type": "text", "text": map[string]any{"body": "edited unseen"}}},
			"revoke":   {"original_message_id": "wamid.never-seen"},
		} {
			w.emulator.Enqueue("messages", w.value(ana, map[string]any{"id": "wamid.unseen-" + kind, "type": kind, kind: content}))
		}
		w.emulator.Enqueue("messages", w.value(ana, map[string]any{"id": "wamid.unseen-removal", "type": "reaction", "reaction": map[string]any{"message_id": "wamid.never-seen"}}))
		ana.says("behind what was never seen")
		w.bob.text("behind what was never seen")
	})
	w.sub(t, "AnswersToFormsAndOrders", func(t *testing.T) {
		_, err := ana.FlowReply("", "flow", map[string]any{"flow_token": "secret-flow-token", "date": "2026-12-01", "guests": 4})
		w.must(err)
		form := w.bob.message("the form", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "date: 2026-12-01")
		})
		if !strings.Contains(body(form).Body, "guests: 4") || strings.Contains(body(form).Body, "secret-flow-token") || form.Content.Raw[network.AnswerKey] == nil {
			t.Errorf("the form came as %q", body(form).Body)
		}
		_, err = ana.SendOrder(emulator.Purchase{CatalogID: "c1", Text: "quickly please", Items: []emulator.PurchaseItem{{ProductID: "SKU-7", Quantity: 2, Price: 9.5, Currency: "EUR"}}})
		w.must(err)
		w.bob.message("the order", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "2 × SKU-7") && strings.Contains(msg.Body, "EUR") && strings.Contains(msg.Body, "quickly please") &&
				evt.Content.Raw["dev.puente.order"] != nil
		})
	})
	w.sub(t, "WhereAMessageComesFromIsSaid", func(t *testing.T) {
		ana.says("I saw your offer", emulator.WithReferral(emulator.Referral{SourceType: "ad", SourceURL: "https://fb.example/ad1", Headline: "Spring sale", Body: "20% off"}))
		w.bob.message("the advertisement", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "I saw your offer") && strings.Contains(msg.Body, "Spring sale")
		})
		ana.says("passed on", emulator.Forwarded(true))
		w.bob.message("the forwarded text", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "passed on") && strings.Contains(msg.Body, "Forwarded")
		})
		_, err := ana.SendImage(emulator.File{Data: pngOf(t, picture(8, 8, false)), Mime: "image/png"}, emulator.Forwarded(false))
		w.must(err)
		w.bob.message("the forwarded picture", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.MsgType == event.MsgImage && strings.Contains(msg.Body, "Forwarded") && msg.FileName == "image.png"
		})
	})
	w.sub(t, "ACallIsNoticed", func(t *testing.T) {
		_, err := ana.Call()
		w.must(err)
		w.bob.message("the call", func(evt *event.Event, msg *event.MessageEventContent) bool {
			return evt.RoomID == room && msg.MsgType == event.MsgNotice && strings.Contains(msg.Body, "calling")
		})
	})
	w.sub(t, "AGroupHasARoomOfItsOwn", func(t *testing.T) {
		luis := w.customer("Luis")
		group, err := w.emulator.AddGroup(emulator.Group{Number: phoneNumberID, Subject: "Book club", Members: []string{ana.UserID, luis.UserID}})
		w.must(err)
		ana.says("hello group", emulator.InGroup(group.ID))
		luis.says("hello too", emulator.InGroup(group.ID))
		first, second := w.bob.text("hello group"), w.bob.text("hello too")
		if first.RoomID == room || first.RoomID != second.RoomID || first.Sender == second.Sender {
			t.Errorf("the group is in rooms %s and %s (chat %s), by %s and %s", first.RoomID, second.RoomID, room, first.Sender, second.Sender)
		}
		w.bob.say(first.RoomID, "welcome, group")
		luis.gets("welcome, group")
		ana.gets("welcome, group")
	})
	w.sub(t, "EverythingCameInOrder", func(t *testing.T) {
		for n := range 30 {
			ana.says(fmt.Sprintf("line %d", n))
		}
		w.bob.text("line 29")
		got := w.bob.bodies(room, "line ")
		for n, text := range got {
			if text != fmt.Sprintf("line %d", n) {
				t.Fatalf("the lines came as %v", got)
			}
		}
		if len(got) != 30 {
			t.Errorf("%d of 30 lines came: %v", len(got), got)
		}
	})
}

// bodies returns the texts in the room that begin with prefix, in the order in which they came.
func (a *agent) bodies(room id.RoomID, prefix string) []string {
	var texts []string
	for _, evt := range a.seen(func(evt *event.Event) bool { return evt.Type == event.EventMessage && evt.RoomID == room }) {
		if msg, ok := evt.Content.Parsed.(*event.MessageEventContent); ok && strings.HasPrefix(msg.Body, prefix) {
			texts = append(texts, msg.Body)
		}
	}
	return texts
}

// value is a hand-made value of the field "messages" with one message of a customer.
func (w *world) value(c *customer, message map[string]any) map[string]any {
	message["from"], message["from_user_id"] = c.WaID, c.UserID
	if message["timestamp"] == nil {
		message["timestamp"] = fmt.Sprint(w.opts.Clock.Now().Unix())
	}
	return map[string]any{
		"messaging_product": "whatsapp",
		"metadata":          map[string]any{"display_phone_number": "15550783881", "phone_number_id": phoneNumberID},
		"contacts":          []any{map[string]any{"profile": map[string]any{"name": c.Name}, "wa_id": c.WaID, "user_id": c.UserID}},
		"messages":          []any{message},
	}
}
