package main

import (
	"os"
	"testing"

	"puente/core/base/config"
)

func TestGenerate(t *testing.T) {
	tree := map[string]string{}
	for _, name := range []string{"config.example.yaml", "registration.yaml.example", "docs/capabilities.md"} {
		tree[name] = string(must(os.ReadFile("../../" + name)))
	}
	t.Chdir(t.TempDir())
	if _, err := puente(t, nobody(t), "generate"); err != nil {
		t.Fatal(err)
	}
	leaves(t, ".", "config.example.yaml", "docs", "registration.yaml.example")
	for name, text := range tree {
		t.Run("TheTreeHas "+name, func(t *testing.T) {
			if string(must(os.ReadFile(name))) != text {
				t.Errorf("%s is out of step: run `make generate`", name)
			}
		})
	}
}

func TestTheExampleConfig(t *testing.T) {
	t.Run("ExplainsEveryKey", func(t *testing.T) {
		missing, err := config.Unexplained(config.Example(schemas()))
		if err != nil || len(missing) > 0 {
			t.Errorf("no comment above %v, %v", missing, err)
		}
	})
	t.Run("WorksOnceTheRequiredValuesAreFilledIn", func(t *testing.T) {
		cfg := loaded(t, writtenWith(t, schemas(), map[string]string{
			"homeserver.address": "http://localhost:8008", "homeserver.domain": "example.com",
			"appservice.as_token": testASToken, "appservice.hs_token": testHSToken,
			"networks.whatsapp.app_secret": "secret", "networks.whatsapp.verify_token": "word",
		}))
		if got := len(configured(cfg)); got != len(networks()) {
			t.Errorf("%d of %d networks are on", got, len(networks()))
		}
		for _, n := range configured(cfg) {
			if err := cfg.Decode(n.ID, &map[string]any{}); err != nil {
				t.Errorf("%s: %v", n.ID, err)
			}
		}
	})
}
