package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/ports"
)

const standsBy = "waiting as stand-by"

// onPostgres are settings whose database is a PostgreSQL of the test.
func onPostgres(t *testing.T, homeserver string) map[string]string {
	t.Helper()
	return settingsOn(t, db.Postgres(t), homeserver)
}

// elsewhere are the same settings with another address to listen on, as on another machine.
func elsewhere(t *testing.T, values map[string]string) map[string]string {
	t.Helper()
	other := map[string]string{}
	for key, value := range values {
		other[key] = value
	}
	other["appservice.listen"] = ports.Address()
	return other
}

func TestStandByTakesOver(t *testing.T) {
	values := onPostgres(t, newHomeserver(t).URL)
	first, _ := running(t, values)
	other, hs := elsewhere(t, values), newHomeserver(t)
	other["homeserver.address"] = hs.URL
	path := written(t, other)
	second := start(t, nil, "run", "-c", path)
	second.waitFor(standsBy, 1)
	mentions(t, second.output(), fmt.Sprintf("puente on %s (process %d)", hostname(t), first.cmd.Process.Pid))

	t.Run("UntilThenItNeitherListensNorAsks", func(t *testing.T) {
		if asked := hs.count(); asked != 0 {
			t.Errorf("it asked the homeserver %d times", asked)
		}
		if conn, err := net.Dial("tcp", other["appservice.listen"]); err == nil {
			t.Errorf("somebody answers at %s", conn.RemoteAddr())
		}
	})
	t.Run("CheckSaysThatItWaits", func(t *testing.T) {
		out, _ := puente(t, nobody(t), "check", "-c", path)
		good, _ := findings(t, out)
		if _, found := has(good, "puente: waits here as stand-by; puente on "+hostname(t)); !found {
			t.Errorf("it does not say so:\n%s", out)
		}
	})
	t.Run("ItIsHealthy", func(t *testing.T) {
		if _, err := puente(t, nobody(t), "check", "--health", "-c", path); err != nil {
			t.Error(err)
		}
	})
	t.Run("TheJournalCanBeLookedAt", func(t *testing.T) {
		if _, err := puente(t, nobody(t), "journal", "list", "-c", path); err != nil {
			t.Error(err)
		}
	})
	first.signal(syscall.SIGKILL)
	second.waitFor(ready, 1)
	if _, err := puente(t, nobody(t), "check", "--health", "-c", path); err != nil {
		t.Errorf("who took over is not well: %v", err)
	}
	third := start(t, nil, "run", "-c", written(t, values)) // the first one again
	third.waitFor(standsBy, 1)
	second.signal(syscall.SIGTERM)
	if code := second.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, second.output())
	}
	third.waitFor(ready, 1)
	third.signal(syscall.SIGTERM)
	if code := third.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, third.output())
	}
}

func TestStandByStopsWhenItIsTold(t *testing.T) {
	hs := newHomeserver(t)
	values := onPostgres(t, hs.URL)
	running(t, values)
	second := start(t, nil, "run", "-c", written(t, elsewhere(t, values)))
	second.waitFor(standsBy, 1)
	second.signal(syscall.SIGTERM)
	if code := second.exit(); code != 0 || strings.Contains(second.output(), ready) {
		t.Errorf("exit code %d:\n%s", code, second.output())
	}
}

func TestWhoHasBeenReplacedEndsWithAnError(t *testing.T) {
	values := onPostgres(t, newHomeserver(t).URL)
	first, _ := running(t, values)
	handle := opened(t, values)
	defer func() { _ = handle.Close() }()
	for _, statement := range []string{
		"UPDATE pu_lease SET holder='another'",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=current_database() AND application_name LIKE 'puente on %'",
	} {
		if _, err := handle.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if code := first.exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	mentions(t, first.output(), "nothing new is begun", store.ErrTaken.Error(), "stand-by when it is started again")
}

func TestHealthWithoutAnyPuente(t *testing.T) {
	values := onPostgres(t, newHomeserver(t).URL)
	if _, err := puente(t, nobody(t), "check", "--health", "-c", written(t, values)); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("error: %v", err)
	}
}
