package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"puente/core/base/config"
	"puente/core/base/errs"
)

// FuzzDuration: what is read is a time that has not begun to run backwards, and reads the same in Go's own spelling.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"30s", "8d", "1d12h", "", "d", "99999d", "99999d2562047h", "-1s", "1d-1h", "1.5h", "0", "1dd"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := config.ParseDuration(text)
		if err != nil {
			if !errors.Is(err, errs.ErrInvalid) || got != 0 {
				t.Fatalf("%q: %v, %v", text, got, err)
			}
			return
		}
		if again, err := config.ParseDuration(got.String()); got < 0 || err != nil || again != got {
			t.Fatalf("%q is %v, then %v, %v", text, got, again, err)
		}
	})
}

// FuzzLoad: a config is either what it says, or every problem is named.
func FuzzLoad(f *testing.F) {
	f.Add(minimal)
	f.Add("homeserver: [1, 2]\nappservice: {listen: 7}\n")
	f.Add("a: &x {b: *x}\n")
	f.Add("networks: {whatsapp: {}, nothing: 1}\njournal: {retention: 8d, workers: 1e9}\n")
	f.Add("? [a, b]\n: c\n--- \n- x\n")
	f.Add("appservice: {trusted_proxies: [x, 10.0.0.0/8]}\nagents: {users: a}\n\t")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "_file") {
			return // it may name any file of this machine
		}
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path, nil, networks)
		if err == nil {
			if cfg.Homeserver.Address == "" || len(cfg.Appservice.ASToken) < 16 || cfg.Journal.Workers < 1 {
				t.Fatalf("%+v", cfg)
			}
			return
		}
		var found config.Problems
		if !errors.As(err, &found) || len(found) == 0 || !errors.Is(err, errs.ErrInvalid) || !utf8.ValidString(err.Error()) {
			t.Fatalf("%T: %v", err, err)
		}
	})
}

// FuzzFill: whatever is filled into the example, the example reads back.
func FuzzFill(f *testing.F) {
	for _, text := range []string{"plain", `"quoted" \ 'x'`, "a: b # c", "line\nbreak", "*x", "@a:b", "- x", "\u2028", "null", "123", "!!binary x", "%", "\ttab "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) {
			return
		}
		text, err := config.Fill(config.Example(networks), map[string]string{"database.uri": value, "networks.whatsapp.app_secret": value})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Database struct{ URI string }
			Networks map[string]struct {
				AppSecret string `yaml:"app_secret"`
			}
		}
		if err = yaml.Unmarshal([]byte(text), &got); err != nil || got.Database.URI != value || got.Networks["whatsapp"].AppSecret != value {
			t.Fatalf("%q reads back as %q, %v", value, got.Database.URI, err)
		}
	})
}
