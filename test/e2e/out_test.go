package e2e

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/hub/network"
	"puente/core/testkit/person"
	"puente/core/testkit/sample"
)

// upload puts a file on the homeserver and returns a message with it.
func (a *agent) upload(kind event.MessageType, name, mime string, data []byte) *event.MessageEventContent {
	a.w.tb.Helper()
	content, err := a.Upload(a.w.ctx, kind, name, mime, data)
	a.w.must(err)
	return content
}

// file waits for a file on the phone of which fact holds.
func (c *customer) file(what string, fact func(emulator.Message) bool) emulator.Message {
	c.w.tb.Helper()
	return c.sees(what, func(m emulator.Message) bool { return m.FromBusiness && m.Media != nil && fact(m) })
}

func TestAgentsWrite(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	agents := []*agent{w.alice, w.bob}

	w.sub(t, "EitherAgentsTextKeepsItsFormatting", func(t *testing.T) {
		for _, agent := range agents {
			name := agent.UserID.Localpart()
			agent.send(room, &event.MessageEventContent{
				MsgType: event.MsgText, Body: "plain " + name, Format: event.FormatHTML,
				FormattedBody: "<strong>bold</strong> <em>it</em> <del>gone</del> <code>x</code> " + name,
			})
			ana.gets("*bold* _it_ ~gone~ `x` " + name)
		}
		w.alice.send(room, &event.MessageEventContent{MsgType: event.MsgEmote, Body: "waves"})
		ana.gets("_waves_")
		long := strings.Repeat("ü", 4096)
		w.bob.say(room, long)
		ana.gets(long)
	})
	w.sub(t, "ALocation", func(t *testing.T) {
		w.bob.send(room, &event.MessageEventContent{MsgType: event.MsgLocation, Body: "Our shop", GeoURI: "geo:40.4168,-3.7038;u=10"})
		got := ana.sees("the place", func(m emulator.Message) bool { return m.FromBusiness && m.Location != nil })
		if got.Location.Latitude != 40.4168 || got.Location.Longitude != -3.7038 || got.Location.Name != "Our shop" {
			t.Errorf("the place came as %+v", got.Location)
		}
	})
	w.sub(t, "FilesOfEveryKind", func(t *testing.T) {
		small := pngOf(t, picture(40, 30, false))
		withCaption := w.bob.upload(event.MsgImage, "shop.png", "image/png", small)
		withCaption.FileName, withCaption.Body = "shop.png", "Our *shop*"
		voice := w.bob.upload(event.MsgAudio, "voice.ogg", "audio/ogg", sample.VoiceOpus())
		voice.MSC3245Voice = &event.MSC3245Voice{}
		for _, file := range []struct {
			what    string
			content *event.MessageEventContent
			fact    func(emulator.Message) bool
		}{
			{"the picture with its caption", withCaption, func(m emulator.Message) bool {
				return m.Kind == "image" && m.Media.Mime == "image/png" && m.Media.Size == int64(len(small)) && strings.Contains(m.Text, "shop")
			}},
			{"the picture without one", w.alice.upload(event.MsgImage, "bare.png", "image/png", small), func(m emulator.Message) bool {
				return m.Kind == "image" && m.Text == ""
			}},
			{"the WebP as JPEG or PNG", w.bob.upload(event.MsgImage, "p.webp", "image/webp", webpOf(t, picture(64, 64, false))), func(m emulator.Message) bool {
				return m.Kind == "image" && m.Media.Size != int64(len(small)) && (m.Media.Mime == "image/jpeg" || m.Media.Mime == "image/png")
			}},
			{"the large picture made smaller", w.bob.upload(event.MsgImage, "large.png", "image/png", pngOf(t, picture(1400, 1400, true))), func(m emulator.Message) bool {
				return m.Kind == "image" && m.Media.Mime == "image/jpeg" && m.Media.Size <= 5<<20
			}},
			{"the video", w.bob.upload(event.MsgVideo, "film.mp4", "video/mp4", sample.FilmMP4()), func(m emulator.Message) bool {
				return m.Kind == "video" && m.Media.Mime == "video/mp4"
			}},
			{"the sound", w.bob.upload(event.MsgAudio, "song.mp3", "audio/mpeg", sample.SongMP3()), func(m emulator.Message) bool {
				return m.Kind == "audio" && !m.Media.Voice
			}},
			{"the voice message", voice, func(m emulator.Message) bool { return m.Kind == "audio" && m.Media.Voice }},
			{"the document", w.alice.upload(event.MsgFile, "Factura año.pdf", "application/pdf", sample.PagePDF("Hello")), func(m emulator.Message) bool {
				return m.Kind == "document" && m.Media.Name == "Factura año.pdf" && m.Media.Mime == "application/pdf"
			}},
		} {
			file.content.Mentions = &event.Mentions{}
			w.bob.send(room, file.content)
			ana.file(file.what, file.fact)
		}
		sticker := w.bob.upload("", "Sticker", "image/png", pngOf(t, picture(300, 200, false)))
		_, err := w.bob.SendMessageEvent(w.ctx, room, event.EventSticker, sticker)
		w.must(err)
		ana.file("the sticker as WebP", func(m emulator.Message) bool { return m.Kind == "sticker" && m.Media.Mime == "image/webp" })
	})
	w.sub(t, "AReplyQuotesItsTarget", func(t *testing.T) {
		asked := ana.says("Which size?")
		target := w.bob.text("Which size?")
		w.alice.send(room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "> <@x:y> Which size?\n\nLarge", RelatesTo: (&event.RelatesTo{}).SetReplyTo(target.ID),
		})
		got := ana.sees("the reply", func(m emulator.Message) bool { return m.FromBusiness && strings.HasSuffix(m.Text, "Large") })
		if got.Quote != asked || got.Text != "Large" {
			t.Errorf("the reply says %q and quotes %q, want %q", got.Text, got.Quote, asked)
		}
		w.alice.send(room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "or medium", RelatesTo: (&event.RelatesTo{}).SetReplyTo(w.alice.text("> <@x:y> Which size?\n\nLarge").ID),
		})
		if second := ana.gets("or medium"); second.Quote != got.ID {
			t.Errorf("the reply to our own message quotes %q, want %q", second.Quote, got.ID)
		}
	})
	w.sub(t, "ReactionsComeChangeAndGo", func(t *testing.T) {
		asked := ana.says("Thank you!")
		target := w.bob.text("Thank you!")
		shows := func(what, emoji string) {
			w.tb.Helper()
			ana.sees(what, func(m emulator.Message) bool {
				if m.ID != asked {
					return false
				}
				if emoji == "" {
					return len(m.React) == 0
				}
				return len(m.React) == 1 && m.React[0].Emoji == emoji && m.React[0].By == ""
			})
		}
		for _, agent := range agents {
			first, err := agent.SendReaction(w.ctx, room, target.ID, "👍")
			w.must(err)
			shows("the reaction", "👍")
			_, err = agent.RedactEvent(w.ctx, room, first.EventID)
			w.must(err)
			shows("no reaction", "")
		}
		_, err := w.alice.SendReaction(w.ctx, room, target.ID, "👍")
		w.must(err)
		shows("Alice's reaction", "👍")
		_, err = w.bob.SendReaction(w.ctx, room, target.ID, "❤️")
		w.must(err)
		shows("the business's one reaction, changed by Bob", "❤️")
	})
	w.sub(t, "ReadingAndTypingAreShown", func(t *testing.T) {
		asked := ana.says("Are you there?")
		target := w.bob.text("Are you there?")
		w.must(w.bob.MarkRead(w.ctx, room, target.ID))
		ana.sees("the read mark", func(m emulator.Message) bool { return m.ID == asked && m.Status == emulator.Read })
		_, err := w.alice.UserTyping(w.ctx, room, true, 20_000_000_000)
		w.must(err)
		_, err = w.emulator.Wait(w.ctx, ana.UserID, func(p emulator.Phone) bool { return len(p.Typing) == 1 })
		w.must(err)
	})
	w.sub(t, "WhatWhatsAppCannotTakeIsRefusedWithAReason", func(t *testing.T) {
		poll := map[string]any{
			"org.matrix.msc3381.poll.start": map[string]any{
				"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1, "question": map[string]any{"org.matrix.msc1767.text": "?"},
				"answers": []any{map[string]any{"id": "a", "org.matrix.msc1767.text": "a"}},
			}, "org.matrix.msc1767.text": "?",
		}
		started, err := w.bob.SendMessageEvent(w.ctx, room, event.EventUnstablePollStart, poll)
		w.must(err)
		said := w.bob.say(room, "this stays as it is")
		kept := ana.gets("this stays as it is")
		edited := w.bob.send(room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "* changed", NewContent: &event.MessageEventContent{MsgType: event.MsgText, Body: "changed"},
			RelatesTo: (&event.RelatesTo{}).SetReplace(said),
		})
		long := w.bob.say(room, strings.Repeat("x", 4097))
		nowhere := w.bob.send(room, &event.MessageEventContent{MsgType: event.MsgLocation, Body: "somewhere", GeoURI: "geo:nowhere"})
		unknown := w.bob.send(room, map[string]any{"msgtype": "com.example.hologram", "body": "a hologram"})
		empty := w.bob.send(room, w.bob.upload(event.MsgFile, "empty.bin", "application/octet-stream", []byte{}))
		for what, one := range map[string]struct {
			event id.EventID
			words string
		}{
			"a poll":                   {started.EventID, "polls"},
			"an edit":                  {edited, "change what was sent"},
			"a text that is too long":  {long, "4096"},
			"a place without a place":  {nowhere, "coordinates"},
			"an unknown type":          {unknown, "corresponds"},
			"a file without any bytes": {empty, "empty"},
		} {
			answer := w.alice.answerTo(one.event)
			if !strings.Contains(answer.Body, "Not delivered") || !strings.Contains(answer.Body, one.words) {
				t.Errorf("%s is answered by %q, want %q in it", what, answer.Body, one.words)
			}
			w.alice.status(one.event, event.MessageStatusFail)
		}
		redaction, err := w.bob.RedactEvent(w.ctx, room, said)
		w.must(err)
		if answer := w.alice.answerTo(redaction.EventID); !strings.Contains(answer.Body, "delete") {
			t.Errorf("a redaction is answered by %q", answer.Body)
		}
		phone, _ := w.emulator.Phone(ana.UserID)
		if now, _ := phone.Message(kept.ID); now.Text != "this stays as it is" || now.Deleted {
			t.Errorf("the phone shows %+v", now)
		}
	})
	w.sub(t, "CommandsDoNotReachTheCustomer", func(t *testing.T) {
		note := w.bob.say(room, "!puente nonsense for nobody")
		if answer := w.bob.answerTo(note); !strings.Contains(answer.Body, "Nothing was sent") {
			t.Errorf("an unknown command is answered by %q", answer.Body)
		}
		help := w.bob.say(room, "!puente help")
		if answer := w.bob.answerTo(help); !strings.Contains(answer.Body, "!puente template") {
			t.Errorf("help is answered by %q", answer.Body)
		}
		for _, m := range w.emulator.Inbox(ana.UserID) {
			if strings.Contains(m.Text, "!puente") {
				t.Errorf("the customer got %q", m.Text)
			}
		}
	})
}

