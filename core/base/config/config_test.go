package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/config"
	"puente/core/base/errs"
)

// networks are two networks as bridges would describe them.
var networks = []config.NetworkSchema{
	{ID: "whatsapp", Example: `# The app secret.
app_secret: ""
# How long to wait.
grace: 60s
# How many at once.
throughput: 80
# Whether to show typing.
typing: true
# Free-form labels.
labels: {}
# The business accounts.
accounts:
    -
      # The number.
      number: ""
      # Its token.
      access_token: ""
      # Its pace.
      pace: 5
`},
	{ID: "signal", Example: ""},
}

// whatsapp is what a bridge decodes its part into.
type whatsapp struct {
	AppSecret  string            `yaml:"app_secret"`
	Grace      time.Duration     `yaml:"grace"`
	Throughput int               `yaml:"throughput"`
	Typing     bool              `yaml:"typing"`
	Labels     map[string]string `yaml:"labels"`
	Accounts   []struct {
		Number      string `yaml:"number"`
		AccessToken string `yaml:"access_token"`
		Pace        int    `yaml:"pace"`
	} `yaml:"accounts"`
}

// minimal is the least that a user must write.
const minimal = `homeserver:
    address: http://localhost:8008/
    domain: example.com
appservice:
    as_token: as-0123456789abcdef
    hs_token: hs-0123456789abcdef
`

