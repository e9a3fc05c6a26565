package main

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/fulldb"
)

// fullSettings are settings whose SQLite database has rows in every table.
func fullSettings(t *testing.T, homeserver string) map[string]string {
	t.Helper()
	values := settingsOn(t, db.SQLite(t), homeserver)
	handle := opened(t, values)
	if err := errors.Join(fulldb.Make(t.Context(), handle), fulldb.Fill(t.Context(), handle), handle.Close()); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestMigrate(t *testing.T) {
	values, to := fullSettings(t, newHomeserver(t).URL), db.Postgres(t).Config.URI
	before, err := puente(t, nobody(t), "journal", "list", "-c", written(t, values))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	secret.User = url.UserPassword("postgres", "hush-hush") // the server asks for none
	path := written(t, values)
	out, err := puente(t, nobody(t), "migrate", "-c", path, "--to", secret.String())
	if err != nil {
		t.Fatal(err)
	}
	mentions(t, out, "  pu_journal: 3", "3           3  pu_journal", "crypto_megolm_inbound_session", "tables are in PostgreSQL",
		"In "+path, "type: postgres", "uri: postgres://postgres:xxxxx@", "do not start Puente on it again")
	if strings.Contains(out, "hush-hush") || strings.Contains(out, "\r") {
		t.Errorf("output:\n%q", out)
	}

	values["database.type"], values["database.uri"] = "postgres", to
	after, err := puente(t, nobody(t), "journal", "list", "-c", written(t, values))
	if err != nil || after != before {
		t.Errorf("the journal was\n%s\nand is\n%s (%v)", before, after, err)
	}
	p, _ := running(t, values)
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.output())
	}
}

func TestMigrateReadsTheAddressFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "address")
	if err := os.WriteFile(file, []byte(db.Postgres(t).Config.URI+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := fullSettings(t, "http://127.0.0.1:1")
	if _, err := puente(t, nobody(t), "migrate", "-c", written(t, values), "--to-file", file); err != nil {
		t.Error(err)
	}
}

func TestMigrateBesideARunningPuente(t *testing.T) {
	values := settingsOn(t, db.SQLite(t), newHomeserver(t).URL)
	_, path := running(t, values)
	_, err := puente(t, nobody(t), "migrate", "-c", path, "--to", db.Postgres(t).Config.URI)
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "nothing was moved") || !strings.Contains(err.Error(), "stop that one") {
		t.Errorf("error: %v", err)
	}
}

func TestMigrateRefusesAddresses(t *testing.T) {
	values := fullSettings(t, "http://127.0.0.1:1")
	path := written(t, values)
	for name, tc := range map[string]struct {
		args []string
		says []string
	}{
		"None":        {nil, []string{"--to", "--to-file"}},
		"Empty":       {[]string{"--to", ""}, []string{"--to", "address"}},
		"AFile":       {[]string{"--to", "new.db"}, []string{"no PostgreSQL address", "postgres://"}},
		"Broken":      {[]string{"--to", "postgres://u:hush-hush@host:port/db"}, []string{"cannot be read"}},
		"Unreachable": {[]string{"--to", "postgres://u:hush-hush@127.0.0.1:1/db?sslmode=disable"}, []string{"cannot be reached", "127.0.0.1:1"}},
		"NoFile":      {[]string{"--to-file", "/nowhere/address"}, []string{"--to-file", "/nowhere/address"}},
		"NoDatabase":  {[]string{"--to", strings.Replace(db.Postgres(t).Config.URI, "/test_", "/none_", 1)}, []string{"no such database", "createdb"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := puente(t, nobody(t), append([]string{"migrate", "-c", path}, tc.args...)...)
			if err == nil {
				t.Fatal("accepted")
			}
			mentions(t, err.Error(), tc.says...)
			if strings.Contains(err.Error(), "hush-hush") {
				t.Errorf("%q tells the password", err)
			}
		})
	}
}

func TestMigrateWithoutADatabase(t *testing.T) {
	values := settingsOn(t, db.SQLite(t), "http://127.0.0.1:1")
	_, err := puente(t, nobody(t), "migrate", "-c", written(t, values), "--to", db.Postgres(t).Config.URI)
	if !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("error: %v", err)
	}
	leaves(t, filepath.Dir(values["database.uri"]))
}
