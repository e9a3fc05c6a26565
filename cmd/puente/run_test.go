package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"puente/core/app"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/ports"
)

const ready = "Puente is ready"

// running is a Puente that is up, in a process of its own.
func running(t *testing.T, values map[string]string) (*program, string) {
	t.Helper()
	path := written(t, values)
	p := start(t, nil, "run", "-c", path)
	p.waitFor(ready, 1)
	return p, path
}

func TestRunStopsCleanly(t *testing.T) {
	for name, which := range map[string]syscall.Signal{"Terminated": syscall.SIGTERM, "Interrupted": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			p, _ := running(t, settings(t, newHomeserver(t).URL))
			p.signal(which)
			if code := p.exit(); code != 0 || !strings.Contains(p.output(), `"Stopping"`) {
				t.Errorf("exit code %d:\n%s", code, p.output())
			}
		})
	}
}

func TestRunWaitsForTheHomeserver(t *testing.T) {
	for name, which := range map[string]syscall.Signal{"Terminated": syscall.SIGTERM, "Interrupted": syscall.SIGINT} {
		t.Run("AndStopsWhen"+name, func(t *testing.T) {
			p := start(t, nil, "run", "-c", written(t, settings(t, "http://127.0.0.1:1")))
			p.waitFor("does not answer", 1)
			p.signal(which)
			if code := p.exit(); code != 0 {
				t.Errorf("exit code %d:\n%s", code, p.output())
			}
			if strings.Contains(p.output(), ready) {
				t.Errorf("it says that it is ready:\n%s", p.output())
			}
		})
	}
	t.Run("AndStopsWhileTheHomeserverThinks", func(t *testing.T) {
		asked := make(chan struct{}, 16)
		hs := newHomeserver(t)
		hs.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or the server would not notice that the caller has gone
			asked <- struct{}{}
			<-r.Context().Done()
		})
		p := start(t, nil, "run", "-c", written(t, settings(t, hs.URL)))
		<-asked
		p.signal(syscall.SIGTERM)
		if code := p.exit(); code != 0 {
			t.Errorf("exit code %d:\n%s", code, p.output())
		}
	})
	t.Run("WithOneLineForEachTry", func(t *testing.T) {
		values := settings(t, "http://127.0.0.1:1")
		values["logging.level"] = "warn"
		p := start(t, nil, "run", "-c", written(t, values))
		p.waitFor("does not answer", 2)
		p.signal(syscall.SIGTERM)
		p.exit()
		for line := range strings.SplitSeq(strings.TrimSpace(p.output()), "\n") {
			var said map[string]any
			if err := json.Unmarshal([]byte(line), &said); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			reason, _ := said["error"].(string)
			if said["message"] != "Homeserver does not answer, trying again in 5 seconds" || said["homeserver"] != "http://127.0.0.1:1" ||
				!strings.Contains(reason, "connection refused") {
				t.Errorf("line: %s", line)
			}
		}
		if strings.Contains(p.output(), "m.login") || strings.Contains(p.output(), "req_body") {
			t.Errorf("a request's body is in the log:\n%s", p.output())
		}
	})
	t.Run("AndComesUpWithIt", func(t *testing.T) {
		address := ports.Address()
		p := start(t, nil, "run", "-c", written(t, settings(t, "http://"+address)))
		p.waitFor("does not answer", 1)
		hs := newHomeserver(t)
		late := &http.Server{Addr: address, Handler: hs, ReadHeaderTimeout: time.Minute}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = late.ListenAndServe()
		}()
		p.waitFor(ready, 1)
		p.signal(syscall.SIGTERM)
		if code := p.exit(); code != 0 {
			t.Errorf("exit code %d:\n%s", code, p.output())
		}
		_ = late.Close()
		<-done
	})
}

