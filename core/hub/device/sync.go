package device

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// syncPause is between two tries of a sync that fails.
const syncPause = 10 * time.Second

// Start reads device messages until Stop. A homeserver that has thrown the session out gets a new one; nothing that
// happens here ends the program.
func (d *Device) Start() {
	d.starts.Lock()
	if d.running.Err() != nil {
		d.starts.Unlock()
		return
	}
	d.syncing.Add(1)
	d.starts.Unlock()
	defer d.syncing.Done()
	ctx := d.Log.WithContext(d.running)
	for {
		client := d.Client()
		err := client.SyncWithContext(ctx)
		if ctx.Err() != nil {
			return
		} else if client != d.Client() {
			continue // a reset has ended the session
		}
		if isGone(err) {
			d.Log.Warn().Err(err).Msg("The homeserver has ended the session of this bridge's device, making a new one")
			if err = d.Reset(ctx, false); err == nil {
				continue
			}
		}
		d.Log.Error().Err(err).Msg("Could not read device messages, trying again in 10 seconds")
		if clock.Sleep(ctx, d.Clock, syncPause) != nil {
			return
		}
	}
}

// isGone tells whether the homeserver does not know the device any more. For one that was made without a login it says
// so by a code of its own, to which Synapse still puts the proposal's number in front. ref: MSC4326
func isGone(err error) bool {
	var refused mautrix.RespError
	return errors.Is(err, mautrix.MUnknownToken) ||
		errors.As(err, &refused) && strings.HasSuffix(refused.ErrCode, "M_UNKNOWN_DEVICE")
}

// Stop ends Start and waits for it.
func (d *Device) Stop() {
	d.starts.Lock()
	d.stop()
	d.starts.Unlock()
	d.syncing.Wait()
}

// syncStore keeps how far the device has read. mautrix would note it before what was read is dealt with, and a crash
// in between would lose room keys: syncer notes it afterwards.
type syncStore struct{ *matrix.SQLCryptoStore }

// SaveNextBatch does nothing.
func (*syncStore) SaveNextBatch(context.Context, id.UserID, string) error { return nil }

// syncer deals with what a device reads.
type syncer struct {
	device  *Device
	machine *crypto.OlmMachine
	store   *matrix.SQLCryptoStore
}

var _ mautrix.Syncer = (*syncer)(nil)

// ProcessResponse takes room keys in and sees whose devices have changed. An error has the same come again; a panic
// has not: it would come for ever.
func (s *syncer) ProcessResponse(ctx context.Context, resp *mautrix.RespSync, since string) error {
	if err := s.process(ctx, resp, since); err != nil && !errors.Is(err, errPanicked) {
		return err
	}
	if err := s.store.SaveNextBatch(ctx, s.device.AS.BotMXID(), resp.NextBatch); err != nil {
		return fmt.Errorf("note how far device messages were read: %w", err)
	}
	return nil
}

func (s *syncer) process(ctx context.Context, resp *mautrix.RespSync, since string) (err error) {
	defer s.device.recovered(&err)
	if err = s.devicesChanged(ctx, resp.DeviceLists.Changed); err != nil {
		return err
	}
	rest := *resp
	rest.DeviceLists = mautrix.DeviceLists{}
	s.machine.ProcessSyncResponse(ctx, &rest, since)
	return nil
}

// devicesChanged learns the devices of people that may have changed. Whose really did gets new room keys with the next
// message of each room. What is known of others' devices is one table for all bridges, so it cannot tell whether this
// bridge has seen the change: the bridge remembers that by itself.
func (s *syncer) devicesChanged(ctx context.Context, users []id.UserID) error {
	users, err := s.store.FilterTrackedUsers(ctx, users)
	if err != nil {
		return fmt.Errorf("find whose devices matter: %w", err)
	} else if len(users) == 0 {
		return nil
	}
	if _, err = s.machine.FetchKeys(ctx, users, true); err != nil {
		return fmt.Errorf("fetch the devices of %d users: %w", len(users), err)
	}
	for _, user := range users {
		devices, err := s.store.GetDevices(ctx, user)
		if err != nil {
			return fmt.Errorf("read the devices of a user: %w", err)
		}
		key, seen := database.Key("puente_devices/"+user.String()), fingerprint(devices)
		if s.device.KV.Get(ctx, key) != seen {
			s.machine.OnDevicesChanged(ctx, user)
			s.device.KV.Set(ctx, key, seen)
		}
	}
	return nil
}

// fingerprint is the same for the same devices with the same keys.
func fingerprint(devices map[id.DeviceID]*id.Device) string {
	hash := sha256.New()
	for _, device := range slices.Sorted(maps.Keys(devices)) {
		_, _ = fmt.Fprintf(hash, "%s %s\n", device, devices[device].IdentityKey)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// OnFailedSync waits, but for a session that is no more: that is for Start.
func (s *syncer) OnFailedSync(_ *mautrix.RespSync, err error) (time.Duration, error) {
	if isGone(err) {
		return 0, err
	}
	s.device.Log.Error().Err(err).Msg("Could not read device messages, trying again in 10 seconds")
	return syncPause, nil
}

// GetFilterJSON has the homeserver send device messages only.
func (s *syncer) GetFilterJSON(id.UserID) *mautrix.Filter {
	nothing := &mautrix.FilterPart{NotTypes: []event.Type{{Type: "*"}}}
	return &mautrix.Filter{
		Presence: nothing, AccountData: nothing,
		Room: &mautrix.RoomFilter{Ephemeral: nothing, AccountData: nothing, State: nothing, Timeline: nothing},
	}
}
