package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"puente/core/testkit/db"
)

// finding is what stands after "ok" or "FAIL" in a line of `puente check`, with its mend.
func findings(t *testing.T, out string) (good, bad map[string]string) {
	t.Helper()
	good, bad = map[string]string{}, map[string]string{}
	about := ""
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		switch {
		case strings.HasPrefix(line, "ok    "):
			good[line[6:]] = ""
		case strings.HasPrefix(line, "FAIL  "):
			about = line[6:]
			bad[about] = ""
		case strings.HasPrefix(line, "      ") && about != "":
			bad[about] += strings.TrimSpace(line) + "\n"
		default:
			t.Errorf("line without a verdict: %q", line)
		}
	}
	for about, mend := range bad {
		if mend == "" {
			t.Errorf("no mend for %q", about)
		}
	}
	return good, bad
}

// has tells whether a finding begins so, and returns its mend.
func has(list map[string]string, about string) (string, bool) {
	for each, mend := range list {
		if strings.HasPrefix(each, about) {
			return mend, true
		}
	}
	return "", false
}

// usualFailures are those of a config that names no agent, and whose network nobody has connected yet.
const usualFailures = 3

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(t *testing.T, hs *homeserver, values map[string]string)
		about  string
		mend   []string
		good   []string
	}{
		"FolderOfTheDatabase": {func(_ *testing.T, _ *homeserver, values map[string]string) {
			values["database.type"], values["database.uri"] = "sqlite", "/nowhere/puente.db"
		},
			"database: sqlite", []string{"/nowhere", "mkdir"}, []string{"homeserver: ", "registration: "}},
		"NoPostgres": {func(_ *testing.T, _ *homeserver, values map[string]string) {
			values["database.type"], values["database.uri"] = "postgres", "postgres://puente:hush-hush@127.0.0.1:1/puente?sslmode=disable"
		}, "database: postgres", []string{"cannot be reached", "127.0.0.1:1"}, []string{"homeserver: "}},
		"NewerDatabase": {newerDatabase, "database: ", []string{"schema version 900", "install the newer Puente"}, nil},
		"HomeserverGone": {func(_ *testing.T, _ *homeserver, values map[string]string) {
			values["homeserver.address"] = "http://127.0.0.1:1"
		},
			"homeserver: http://127.0.0.1:1", []string{"homeserver.address", "is it running", "connection refused"}, []string{"database: "}},
		"NoHomeserver": {func(t *testing.T, _ *homeserver, values map[string]string) {
			other := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(other.Close)
			values["homeserver.address"] = other.URL
		}, "homeserver: ", []string{"does not answer as a Matrix homeserver"}, nil},
		"TokenUnknown": {func(_ *testing.T, hs *homeserver, _ map[string]string) { hs.refuse = "M_UNKNOWN_TOKEN" },
			"registration: the homeserver does not know appservice.as_token", []string{"puente init --registration-only", "app_service_config_files", "restart"}, []string{"homeserver: "}},
		"KnownAsAnother": {func(_ *testing.T, hs *homeserver, _ map[string]string) { hs.knownAs = "@other:example.com" },
			"registration: the homeserver knows the token as @other:example.com, not as @puente:example.com", []string{"appservice.bot", "registration file"}, nil},
		"NoAppSecret": {func(_ *testing.T, _ *homeserver, values map[string]string) {
			values["networks.whatsapp.app_secret"] = ""
		},
			"config: Puente cannot start with it", []string{"networks.whatsapp.app_secret", "App Dashboard"}, []string{"registration: "}},
		"SomebodyElseListens": {func(_ *testing.T, hs *homeserver, values map[string]string) {
			values["appservice.listen"] = strings.TrimPrefix(httptestOther(hs), "http://")
		}, "puente: is not well", []string{"appservice.listen", "no Puente"}, []string{"registration: "}},
	} {
		t.Run(name, func(t *testing.T) {
			hs := newHomeserver(t)
			values := settings(t, hs.URL)
			tc.change(t, hs, values)
			out, err := puente(t, nobody(t), "check", "-c", written(t, values))
			if err == nil || !strings.Contains(err.Error(), "checks failed") {
				t.Fatalf("error: %v", err)
			}
			good, bad := findings(t, out)
			mend, found := has(bad, tc.about)
			if !found {
				t.Fatalf("no failure %q in:\n%s", tc.about, out)
			}
			mentions(t, mend, tc.mend...)
			for _, about := range tc.good {
				if _, found := has(good, about); !found {
					t.Errorf("%q is not well in:\n%s", about, out)
				}
			}
			if strings.Contains(out, "hush-hush") || strings.Contains(out, testASToken) {
				t.Errorf("a secret is told:\n%s", out)
			}
		})
	}
}

// httptestOther is a server that is neither a homeserver nor a Puente.
func httptestOther(hs *homeserver) string {
	other := httptest.NewServer(http.NotFoundHandler())
	hs.Config.RegisterOnShutdown(other.Close)
	return other.URL
}

func TestCheckBeforeTheFirstStart(t *testing.T) {
	values := settingsOn(t, db.SQLite(t), newHomeserver(t).URL)
	out, err := puente(t, nobody(t), "check", "-c", written(t, values))
	if err == nil {
		t.Error("no number is connected, and all is well")
	}
	good, bad := findings(t, out)
	for _, about := range []string{"config: ", "database: sqlite is not there yet", "puente: does not run", "homeserver: ", "registration: the homeserver knows Puente as @puente:example.com", "way back: not tried"} {
		if _, found := has(good, about); !found {
			t.Errorf("no %q in:\n%s", about, out)
		}
	}
	if len(bad) != usualFailures {
		t.Errorf("failures: %v", bad)
	}
	leaves(t, filepath.Dir(values["database.uri"]))
}

