package emulator_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"puente/bridges/signal/emulator"
)

// send sends something to Ana and returns the message as her phone shows it.
func (w *world) send(params object) emulator.Message {
	w.t.Helper()
	params["account"] = shop
	if params["recipient"] == nil && params["groupId"] == nil {
		params["recipient"] = ana
	}
	at := int64(w.c.ok("send", params).(object)["timestamp"].(float64))
	p := w.phone(ana, func(p emulator.Phone) bool {
		_, ok := p.Message(emulator.Ref{Author: shopACI, Timestamp: at})
		return ok
	})
	m, _ := p.Message(emulator.Ref{Author: shopACI, Timestamp: at})
	return m
}

func uri(f emulator.File) string {
	return "data:" + f.Mime + ";filename=" + strings.ReplaceAll(f.Name, " ", "%20") + ";base64," + base64.StdEncoding.EncodeToString(f.Data)
}

func TestSend(t *testing.T) {
	w := newWorld(t, nil).withAna()

	t.Run("EveryFormOfARecipientReachesTheSamePerson", func(t *testing.T) {
		added := w.e.Customers()[0]
		for _, to := range []object{
			{"recipient": ana}, {"recipient": []string{ana}}, {"recipients": []string{ana}}, {"recipient": strings.ToUpper(ana)},
			{"recipient": added.Number}, {"recipient": "PNI:" + added.PNI}, {"recipient": "u:ana.42"}, {"username": "ana.42"},
			{"usernames": []string{"ana.42"}},
		} {
			to["account"], to["message"] = shop, "for you"
			result := list(w.c.ok("send", to), "results")
			if len(result) != 1 || result[0]["type"] != "SUCCESS" {
				t.Fatalf("%v: results are %v", to, result)
			}
			has(t, "address", result[0]["recipientAddress"].(object), object{"uuid": ana, "username": "ana.42"})
			absent(t, "result", result[0], "groupId", "token", "retryAfterSeconds")
		}
	})
	t.Run("NumberIsKnownOnceItWasWrittenTo", func(t *testing.T) {
		ref := w.must(w.chat(ana).SendText("now you know it"))
		for {
			envelope := w.c.note()["result"].(object)["envelope"].(object)
			if envelope["dataMessage"] == nil {
				continue
			}
			has(t, "envelope", envelope, object{"source": "+491701234567", "sourceNumber": "+491701234567", "sourceUuid": ana, "timestamp": ref.Timestamp})
			break
		}
	})
	t.Run("TextHasStylesAndMentionsInUTF16", func(t *testing.T) {
		m := w.send(object{
			"message": "🌱 bold \ufffc", "textStyle": []string{"3:4:BOLD", "0:2:SPOILER"}, "mention": "8:1:" + ana,
		})
		equal(t, "styles", m.Styles, []emulator.Style{{Start: 3, Length: 4, Name: "BOLD"}, {Start: 0, Length: 2, Name: "SPOILER"}})
		equal(t, "mentions", m.Mentions, []emulator.Mention{{Start: 8, Length: 1, ACI: ana}})
		if got := w.e.Ignored(); len(got) != 0 {
			t.Errorf("something was ignored: %v", got)
		}
		w.send(object{"message": "short", "textStyles": []string{"0:9:ITALIC"}, "mentions": []string{"0:1:" + ana}})
		equal(t, "ignored", w.e.Ignored(), []string{"text style outside the text", "mention that does not stand at U+FFFC"})
	})
	t.Run("LongTextArrivesWhole", func(t *testing.T) {
		text := strings.Repeat("äöü🌱", 65536/5)
		if m := w.send(object{"message": text}); m.Text != text {
			t.Errorf("%d bytes arrived, want %d", len(m.Text), len(text))
		}
	})
	t.Run("FilesComeAsDataURIs", func(t *testing.T) {
		photo, pdf := emulator.Sample("photo.jpg"), emulator.Sample("document.pdf")
		pdf.Name = "offer 1.pdf"
		m := w.send(object{"message": "see", "attachments": []string{uri(photo), uri(pdf)}, "viewOnce": true})
		if len(m.Files) != 2 || !m.ViewOnce || m.Files[0].Width != 320 || m.Files[0].Height != 240 || m.Files[1].Name != "offer 1.pdf" {
			t.Errorf("files are %+v", m.Files)
		}
		data, err := w.e.FileContent(m.Files[1].ID)
		if err != nil || string(data) != string(pdf.Data) {
			t.Errorf("content differs (%v)", err)
		}
		voice := w.send(object{"attachment": uri(emulator.Sample("voice.aac")), "voiceNote": true})
		if len(voice.Files) != 1 || !voice.Files[0].Voice || voice.Files[0].Mime != "audio/aac" {
			t.Errorf("voice note is %+v", voice.Files)
		}
		for _, bad := range []string{"/etc/passwd", "data:image/jpeg;base64,", "data:image/jpeg;base64,***", "data:image/jpeg;filename=a,b.jpg;base64,AAAA\n"} {
			w.c.fail(-32603, "send", object{"account": shop, "recipient": ana, "attachment": bad})
		}
	})
	t.Run("NameMustBePercentEncoded", func(t *testing.T) {
		m := w.send(object{"attachment": "data:text/plain;filename=a%2Cb%3D%C3%A4.txt;base64,aGk="})
		equal(t, "name", m.Files[0].Name, "a,b=ä.txt")
		m = w.send(object{"attachment": "data:text/plain;filename=a,b.txt;base64,aGk="})
		data, err := w.e.FileContent(m.Files[0].ID)
		equal(t, "content", string(need(t, data, err)), "b.txt;base64,aGk=")
	})
	t.Run("QuoteNamesTheMessage", func(t *testing.T) {
		asked := w.must(w.chat(ana).SendText("how much?"))
		m := w.send(object{
			"message": "ten", "quoteTimestamp": asked.Timestamp, "quoteAuthor": ana, "quoteMessage": "how much?",
			"quoteTextStyle": "0:3:BOLD", "quoteAttachment": "image/jpeg:photo.jpg", "quoteMention": []string{},
		})
		equal(t, "quote", m.Quote, emulator.Quote{
			Ref: asked, Text: "how much?", Styles: []emulator.Style{{Start: 0, Length: 3, Name: "BOLD"}},
			Files: []emulator.QuotedMedia{{Mime: "image/jpeg", Name: "photo.jpg"}},
		})
		w.c.fail(-1, "send", object{"account": shop, "recipient": ana, "message": "x", "quoteTimestamp": 1})
	})
	t.Run("PreviewStickerAndStory", func(t *testing.T) {
		m := w.send(object{
			"message": "see https://example.com", "previewUrl": "https://example.com", "previewTitle": "Example",
			"previewDescription": "a page", "previewImage": uri(emulator.Sample("picture.png")),
		})
		if len(m.Previews) != 1 || m.Previews[0].Title != "Example" || m.Previews[0].Image.Width != 160 {
			t.Errorf("preview is %+v", m.Previews)
		}
		if m := w.send(object{"message": "none", "previewUrl": "https://example.com", "previewTitle": "x"}); len(m.Previews) != 0 {
			t.Error("a preview of a link that is not in the text is shown")
		}
		m = w.send(object{"sticker": emulator.SamplePack + ":1"})
		equal(t, "sticker", m.Sticker, emulator.Sticker{PackID: emulator.SamplePack, StickerID: 1})
		m = w.send(object{"message": "nice", "storyTimestamp": 5, "storyAuthor": ana})
		equal(t, "story", m.Story, emulator.Ref{Author: ana, Timestamp: 5})
	})
	t.Run("EditReplacesTheOriginal", func(t *testing.T) {
		m := w.send(object{"message": "ten euros"})
		at := w.c.ok("send", object{"account": shop, "recipient": ana, "message": "nine euros", "editTimestamp": m.Timestamp}).(object)["timestamp"]
		got, _ := w.now(ana).Message(m.Ref())
		equal(t, "text", got.Text, "nine euros")
		equal(t, "edits", got.Edits, []any{at})
		before := len(w.e.Ignored())
		w.c.ok("send", object{"account": shop, "recipient": ana, "message": "x", "editTimestamp": 12345})
		if after := w.e.Ignored(); len(after) != before+1 {
			t.Error("an edit of nothing was not noted")
		}
	})
	t.Run("ASecondEditNamesTheLatestVersion", func(t *testing.T) {
		m := w.send(object{"message": "ten euros"})
		edit := func(text string, version any) any {
			return w.c.ok("send", object{"account": shop, "recipient": ana, "message": text, "editTimestamp": version}).(object)["timestamp"]
		}
		first := edit("nine euros", m.Timestamp)
		before := len(w.e.Ignored())
		edit("of the original", m.Timestamp)
		got, _ := w.now(ana).Message(m.Ref())
		if after := w.e.Ignored(); len(after) != before+1 || got.Text != "nine euros" {
			t.Errorf("the phone shows %q after %v", got.Text, after)
		}
		second := edit("eight euros", first)
		got, _ = w.now(ana).Message(m.Ref())
		equal(t, "text", got.Text, "eight euros")
		equal(t, "edits", got.Edits, []any{first, second})
	})
	t.Run("WrongTypesAndMissingParametersAreRefused", func(t *testing.T) {
		for _, bad := range []object{{"message": 1}, {"message": "x", "viewOnce": "yes"}, {"message": "x", "attachment": []int{1}}, {"message": "x", "editTimestamp": "1"}} {
			bad["account"], bad["recipient"] = shop, ana
			w.c.fail(-32600, "send", bad)
		}
		w.c.fail(-32600, "sendReceipt", object{"account": shop, "recipient": ana, "targetTimestamp": []string{"1"}})
		w.c.fail(-32603, "remoteDelete", object{"account": shop, "recipient": ana})
		w.send(object{"message": "null is as if it were not there", "viewOnce": nil, "attachments": nil})
	})
	t.Run("WrongSyntaxIsAUserError", func(t *testing.T) {
		for name, params := range map[string]object{
			"nothing":   {},
			"empty":     {"message": ""},
			"mention":   {"message": "x", "mention": "0:1"},
			"style":     {"message": "x", "textStyle": "a:1:BOLD"},
			"styleName": {"message": "x", "textStyle": "0:1:UNDERLINE"},
			"sticker":   {"sticker": "XYZ"},
			"unknown":   {"sticker": "abcd:9"},
			"recipient": {"message": "x", "recipient": "not a number"},
			"pni":       {"message": "x", "recipient": "PNI:1"},
			"group":     {"message": "x", "groupId": "!!"},
			"no group":  {"message": "x", "groupId": base64.StdEncoding.EncodeToString(make([]byte, 32))},
		} {
			if params["recipient"] == nil && params["groupId"] == nil {
				params["recipient"] = ana
			}
			params["account"] = shop
			if problem := w.c.fail(-1, "send", params); problem["data"] != nil {
				t.Errorf("%s: it carries results, although nothing was tried: %v", name, problem)
			}
		}
		w.c.fail(-1, "send", object{"account": shop, "message": "for nobody"})
	})
	t.Run("TimestampsAreUniqueAndGrow", func(t *testing.T) {
		last := 0.0
		for range 20 {
			at := w.c.ok("send", object{"account": shop, "recipient": ana, "message": "x"}).(object)["timestamp"].(float64)
			if at <= last {
				t.Fatalf("%f came after %f", at, last)
			}
			last = at
		}
	})
	t.Run("NoteToSelfReachesTheOwnPhone", func(t *testing.T) {
		result := list(w.c.ok("send", object{"account": shop, "noteToSelf": true, "message": "buy soil"}), "results")
		has(t, "address", result[0]["recipientAddress"].(object), object{"uuid": shopACI, "number": shop})
		if m, ok := w.now(shopACI).Last(); !ok || m.Text != "buy soil" {
			t.Errorf("the own phone shows %+v", m)
		}
	})
	if got := w.e.UnknownParams(); len(got) != 0 {
		t.Errorf("unknown parameters: %v", got)
	}
}
