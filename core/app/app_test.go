package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/hub/network"
	"puente/core/testkit/db"
)

// homeserver answers what a Puente without networks asks.
func homeserver(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"user_id":"@puente:example.com","versions":["v1.11"],"duration_ms":1}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// settings are a config as it is in memory, with a log file in the test's folder and a database of the kind that the
// environment chooses.
func settings(t *testing.T, homeserver string) *config.Config {
	t.Helper()
	return settingsOn(t, db.Chosen(t), homeserver)
}

func settingsOn(t *testing.T, fresh db.Fresh, homeserver string) *config.Config {
	t.Helper()
	text, err := config.Fill(config.Example(nil), map[string]string{
		"homeserver.address": homeserver, "homeserver.domain": "example.com", "appservice.listen": "127.0.0.1:0",
		"appservice.as_token": "as-token-of-the-tests", "appservice.hs_token": "hs-token-of-the-tests",
		"database.type": fresh.Config.Type, "database.uri": fresh.Config.URI,
		"logging.format": "json", "logging.file": filepath.Join(t.TempDir(), "logs", "puente.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err = os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// watch fails the test if goroutines are left when it ends, after all other clean-up.
func watch(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// logged are the lines of the log file.
func logged(t *testing.T, cfg *config.Config) (lines []map[string]any) {
	t.Helper()
	content, err := os.ReadFile(cfg.Logging.File)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(content) {
		var said map[string]any
		if err = json.Unmarshal(line, &said); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		lines = append(lines, said)
	}
	return lines
}

// onLine calls back when a log line holds a text.
type onLine struct {
	text string
	once sync.Once
	call func()
}

// Write implements io.Writer.
func (o *onLine) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(o.text)) {
		o.once.Do(o.call)
	}
	return len(line), nil
}

func TestStartAndStopLeaveNothing(t *testing.T) {
	watch(t)
	cfg := settings(t, homeserver(t))
	a, err := New(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err = a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	running := *cfg
	running.Appservice.Listen = strings.TrimPrefix(a.Hub.URL(), "http://")
	if err = Healthy(t.Context(), &running); err != nil {
		t.Errorf("health: %v", err)
	}
	a.Stop()
	a.Close()
	if err = Healthy(t.Context(), &running); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("health once stopped: %v", err)
	}
	again, err := store.Open(t.Context(), StoreConfig(cfg), zerolog.Nop())
	if err != nil {
		t.Fatalf("the database is still in use: %v", err)
	}
	_ = again.Close()
	if lease, err := store.TryLease(t.Context(), StoreConfig(cfg), clock.System{}, zerolog.Nop()); err != nil {
		t.Errorf("the database is still in use: %v", err)
	} else {
		lease.Release()
	}
	var said []string
	for _, line := range logged(t, cfg) {
		said = append(said, line["message"].(string))
	}
	if !strings.Contains(strings.Join(said, "\n"), "Puente is ready") {
		t.Errorf("log: %q", said)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	for name, tc := range map[string]struct {
		homeserver func(*testing.T) string
		when       string
	}{
		"OnceReady":               {homeserver, "Puente is ready"},
		"WhileTheHomeserverIsOut": {func(*testing.T) string { return "http://127.0.0.1:1" }, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			watch(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			log := zerolog.New(&onLine{text: tc.when, call: cancel})
			a, err := New(ctx, settings(t, tc.homeserver(t)), Options{Log: &log})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			if err = a.Run(ctx); err != nil {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestNewThatFailsLeavesNothing(t *testing.T) {
	broken := network.Network{ID: "broken", New: func(network.Env) (network.Connector, error) { return nil, errs.ErrInvalid }}
	for name, tc := range map[string]struct {
		change func(*config.Config)
		opts   Options
		kind   error
	}{
		"LogLevel":       {func(c *config.Config) { c.Logging.Level = "loud" }, Options{}, errs.ErrInvalid},
		"DatabaseFolder": {func(c *config.Config) { c.Database = config.Database{Type: store.SQLite, URI: "/nowhere/puente.db"} }, Options{}, errs.ErrInvalid},
		"Network":        {func(*config.Config) {}, Options{Networks: []network.Network{broken}}, errs.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			watch(t)
			cfg := settings(t, "http://127.0.0.1:1")
			tc.change(cfg)
			if _, err := New(t.Context(), cfg, tc.opts); !errors.Is(err, tc.kind) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

func TestStartThatFailsLeavesNothing(t *testing.T) {
	watch(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	cfg := settings(t, homeserver(t))
	cfg.Appservice.Listen = taken.Addr().String()
	a, err := New(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err = a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "appservice.listen") {
		t.Errorf("error: %v", err)
	}
}

// A bridge and the desk know more of their config than its form, and a Puente that runs knows only the config from before.
func TestCheckFindsWhatAStartWouldFailOver(t *testing.T) {
	watch(t)
	for name, one := range map[string]struct {
		change func(*config.Config)
		mend   string
	}{
		"zone":    {func(c *config.Config) { c.Desk.Timezone = "Madrid" }, "desk.timezone"},
		"day":     {func(c *config.Config) { c.Desk.BusinessHours = map[string]string{"monday": "nine"} }, "desk.business_hours.monday"},
		"holiday": {func(c *config.Config) { c.Desk.Holidays = []string{"Christmas"} }, "desk.holidays[0]"},
		"team": {func(c *config.Config) {
			c.Desk.Teams = []config.Team{{Name: "sales", Hours: map[string]string{"monday": "nine"}}}
		}, "desk.teams[0].hours.monday"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settingsOn(t, db.SQLite(t), homeserver(t))
			cfg.Appservice.Listen = "127.0.0.1:1"
			one.change(cfg)
			if found := Check(t.Context(), cfg, nil)[0]; found.OK || !strings.Contains(found.Mend, one.mend) {
				t.Errorf("finding %+v, want one that names %s", found, one.mend)
			}
		})
	}
}

func TestCheckLeavesNothing(t *testing.T) {
	watch(t)
	cfg := settingsOn(t, db.SQLite(t), homeserver(t))
	cfg.Appservice.Listen = "127.0.0.1:1"
	findings := Check(t.Context(), cfg, nil)
	bad := 0
	for _, found := range findings {
		if !found.OK {
			bad++
		}
	}
	if bad != 2 || len(findings) != 8 { // no network is configured, and no agent
		t.Errorf("findings: %+v", findings)
	}
	if left, _ := os.ReadDir(filepath.Dir(cfg.Database.URI)); len(left) > 0 {
		t.Errorf("it made %v", left)
	}
}
