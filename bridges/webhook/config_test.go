package webhook

import (
	"errors"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestConfig(t *testing.T) {
	t.Run("AWrongValueNamesItsKey", func(t *testing.T) {
		for key, spoil := range map[string]func(*Config){
			"max_upload_bytes":           func(c *Config) { c.MaxUploadBytes = 0 },
			"upload_dir":                 func(c *Config) { c.UploadDir = "" },
			"events_per_second":          func(c *Config) { c.EventsPerSecond = 0 },
			"callback_timeout":           func(c *Config) { c.CallbackTimeout = 0 },
			"allow_private_addresses[1]": func(c *Config) { c.AllowPrivateAddresses = []string{"10.0.0.0/8", "10.0.0.1"} },
		} {
			config := goodConfig(t)
			spoil(&config)
			_, err := config.validate()
			if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "networks.webhook."+key) {
				t.Errorf("a wrong %s gives %v", key, err)
			}
		}
	})
	t.Run("TheConfigsOwnErrorPasses", func(t *testing.T) {
		if _, err := newConnector(network.Env{Config: func(any) error { return errs.ErrConflict }}); !errors.Is(err, errs.ErrConflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("TheExampleIsGoodAndHasEveryKey", func(t *testing.T) {
		var example Config
		decoder := yaml.NewDecoder(strings.NewReader(exampleConfig))
		decoder.KnownFields(true)
		if err := decoder.Decode(&example); err != nil {
			t.Fatal(err)
		}
		if _, err := example.validate(); err != nil {
			t.Error(err)
		}
		raw, err := yaml.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if key, _, ok := strings.Cut(line, ":"); ok && !strings.Contains(exampleConfig, key+":") {
				t.Errorf("the example lacks %s", key)
			}
		}
	})
}

func TestLoginFields(t *testing.T) {
	for address, want := range map[string]bool{
		"https://shop.example/hook": true, "https://10.0.0.1/hook": true, "http://127.0.0.1:8080": true, "http://[::1]:8080/x": true, "http://localhost/x": true,
		"http://shop.example": false, "http://10.0.0.1": false, "http://127.0.0.1.evil.example": false, "ftp://127.0.0.1": false, "shop.example": false,
		"https://user:password@shop.example": false, "https://": false, "": false, "https://shop.example/#x": false,
	} {
		if _, err := validCallback(address); (err == nil) != want {
			t.Errorf("callback %q: %v", address, err)
		}
	}
	for secret, want := range map[string]bool{
		testSecret: true, newSecret(): true, "": true, freshSecret: true,
		"secret": false, "whsec_": false, "whsec_c2hvcnQ=": false, "whsec_!!": false, "whsec_" + strings.Repeat("QUFB", 22): false,
	} {
		if _, err := validSecret(secret); (err == nil) != want {
			t.Errorf("secret %q: %v", secret, err)
		}
	}
	login := &systemLogin{}
	good := map[string]string{fieldSystem: " shop ", fieldName: "Shop", fieldCallback: "https://shop.example"}
	if got, err := login.read(good); err != nil || got.system != "shop" || !got.fresh || !strings.HasPrefix(got.meta.Secret, secretPrefix) {
		t.Errorf("read as %+v, %v", got, err)
	}
	for field, bad := range map[string]string{fieldSystem: "../shop", fieldName: " ", fieldCallback: "http://shop.example", fieldSecret: "x"} {
		input := map[string]string{}
		for key, value := range good {
			input[key] = value
		}
		input[field] = bad
		if _, err := login.read(input); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
			t.Errorf("a bad %s gives %v", field, err)
		}
	}
	if first, second := newToken(), newToken(); first == second || len(first) < 43 {
		t.Errorf("tokens %s, %s", first, second)
	}
}
