package hub

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/commands"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/hub/network"
)

// hosted is one network's bridge in the hub.
type hosted struct {
	hub       *Hub
	network   network.Network
	connector network.Connector
	matrix    *matrixConnector
	bridge    *bridgev2.Bridge
	outcomes  *outcomes
	announced announced
	watch     *watch
	states    sync.Map // networkid.UserLoginID → status.BridgeState: the last that each login reported
	endStart  func()   // ends what the bridge's start goes on with; nil: it was not started
	stopOnce  sync.Once
	progress  atomic.Int64 // how much of what people did the network took
	log       zerolog.Logger
}

// host makes a network's bridge.
func (h *Hub) host(n network.Network) (*hosted, error) {
	if err := checkNetworkID(n.ID); err != nil {
		return nil, err
	} else if h.byID[n.ID] != nil {
		return nil, fmt.Errorf("%w: listed twice", errs.ErrConflict)
	}
	b := &hosted{hub: h, network: n, log: h.Log.With().Str("bridge", n.ID).Logger()}
	b.outcomes, b.watch = newOutcomes(b), newWatch(b)
	var err error
	b.connector, err = n.New(network.Env{
		Config:    func(into any) error { return h.NetworkConfig(n.ID, into) },
		Intake:    intake{bridge: b},
		Outcomes:  b.outcomes,
		Handles:   newHandles(h.DB, n.ID, h.Clock),
		Operators: h.operators,
		Clock:     h.Clock,
		Log:       b.log,
		PublicURL: h.PublicURL,
		Away:      h.awayTime,
	})
	if err != nil {
		return nil, err
	}
	cfg, err := h.bridgeConfig(n)
	if err != nil {
		return nil, err
	}
	b.matrix = &matrixConnector{Connector: matrix.NewConnector(cfg), bridge: b}
	b.bridge = bridgev2.NewBridge(networkid.BridgeID(n.ID), h.Relaxed, b.log, &cfg.Bridge, b.matrix, b.connector, commands.NewProcessor)
	b.bridge.ExternallyManagedDB = true
	b.matrix.AS.HTTPClient.Transport = h.newTransport(true)
	h.Journal.Handle(n.ID, b.handleEntry)
	return b, nil
}

