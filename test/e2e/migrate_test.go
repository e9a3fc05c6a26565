package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/app/migrate"
	"puente/core/hub"
	"puente/core/testkit/db"
)

// silent is a progress that nobody looks at.
type silent struct{}

func (silent) Begin(int64)         {}
func (silent) Table(string, int64) {}
func (silent) Copied(int64)        {}
func (silent) End()                {}

// TestMoveToPostgres moves a company with an encrypted conversation to PostgreSQL: it goes on as if nothing had happened.
func TestMoveToPostgres(t *testing.T) {
	w := buildOn(t, db.SQLite(t).Config, func(o *hub.Options) {
		o.Encryption, o.PickleKey = hub.EncryptionDefault, "a-pickle-key-for-the-tests"
	})
	carol := newEncryptingAgent(w, fmt.Sprintf("carol%d", time.Now().UnixNano()%1_000_000_000), "Carol Example")
	w.stop()
	w.opts.Agents.Users = []id.UserID{carol.UserID}
	w.start()
	w.connect()
	ana := w.customer("Ana")
	asked := ana.says("Before the move")
	room := carol.text("Before the move").RoomID
	answer := carol.say(room, "An answer before the move")
	answered := ana.gets("An answer before the move").ID
	carol.receipt(answer, w.opts.IsPuppet)
	device, journalled := bridgeDevice(w), count(w, "pu_journal")

	w.stop()
	ana.says("While nobody listens") // Meta repeats it
	to := db.Postgres(t).Config
	moved, err := migrate.Run(w.ctx, migrate.Options{From: w.database, To: to, Progress: silent{}, Log: zerolog.Nop()})
	w.must(err)
	if len(moved) < 20 {
		t.Errorf("%d tables were moved", len(moved))
	}
	w.database = to
	w.start()

	w.sub(t, "TheSameAccountRoomAndKeysGoOn", func(t *testing.T) {
		if late := carol.text("While nobody listens"); late.RoomID != room {
			t.Errorf("the customer writes in %s, and wrote in %s", late.RoomID, room)
		}
		carol.say(room, "An answer after the move")
		ana.gets("An answer after the move")
		if now := bridgeDevice(w); now != device {
			t.Errorf("the bridge's device was %s and is %s", device, now)
		}
	})
	w.sub(t, "MessagesOfBeforeAreKnown", func(t *testing.T) {
		_, err := ana.React(answered, "👍")
		w.must(err)
		carol.reactionOn(answer, "👍")
		_, err = carol.SendReaction(w.ctx, room, carol.text("Before the move").ID, "🙏")
		w.must(err)
		ana.sees("the reaction", func(m emulator.Message) bool { return m.ID == asked && len(m.React) == 1 })
	})
	w.sub(t, "NothingCameTwice", func(t *testing.T) {
		if n := len(carol.seen(func(evt *event.Event) bool { return evt.Content.AsMessage().Body == "Before the move" })); n != 1 {
			t.Errorf("it came %d times", n)
		}
		if now := count(w, "pu_journal"); now <= journalled {
			t.Errorf("the journal had %d entries and has %d", journalled, now)
		}
	})
}

// bridgeDevice is the device with which WhatsApp's bridge decrypts.
func bridgeDevice(w *world) (device string) {
	w.tb.Helper()
	w.must(w.opts.DB.QueryRow(w.ctx, "SELECT device_id FROM crypto_account").Scan(&device))
	return device
}

func count(w *world, table string) (rows int) {
	w.tb.Helper()
	w.must(w.opts.DB.QueryRow(w.ctx, "SELECT COUNT(*) FROM "+table).Scan(&rows))
	return rows
}