func TestRunRefusesToStart(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(t *testing.T, hs *homeserver, values map[string]string)
		says   []string
	}{
		"UnknownToken": {func(_ *testing.T, hs *homeserver, _ map[string]string) { hs.refuse = "M_UNKNOWN_TOKEN" },
			[]string{"appservice.as_token", "puente init --registration-only", "app_service_config_files", "homeserver.yaml"}},
		"ReservedForAnother": {func(_ *testing.T, hs *homeserver, _ map[string]string) { hs.refuse = "M_EXCLUSIVE" },
			[]string{"@puente:example.com", "appservice.user_prefix", "registration file"}},
		"KnownAsAnother": {func(_ *testing.T, hs *homeserver, _ map[string]string) { hs.knownAs = "@other:example.com" },
			[]string{"@other:example.com", "@puente:example.com", "appservice.bot", "registration file"}},
		"AddressInUse": {func(_ *testing.T, hs *homeserver, values map[string]string) {
			values["appservice.listen"] = strings.TrimPrefix(hs.URL, "http://")
		}, []string{"appservice.listen", "address already in use"}},
		"NoAppSecret": {func(_ *testing.T, _ *homeserver, values map[string]string) {
			values["networks.whatsapp.app_secret"] = ""
		},
			[]string{"networks.whatsapp.app_secret", "App Dashboard"}},
		"NewerDatabase": {newerDatabase, []string{"schema version 900", "knows up to", "install the newer Puente"}},
		"DatabaseInUse": {func(t *testing.T, _ *homeserver, values map[string]string) {
			fresh := db.SQLite(t)
			values["database.type"], values["database.uri"] = fresh.Config.Type, fresh.Config.URI
			fresh.Open(t)
		}, []string{"database in use", "stop that one"}},
	} {
		t.Run(name, func(t *testing.T) {
			hs := newHomeserver(t)
			values := settings(t, hs.URL)
			tc.change(t, hs, values)
			p := start(t, nil, "run", "-c", written(t, values))
			if code := p.exit(); code != 1 {
				t.Errorf("exit code %d", code)
			}
			last := p.output()[strings.LastIndex(p.output(), "puente: "):]
			mentions(t, last, tc.says...)
			if strings.Contains(p.output(), testASToken) || strings.Contains(p.output(), "panic") {
				t.Errorf("output:\n%s", p.output())
			}
		})
	}
}

// newerDatabase makes a database as a Puente of the future would leave it.
func newerDatabase(t *testing.T, _ *homeserver, values map[string]string) {
	t.Helper()
	handle := opened(t, values)
	err := store.Upgrade(t.Context(), handle)
	if err == nil {
		_, err = handle.Exec(t.Context(), "UPDATE pu_version SET version=900, compat=900")
	}
	if err == nil {
		err = handle.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// On PostgreSQL the second one is a stand-by, see TestStandByTakesOver.
func TestRunTwiceOnOneSQLiteFile(t *testing.T) {
	values := settingsOn(t, db.SQLite(t), newHomeserver(t).URL)
	first, path := running(t, values)
	values["appservice.listen"] = ports.Address()
	second := start(t, nil, "run", "-c", written(t, values))
	if code := second.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	mentions(t, second.output(), "database in use", "another Puente (process ")
	if err := app.Healthy(t.Context(), loaded(t, path)); err != nil {
		t.Errorf("the first one is not well any more: %v", err)
	}
	first.signal(syscall.SIGTERM)
	if code := first.exit(); code != 0 {
		t.Errorf("exit code %d of the first", code)
	}
}

func TestRunTakesNetworkKeysFromTheEnvironment(t *testing.T) {
	values := settings(t, newHomeserver(t).URL)
	values["networks.whatsapp.app_secret"] = ""
	p := start(t, []string{"PUENTE_NETWORKS_WHATSAPP_APP_SECRET=from-the-environment"}, "run", "-c", written(t, values))
	p.waitFor(ready, 1)
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.output())
	}
}

func TestWhatAKilledProcessLeftIsRemovedByTheNext(t *testing.T) {
	temp := t.TempDir()
	run := func() *program {
		p := start(t, []string{"TMPDIR=" + temp}, "run", "-c", written(t, settings(t, newHomeserver(t).URL)))
		p.waitFor(ready, 1)
		return p
	}
	first := run()
	before, err := os.ReadDir(temp)
	if err != nil || len(before) != 1 {
		t.Fatalf("%v, %v", before, err)
	}
	first.signal(syscall.SIGKILL)
	first.exit()
	second := run()
	if after, err := os.ReadDir(temp); err != nil || len(after) != 1 || after[0].Name() == before[0].Name() {
		t.Errorf("%v after %v, %v", after, before, err)
	}
	second.signal(syscall.SIGTERM)
	second.exit()
	if end, err := os.ReadDir(temp); err != nil || len(end) != 0 {
		t.Errorf("%v, %v", end, err)
	}
}

func TestTemporaryFilesAreInAFolderOfTheProcess(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // and what it was comes back with the test's end
	folder, err := ownTempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	if got := os.TempDir(); got != folder.Path() {
		t.Errorf("they are in %s", got)
	}
}
