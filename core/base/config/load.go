package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
)

// Load reads the config at path, lays it over the networks' and the core's examples, sets what env
// (as os.Environ gives it) names, reads secret files and validates the core's part. What is wrong
// comes back together as Problems.
func Load(path string, env []string, networks []NetworkSchema) (*Config, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no config at %s: write one with `puente init`, or copy config.example.yaml: %w", path, errs.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	var found Problems
	example := parse("config.example.yaml", []byte(Example(networks)), &found)
	if example == nil {
		return nil, found // a network's example is no YAML
	}
	addFileKeys(example)
	user := parse(path, text, &found)
	if user == nil {
		return nil, found
	}
	origin := origins{}
	known := append(leaves(example, ""), elementLeaves(example, "")...)
	check := checker{name: path, known: known, origin: origin, found: &found}
	check.check(user, example, "")
	setFromEnvironment(user, example, env, origin, &found)
	if len(found) > 0 {
		return nil, found // what follows would only repeat it
	}
	return assemble(user, example, filepath.Dir(path), origin)
}

// assemble makes the Config of a tree whose keys are all known.
func assemble(user, example *yaml.Node, dir string, origin origins) (*Config, error) {
	var found Problems
	merged := overlay(example, user)
	given := child(user, "networks")
	all := child(merged, "networks")
	for _, id := range keysOf(all) {
		if child(given, id) == nil {
			removeChild(all, id) // it is off, the example notwithstanding
		}
	}
	readFiles(merged, dir, "", origin, &found)
	cfg := &Config{networks: map[string]*section{}}
	for _, id := range keysOf(all) {
		cfg.networks[id] = &section{node: child(all, id), origin: origin}
	}
	removeChild(merged, "networks")
	decode(merged, cfg, "", origin, &found)
	cfg.tidy()
	if len(found) == 0 {
		cfg.validate(origin, &found)
	}
	if err := found.orNil(); err != nil {
		return nil, err
	}
	return cfg, nil
}

// tidy brings addresses into the form that their users expect.
func (c *Config) tidy() {
	for _, address := range []*string{&c.Homeserver.Address, &c.Appservice.Address, &c.PublicURL} {
		*address = strings.TrimRight(strings.TrimSpace(*address), "/")
	}
	c.Desk.tidy()
}
