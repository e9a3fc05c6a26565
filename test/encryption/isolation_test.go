package encryption

import (
	"errors"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"puente/core/hub"
	"puente/core/testkit/db"
)

// TestOneBridgesDeviceIsItsOwn: what happens to one bridge's device touches no other bridge's keys.
func TestOneBridgesDeviceIsItsOwn(t *testing.T) {
	t.Parallel()
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		oneDeviceIsLost(t, buildOn(t, hub.EncryptionDefault, fresh.Config))
	})
	t.Run("WithoutLogins", func(t *testing.T) { oneDeviceIsLost(t, buildWithoutLogins(t, hub.EncryptionDefault)) })
}

func oneDeviceIsLost(t *testing.T, w *world) {
	broken, other := w.opens("whatsapp"), w.opens("telegram")
	broken.answers(w.alice)
	other.answers(w.alice)
	before := w.secrets("telegram")
	lost := w.device("whatsapp")

	w.sub("ADeviceThatIsGoneAtTheStartIsReplaced", func() {
		w.stop()
		w.removeDevice("whatsapp", lost)
		w.start()
		if w.device("whatsapp") == lost {
			t.Error("the bridge still has the device that is gone")
		}
		w.bob.text(broken.writes())
		broken.answers(w.alice)
	})
	w.sub("TheOtherBridgeHasKeptItsDeviceAndKeys", func() {
		after := w.secrets("telegram")
		if after.device != before.device || after.inbound != before.inbound || after.outbound != before.outbound || after.olm == 0 {
			t.Errorf("it had %+v and has %+v", before, after)
		}
		other.answers(w.alice)
		w.bob.text(other.writes())
		if w.secrets("telegram").outbound != before.outbound {
			t.Error("the other bridge's room has another key")
		}
	})
	w.sub("ADeviceThatGoesWhilePuenteRunsIsReplaced", func() {
		lost := w.device("whatsapp")
		w.removeDevice("whatsapp", lost)
		w.changes("the device", func() bool { now := w.device("whatsapp"); return now != lost && now != "" })
		w.bob.text(broken.writes())
		broken.answers(w.alice)
		other.answers(w.alice)
		if now := w.secrets("telegram"); now.device != before.device || now.outbound != before.outbound {
			t.Errorf("the other bridge had %+v and has %+v", before, now)
		}
	})
	w.sub("AnAgentsNewDeviceGetsTheKeysOfAllBridges", func() {
		// Each bridge sees the change by itself, though another may have written it down before.
		second := w.client(w.bob.localpart)
		for _, c := range []*conversation{broken, other} {
			c.reach(second)
		}
	})
	w.sub("NothingIsLeftUnread", func() {
		for _, one := range []*agent{w.alice, w.bob} {
			if locked := one.Locked(); len(locked) != 0 {
				t.Errorf("%s could not decrypt %+v", one.UserID, locked)
			}
		}
	})
}

// secrets is what a bridge has in the tables of keys.
type secrets struct {
	device       id.DeviceID
	olm, inbound int
	outbound     string
}

func (w *world) secrets(network string) (s secrets) {
	w.Helper()
	s.device = w.device(network)
	for query, into := range map[string]any{
		`SELECT COUNT(*) FROM crypto_olm_session WHERE account_id=$1`:                                  &s.olm,
		`SELECT COUNT(*) FROM crypto_megolm_inbound_session WHERE account_id=$1`:                       &s.inbound,
		`SELECT COALESCE(MIN(session_id), '') FROM crypto_megolm_outbound_session WHERE account_id=$1`: &s.outbound,
	} {
		w.must(w.app.DB.QueryRow(w.ctx, query, network).Scan(into))
	}
	return s
}

// device is the ID of a bridge's device; empty while it has none.
func (w *world) device(network string) (device id.DeviceID) {
	w.Helper()
	w.must(w.app.DB.QueryRow(w.ctx, `SELECT COALESCE(MAX(device_id), '') FROM crypto_account WHERE account_id=$1`, network).Scan(&device))
	return device
}

// removeDevice has the homeserver throw a bridge's device away, as an administrator may.
func (w *world) removeDevice(network string, device id.DeviceID) {
	w.Helper()
	us := w.place.Identity("")
	token, _, err := w.server.Login(w.ctx, w.administrator(), password)
	w.must(err)
	client, err := mautrix.NewClient(w.server.URL(), "", token)
	w.must(err)
	defer client.Client.CloseIdleConnections()
	bot := id.NewUserID(us.BridgeBot(network), domain)
	path := client.BuildURL(mautrix.SynapseAdminURLPath{"v2", "users", bot, "devices", device})
	if _, err = client.MakeRequest(w.ctx, "DELETE", path, nil, nil); err != nil && !errors.Is(err, mautrix.MNotFound) {
		w.Fatal(err)
	}
}

// administrator makes an administrator of the homeserver.
func (w *world) administrator() string {
	w.Helper()
	w.must(w.server.RegisterUser(w.ctx, "root", password, "Root", true))
	return "root"
}
