package emulator_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"puente/bridges/signal/emulator"
)

func TestDataDirKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	first := newWorld(t, func(o *emulator.Options) { o.DataDir = dir }).withAna()
	id := first.withGroup()
	first.must(first.chat(ana).SendFiles("look", []emulator.File{emulator.Sample("photo.jpg")}))
	first.c.next("dataMessage")
	ref := first.must(first.chat(ana).SendText("waits"))
	first.c.next("dataMessage")
	first.e.CutConnections()
	first.must(first.chat(ana).SendText("on the server"))
	first.e.Stop()

	second := newWorld(t, func(o *emulator.Options) { o.DataDir = dir })
	t.Run("WaitingMessagesCome", func(t *testing.T) {
		second.subscribe()
		data, _ := second.c.next("dataMessage")
		has(t, "data", data, object{"message": "on the server"})
	})
	t.Run("ConversationsFilesAndGroupsAreThere", func(t *testing.T) {
		p := second.now(ana)
		if _, ok := p.Message(ref); !ok || len(p.Texts(ana)) != 4 {
			t.Errorf("the phone shows %v", p.Texts(ana))
		}
		for _, m := range p.Messages {
			if len(m.Files) > 0 && second.attachment(m.Files[0].ID) != string(emulator.Sample("photo.jpg").Data) {
				t.Error("a file is not what it was")
			}
		}
		has(t, "group", second.group(id), object{"name": "Garden", "isMember": true})
	})
	t.Run("TimestampsStayUnique", func(t *testing.T) {
		if again := second.must(second.chat(ana).SendText("later")); again.Timestamp <= ref.Timestamp {
			t.Errorf("%d is not after %d", again.Timestamp, ref.Timestamp)
		}
	})
}

// quiet is a writer for a log that may be read while others write.
type quiet struct{ bytes.Buffer }

func TestLogHasNoMessagesAndNumbers(t *testing.T) {
	var out quiet
	w := newWorld(t, func(o *emulator.Options) {
		o.Log = zerolog.New(zerolog.SyncWriter(&out)).Level(zerolog.TraceLevel)
		o.Log.Info().Msg("positive control")
	}).withAna()
	w.must(w.chat(ana).SendText("secret one"))
	w.c.ok("send", object{"account": shop, "recipient": ana, "message": "secret two"})
	w.c.fail(-1, "send", object{"account": shop, "recipient": "secret three", "message": "x"})
	w.c.fail(-6, "submitRateLimitChallenge", object{"account": shop, "challenge": "c", "captcha": "secret four"})
	w.e.Stop()
	log := out.String()
	if !strings.Contains(log, "positive control") {
		t.Error("the log is empty")
	}
	for _, bad := range []string{"secret", "+4917", "+4930"} {
		if strings.Contains(log, bad) {
			t.Errorf("%q is in the log", bad)
		}
	}
}