// load writes text to a config.yaml and loads it; messages have the folder cut off.
func load(t *testing.T, text string, env ...string) (*config.Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("config.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load("config.yaml", env, networks)
}

func mustLoad(t *testing.T, text string, env ...string) *config.Config {
	t.Helper()
	cfg, err := load(t, text, env...)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return cfg
}

func TestAMinimalConfigGetsTheExamplesDefaults(t *testing.T) {
	cfg := mustLoad(t, minimal)
	if cfg.Homeserver.Address != "http://localhost:8008" || cfg.Appservice.ID != "puente" || cfg.Appservice.Listen != "127.0.0.1:29330" ||
		cfg.Appservice.Bot != "puente" || cfg.Appservice.UserPrefix != "puente_" || cfg.Database.Type != "sqlite" ||
		cfg.Signature != "none" || cfg.Encryption.Mode != "off" || cfg.Journal.Retention.Std() != 8*24*time.Hour ||
		cfg.Journal.MaxAge.Std() != 72*time.Hour || cfg.Journal.Workers != 48 || cfg.Logging.Format != "pretty" {
		t.Errorf("config: %+v", cfg)
	}
	if len(cfg.Networks()) != 0 {
		t.Errorf("networks that nobody turned on: %v", cfg.Networks())
	}
}

func TestTheExample(t *testing.T) {
	example := config.Example(networks)
	t.Run("LoadsOnceTheEmptyValuesAreFilled", func(t *testing.T) {
		filled, err := config.Fill(example, map[string]string{
			"homeserver.address": "http://localhost:8008", "homeserver.domain": "example.com",
			"appservice.as_token": `as-"quoted"-0123456789`, "appservice.hs_token": "hs-0123456789abcdef",
			"agents.users": "@anna:example.com, @ben:example.com", "journal.workers": "3", "networks.whatsapp.app_secret": "secret",
		})
		if err != nil {
			t.Fatal(err)
		}
		cfg := mustLoad(t, filled)
		if cfg.Appservice.ASToken != `as-"quoted"-0123456789` || cfg.Journal.Workers != 3 ||
			!slices.Equal(cfg.Agents.Users, []string{"@anna:example.com", "@ben:example.com"}) {
			t.Errorf("config: %+v", cfg)
		}
		if !slices.Equal(cfg.Networks(), []string{"signal", "whatsapp"}) {
			t.Errorf("networks: %v", cfg.Networks())
		}
		if strings.Count(filled, "#") < strings.Count(example, "#") {
			t.Error("comments were lost")
		}
	})
	t.Run("ExplainsEveryKey", func(t *testing.T) {
		missing, err := config.Unexplained(example)
		if err != nil || len(missing) != 0 {
			t.Errorf("no comment above %v, %v", missing, err)
		}
	})
	t.Run("NamesWhatIsNotExplained", func(t *testing.T) {
		missing, err := config.Unexplained("# a\na:\n    b: 1\nc: 2\n")
		if err != nil || !slices.Equal(missing, []string{"a.b", "c"}) {
			t.Errorf("missing %v, %v", missing, err)
		}
	})
	t.Run("HasEveryKeyOfTheStruct", func(t *testing.T) {
		for _, key := range keysOf(reflect.TypeFor[config.Config](), "") {
			_, err := config.Fill(example, map[string]string{key: "1"})
			if err != nil && !errors.Is(err, errs.ErrInvalid) { // invalid: a list or so, but there
				t.Errorf("%s: %v", key, err)
			}
		}
	})
	t.Run("FillRefusesAnUnknownKey", func(t *testing.T) {
		if _, err := config.Fill(example, map[string]string{"homeserver.addrss": "x"}); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("OfNoNetworkLoadsToo", func(t *testing.T) {
		if _, err := config.Unexplained(config.Example(nil)); err != nil || !strings.Contains(config.Example(nil), "networks: {}") {
			t.Errorf("error: %v", err)
		}
	})
}

// keysOf lists the paths of a struct's fields.
func keysOf(of reflect.Type, path string) []string {
	var keys []string
	for i := range of.NumField() {
		field := of.Field(i)
		if !field.IsExported() {
			continue
		}
		here := strings.TrimPrefix(path+"."+field.Tag.Get("yaml"), ".")
		if field.Type.Kind() == reflect.Struct {
			keys = append(keys, keysOf(field.Type, here)...)
		} else {
			keys = append(keys, here)
		}
	}
	return keys
}

func TestNetworksDecodeTheirOwnPart(t *testing.T) {
	cfg := mustLoad(t, minimal+`networks:
    whatsapp:
        grace: 1d12h
        typing: false
        labels: {shop: red, any: thing}
        accounts:
            - number: "1"
            - number: "2"
              pace: 9
`)
	if !slices.Equal(cfg.Networks(), []string{"whatsapp"}) {
		t.Fatalf("networks: %v", cfg.Networks())
	}
	var part whatsapp
	if err := cfg.Decode("whatsapp", &part); err != nil {
		t.Fatal(err)
	}
	if part.Grace != 36*time.Hour || part.Typing || part.Throughput != 80 || part.Labels["shop"] != "red" ||
		len(part.Accounts) != 2 || part.Accounts[0].Pace != 5 || part.Accounts[1].Pace != 9 || part.Accounts[1].Number != "2" {
		t.Errorf("part: %+v", part)
	}
	if err := cfg.Decode("signal", &struct{}{}); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("a network that is off: %v", err)
	}
	var lacks struct {
		Grace string `yaml:"grace"`
	}
	if err := cfg.Decode("whatsapp", &lacks); err == nil || !strings.Contains(err.Error(), "networks.whatsapp.typing") {
		t.Errorf("keys without a field: %v", err)
	}
}

func TestANetworkIsOnWithItsDefaults(t *testing.T) {
	for name, text := range map[string]string{"EmptyMapping": "networks: {whatsapp: {}}", "Nothing": "networks:\n    whatsapp:\n"} {
		t.Run(name, func(t *testing.T) {
			var part whatsapp
			if err := mustLoad(t, minimal+text).Decode("whatsapp", &part); err != nil || part.Throughput != 80 {
				t.Errorf("part: %+v, %v", part, err)
			}
		})
	}
}

func TestTheEnvironmentWins(t *testing.T) {
	cfg := mustLoad(t, minimal+"journal: {workers: 2}\n",
		"PUENTE_HOMESERVER_ADDRESS=https://matrix.example.com", "PUENTE_APPSERVICE_AS_TOKEN=1234567890123456",
		"PUENTE_JOURNAL_WORKERS=7", "PUENTE_JOURNAL_MAX_AGE=5d", "PUENTE_AGENTS_USERS=@a:b.c, @d:e.f", "PUENTE_AGENTS_OPERATORS=[\"@a:b.c\"]",
		"PUENTE_NETWORKS_WHATSAPP_APP_SECRET=null", "PUENTE_NETWORKS_WHATSAPP_TYPING=false", "PUENTE_TEST_POSTGRES=x", "PATH=/bin")
	if cfg.Homeserver.Address != "https://matrix.example.com" || cfg.Appservice.ASToken != "1234567890123456" || cfg.Journal.Workers != 7 ||
		cfg.Journal.MaxAge.Std() != 120*time.Hour || !slices.Equal(cfg.Agents.Users, []string{"@a:b.c", "@d:e.f"}) ||
		!slices.Equal(cfg.Agents.Operators, []string{"@a:b.c"}) {
		t.Errorf("config: %+v", cfg)
	}
	var part whatsapp
	if err := cfg.Decode("whatsapp", &part); err != nil || part.AppSecret != "null" || part.Typing {
		t.Errorf("part: %+v, %v", part, err)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "token")
	if err := os.WriteFile(secret, []byte("from-a-file-0123456789\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := "homeserver: {address: http://localhost, domain: example.com}\n"
	t.Run("InTheFileAndForNetworks", func(t *testing.T) {
		cfg := mustLoad(t, base+"appservice: {as_token_file: "+secret+", hs_token: hs-0123456789abcdef}\ndatabase: {uri_file: "+secret+"}\n"+
			"networks: {whatsapp: {app_secret_file: "+secret+", accounts: [{access_token_file: "+secret+"}]}}\n")
		var part whatsapp
		err := cfg.Decode("whatsapp", &part)
		if err != nil || cfg.Appservice.ASToken != "from-a-file-0123456789" || cfg.Database.URI != "from-a-file-0123456789" ||
			part.AppSecret != "from-a-file-0123456789" || part.Accounts[0].AccessToken != "from-a-file-0123456789" {
			t.Errorf("%+v, %+v, %v", cfg, part, err)
		}
	})
	t.Run("ByTheEnvironmentInsteadOfAValue", func(t *testing.T) {
		cfg := mustLoad(t, minimal, "PUENTE_APPSERVICE_AS_TOKEN_FILE="+secret, "PUENTE_NETWORKS_WHATSAPP_APP_SECRET_FILE="+secret)
		if cfg.Appservice.ASToken != "from-a-file-0123456789" {
			t.Errorf("token %q", cfg.Appservice.ASToken)
		}
	})
	t.Run("RelativeToTheConfig", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(base+"appservice: {as_token_file: token, hs_token: hs-0123456789abcdef}"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(filepath.Join(dir, "config.yaml"), nil, networks)
		if err != nil || cfg.Appservice.ASToken != "from-a-file-0123456789" {
			t.Errorf("%+v, %v", cfg, err)
		}
	})
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "8d": 192 * time.Hour, "1d12h": 36 * time.Hour, "0s": 0, "1h30m": 90 * time.Minute, "365d": 8760 * time.Hour,
	} {
		if got, err := config.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "8", "-5m", "1w", "soon", "1d-2h", "999999d"} {
		if got, err := config.ParseDuration(text); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}
