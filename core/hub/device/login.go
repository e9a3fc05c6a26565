package device

import (
	"context"
	"errors"
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// Init brings the device of the last run back, or makes a new one if there is none or the homeserver does not have it
// any more.
func (d *Device) Init(ctx context.Context) error {
	if d.PickleKey == "" {
		return fmt.Errorf("encryption.pickle_key is empty: %w", errs.ErrInvalid)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return fmt.Errorf("open the device that encrypts: %w", err)
	}
	return nil
}

// open does the work of Init; the caller holds mu.
func (d *Device) open(ctx context.Context) error {
	for {
		known, err := d.load(ctx)
		if err != nil {
			return err
		}
		if !known {
			if err = d.machine.ShareKeys(ctx, -1); err != nil {
				return fmt.Errorf("upload the device's keys: %w", err)
			}
			return nil
		}
		if same, err := d.isOnServer(ctx); err != nil || same {
			return err
		}
		d.Log.Warn().Stringer("device_id", d.client.DeviceID).Msg("The homeserver has not this bridge's device any more, making a new one")
		if err = d.forget(ctx); err != nil {
			return err
		}
	}
}

// load logs the device in and reads its keys; known tells whether there were any.
func (d *Device) load(ctx context.Context) (known bool, err error) {
	log := d.Log.With().Str("db_section", "crypto").Logger()
	store := matrix.NewSQLCryptoStore(d.DB, dbutil.ZeroLogger(log), d.Account, d.AS.BotMXID(), d.PuppetsLike, d.PickleKey)
	if err = store.DB.Upgrade(ctx); err != nil {
		return false, bridgev2.DBUpgradeError{Section: "crypto", Err: err}
	}
	device, err := store.FindDeviceID(ctx)
	if err != nil {
		return false, fmt.Errorf("find the device: %w", err)
	}
	client, err := d.logIn(ctx, device)
	if err != nil {
		return false, err
	}
	store.DeviceID = client.DeviceID
	machine := crypto.NewOlmMachine(client, &d.Log, store, d.State)
	machine.DisableSharedGroupSessionTracking = true
	machine.AllowKeyShare = func(context.Context, *id.Device, event.RequestedKeyInfo) *crypto.KeyShareRejection {
		return &crypto.KeyShareRejectNoResponse // whoever was in the room has the key; nobody else gets it from us
	}
	if err = machine.Load(ctx); err != nil {
		return false, fmt.Errorf("read the device's keys, which encryption.pickle_key must open: %w", err)
	}
	client.Store, client.Syncer = &syncStore{store}, &syncer{device: d, machine: machine, store: store}
	d.client, d.store, d.machine = client, store, machine
	return device != "", nil
}

// logIn returns a session of the bot's on a device; on a new one if it is empty.
func (d *Device) logIn(ctx context.Context, device id.DeviceID) (*mautrix.Client, error) {
	client := d.AS.NewMautrixClient(d.AS.BotMXID())
	if d.MSC4190 {
		if err := client.CreateDeviceMSC4190(ctx, device, d.Name); err != nil {
			return nil, fmt.Errorf("make a device: %w", err)
		}
		return client, nil
	}
	_, err := client.Login(ctx, &mautrix.ReqLogin{
		Type:       mautrix.AuthTypeAppservice,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: d.AS.BotMXID().String()},
		DeviceID:   device, StoreCredentials: true, InitialDeviceDisplayName: d.Name,
	})
	if err != nil {
		return nil, fmt.Errorf("log in (with Matrix Authentication Service, set encryption.msc4190): %w", err)
	}
	return client, nil
}

// isOnServer tells whether others see the device with the keys that it has.
func (d *Device) isOnServer(ctx context.Context) (bool, error) {
	user, device := d.client.UserID, d.client.DeviceID
	resp, err := d.client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{user: {device}}})
	if err != nil {
		return false, fmt.Errorf("ask the homeserver for the device's keys: %w", err)
	}
	keys := resp.DeviceKeys[user][device].Keys
	return keys.GetCurve25519(device) == d.machine.GetAccount().IdentityKey(), nil
}

const (
	forgetAccountQuery  = `DELETE FROM crypto_account WHERE account_id=$1`
	forgetSessionsQuery = `DELETE FROM crypto_olm_session WHERE account_id=$1`
	forgetRoomsQuery    = `DELETE FROM crypto_megolm_outbound_session WHERE account_id=$1`
)

// forget gives the device up, here and at the homeserver. The room keys that it got stay: with them the next device
// reads what was written to this one. It touches no other bridge's rows, as bridgev2's reset would.
func (d *Device) forget(ctx context.Context) error {
	err := d.DB.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, query := range []string{forgetRoomsQuery, forgetSessionsQuery, forgetAccountQuery} {
			if _, err := d.DB.Exec(ctx, query, d.Account); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the device: %w", err)
	}
	if d.MSC4190 {
		err = d.client.DeleteDevice(ctx, d.client.DeviceID, &mautrix.ReqDeleteDevice[any]{})
	} else {
		_, err = d.client.Logout(ctx)
	}
	if err != nil && !isGone(err) && !errors.Is(err, mautrix.MNotFound) {
		// Others would go on encrypting for it, which does no harm.
		d.Log.Warn().Err(err).Stringer("device_id", d.client.DeviceID).Msg("Could not remove the device from the homeserver")
	}
	return nil
}

// Reset gives the device up and makes a new one. A sync that runs goes on with the new one.
func (d *Device) Reset(ctx context.Context, _ bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.forget(ctx); err != nil {
		return err
	}
	if err := d.open(ctx); err != nil {
		return fmt.Errorf("make a new device that encrypts: %w", err)
	}
	d.Log.Info().Stringer("device_id", d.client.DeviceID).Msg("This bridge encrypts with a new device")
	return nil
}
