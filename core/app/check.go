package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
)

// Check looks at everything that has to fit together, one finding each: what the config says, the database, the
// homeserver, the registration as the homeserver sees it, the way back from the homeserver to Puente, and each network.
func Check(ctx context.Context, cfg *config.Config, networks []network.Network) []network.Finding {
	database, filled := checkDatabase(ctx, cfg)
	health := askHealth(ctx, cfg)
	reachable := checkHomeserver(ctx, cfg)
	start := checkStart(ctx, cfg, networks)
	findings := []network.Finding{start, database, checkRunning(ctx, cfg, health), reachable}
	findings = append(findings, checkAgents(cfg)...)
	if reachable.OK {
		findings = append(findings, checkRegistration(ctx, cfg, health == nil)...)
	}
	if len(networks) == 0 {
		findings = append(findings, network.Finding{About: "networks: none is configured", Mend: "name one under networks in the config; config.example.yaml explains them"})
	}
	if !start.OK {
		return findings // it says what is wrong, and the networks cannot be made
	}
	return append(findings, checkNetworks(ctx, cfg, networks, filled)...)
}

func finding(about string, err error, mend string) network.Finding {
	if err == nil {
		return network.Finding{OK: true, About: about}
	}
	return network.Finding{About: about, Mend: mend}
}

// checkDatabase also tells whether the bridges' tables are in the database.
func checkDatabase(ctx context.Context, cfg *config.Config) (found network.Finding, filled bool) {
	about := "database: " + cfg.Database.Type
	db, err := store.OpenReadOnly(ctx, StoreConfig(cfg), zerolog.Nop())
	if errors.Is(err, errs.ErrNotFound) {
		return network.Finding{OK: true, About: about + " is not there yet; the first start makes it"}, false
	} else if err != nil {
		return network.Finding{About: about, Mend: err.Error()}, false
	}
	defer func() { _ = db.Close() }()
	err = store.CheckSchema(ctx, db)
	if errors.Is(err, errs.ErrNotFound) {
		return network.Finding{OK: true, About: about + " is empty; the first start makes its tables"}, false
	} else if err != nil {
		return network.Finding{About: about, Mend: err.Error()}, false
	}
	// A start that failed half-way has made Puente's own tables and not yet the bridges'.
	if filled, err = db.TableExists(ctx, "user_login"); err != nil {
		return network.Finding{About: about, Mend: err.Error()}, false
	}
	return network.Finding{OK: true, About: about + " is there and of the right version"}, filled
}

// checkRunning tells whether Puente runs with this config. That it does not is no fault: one checks before the start, and
// on the machine of a stand-by.
func checkRunning(ctx context.Context, cfg *config.Config, health error) network.Finding {
	switch {
	case health == nil:
		return network.Finding{OK: true, About: "puente: runs at " + cfg.Appservice.Listen}
	case !errors.Is(health, errs.ErrNotFound):
		return network.Finding{About: "puente: is not well", Mend: health.Error()}
	}
	about := "puente: does not run at " + cfg.Appservice.Listen
	peers, err := store.LookForPeers(ctx, StoreConfig(cfg))
	switch {
	case err != nil || peers.Active == "": // what is wrong with the database has a finding of its own
		return network.Finding{OK: true, About: about + "; `puente run` starts it"}
	case peers.StandsByHere():
		return network.Finding{OK: true, About: "puente: waits here as stand-by; " + peers.Active + " runs on this database"}
	}
	return network.Finding{OK: true, About: about + "; " + peers.Active + " runs on this database, and `puente run` here would wait as stand-by"}
}

// matrixClient has connections of its own, so that they can be closed.
func matrixClient(cfg *config.Config, user id.UserID, token string) (*mautrix.Client, error) {
	client, err := mautrix.NewClient(cfg.Homeserver.Address, user, token)
	if err != nil {
		return nil, err
	}
	client.Client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	return client, nil
}

func checkHomeserver(ctx context.Context, cfg *config.Config) network.Finding {
	about := "homeserver: " + cfg.Homeserver.Address
	client, err := matrixClient(cfg, "", "")
	if err != nil {
		return network.Finding{About: about, Mend: "homeserver.address is no web address: " + err.Error()}
	}
	defer client.Client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	_, err = client.Versions(ctx)
	return finding(about+" answers", err, fmt.Sprintf("homeserver.address does not answer as a Matrix homeserver; is it running and is the address right? (%v)", err))
}

