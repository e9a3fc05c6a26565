package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/commands"
	"maunium.net/go/mautrix/bridgev2/matrix"

	"puente/bridges/whatsapp"
	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
)

// plain is bridgev2 as it comes, with the same WhatsApp connector, on a copy of Puente's database: it has the same
// rooms, customers and agents. It has no journal, and what it has answered for it may lose.
type plain struct {
	bridge    *bridgev2.Bridge
	connector network.Connector
	matrix    *matrix.Connector
	db        *dbutil.Database
	handler   http.Handler
	ready     atomic.Bool
}

// relayQuery lets people without an account write, which is bridgev2's own way to share one.
const relayQuery = `UPDATE portal SET relay_bridge_id=bridge_id, relay_login_id=receiver`

// plainCommand makes this program a plain bridgev2: a process of its own, as Puente is one.
const plainCommand = "plain"

// startPlain starts a plain bridgev2 on a copy of a Puente's database and returns when it is ready.
func (s *site) startPlain(ctx context.Context, database store.Config) (*program, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return s.startProgram(ctx, []string{self, plainCommand}, database)
}

// servePlain runs a plain bridgev2 until ctx ends.
func servePlain(ctx context.Context, args []string) error {
	cfg, err := configOf(plainCommand, args)
	if err != nil {
		return err
	}
	p := &plain{}
	if p.db, err = openPlain(ctx, app.StoreConfig(cfg)); err != nil {
		return err
	}
	if err = p.make(ctx, cfg); err != nil {
		return errors.Join(err, p.db.Close())
	}
	socket, err := net.Listen("tcp", cfg.Appservice.Listen)
	if err != nil {
		return errors.Join(err, p.db.Close())
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: p.handler}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(socket) // ends with Close
	}()
	if err = p.bridge.Start(zerolog.Nop().WithContext(ctx)); err == nil {
		p.ready.Store(true)
		<-ctx.Done()
	}
	_ = server.Close()
	<-ended
	p.stop()
	return err
}

// health answers as Puente does whether it is ready.
func (p *plain) health(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(object{"ready": p.ready.Load()})
}

// openPlain opens the database as mautrix' bridges do: SQLite does not wait for the disk at each commit.
func openPlain(ctx context.Context, database store.Config) (*dbutil.Database, error) {
	db, err := openBeside(database)
	if err != nil {
		return nil, err
	}
	if _, err = db.Exec(ctx, relayQuery); err != nil {
		return nil, errors.Join(fmt.Errorf("set the relay: %w", err), db.Close())
	}
	return db, nil
}

func (p *plain) make(ctx context.Context, cfg *config.Config) error {
	n := whatsapp.Network()
	handles, err := loadHandles(ctx, p.db, n.ID)
	if err != nil {
		return err
	}
	p.connector, err = n.New(network.Env{
		Config: func(into any) error { return cfg.Decode(n.ID, into) }, Intake: p, Outcomes: carefree{}, Handles: handles,
		Operators: carefree{}, Clock: clock.System{}, Log: zerolog.Nop(),
	})
	if err != nil {
		return err
	}
	settings, err := plainConfig(app.Identity(cfg), n)
	if err != nil {
		return err
	}
	p.matrix = matrix.NewConnector(settings)
	p.bridge = bridgev2.NewBridge("whatsapp", p.db, zerolog.Nop(), &settings.Bridge, p.matrix, p.connector, commands.NewProcessor)
	p.bridge.ExternallyManagedDB = true
	p.matrix.AS.HTTPClient.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	mux := http.NewServeMux()
	mux.Handle("/whatsapp/", http.StripPrefix("/whatsapp", p.connector.Webhooks()))
	mux.HandleFunc("GET /healthz", p.health)
	mux.Handle("/", p.matrix.AS.Router)
	p.handler = mux
	return nil
}

// plainConfig has bridgev2's own defaults, but for what makes it the bridge of these rooms.
func plainConfig(identity hub.Identity, n network.Network) (*bridgeconfig.Config, error) {
	raw, err := yaml.Marshal(object{
		"homeserver": object{"address": identity.Homeserver, "domain": identity.Domain, "software": "standard", "retry_limit": 4},
		"appservice": object{
			"address": identity.Address, "id": identity.ID, "as_token": identity.ASToken, "hs_token": identity.HSToken,
			"bot": object{"username": identity.BridgeBot(n.ID)}, "ephemeral_events": true, "username_template": identity.GhostTemplate(n.ID),
		},
		"bridge": object{
			"command_prefix": "!plain", "private_chat_portal_meta": true, "portal_event_buffer": 64, "kick_matrix_users": true,
			"relay": object{"enabled": true, "message_formats": object{
				"m.text": "<b>{{ .Sender.DisambiguatedName }}</b>: {{ .Message }}",
			}, "displayname_format": "{{ .DisambiguatedName }}"},
			"permissions": object{"*": "relay", identity.Desk().String(): "admin"},
		},
		"matrix": object{"message_error_notices": true, "sync_direct_chat_list": true, "federate_rooms": true, "upload_file_threshold": 5 << 20},
	})
	if err != nil {
		return nil, fmt.Errorf("make a plain bridgev2's config: %w", err)
	}
	var cfg bridgeconfig.Config
	if err = yaml.Unmarshal(raw, &cfg); err != nil {
		return nil, fmt.Errorf("make a plain bridgev2's config: %w", err)
	}
	cfg.AppService.NoServer = true
	return &cfg, nil
}

// Take implements network.Intake: what comes is handled at once.
func (p *plain) Take(ctx context.Context, entries ...network.Entry) error {
	for _, entry := range entries {
		err := p.connector.HandleEntry(context.WithoutCancel(ctx), entry)
		if err != nil && !errors.Is(err, bridgev2.ErrHandlerBackgrounded) { // which here says: queued
			return err
		}
	}
	return nil
}

func (p *plain) stop() {
	logins := p.bridge.GetAllCachedUserLogins()
	p.bridge.StopWithTimeout(5 * time.Second)
	for _, login := range logins {
		if login.BridgeState != nil {
			login.BridgeState.Destroy()
		}
	}
	p.matrix.AS.HTTPClient.CloseIdleConnections()
	_ = p.db.Close() // what it holds is thrown away
}
