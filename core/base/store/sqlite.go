package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"
	"go.mau.fi/util/dbutil"
	_ "go.mau.fi/util/dbutil/litestream" // registers sqliteDriver

	"puente/core/base/errs"
)

// sqliteDriver sets foreign_keys=ON, journal_mode=WAL, synchronous=FULL and busy_timeout=5000 on
// every connection. FULL, because what the journal has committed is answered with 200 and never
// sent again: it must survive a power cut.
const sqliteDriver = "sqlite3-fk-wal-fullsync"

// relaxedDriver is the same with synchronous=NORMAL.
const relaxedDriver = "sqlite3-fk-wal"

// Readers do not block each other or the one writer in WAL mode; more connections than this only queue.
const sqliteConns = 4

func openSQLite(ctx context.Context, cfg Config, to access) (*dbutil.Database, error) {
	path, query, err := parseSQLiteURI(cfg.URI)
	if err != nil {
		return nil, err
	}
	if err = checkSQLiteFile(path, to == readOnly); err != nil {
		return nil, err
	}
	conn := &sqliteConnector{dsn: sqliteDSN(path, query, to == readOnly)}
	if to == durable {
		if conn.lock, err = lockFile(path + ".lock"); err != nil {
			return nil, fmt.Errorf("database.uri: %w", err)
		}
	}
	name := sqliteDriver
	if to == relaxed {
		name = relaxedDriver
	}
	if conn.driver, err = registeredDriver(name); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	db, err := dbutil.NewWithDB(sql.OpenDB(conn), name)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	most := cfg.MaxOpenConns
	if most <= 0 {
		most = sqliteConns
	}
	setPool(db, most)
	if err = pingSQLite(ctx, db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// parseSQLiteURI splits a path or a file: URI into the file's path and its settings.
func parseSQLiteURI(uri string) (path string, query url.Values, err error) {
	scheme, rest, hasScheme := strings.Cut(uri, ":")
	if !hasScheme || len(scheme) < 2 || strings.ContainsAny(scheme, `/\.`) {
		return checkMemory(uri, url.Values{})
	}
	if scheme != "file" {
		return "", nil, fmt.Errorf("database.uri has the scheme %q, but database.type is %s: give a file's path, or set database.type to %s: %w",
			scheme, SQLite, Postgres, errs.ErrInvalid)
	}
	rest, raw, _ := strings.Cut(rest, "?")
	if strings.HasPrefix(rest, "//") { // file:///path or file://localhost/path
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "//"), "localhost")
	}
	if path, err = url.PathUnescape(rest); err != nil {
		return "", nil, fmt.Errorf("database.uri has a wrong %%-escape in its path: %w", errs.ErrInvalid)
	}
	if query, err = url.ParseQuery(raw); err != nil {
		return "", nil, fmt.Errorf("database.uri has a wrong setting after the question mark: %w", errs.ErrInvalid)
	}
	return checkMemory(path, query)
}

// checkMemory refuses a database that would be gone with the process: nothing that was accepted may get lost.
func checkMemory(path string, query url.Values) (string, url.Values, error) {
	if path == "" || strings.Contains(path, ":memory:") || query.Get("mode") == "memory" {
		return "", nil, fmt.Errorf("database.uri names no file: a database in memory would lose what was accepted; give a file's path: %w", errs.ErrInvalid)
	}
	return path, query, nil
}

// checkSQLiteFile finds out what SQLite's own "unable to open database file" would not tell.
func checkSQLiteFile(path string, readOnly bool) error {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("database.uri: the folder %s does not exist: create it (mkdir -p) or correct the path: %w", dir, errs.ErrInvalid)
	} else if err != nil {
		return fmt.Errorf("database.uri: look at the folder %s: %w", dir, err)
	} else if !info.IsDir() {
		return fmt.Errorf("database.uri: %s is not a folder: correct the path: %w", dir, errs.ErrInvalid)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && readOnly:
		return fmt.Errorf("database.uri: %s does not exist yet: it is created by the first start: %w", path, errs.ErrNotFound)
	case errors.Is(err, fs.ErrNotExist):
		return createSQLiteFile(path)
	case err != nil:
		return fmt.Errorf("database.uri: look at %s: %w", path, err)
	case info.IsDir():
		return fmt.Errorf("database.uri: %s is a folder: name a file in it, such as %s: %w", path, filepath.Join(path, "puente.db"), errs.ErrInvalid)
	}
	return nil
}

// createSQLiteFile creates the file for its owner alone, since it holds messages and keys; SQLite
// gives its side files the same mode.
func createSQLiteFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) // #nosec G304 -- the operator names the file
	if err != nil {
		return fmt.Errorf("database.uri: the file cannot be created; let Puente's user write into its folder: %w", err)
	}
	if err = file.Close(); err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	return nil
}

// sqliteStatements is how many prepared statements each connection keeps: bridgev2, the state store and Puente
// have fewer that come with every message. Without them SQLite spends nearly half of its time on preparing.
const sqliteStatements = "128"

// sqliteDSN completes the user's settings. Transactions begin as writers: one that reads first and
// writes later would fail with "database is locked" when somebody wrote in between.
func sqliteDSN(path string, query url.Values, readOnly bool) string {
	query.Set("_txlock", "immediate")
	query.Del("mode")
	if !query.Has("_stmt_cache_size") {
		query.Set("_stmt_cache_size", sqliteStatements)
	}
	if readOnly {
		query.Set("_txlock", "deferred")
		query.Set("_query_only", "true")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

func pingSQLite(ctx context.Context, db *dbutil.Database, path string) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var tables int
	err := db.QueryRow(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables)
	var failure sqlite3.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure) && (failure.Code == sqlite3.ErrNotADB || failure.Code == sqlite3.ErrCorrupt):
		return fmt.Errorf("database.uri: %s is not a SQLite database, or a damaged one: correct the path or restore a backup: %w", path, errs.ErrInvalid)
	case errors.As(err, &failure) && (failure.Code == sqlite3.ErrReadonly || failure.Code == sqlite3.ErrCantOpen || failure.Code == sqlite3.ErrPerm):
		return fmt.Errorf("database.uri: %s cannot be written; let Puente's user write to it and its folder: %w", path, err)
	}
	return fmt.Errorf("database.uri: open %s: %w", path, err)
}

// registeredDriver returns a driver of database/sql by its name.
func registeredDriver(name string) (driver.Driver, error) {
	db, err := sql.Open(name, "")
	if err != nil {
		return nil, fmt.Errorf("find database driver: %w", err)
	}
	found := db.Driver()
	if err = db.Close(); err != nil {
		return nil, fmt.Errorf("find database driver: %w", err)
	}
	return found, nil
}

// sqliteConnector opens connections and, being an io.Closer, is closed with the sql.DB: so the lock
// lives exactly as long as the database is open.
type sqliteConnector struct {
	driver driver.Driver
	dsn    string
	lock   *os.File
}

// Connect opens one connection.
func (c *sqliteConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver returns the driver beneath.
func (c *sqliteConnector) Driver() driver.Driver { return c.driver }

// Close releases the lock on the file.
func (c *sqliteConnector) Close() error {
	if c.lock == nil {
		return nil
	}
	return c.lock.Close()
}
