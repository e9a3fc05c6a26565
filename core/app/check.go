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

	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
)

// Check looks at everything that has to fit together, one finding each: the database, the homeserver, the
// registration as the homeserver sees it, the way back from the homeserver to Puente, and each network.
func Check(ctx context.Context, cfg *config.Config, networks []network.Network) []network.Finding {
	database, filled := checkDatabase(ctx, cfg)
	findings := []network.Finding{database}
	reachable := checkHomeserver(ctx, cfg)
	findings = append(findings, reachable)
	if reachable.OK {
		findings = append(findings, checkRegistration(ctx, cfg)...)
	}
	if len(networks) == 0 {
		findings = append(findings, network.Finding{About: "networks: none is configured", Mend: "name one under networks in the config; config.example.yaml explains them"})
	}
	return append(findings, checkNetworks(ctx, cfg, networks, filled)...)
}

func finding(about string, err error, mend string) network.Finding {
	if err == nil {
		return network.Finding{OK: true, About: about}
	}
	return network.Finding{About: about, Mend: mend}
}

// checkDatabase also tells whether there is anything in the database.
func checkDatabase(ctx context.Context, cfg *config.Config) (found network.Finding, filled bool) {
	about := "database: " + cfg.Database.Type
	db, err := store.OpenReadOnly(ctx, store.Config{Type: cfg.Database.Type, URI: cfg.Database.URI}, zerolog.Nop())
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
	return network.Finding{OK: true, About: about + " is there and of the right version"}, true
}

func checkHomeserver(ctx context.Context, cfg *config.Config) network.Finding {
	about := "homeserver: " + cfg.Homeserver.Address
	client, err := mautrix.NewClient(cfg.Homeserver.Address, "", "")
	if err != nil {
		return network.Finding{About: about, Mend: "homeserver.address is no web address: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	_, err = client.Versions(ctx)
	return finding(about+" answers", err, fmt.Sprintf("homeserver.address does not answer as a Matrix homeserver; is it running and is the address right? (%v)", err))
}

// checkRegistration asks the homeserver whose token ours is, and has it call us.
func checkRegistration(ctx context.Context, cfg *config.Config) []network.Finding {
	identity := Identity(cfg)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := mautrix.NewClient(cfg.Homeserver.Address, identity.Front(), cfg.Appservice.ASToken)
	if err != nil {
		return []network.Finding{{About: "registration", Mend: err.Error()}}
	}
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
	if Healthy(ctx, cfg) != nil {
		return append(findings, network.Finding{OK: true, About: "way back: not tried, since Puente is not running"})
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
	if !filled {
		// The bridges need a database to be made on; looking must not leave one behind.
		dir, err := os.MkdirTemp("", "puente-check-")
		if err != nil {
			return []network.Finding{{About: "networks", Mend: err.Error()}}
		}
		defer func() { _ = os.RemoveAll(dir) }()
		empty := *cfg
		empty.Database = config.Database{Type: store.SQLite, URI: filepath.Join(dir, "check.db")}
		cfg = &empty
	}
	silent := zerolog.Nop()
	puente, err := New(ctx, cfg, Options{Networks: networks, Log: &silent})
	if err != nil {
		return []network.Finding{{About: "networks", Mend: err.Error()}}
	}
	defer puente.Close()
	if !filled {
		if err = puente.Hub.Upgrade(ctx); err != nil {
			return []network.Finding{{About: "networks", Mend: err.Error()}}
		}
	}
	return puente.Hub.Check(ctx)
}
