package whatsapp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

func goodConfig() Config {
	return Config{
		GraphURL: "https://graph.facebook.com", GraphVersion: "v25.0", AppSecret: "s", VerifyToken: "v",
		StatusGrace: time.Minute, Throughput: 80,
	}
}

func TestConfig(t *testing.T) {
	t.Run("AGoodOneMakesABridge", func(t *testing.T) {
		_, err := newConnector(network.Env{Clock: clock.System{}, Config: func(into any) error { *into.(*Config) = goodConfig(); return nil }})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("AWrongValueNamesItsKey", func(t *testing.T) {
		for key, spoil := range map[string]func(*Config){
			"graph_url":     func(c *Config) { c.GraphURL = "graph.facebook.com" },
			"graph_version": func(c *Config) { c.GraphVersion = "25" },
			"app_secret":    func(c *Config) { c.AppSecret = "" },
			"verify_token":  func(c *Config) { c.VerifyToken = "" },
			"status_grace":  func(c *Config) { c.StatusGrace = -time.Second },
			"throughput":    func(c *Config) { c.Throughput = 0 },
		} {
			config := goodConfig()
			spoil(&config)
			err := config.validate()
			if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "networks.whatsapp."+key) {
				t.Errorf("a wrong %s gives %v", key, err)
			}
		}
	})
	t.Run("TheConfigsOwnErrorPasses", func(t *testing.T) {
		_, err := newConnector(network.Env{Clock: clock.System{}, Config: func(any) error { return errs.ErrConflict }})
		if !errors.Is(err, errs.ErrConflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("TheExampleExplainsEveryKey", func(t *testing.T) {
		var keys map[string]any
		if err := yaml.Unmarshal([]byte(exampleConfig), &keys); err != nil {
			t.Fatal(err)
		}
		raw, err := yaml.Marshal(goodConfig())
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err = yaml.Unmarshal(raw, &fields); err != nil {
			t.Fatal(err)
		}
		for field := range fields {
			if _, ok := keys[field]; !ok {
				t.Errorf("the example lacks %s", field)
			}
		}
	})
}
