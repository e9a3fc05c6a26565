package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/ports"
)

const (
	testASToken = "as-token-of-the-tests"
	testHSToken = "hs-token-of-the-tests"
	// asProgram makes the test binary be Puente, so that exit codes and signals are real ones.
	asProgram = "PUENTE_TEST_AS_PROGRAM"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// puente runs a command line within the test and returns what it printed.
func puente(t *testing.T, in io.Reader, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// nobody is a standard input at which nobody sits.
func nobody(t *testing.T) *os.File {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	return null
}

// homeserver answers what Puente asks a homeserver at its start and for `puente check`.
type homeserver struct {
	*httptest.Server
	mu      sync.Mutex
	refuse  string // an errcode for every request with a token
	unaware bool   // it does not reach Puente
	knownAs string // whose token it says it is; empty: whoever asks
	asked   int    // so many requests
}

func newHomeserver(t *testing.T) *homeserver {
	t.Helper()
	hs := &homeserver{}
	hs.Server = httptest.NewServer(hs)
	t.Cleanup(hs.Close)
	return hs
}

// ServeHTTP implements http.Handler.
func (hs *homeserver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.asked++
	user := r.URL.Query().Get("user_id")
	if user == "" {
		user = "@puente:example.com"
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/versions"):
		reply(w, 200, map[string]any{"versions": []string{"v1.1", "v1.4", "v1.11"}})
	case hs.refuse != "":
		reply(w, 401, map[string]any{"errcode": hs.refuse, "error": "as the test wants"})
	case r.Header.Get("Authorization") != "Bearer "+testASToken:
		reply(w, 401, map[string]any{"errcode": "M_UNKNOWN_TOKEN", "error": "Unknown token"})
	case strings.HasSuffix(r.URL.Path, "/whoami"):
		if hs.knownAs != "" {
			user = hs.knownAs
		}
		reply(w, 200, map[string]any{"user_id": user})
	case strings.HasSuffix(r.URL.Path, "/ping") && hs.unaware:
		reply(w, 502, map[string]any{"errcode": "M_CONNECTION_FAILED", "error": "connection refused"})
	default:
		reply(w, 200, map[string]any{"user_id": user, "duration_ms": 1})
	}
}

// count is how many requests came so far.
func (hs *homeserver) count() int {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return hs.asked
}

func hostname(t *testing.T) string {
	t.Helper()
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// settings are a config that works with the homeserver, on a database of the kind that the environment chooses.
func settings(t *testing.T, homeserver string) map[string]string {
	t.Helper()
	return settingsOn(t, db.Chosen(t), homeserver)
}

// opened is the database of the settings, as it is.
func opened(t *testing.T, values map[string]string) *dbutil.Database {
	t.Helper()
	handle, err := store.Open(t.Context(), store.Config{Type: values["database.type"], URI: values["database.uri"]}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

// settingsOn are a config that works with the homeserver, on a database.
func settingsOn(t *testing.T, fresh db.Fresh, homeserver string) map[string]string {
	t.Helper()
	listen := ports.Address()
	return map[string]string{
		"homeserver.address": homeserver, "homeserver.domain": "example.com",
		"appservice.listen": listen, "appservice.address": "http://" + listen,
		"appservice.as_token": testASToken, "appservice.hs_token": testHSToken,
		"database.type": fresh.Config.Type, "database.uri": fresh.Config.URI, "logging.format": "json",
		"networks.whatsapp.app_secret": "secret-of-the-app", "networks.whatsapp.verify_token": "word",
		"networks.whatsapp.graph_url": "http://127.0.0.1:1",
	}
}

// written writes the settings as a config in which WhatsApp is the one network, and returns its path.
func written(t *testing.T, values map[string]string) string {
	t.Helper()
	one := slices.DeleteFunc(schemas(), func(s config.NetworkSchema) bool { return s.ID != "whatsapp" })
	return writtenWith(t, one, values)
}

// writtenWith is written with the networks of the caller's choice.
func writtenWith(t *testing.T, on []config.NetworkSchema, values map[string]string) string {
	t.Helper()
	text, err := config.Fill(config.Example(on), values)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err = os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func loaded(t *testing.T, path string) *config.Config {
	t.Helper()
	cfg, err := config.Load(path, nil, schemas())
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// mentions checks that a text says all of it.
func mentions(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func TestVersion(t *testing.T) {
	out, err := puente(t, nobody(t), "version")
	if err != nil || out != "puente "+version+"\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCommandsRefuseWhatTheyDoNotKnow(t *testing.T) {
	for name, args := range map[string][]string{
		"Command": {"rum"}, "Flag": {"run", "--fast"}, "Argument": {"check", "everything"}, "Subcommand": {"journal", "retry"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := puente(t, nobody(t), args...); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestEveryCommandThatNeedsAConfigSaysHowToGetOne(t *testing.T) {
	for _, args := range [][]string{
		{"run"}, {"check"}, {"check", "--health"}, {"journal", "list"}, {"journal", "show", "1"}, {"journal", "retry", "1"}, {"init", "--registration-only"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			out, err := puente(t, nobody(t), args...)
			if err == nil {
				t.Fatal("it works without a config")
			}
			mentions(t, out+err.Error(), "config.yaml", "puente init")
			if left, _ := os.ReadDir("."); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
}
