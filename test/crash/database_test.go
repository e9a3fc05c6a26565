package crash

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

// All ways by which something comes to Puente that it must not take while it cannot keep it.
const (
	whatsAppPath = "/whatsapp/webhook"
	shopPath     = "/webhook/v1/systems/" + shopSystem + "/events"
)

// databaseFails lets everybody write while Puente's database does not work, and waits until both providers with webhooks
// were answered with 503.
func (o *outages) databaseFails(t *testing.T, begin, end func() error) {
	log := filepath.Join(o.w.dir, "puente.log")
	before := said(t, log, troubleLine)
	refused := func(path string) int { return o.w.inbound.answered(path, http.StatusServiceUnavailable) }
	whatsApp, shop := refused(whatsAppPath), refused(shopPath)
	must(t, begin())
	over := false
	defer func() {
		if !over {
			_ = end() // the test has failed already
		}
	}()
	o.agentsWrite(t, 1)
	// A full disk has room for a little more where SQLite writes over what it does not need any more.
	writes := 0
	o.comes(t, "both webhooks are answered with 503", func() bool {
		if writes++; writes%10 == 1 && writes < 10*mostWrites {
			o.customersWrite(t, 1)
		}
		return refused(whatsAppPath) > whatsApp && refused(shopPath) > shop
	})
	o.comes(t, "Puente says that it cannot use the database", func() bool { return said(t, log, troubleLine) > before })
	over = true
	must(t, end())
	o.customersWrite(t, 1)
	o.agentsWrite(t, 1)
}

// mostWrites bounds how often everybody writes until the database refuses.
const mostWrites = 40

// troubleLine is part of what Puente logs when it cannot write.
const troubleLine = "database"

// said counts the errors and warnings of a log that say something.
func said(t *testing.T, path, words string) int {
	t.Helper()
	text, err := os.ReadFile(path) // #nosec G304 -- in our own folder
	must(t, err)
	count := 0
	for line := range strings.Lines(string(text)) {
		if (strings.Contains(line, `"level":"error"`) || strings.Contains(line, `"level":"warn"`)) && strings.Contains(line, words) {
			count++
		}
	}
	return count
}

// TestNothingIsLostWhenTheDatabaseFails lets another program write in the SQLite file for longer than Puente waits, and
// fills the disk that it is on.
func TestNothingIsLostWhenTheDatabaseFails(t *testing.T) {
	dir, small := smallDisk(t)
	w := buildOn(t, sizes.read(), store.Config{Type: store.SQLite, URI: filepath.Join(dir, "puente.db")})
	o := beginIn(t, w)
	o.run(t, "Locked", o.databaseIsLocked)
	if !small {
		t.Log("no full disk was tried: only root can mount a small one")
		return
	}
	ballast := filepath.Join(dir, "ballast")
	o.run(t, "DiskFull", func(t *testing.T) {
		o.databaseFails(t, func() error { return fill(ballast) }, func() error { return os.Remove(ballast) })
	})
}

func (o *outages) databaseIsLocked(t *testing.T) {
	handle, err := sql.Open("sqlite3", "file:"+o.w.database.URI+"?_busy_timeout=20000")
	must(t, err)
	defer func() { _ = handle.Close() }()
	conn, err := handle.Conn(o.w.ctx)
	must(t, err)
	defer func() { _ = conn.Close() }()
	do := func(statement string) func() error {
		return func() error {
			_, err := conn.ExecContext(o.w.ctx, statement)
			return err
		}
	}
	o.databaseFails(t, do("BEGIN EXCLUSIVE"), do("ROLLBACK"))
}

// smallSize is how large the disk is that fills up.
const smallSize = 24 << 20

// smallDisk is a folder on a small disk in memory, or, for whoever may not mount one, an ordinary folder.
func smallDisk(t *testing.T) (dir string, small bool) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", smallSize)); err != nil {
		return dir, false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir, true
}

// fill writes a file until there is no room any more.
func fill(path string) error {
	file, err := os.Create(path) // #nosec G304 -- in our own folder
	if err != nil {
		return err
	}
	_, err = io.Copy(file, zeros{})
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return file.Close()
}

type zeros struct{}

// Read implements io.Reader without an end.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return min(len(p), 4096), nil
}

// TestNothingIsLostWhenTheDatabaseIsGone lets PostgreSQL break all of Puente's connections and take no new ones.
func TestNothingIsLostWhenTheDatabaseIsGone(t *testing.T) {
	fresh := db.Postgres(t)
	opts := sizes.read()
	o := beginIn(t, buildOn(t, opts, fresh.Config))
	address, err := url.Parse(fresh.Config.URI)
	must(t, err)
	name := strings.TrimPrefix(address.Path, "/")
	address.Path = "/postgres"
	admin, err := sql.Open("pgx", address.String())
	must(t, err)
	defer func() { _ = admin.Close() }()
	o.run(t, "Gone", func(t *testing.T) {
		o.databaseFails(t,
			func() error { return shut(o.w.ctx, admin, name) },
			func() error {
				_, err := admin.ExecContext(o.w.ctx, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
				return err
			})
	})
}

// shut makes PostgreSQL refuse everybody a database, and breaks the connections to it.
func shut(ctx context.Context, admin *sql.DB, name string) error {
	if _, err := admin.ExecContext(ctx, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false"); err != nil {
		return err
	}
	_, err := admin.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=$1", name)
	return err
}