func TestCheckAfterAStartThatFailedHalfWay(t *testing.T) {
	values := settings(t, newHomeserver(t).URL)
	values["networks.whatsapp.app_secret"] = ""
	if code := start(t, nil, "run", "-c", written(t, values)).exit(); code != 1 {
		t.Fatalf("exit code %d", code)
	}
	values["networks.whatsapp.app_secret"] = "found"
	out, _ := puente(t, nobody(t), "check", "-c", written(t, values))
	if _, bad := findings(t, out); len(bad) != usualFailures {
		t.Errorf("it complains of the database:\n%s", out)
	}
}

func TestCheckOfAConfigThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("homeserver:\n    addrss: http://localhost\nsignatur: none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := puente(t, nobody(t), "check", "-c", path)
	if err == nil {
		t.Error("all is well")
	}
	_, bad := findings(t, out)
	mentions(t, bad["config"], path+":2: unknown key homeserver.addrss; did you mean homeserver.address?", path+":3: unknown key signatur; did you mean signature?")
}

func TestCheckWithoutNetworks(t *testing.T) {
	values := settings(t, newHomeserver(t).URL)
	path := filepath.Join(t.TempDir(), "config.yaml")
	text := "homeserver: {address: \"" + values["homeserver.address"] + "\", domain: example.com}\nappservice: {listen: \"" + values["appservice.listen"] +
		"\", as_token: " + testASToken + ", hs_token: " + testHSToken + "}\ndatabase: {type: " + values["database.type"] + ", uri: \"" + values["database.uri"] + "\"}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := puente(t, nobody(t), "check", "-c", path)
	if err == nil {
		t.Error("all is well")
	}
	_, bad := findings(t, out)
	mentions(t, bad["networks: none is configured"], "config.example.yaml")
}

func TestCheckTakesNetworkKeysFromTheEnvironment(t *testing.T) {
	values := settings(t, newHomeserver(t).URL)
	values["networks.whatsapp.app_secret"] = ""
	t.Setenv("PUENTE_NETWORKS_WHATSAPP_APP_SECRET", "from-the-environment")
	out, _ := puente(t, nobody(t), "check", "-c", written(t, values))
	if _, bad := findings(t, out); len(bad) != usualFailures {
		t.Errorf("failures: %v", bad)
	}
}

func TestCheckBesideARunningPuente(t *testing.T) {
	hs := newHomeserver(t)
	values := settings(t, hs.URL)
	p, path := running(t, values)
	t.Run("AsksIt", func(t *testing.T) {
		out, _ := puente(t, nobody(t), "check", "-c", path)
		good, bad := findings(t, out)
		for _, about := range []string{"puente: runs at", "way back: the homeserver reaches Puente", "database: " + values["database.type"] + " is there and of the right version"} {
			if _, found := has(good, about); !found {
				t.Errorf("no %q in:\n%s", about, out)
			}
		}
		if mend, found := has(bad, "whatsapp: no number is connected"); !found || !strings.Contains(mend, "login whatsapp") {
			t.Errorf("the network was not asked:\n%s", out)
		}
	})
	t.Run("SaysThatTheHomeserverDoesNotReachIt", func(t *testing.T) {
		hs.mu.Lock()
		hs.unaware = true
		hs.mu.Unlock()
		out, _ := puente(t, nobody(t), "check", "-c", path)
		_, bad := findings(t, out)
		mend, _ := has(bad, "way back")
		mentions(t, mend, "appservice.address", "url in the registration file", "hs_token")
	})
	t.Run("HealthIsGood", func(t *testing.T) {
		if out, err := puente(t, nobody(t), "check", "--health", "-c", path); err != nil || out != "" {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("SaysThatTheNextStartWouldFail", func(t *testing.T) {
		changed := maps.Clone(values)
		changed["networks.whatsapp.app_secret"] = ""
		out, err := puente(t, nobody(t), "check", "-c", written(t, changed))
		if err == nil {
			t.Error("all is well")
		}
		good, bad := findings(t, out)
		mentions(t, bad["config: Puente cannot start with it"], "networks.whatsapp.app_secret")
		if _, found := has(good, "puente: runs at"); !found {
			t.Errorf("it does not say that one runs:\n%s", out)
		}
	})
	t.Run("AnotherTokenIsRefused", func(t *testing.T) {
		values["appservice.as_token"] = "another-token-altogether"
		out, err := puente(t, nobody(t), "check", "-c", written(t, values))
		if err == nil {
			t.Error("all is well")
		}
		_, bad := findings(t, out)
		mentions(t, bad["networks"], "another appservice.as_token", "restart")
	})
	p.signal(syscall.SIGTERM)
	p.exit()
	t.Run("HealthIsBadOnceItHasStopped", func(t *testing.T) {
		_, err := puente(t, nobody(t), "check", "--health", "-c", path)
		if err == nil || !strings.Contains(err.Error(), "no Puente runs at") {
			t.Errorf("error: %v", err)
		}
	})
}

func TestHealthOfAPuenteThatWaitsForTheHomeserver(t *testing.T) {
	path := written(t, settings(t, "http://127.0.0.1:1"))
	p := start(t, nil, "run", "-c", path)
	p.waitFor("does not answer", 1)
	if code := start(t, nil, "check", "--health", "-c", path).exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	_, err := puente(t, nobody(t), "check", "--health", "-c", path)
	if err == nil || !strings.Contains(err.Error(), "still starting") {
		t.Errorf("error: %v", err)
	}
}
