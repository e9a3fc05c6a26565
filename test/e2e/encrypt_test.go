package e2e

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/desk/channel"
	"puente/core/hub"
)

// newEncryptingAgent is an agent whose client encrypts and decrypts, with a device of its own.
func newEncryptingAgent(w *world, localpart, name string) *agent {
	w.tb.Helper()
	a := loginAgent(w, localpart, name)
	db, err := dbutil.NewWithDialect(filepath.Join(w.tb.TempDir(), "keys.db"), "sqlite3-fk-wal")
	if err != nil {
		w.tb.Fatalf("open an agent's keys: %v", err)
	}
	w.tb.Cleanup(func() { _ = db.Close() })
	helper, err := cryptohelper.NewCryptoHelper(a.Client, []byte("agents-pickle-key"), db)
	if err != nil {
		w.tb.Fatalf("make an agent's crypto: %v", err)
	}
	if err = helper.Init(w.ctx); err != nil {
		w.tb.Fatalf("start an agent's crypto: %v", err)
	}
	a.Crypto = helper
	a.sync()
	return a
}

func TestEncryptedRoom(t *testing.T) {
	var carol *agent
	w := build(t, func(o *hub.Options) {
		o.Encryption, o.PickleKey = hub.EncryptionDefault, "a-pickle-key-for-the-tests"
	}, func(o *emulator.Options) { o.RetryMin = 2 * time.Second })
	carol = newEncryptingAgent(w, fmt.Sprintf("carol%d", time.Now().UnixNano()%1_000_000_000), "Carol Example")
	w.stop()
	w.opts.Agents.Users = []id.UserID{carol.UserID}
	w.start()
	w.connect()
	ana := w.customer("Ana")
	if _, err := ana.SendText("A secret question"); err != nil {
		t.Fatal(err)
	}
	hello := carol.text("A secret question")
	room := hello.RoomID

	t.Run("WhatTheHomeserverHasIsEncrypted", func(t *testing.T) {
		plain, err := carol.Client.GetEvent(w.ctx, room, hello.ID)
		if err != nil {
			t.Fatal(err)
		}
		if plain.Type != event.EventEncrypted {
			t.Errorf("the homeserver has a %s", plain.Type.Type)
		}
	})
	t.Run("AnAgentsEncryptedAnswerReachesTheCustomer", func(t *testing.T) {
		answer := carol.say(room, "A secret answer")
		ana.sees("the answer", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "A secret answer" })
		carol.receipt(answer, w.opts.IsPuppet)
	})
	t.Run("FilesGoBothWays", func(t *testing.T) {
		shot := pngOf(t, picture(40, 30, false))
		if _, err := ana.SendImage(emulator.File{Data: shot, Mime: "image/png", Name: "photo.png"}); err != nil {
			t.Fatal(err)
		}
		carol.message("the encrypted picture", func(_ *event.Event, msg *event.MessageEventContent) bool {
			return msg.MsgType == event.MsgImage && msg.File != nil && msg.URL == ""
		})
	})
	t.Run("ASendRepeatedAfterACrashIsOneEvent", func(t *testing.T) {
		// Meta gets no answer and will send the message again; by then Puente has forgotten that it had it, as after a
		// crash between the send into the room and the note of it. The ciphertext differs, the event is the same.
		w.emulator.CutAnswers(1)
		wamid, err := ana.SendText("Only once")
		if err != nil {
			t.Fatal(err)
		}
		carol.text("Only once")
		journalled := func() (n int) {
			if err := w.opts.DB.QueryRow(w.ctx, `SELECT COUNT(*) FROM pu_journal WHERE key LIKE $1`, "%"+wamid).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		saved := func() (n int) {
			if err := w.opts.DB.QueryRow(w.ctx, `SELECT COUNT(*) FROM message WHERE id=$1`, wamid).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for saved() == 0 {
			runtime.Gosched()
		}
		for _, query := range []string{`DELETE FROM pu_journal WHERE key LIKE '%' || $1`, `DELETE FROM message WHERE id=$1`} {
			if _, err = w.opts.DB.Exec(w.ctx, query, wamid); err != nil {
				t.Fatal(err)
			}
		}
		if journalled() != 0 {
			t.Fatal("the journal still has the message")
		}
		if err = w.emulator.WaitDelivered(w.ctx); err != nil {
			t.Fatal(err)
		}
		if _, err = ana.SendText("After it"); err != nil {
			t.Fatal(err)
		}
		carol.text("After it")
		if journalled() != 1 || saved() != 1 {
			t.Errorf("after the repetition the journal has %d, the bridge %d of the message", journalled(), saved())
		}
		once := carol.seen(func(evt *event.Event) bool { return evt.Content.AsMessage().Body == "Only once" })
		if len(once) != 1 {
			t.Errorf("the message stands %d times in the room", len(once))
		}
	})
	t.Run("KeysSurviveARestart", func(t *testing.T) {
		w.stop()
		w.start()
		if _, err := ana.SendText("After the restart"); err != nil {
			t.Fatal(err)
		}
		carol.text("After the restart")
		carol.say(room, "Still secret")
		ana.sees("the answer after the restart", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "Still secret" })
	})
	t.Run("ACommandsMessageIsSentFromTheEncryptedRoom", func(t *testing.T) {
		carol.say(room, "!puente buttons Come by today? | Yes | No")
		ana.sees("the buttons", func(m emulator.Message) bool { return m.FromBusiness && len(m.Buttons) == 2 })
	})
	t.Run("TheDeskReadsWhatWasSaid", func(t *testing.T) {
		var in, out bool
		for _, evt := range w.desk.all() {
			switch evt := evt.(type) {
			case channel.MessageIn:
				in = in || evt.Content.Text == "A secret question"
			case channel.MessageOut:
				out = out || evt.Content.Text == "A secret answer"
			}
		}
		if !in || !out {
			t.Errorf("the desk was told of the question: %v, of the answer: %v", in, out)
		}
	})
}