// status waits for a message status event of the kind on an event and returns it.
func (a *agent) status(target id.EventID, status event.MessageStatus) *event.BeeperMessageStatusEventContent {
	a.w.tb.Helper()
	evt := a.sees("the status "+string(status)+" of "+target.String(), person.Status(target, status))
	return evt.Content.Parsed.(*event.BeeperMessageStatusEventContent)
}

func TestTemplatesAndChoices(t *testing.T) {
	w := build(t, nil)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	replyTo := func(body string, target id.EventID) id.EventID {
		return w.bob.send(room, &event.MessageEventContent{MsgType: event.MsgText, Body: body, RelatesTo: (&event.RelatesTo{}).SetReplyTo(target)})
	}

	w.sub(t, "TheListNamesApprovedTemplatesOnly", func(t *testing.T) {
		answer := w.bob.answerTo(w.bob.say(room, "!puente templates")).Body
		if !strings.Contains(answer, "order_update en_US (utility, 2 values)") || !strings.Contains(answer, "with image") || strings.Contains(answer, "winter_offer") {
			t.Errorf("templates answers %q", answer)
		}
	})
	w.sub(t, "ATemplateWithVariablesAndButtons", func(t *testing.T) {
		w.bob.say(room, "!puente template order_update Ana | A-77")
		shown := w.alice.message("the template", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.HasPrefix(msg.Body, "Hello Ana, your order A-77 is on its way") && strings.Contains(msg.Body, "[Where is it?]")
		})
		got := ana.sees("the template", func(m emulator.Message) bool { return m.Template == "order_update" })
		if got.Text != "Hello Ana, your order A-77 is on its way to you." || len(got.Buttons) != 1 {
			t.Errorf("the template came as %+v", got)
		}
		w.alice.receipt(shown.ID, w.opts.IsPuppet)
		_, err := ana.Press(got.ID, "Where is it?")
		w.must(err)
		answer := w.bob.text("Where is it?")
		if answer.Content.AsMessage().RelatesTo.GetReplyTo() != shown.ID || answer.Content.Raw[network.AnswerKey] == nil {
			t.Errorf("the answer came as %+v", answer.Content.Raw)
		}
	})
	w.sub(t, "ATemplateWithAPicture", func(t *testing.T) {
		noPicture := w.bob.say(room, "!puente template appointment_reminder Ana | 12 March | 10:30")
		if answer := w.bob.answerTo(noPicture); !strings.Contains(answer.Body, "reply to it") {
			t.Errorf("a template without its picture is answered by %q", answer.Body)
		}
		data := pngOf(t, picture(60, 40, false))
		image := w.bob.send(room, w.bob.upload(event.MsgImage, "clinic.png", "image/png", data))
		replyTo("!puente template appointment_reminder en_US Ana | 12 March | 10:30", image)
		got := ana.sees("the template", func(m emulator.Message) bool { return m.Template == "appointment_reminder" })
		if got.Media == nil || got.Media.Size != int64(len(data)) || len(got.Buttons) != 2 || got.Text != "Hello Ana, we expect you on 12 March at 10:30. Will you come?" {
			t.Errorf("the template came as %+v with %+v", got, got.Media)
		}
		_, err := ana.Press(got.ID, "Confirm")
		w.must(err)
		w.bob.text("Confirm")
	})
	w.sub(t, "ATemplateWithAPlace", func(t *testing.T) {
		_, err := ana.SendLocation(emulator.Location{Latitude: 40.5, Longitude: -3.7, Name: "Plaza Mayor", Address: "Madrid"})
		w.must(err)
		place := w.bob.message("the place", func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.MsgType == event.MsgLocation })
		replyTo("!puente template pickup_place Ana", place.ID)
		got := ana.sees("the template", func(m emulator.Message) bool { return m.Template == "pickup_place" })
		want := emulator.Location{Latitude: 40.5, Longitude: -3.7, Name: "Plaza Mayor", Address: "Madrid"}
		if got.Location == nil || *got.Location != want || got.Text != "Hello Ana, your order waits for you here." {
			t.Errorf("the template came as %+v with %+v", got, got.Location)
		}
	})
	w.sub(t, "WrongTemplatesAreRefused", func(t *testing.T) {
		for command, words := range map[string]string{
			"!puente template":                     "name the template",
			"!puente template no_such":             "no approved template",
			"!puente template winter_offer Ana":    "no approved template",
			"!puente template order_update Ana":    "wants 2 values and got 1",
			"!puente buttons only a question":      "one to three answers",
			"!puente list question | open":         "one to ten answers",
			"!puente buttons q | a | b | c | d":    "one to three answers",
			"!puente template order_update | a | ": "wants 2 values and got 3",
		} {
			if answer := w.bob.answerTo(w.bob.say(room, command)).Body; !strings.Contains(answer, "Nothing was sent") || !strings.Contains(answer, words) {
				t.Errorf("%q is answered by %q, want %q in it", command, answer, words)
			}
		}
		w.bob.say(room, "!puente buttons Pick? | "+strings.Repeat("y", 21))
		shown := w.bob.message("the question", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.HasPrefix(msg.Body, "Pick?\n")
		})
		if answer := w.bob.answerTo(shown.ID).Body; !strings.Contains(answer, "20") {
			t.Errorf("a button that is too long is answered by %q", answer)
		}
	})
	w.sub(t, "ButtonsAndTheirAnswer", func(t *testing.T) {
		w.alice.say(room, "!puente buttons Shall we deliver today? | Yes | Tomorrow")
		asked := w.bob.message("the question", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return strings.Contains(msg.Body, "deliver today?") && strings.Contains(msg.Body, "[Tomorrow]") && !strings.Contains(msg.Body, "!puente")
		})
		got := ana.sees("the buttons", func(m emulator.Message) bool { return m.Text == "Shall we deliver today?" })
		if len(got.Buttons) != 2 {
			t.Fatalf("the buttons came as %+v", got)
		}
		_, err := ana.Press(got.ID, "Tomorrow")
		w.must(err)
		answer := w.bob.text("Tomorrow")
		if answer.Content.AsMessage().RelatesTo.GetReplyTo() != asked.ID {
			t.Errorf("the answer points at %q", answer.Content.AsMessage().RelatesTo.GetReplyTo())
		}
		if chosen, _ := answer.Content.Raw[network.AnswerKey].(map[string]any); chosen["id"] != "choice-2" {
			t.Errorf("the answer carries %v", answer.Content.Raw[network.AnswerKey])
		}
	})
	w.sub(t, "AListAndItsAnswer", func(t *testing.T) {
		w.bob.say(room, "!puente list Which size? | Sizes | Small | Medium | Large | Huge")
		got := ana.sees("the list", func(m emulator.Message) bool { return m.List != nil })
		if got.List.Button != "Sizes" || len(got.List.Sections) != 1 || len(got.List.Sections[0].Rows) != 4 {
			t.Fatalf("the list came as %+v", got.List)
		}
		_, err := ana.Press(got.ID, "Large")
		w.must(err)
		if answer := w.bob.text("Large"); answer.Content.Raw[network.AnswerKey] == nil {
			t.Errorf("the answer came as %+v", answer.Content.Raw)
		}
	})
}
