// Package config reads Puente's YAML. The commented example is the one place of all defaults: a
// user's file is laid over it, the environment over both, and a key that is not in the example is
// refused by its name and line. Every problem is told at once, with the mend.
package config

import (
	"fmt"
	"net/netip"
	"slices"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
)

// Config is the core's part of the config. Secrets given by file are filled in.
type Config struct {
	Homeserver   Homeserver   `yaml:"homeserver"`
	Appservice   Appservice   `yaml:"appservice"`
	PublicURL    string       `yaml:"public_url"` // without a trailing slash; may be empty
	Database     Database     `yaml:"database"`
	Agents       Agents       `yaml:"agents"`
	Desk         Desk         `yaml:"desk"`
	Signature    string       `yaml:"signature"` // none, first_name, full_name
	Encryption   Encryption   `yaml:"encryption"`
	Provisioning Provisioning `yaml:"provisioning"`
	Metrics      Metrics      `yaml:"metrics"`
	Journal      Journal      `yaml:"journal"`
	Logging      Logging      `yaml:"logging"`

	networks map[string]*section
}

// Homeserver is the homeserver that Puente belongs to.
type Homeserver struct {
	Address string `yaml:"address"` // URL without a trailing slash
	Domain  string `yaml:"domain"`  // server_name
}

// Appservice is how the homeserver knows Puente.
type Appservice struct {
	ID         string `yaml:"id"`
	Address    string `yaml:"address"` // URL at which the homeserver reaches Puente
	Listen     string `yaml:"listen"`  // host:port
	ASToken    string `yaml:"as_token"`
	HSToken    string `yaml:"hs_token"`
	Bot        string `yaml:"bot"`         // localpart
	UserPrefix string `yaml:"user_prefix"` // of the localparts of all other users
	// TrustedProxies are the addresses or networks (10.1.0.0/16) of reverse proxies.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// Proxies returns TrustedProxies as networks.
func (a Appservice) Proxies() []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range a.TrustedProxies {
		if network, ok := readNetwork(text); ok {
			networks = append(networks, network)
		}
	}
	return networks
}

// readNetwork reads a network, or an address as the network that it is alone in.
func readNetwork(text string) (netip.Prefix, bool) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err == nil
}

// Database is the one database; its fields are those of store.Config.
type Database struct {
	Type         string `yaml:"type"` // sqlite, postgres
	URI          string `yaml:"uri"`
	MaxOpenConns int    `yaml:"max_open_conns"`
}

// Agents are the people who talk to customers.
type Agents struct {
	Users     []string `yaml:"users"` // Matrix user IDs
	Room      string   `yaml:"room"`  // room ID or alias; may be empty
	Operators []string `yaml:"operators"`
	// OperatorsRoom is a room ID or alias; empty: Puente makes one.
	OperatorsRoom string `yaml:"operators_room"`
}

// Encryption is end-to-end encryption on the Matrix side.
type Encryption struct {
	Mode      string `yaml:"mode"` // off, allowed, default, required
	PickleKey string `yaml:"pickle_key"`
	MSC4190   bool   `yaml:"msc4190"` // devices are made without a login
}

// Provisioning is the API for logging accounts in and out.
type Provisioning struct {
	SharedSecret string `yaml:"shared_secret"` // empty: Matrix tokens only
}

// Metrics is what Puente tells of itself.
type Metrics struct {
	Token string `yaml:"token"` // empty: there is no /metrics
}

// Journal are the journal's settings; see journal.Options.
type Journal struct {
	Workers         int      `yaml:"workers"`
	MaxAttempts     int      `yaml:"max_attempts"` // 0: no limit
	MaxAge          Duration `yaml:"max_age"`
	Retention       Duration `yaml:"retention"`
	FailedRetention Duration `yaml:"failed_retention"`
}

// Logging is what Puente writes about its work.
type Logging struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"` // pretty, json
	File   string `yaml:"file"`   // empty: standard error
}

// NetworkSchema is what the config needs to know of a network.
type NetworkSchema struct {
	// ID is the key of the network's part under networks.
	ID string
	// Example is the network's part as YAML: every key with its default and a comment above it. An empty mapping
	// ({}) may have any keys; the first element of a list of mappings gives the elements' keys and defaults. A key
	// whose last word is token, secret, key or password, or that has x_file beside it, can be read from a file;
	// the network's struct needs no field for x_file.
	Example string
}

// section is a network's part, laid over its example.
type section struct {
	node   *yaml.Node
	origin origins
}

// Networks returns the IDs of the networks that are turned on, sorted.
func (c *Config) Networks() []string {
	ids := make([]string, 0, len(c.networks))
	for id := range c.networks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Decode reads a network's part into a struct with yaml tags. Wrong values, and keys without a field,
// come back together as Problems, each with its line and the mend.
func (c *Config) Decode(networkID string, into any) error {
	part, on := c.networks[networkID]
	if !on {
		return fmt.Errorf("networks.%s is not in the config: %w", networkID, errs.ErrNotFound)
	}
	var found Problems
	decode(part.node, into, "networks."+networkID, part.origin, &found)
	return found.orNil()
}
