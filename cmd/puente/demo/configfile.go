package demo

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"puente/core/base/config"
	"puente/core/hub/network"
)

func configPath(dir string) string { return filepath.Join(dir, "config.yaml") }

func registrationPath(dir string) string { return filepath.Join(dir, "registration.yaml") }

// writeConfig writes the example config with the demo's values, and returns it as Puente reads it. The environment
// has no say: the demo's parts must fit each other.
func writeConfig(dir string, k kept, networks []network.Network, list []provider) (*config.Config, error) {
	var schemas []config.NetworkSchema
	for _, n := range networks {
		schemas = append(schemas, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	text, err := config.Fill(config.Example(schemas), values(dir, k, list))
	if err != nil {
		return nil, fmt.Errorf("write the demo's config: %w", err)
	}
	text = "# Made by `puente demo` at each start; changes here are lost.\n\n" + text
	if err = os.WriteFile(configPath(dir), []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the demo's config: %w", err)
	}
	cfg, err := config.Load(configPath(dir), nil, schemas)
	if err != nil {
		return nil, fmt.Errorf("read the demo's config: %w", err)
	}
	return cfg, nil
}

// values are what differs from the example.
func values(dir string, k kept, list []provider) map[string]string {
	var users []string
	for _, agent := range agents() {
		users = append(users, "@"+agent[0]+":"+serverName)
	}
	filled := map[string]string{
		"homeserver.address":         base(k.Ports.Homeserver),
		"homeserver.domain":          serverName,
		"appservice.address":         base(k.Ports.Puente),
		"appservice.listen":          address(k.Ports.Puente),
		"appservice.as_token":        k.ASToken,
		"appservice.hs_token":        k.HSToken,
		"public_url":                 base(k.Ports.Puente),
		"database.uri":               filepath.Join(dir, "puente.db"),
		"agents.users":               strings.Join(users, ", "),
		"agents.operators":           users[0],
		"provisioning.shared_secret": k.ProvisioningSecret,
		"logging.file":               puenteLog(dir),
	}
	maps.Copy(filled, networkValues(list))
	return filled
}

func networkValues(list []provider) map[string]string {
	values := map[string]string{}
	for _, p := range list {
		for key, value := range p.config() {
			values["networks."+p.id()+"."+key] = value
		}
	}
	return values
}