func TestRequiredEncryptionRefusesPlainText(t *testing.T) {
	w := build(t, func(o *hub.Options) {
		o.Encryption, o.PickleKey = hub.EncryptionRequired, "a-pickle-key-for-the-tests"
	})
	w.connect()
	ana := w.customer("Ana")
	if _, err := ana.SendText("Hello"); err != nil {
		t.Fatal(err)
	}
	var room id.RoomID
	w.alice.sees("the encrypted message", func(evt *event.Event) bool {
		room = evt.RoomID
		return evt.Type == event.EventEncrypted
	})
	plain := w.alice.say(room, "In the clear")
	w.alice.sees("the refusal", func(evt *event.Event) bool {
		return evt.Type == event.BeeperMessageStatus && evt.Content.Parsed.(*event.BeeperMessageStatusEventContent).RelatesTo.EventID == plain
	})
	for _, m := range w.emulator.Inbox(ana.UserID) {
		if m.FromBusiness {
			t.Errorf("the customer got %q", m.Text)
		}
	}
}

func TestUnreadableMessage(t *testing.T) {
	moved := clock.NewManual(time.Now())
	w := build(t, func(o *hub.Options) {
		o.Encryption, o.PickleKey, o.Clock = hub.EncryptionAllowed, "a-pickle-key-for-the-tests", shifted{moved}
	})
	w.connect()
	ana := w.customer("Ana")
	if _, err := ana.SendText("Hello"); err != nil {
		t.Fatal(err)
	}
	room := w.alice.text("Hello").RoomID
	resp, err := w.alice.SendMessageEvent(w.ctx, room, event.EventEncrypted, map[string]any{
		"algorithm": id.AlgorithmMegolmV1, "ciphertext": strayCiphertext(), "device_id": "NOBODY", "sender_key": stray(32), "session_id": stray(32),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.alice.sees("that the message waits", func(evt *event.Event) bool {
		content, ok := evt.Content.Parsed.(*event.BeeperMessageStatusEventContent)
		return ok && content.RelatesTo.EventID == resp.EventID && content.Status == event.MessageStatusPending
	})
	behind := w.alice.say(room, "Behind it")
	moved.Advance(10 * time.Minute)
	if answer := w.alice.answerTo(resp.EventID); !strings.Contains(answer.Body, "key") {
		t.Errorf("the author is told %q", answer.Body)
	}
	ana.sees("the message behind it", func(m emulator.Message) bool { return m.FromBusiness && m.Text == "Behind it" })
	w.alice.receipt(behind, w.opts.IsPuppet)
}

// strayCiphertext looks like Megolm's (version 3, index 0, 32 bytes, MAC, signature), but nobody has its session.
func strayCiphertext() string {
	message := append([]byte{3, 0x08, 0, 0x12, 32}, make([]byte, 32+8+64)...)
	return base64.RawStdEncoding.EncodeToString(message)
}

// stray is a key of n bytes that is nobody's.
func stray(n int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }

// shifted tells the manual clock's time, and waits by the machine's.
type shifted struct{ by *clock.Manual }

// Now implements clock.Clock.
func (s shifted) Now() time.Time { return s.by.Now() }

// After implements clock.Clock.
func (s shifted) After(d time.Duration) <-chan time.Time { return time.After(d) }
