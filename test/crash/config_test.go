package crash

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/store"
)

// writeConfig writes what Puente reads, from the example of all networks.
func (w *world) writeConfig(context.Context) error {
	if w.database.Type == "" {
		w.database = store.Config{Type: store.SQLite, URI: filepath.Join(w.dir, "puente.db")}
	}
	agents := []string{userID("alice"), userID("bob")}
	w.values = map[string]string{
		"homeserver.domain": serverName, "appservice.address": w.inbound.url,
		"appservice.listen": w.listen, "appservice.as_token": asToken, "appservice.hs_token": hsToken,
		"public_url": w.inbound.url, "database.type": w.database.Type, "database.uri": w.database.URI,
		"agents.users": strings.Join(agents, ", "), "agents.operators": agents[0],
		"provisioning.shared_secret": sharedWord, "logging.file": filepath.Join(w.dir, "puente.log"), "logging.format": "json",
		"homeserver.address": w.matrix.url,
	}
	for _, p := range w.providers {
		for key, value := range p.config {
			w.values["networks."+p.id+"."+key] = value
		}
	}
	maps.Copy(w.values, w.opts.config)
	return w.saveConfig()
}

func userID(localpart string) string { return "@" + localpart + ":" + serverName }

func (w *world) saveConfig() error {
	cfg, err := w.loadConfig()
	if err != nil {
		return err
	}
	return app.Identity(cfg).Registration().Save(filepath.Join(w.dir, "registration.yaml"))
}

// loadConfig writes the config and reads it as Puente does. The environment has no say.
func (w *world) loadConfig() (*config.Config, error) {
	var schemas []config.NetworkSchema
	for _, p := range w.providers {
		schemas = append(schemas, config.NetworkSchema{ID: p.id, Example: p.network.ExampleConfig})
	}
	text, err := config.Fill(config.Example(schemas), w.values)
	if err != nil {
		return nil, err
	}
	if err = os.WriteFile(w.puente.config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return config.Load(w.puente.config, nil, schemas)
}