// bridgeConfig is what bridgev2 reads from its config file; here Puente decides all of it. It goes through YAML
// because bridgev2 fills templates and defaults while unmarshalling.
func (h *Hub) bridgeConfig(n network.Network) (*bridgeconfig.Config, error) {
	allow := h.Encryption != EncryptionOff && h.Encryption != ""
	raw, err := yaml.Marshal(map[string]any{
		"homeserver": map[string]any{"address": h.Homeserver, "domain": h.Domain, "software": "standard"},
		"appservice": map[string]any{
			"address": h.Address, "public_address": h.PublicURL, "id": h.ID,
			"bot":      map[string]any{"username": h.BridgeBot(n.ID), "displayname": n.DisplayName + " (Puente)"},
			"as_token": h.ASToken, "hs_token": h.HSToken, "ephemeral_events": true,
			"username_template": h.GhostTemplate(n.ID),
		},
		"bridge": map[string]any{
			"command_prefix":              CommandPrefix,
			"portal_event_buffer":         0,     // a handler returns when its work is done: reference/bridgev2-hosting.md
			"deduplicate_matrix_messages": false, // hand does it, by an index: bridgev2's own query reads the whole table
			"private_chat_portal_meta":    true,
			"relay":                       map[string]any{"enabled": false},
			"permissions":                 map[string]any{"*": "relay", h.Desk().String(): "admin"},
		},
		"matrix": map[string]any{"message_status_events": true, "federate_rooms": true, "upload_file_threshold": 1 << 20},
		"provisioning": map[string]any{
			"shared_secret": h.provisioningSecret(), "allow_matrix_auth": false,
		},
		"encryption": map[string]any{
			"allow": allow, "default": h.Encryption == EncryptionDefault || h.Encryption == EncryptionRequired,
			"require": h.Encryption == EncryptionRequired, "appservice": false, "msc4190": h.MSC4190, "pickle_key": h.PickleKey,
			"verification_levels": map[string]any{"receive": "unverified", "send": "unverified", "share": "cross-signed-tofu"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make the bridge's config: %w", err)
	}
	var cfg bridgeconfig.Config
	if err = yaml.Unmarshal(raw, &cfg); err != nil {
		return nil, fmt.Errorf("make the bridge's config: %w", err)
	}
	cfg.AppService.NoServer = true
	return &cfg, nil
}

// start brings the bridge up. The accounts that it has already are no news to the operators.
func (b *hosted) start(ctx context.Context) error {
	ids, err := b.bridge.DB.UserLogin.GetAllUserIDsWithLogins(ctx)
	if err != nil {
		return fmt.Errorf("list the owners of logins: %w", err)
	}
	for _, owner := range ids {
		logins, err := b.bridge.DB.UserLogin.GetAllForUser(ctx, owner)
		if err != nil {
			return fmt.Errorf("list the logins: %w", err)
		}
		for _, login := range logins {
			b.watch.expect(login.ID)
		}
	}
	return b.startBridge(ctx)
}

// startBridge starts bridgev2, which goes on with its context after that (it asks how large a file may be, and gives its bot
// a name): the end of ctx ends the start, and no more. stop ends what goes on.
func (b *hosted) startBridge(ctx context.Context) error {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.endStart = cancel
	defer context.AfterFunc(ctx, cancel)()
	return b.bridge.Start(lasting)
}

// pause has the bridge take nothing more from its provider, while the journal still keeps what it has.
func (b *hosted) pause() {
	if pauser, ok := b.connector.(network.Pauser); ok && b.bridge.BackgroundCtx != nil {
		pauser.Pause()
	}
}

// hold has the bridge take nothing more from its provider for the time being, or take things again.
func (b *hosted) hold(held bool) {
	if pauser, ok := b.connector.(network.Pauser); ok {
		pauser.Hold(held)
	}
}

// stop ends the bridge and what it is doing. bridgev2 leaves the queues of its logins' states running: they are ended here.
// Calling it again does nothing.
func (b *hosted) stop() { b.stopOnce.Do(b.end) }

func (b *hosted) end() {
	if b.endStart != nil {
		b.endStart()
	}
	if b.bridge.BackgroundCtx == nil {
		return
	}
	logins := b.bridge.GetAllCachedUserLogins()
	b.bridge.StopWithTimeout(5 * time.Second)
	for _, login := range logins {
		if login.BridgeState != nil {
			login.BridgeState.Destroy()
		}
	}
	b.matrix.AS.HTTPClient.CloseIdleConnections()
}

// owner is the user who owns the business's logins on this bridge.
func (b *hosted) owner(ctx context.Context) (*bridgev2.User, error) {
	user, err := b.bridge.GetUserByMXID(ctx, b.hub.Desk())
	if err != nil {
		return nil, fmt.Errorf("find the owner of the logins: %w", err)
	}
	return user, nil
}

// stateOf is how a login is, as it reported last. bridgev2 keeps it too, but without a lock that readers could take.
func (b *hosted) stateOf(login networkid.UserLoginID) status.BridgeState {
	state, _ := b.states.Load(login)
	reported, _ := state.(status.BridgeState)
	return reported
}

// senderOf is the ghost of whoever sent the remote event that is being handled in ctx; empty if there is none.
func (b *hosted) senderOf(ctx context.Context) id.UserID {
	evt := bridgev2.GetRemoteEventFromContext(ctx)
	if evt == nil || evt.GetSender().Sender == "" || evt.GetSender().IsFromMe {
		return ""
	}
	return b.matrix.FormatGhostMXID(evt.GetSender().Sender)
}

// handleEntry deals with one thing that the provider sent.
func (b *hosted) handleEntry(ctx context.Context, entry journal.Entry) error {
	if entry.Earlier {
		defer b.hub.doubts.begin()()
	}
	err := b.connector.HandleEntry(withReceived(b.log.WithContext(ctx), entry.ReceivedAt), network.Entry{
		Key: entry.Key, Lane: entry.Lane, Kind: entry.Kind, Payload: entry.Payload, ReceivedAt: entry.ReceivedAt,
	})
	return limitPanics(err, entry.Attempts)
}

// intake puts what a provider sent into the journal.
type intake struct{ bridge *hosted }

// Take implements network.Intake.
func (i intake) Take(ctx context.Context, entries ...network.Entry) error {
	h, source := i.bridge.hub, i.bridge.network.ID
	rows := make([]journal.Entry, len(entries))
	for n, entry := range entries {
		rows[n] = journal.Entry{
			Source: source, Key: entry.Key, Lane: entry.Lane, Kind: entry.Kind, Payload: entry.Payload, Reason: entry.Failed,
		}
	}
	if err := h.Journal.Append(ctx, rows...); err != nil {
		return fmt.Errorf("commit what %s sent: %w", source, err)
	}
	for _, entry := range entries {
		if entry.Failed != "" {
			h.failures.note(ctx, i.bridge, entry.Kind, entry.Failed)
		}
	}
	return nil
}
