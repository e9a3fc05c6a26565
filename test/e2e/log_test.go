package e2e

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
	"puente/core/hub"
	"puente/core/testkit/sample"
)

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// lines returns the lines that contain the words, in whatever way JSON may have written them.
func (l *logbook) lines(words string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(strings.ReplaceAll(line, `\`, ""), words) {
			found = append(found, line)
		}
	}
	return found
}

// TestLogKeepsSecrets talks, with the log at its most talkative, of things that must not stand in it.
func TestLogKeepsSecrets(t *testing.T) {
	book := &logbook{}
	w := build(t, func(o *hub.Options) { o.Log = zerolog.New(book).Level(zerolog.TraceLevel) })
	w.connect()
	ana := w.person(emulator.Customer{Name: "Anabella Quicksilver", WaID: "16505557391", Username: "quicksilver.handle"})
	room := ana.opens()
	secrets := map[string]string{"number": ana.WaID, "token": accessToken, "app secret": appSecret, "as_token": "as-token-e2e", "hs_token": "hs-token-e2e"}
	say := func(what, text string) string { secrets[what] = text; return text }

	wamid := ana.says(say("customer's text", "marmalade sandwich secret"))
	w.bob.text("marmalade sandwich secret")
	_, err := ana.SendImage(emulator.File{Data: pngOf(t, picture(9, 9, false)), Mime: "image/png", Caption: say("caption", "caption of the zeppelin")})
	w.must(err)
	w.bob.text("caption of the zeppelin")
	_, err = ana.SendDocument(emulator.File{Data: sample.PagePDF("Hello"), Mime: "application/pdf", Name: say("file name", "diagnosis-of-anabella.pdf")})
	w.must(err)
	w.bob.text("diagnosis-of-anabella.pdf")
	_, err = ana.Edit(wamid, say("edit", "orange marmalade instead"))
	w.must(err)
	w.bob.message("the edit", func(_ *event.Event, msg *event.MessageEventContent) bool { return msg.NewContent != nil })
	w.bob.say(room, say("agent's text", "crumpets are confidential"))
	ana.gets("crumpets are confidential")
	w.bob.say(room, "!puente template order_update "+say("template variable", "Hieronymus")+" | A-1")
	ana.sees("the template", func(m emulator.Message) bool { return m.Template != "" })
	w.bob.say(room, "!puente buttons "+say("question", "porcupine or hedgehog?")+" | Yes | No")
	ana.gets("porcupine or hedgehog?")
	image := w.bob.upload(event.MsgImage, "x.png", "image/png", pngOf(t, picture(9, 9, false)))
	image.FileName, image.Body = "x.png", say("agent's caption", "balustrade in the picture")
	w.bob.send(room, image)
	ana.gets("balustrade in the picture")
	w.bob.answerTo(w.bob.say(room, say("refused text", "overlong tapestry ")+strings.Repeat("x", 4096)))
	bad := w.magic("0026")
	secrets["number that fails"] = bad.WaID
	w.bob.answerTo(w.bob.say(bad.opens(), say("text that fails", "undeliverable gramophone")))
	_, err = ana.ChangeNumber(say("new number", "16505558642"))
	w.must(err)
	w.bob.topic(room, "+16505558642")
	w.post(w.value(ana, map[string]any{"id": "wamid.odd", "type": "text", "text": map[string]any{"body": []string{say("malformed text", "malformed xylophone")}}}))
	w.hub.Log.Info().Str("control", "a line that the scanner must find, marmalade control").Msg("Control")
	w.stop()

	if len(book.lines("marmalade control")) != 1 || len(book.lines("Graph API answered")) == 0 || len(book.lines(room.String())) == 0 {
		t.Fatal("the log does not hold what it should: the scan would prove nothing")
	}
	for what, secret := range secrets {
		if lines := book.lines(secret); len(lines) > 0 {
			t.Errorf("the log holds the %s in %d lines, the first is %s", what, len(lines), lines[0])
		}
	}
}
