// Package app assembles a program from a config and a list of networks.
package app

import (
	"context"
	"fmt"
	"io"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/desk/channel"
	"puente/core/hub"
	"puente/core/hub/network"
)

// App is a running Puente.
type App struct {
	Hub     *hub.Hub
	Desk    *Desk // nil: it is switched off
	Journal *journal.Journal
	DB      *dbutil.Database
	relaxed *dbutil.Database
	tenure  *tenure
	log     zerolog.Logger
	// unsieved is log before the sieve, for the hub, which has one of its own.
	unsieved zerolog.Logger
	logFile  io.Closer
}

// Options are what a program may set beside the config.
type Options struct {
	Networks []network.Network
	Listener channel.Listener // is told what the business floor is told, after it; nil: nobody
	Clock    clock.Clock      // nil: the machine's
	Log      *zerolog.Logger  // nil: as the config says
}

// New opens the database and makes the hub with its bridges. Nothing runs and nothing is written yet, but Close must be
// called.
func New(ctx context.Context, cfg *config.Config, opts Options) (*App, error) {
	a := &App{}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if err := a.makeLog(cfg, opts.Log); err != nil {
		return nil, err
	}
	var err error
	if a.DB, err = store.Open(ctx, StoreConfig(cfg), a.log); err != nil {
		a.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	if a.relaxed, err = store.OpenRelaxed(ctx, StoreConfig(cfg), a.DB, a.log); err != nil {
		a.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	a.tenure = newTenure(StoreConfig(cfg), opts.Clock, a.log)
	a.Journal = journal.New(a.DB, journal.Options{
		Workers: cfg.Journal.Workers, Clock: opts.Clock, Log: a.log.With().Str("component", "journal").Logger(),
		MaxAttempts: cfg.Journal.MaxAttempts, MaxAge: cfg.Journal.MaxAge.Std(),
		Retention: cfg.Journal.Retention.Std(), FailedRetention: cfg.Journal.FailedRetention.Std(),
	})
	if cfg.Desk.Enabled {
		if a.Desk, err = newDesk(cfg, a, opts); err != nil {
			a.Close()
			return nil, err
		}
		a.Desk.also = opts.Listener
	}
	if a.Hub, err = hub.New(HubOptions(cfg, opts, a)); err != nil {
		a.Close()
		return nil, err
	}
	if a.Desk != nil {
		a.Desk.rooms.Rooms = a.Hub
	}
	return a, nil
}

// StoreConfig is the database's part of the config.
func StoreConfig(cfg *config.Config) store.Config {
	return store.Config{Type: cfg.Database.Type, URI: cfg.Database.URI, MaxOpenConns: cfg.Database.MaxOpenConns}
}

// HubOptions is the hub's part of the config.
func HubOptions(cfg *config.Config, opts Options, a *App) hub.Options {
	made := hub.Options{
		Identity:  Identity(cfg),
		Listen:    cfg.Appservice.Listen,
		PublicURL: cfg.PublicURL, TrustedProxies: cfg.Appservice.Proxies(),
		Agents: hub.AgentOptions{
			Users: userIDs(cfg.Agents.Users), Room: cfg.Agents.Room, Operators: userIDs(cfg.Agents.Operators),
			OperatorsRoom: cfg.Agents.OperatorsRoom,
		},
		Signature:          hub.Signature(cfg.Signature),
		Encryption:         hub.Encryption(cfg.Encryption.Mode),
		PickleKey:          cfg.Encryption.PickleKey,
		ProvisioningSecret: cfg.Provisioning.SharedSecret,
		MetricsToken:       cfg.Metrics.Token,
		Networks:           opts.Networks,
		NetworkConfig:      cfg.Decode,
		DB:                 a.DB, Relaxed: a.relaxed, Journal: a.Journal, Listener: opts.Listener, Clock: opts.Clock, Log: a.unsieved,
	}
	if a.Desk != nil {
		made.Listener, made.Gate, made.Clerk = a.Desk, a.Desk, a.Desk
	}
	return made
}

// Identity is how Puente and the homeserver know each other; its Registration is the file for the homeserver.
func Identity(cfg *config.Config) hub.Identity {
	return hub.Identity{
		Names: hub.Names{Domain: cfg.Homeserver.Domain, Bot: cfg.Appservice.Bot, Prefix: cfg.Appservice.UserPrefix},
		ID:    cfg.Appservice.ID, Homeserver: cfg.Homeserver.Address, Address: cfg.Appservice.Address,
		ASToken: cfg.Appservice.ASToken, HSToken: cfg.Appservice.HSToken, MSC4190: cfg.Encryption.MSC4190,
	}
}

func userIDs(list []string) []id.UserID {
	users := make([]id.UserID, len(list))
	for i, user := range list {
		users[i] = id.UserID(user)
	}
	return users
}

// Start brings everything up; it returns when Puente is ready. As long as another Puente runs on the database this one
// is a stand-by: it waits, and neither listens, nor asks the homeserver anything, nor touches the tables.
func (a *App) Start(ctx context.Context) error {
	if err := a.tenure.begin(ctx, a.DB, a.holds); err != nil {
		return err
	}
	starting, cancel := a.tenure.within(a.log.WithContext(ctx))
	defer cancel()
	if err := a.Hub.Start(starting); err != nil {
		a.Hub.Stop()
		if lost := a.tenure.lost(); lost != nil {
			return lost // what the start was doing then says nothing
		}
		return err
	}
	a.Desk.start(a.log.WithContext(ctx))
	a.log.Info().Str("listen", a.Hub.URL()).Msg("Puente is ready")
	return nil
}

// holds stops all new work while it is in doubt whether the database is ours.
func (a *App) holds(held bool) { a.Hub.Hold(!held) }

// Run starts, waits for ctx to end, and stops. That ctx ends while it still starts is no error either. If another
// process has taken over the database, it ends with a store.ErrTaken.
func (a *App) Run(ctx context.Context) error {
	err := a.Start(ctx)
	if err != nil && (ctx.Err() == nil || a.tenure.lost() != nil) {
		return err
	}
	if err != nil { // Start has stopped what it began
		a.log.Info().Msg("Stopped before the start was complete")
		return nil
	}
	select {
	case <-ctx.Done():
	case <-a.tenure.alive.Done():
	}
	a.log.Info().Msg("Stopping")
	a.Stop()
	return a.tenure.lost()
}

// Stop ends what Start began; Close is still to be called.
func (a *App) Stop() {
	a.Desk.stop()
	a.Hub.Stop()
}

// Close ends what New opened, and gives the database free.
func (a *App) Close() {
	if a.tenure != nil {
		a.tenure.end()
	}
	if a.relaxed != nil && a.relaxed != a.DB {
		if err := a.relaxed.Close(); err != nil {
			a.log.Warn().Err(err).Msg("Could not close the database")
		}
	}
	if a.DB != nil {
		if err := a.DB.Close(); err != nil {
			a.log.Warn().Err(err).Msg("Could not close the database")
		}
	}
	if a.logFile != nil {
		_ = a.logFile.Close()
	}
}