// checkAgents finds that nobody would see what customers write.
func checkAgents(cfg *config.Config) []network.Finding {
	if len(cfg.Agents.Users) > 0 || cfg.Agents.Room != "" {
		return nil
	}
	return []network.Finding{{About: "agents: nobody is named",
		Mend: "name people under agents.users, or a room under agents.room; until then customers write into rooms in which nobody is"}}
}

// checkRegistration asks the homeserver whose token ours is, and has it call us.
func checkRegistration(ctx context.Context, cfg *config.Config, running bool) []network.Finding {
	identity := Identity(cfg)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := matrixClient(cfg, identity.Front(), cfg.Appservice.ASToken)
	if err != nil {
		return []network.Finding{{About: "registration", Mend: err.Error()}}
	}
	defer client.Client.CloseIdleConnections()
	who, err := client.Whoami(ctx)
	switch {
	case errors.Is(err, mautrix.MUnknownToken):
		return []network.Finding{{About: "registration: the homeserver does not know appservice.as_token",
			Mend: "write the registration with `puente init --registration-only`, name that file under app_service_config_files in homeserver.yaml, restart the homeserver"}}
	case err != nil && !errors.Is(err, mautrix.MForbidden):
		return []network.Finding{{About: "registration", Mend: err.Error()}}
	case err == nil && who.UserID != identity.Front():
		return []network.Finding{{About: fmt.Sprintf("registration: the homeserver knows the token as %s, not as %s", who.UserID, identity.Front()),
			Mend: "homeserver.domain or appservice.bot differ from the registration file"}}
	}
	findings := []network.Finding{{OK: true, About: "registration: the homeserver knows Puente as " + identity.Front().String()}}
	if !running {
		return append(findings, network.Finding{OK: true, About: "way back: not tried, since Puente is not up"})
	}
	_, err = client.AppservicePing(ctx, cfg.Appservice.ID, "")
	return append(findings, finding("way back: the homeserver reaches Puente", err,
		fmt.Sprintf("the homeserver cannot call %s: check appservice.address, the url in the registration file, and the hs_token in both (%v)", cfg.Appservice.Address, err)))
}

// checkNetworks asks the running Puente, which has the database, or makes the bridges itself if none runs.
func checkNetworks(ctx context.Context, cfg *config.Config, networks []network.Network, filled bool) []network.Finding {
	var findings []network.Finding
	err := callRunning(ctx, cfg, http.MethodGet, hub.AdminCheckPath, nil, &findings)
	if err == nil {
		return findings
	} else if !errors.Is(err, errs.ErrNotFound) {
		return []network.Finding{{About: "networks", Mend: err.Error()}}
	}
	look := func(puente *App) error {
		findings = puente.Hub.Check(ctx)
		return nil
	}
	if filled {
		err = assemble(ctx, cfg, networks, look)
	} else {
		err = sketch(ctx, cfg, networks, func(puente *App) error {
			if err := errors.Join(store.Upgrade(ctx, puente.DB), puente.Hub.Upgrade(ctx)); err != nil {
				return err
			}
			return look(puente)
		})
	}
	if err != nil {
		return []network.Finding{{About: "networks", Mend: err.Error()}}
	}
	return findings
}

// checkStart makes all the parts that the config describes: what only they know to be wrong is found before a start fails
// over it, also while a Puente runs with the config from before.
func checkStart(ctx context.Context, cfg *config.Config, networks []network.Network) network.Finding {
	err := sketch(ctx, cfg, networks, func(*App) error { return nil })
	if err != nil {
		return network.Finding{About: "config: Puente cannot start with it", Mend: err.Error()}
	}
	return network.Finding{OK: true, About: "config: Puente can start with it"}
}

// sketch makes a Puente on a database that is thrown away: the parts need one, and looking must not leave one behind.
func sketch(ctx context.Context, cfg *config.Config, networks []network.Network, look func(*App) error) error {
	dir, err := os.MkdirTemp("", "puente-check-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	empty := *cfg
	empty.Database = config.Database{Type: store.SQLite, URI: filepath.Join(dir, "check.db")}
	return assemble(ctx, &empty, networks, look)
}

// assemble makes a Puente that does not run, to be looked at.
func assemble(ctx context.Context, cfg *config.Config, networks []network.Network, look func(*App) error) error {
	silent := zerolog.Nop()
	puente, err := New(ctx, cfg, Options{Networks: networks, Log: &silent})
	if err != nil {
		return err
	}
	defer puente.Close()
	return look(puente)
}
