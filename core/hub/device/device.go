// Package device is the encrypting device of one bridge's bot: it has the keys of the bridge's rooms, and reads its
// device messages by /sync. It does what bridgev2's own does, on the same tables, for several bridges in one process
// and one database: whatever happens to one of them leaves the others' keys alone and the process running.
// ref: docs/decisions/0014-own-encrypting-device.md
package device

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// Options is what a device is made of.
type Options struct {
	Account     string // the bridge's ID: whose rows in the tables are the device's
	Name        string // what people see among the bot's devices
	AS          *appservice.AppService
	PuppetsLike string // an SQL pattern, with \ as its escape, of the users who have no devices: Puente's own
	DB          *dbutil.Database
	KV          *database.KVQuery
	State       crypto.StateStore
	PickleKey   string
	MSC4190     bool // make devices without a login, as Matrix Authentication Service wants it
	Clock       clock.Clock
	Log         zerolog.Logger
}

// Device implements matrix.Crypto.
type Device struct {
	Options

	mu      sync.RWMutex // held to write while another device takes this one's place
	client  *mautrix.Client
	store   *matrix.SQLCryptoStore
	machine *crypto.OlmMachine

	running context.Context // until Stop
	stop    context.CancelFunc
	syncing sync.WaitGroup
	starts  sync.Mutex // guards that nothing joins syncing once it is awaited
}

var _ matrix.Crypto = (*Device)(nil)

// New makes a device that knows nothing yet.
func New(opts Options) *Device {
	d := &Device{Options: opts}
	d.running, d.stop = context.WithCancel(context.Background())
	return d
}

// Encrypt replaces the content by its encrypted form, after the room's key went to every device in the room that
// does not have it.
func (d *Device) Encrypt(ctx context.Context, room id.RoomID, kind event.Type, content *event.Content) (err error) {
	defer d.recovered(&err)
	d.mu.RLock()
	defer d.mu.RUnlock()
	encrypted, err := d.machine.EncryptMegolmEvent(ctx, room, kind, content)
	if crypto.IsShareError(err) {
		encrypted, err = d.shareAndEncrypt(ctx, room, kind, content)
	}
	if err != nil {
		return fmt.Errorf("encrypt for %s: %w", room, err)
	}
	content.Parsed, content.Raw = encrypted, nil
	return nil
}

func (d *Device) shareAndEncrypt(ctx context.Context, room id.RoomID, kind event.Type, content *event.Content) (*event.EncryptedEventContent, error) {
	users, err := d.store.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("list the members: %w", err)
	}
	if err = d.machine.ShareGroupSession(ctx, room, users); err != nil {
		return nil, err
	}
	return d.machine.EncryptMegolmEvent(ctx, room, kind, content)
}

// Decrypt returns what an encrypted event says; matrix.NoSessionFound if its key is not there, or not yet.
func (d *Device) Decrypt(ctx context.Context, evt *event.Event) (decrypted *event.Event, err error) {
	defer d.recovered(&err)
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.machine.DecryptMegolmEvent(ctx, evt)
}

// recovered makes an error of a panic: mautrix panics where it cannot store a key, and a bridge's trouble must stay
// its own.
func (d *Device) recovered(err *error) {
	if thrown := recover(); thrown != nil {
		d.Log.Error().Any("panic", thrown).Bytes("stack", debug.Stack()).Msg("Encryption panicked")
		*err = fmt.Errorf("%w: %v", errPanicked, thrown)
	}
}

var errPanicked = errors.New("encryption panicked")

// WaitForSession waits until a room key is there, and tells whether it is.
func (d *Device) WaitForSession(ctx context.Context, room id.RoomID, sender id.SenderKey, session id.SessionID, limit time.Duration) bool {
	return d.now().WaitForSession(ctx, room, sender, session, limit)
}

// RequestSession asks the device that made a room key, or without a device ID all of the user's, to send it.
func (d *Device) RequestSession(ctx context.Context, room id.RoomID, sender id.SenderKey, session id.SessionID, user id.UserID, of id.DeviceID) {
	if of == "" {
		of = "*"
	}
	err := d.now().SendRoomKeyRequest(ctx, room, sender, session, "", map[id.UserID][]id.DeviceID{user: {of}})
	if err != nil {
		d.Log.Warn().Err(err).Stringer("room_id", room).Stringer("session_id", session).Msg("Could not ask for a room key")
	}
}

// ResetSession has the room's next message use a new key.
func (d *Device) ResetSession(ctx context.Context, room id.RoomID) {
	if err := d.now().CryptoStore.RemoveOutboundGroupSession(ctx, room); err != nil {
		d.Log.Warn().Err(err).Stringer("room_id", room).Msg("Could not give up a room's key")
	}
}

// HandleMemberEvent has the room's next message use a new key if somebody came, who needs one, or left, who must not
// have one.
func (d *Device) HandleMemberEvent(ctx context.Context, evt *event.Event) {
	d.now().HandleMemberEvent(ctx, evt)
}

// Client is the device's own session at the homeserver.
func (d *Device) Client() *mautrix.Client {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.client
}

// ShareKeys uploads the device's keys.
func (d *Device) ShareKeys(ctx context.Context) error { return d.now().ShareKeys(ctx, -1) }

// BeeperStreamPublisher returns none.
func (d *Device) BeeperStreamPublisher() bridgev2.BeeperStreamPublisher { return nil }

// now is the machine that works now. Whoever keeps it may find that another has taken its place, with other keys.
func (d *Device) now() *crypto.OlmMachine {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.machine
}
