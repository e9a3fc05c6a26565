// Package store opens the one database that all of Puente shares, and keeps the schema of Puente's
// own tables (pu_…). SQLite and PostgreSQL are spoken to through go.mau.fi/util/dbutil, because
// bridgev2 keeps its tables in the same database.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// The values of Config.Type.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Config says which database to open, as the part `database` of the config names it.
type Config struct {
	// Type is SQLite or Postgres.
	Type string `yaml:"type"`
	// URI is, for SQLite, a file's path (or a file: URI); for PostgreSQL a postgres:// URI or a line of
	// key=value settings.
	URI string `yaml:"uri"`
	// MaxOpenConns is how many connections are held at most; 0 means 4 for SQLite, 20 for PostgreSQL.
	MaxOpenConns int `yaml:"max_open_conns"`
}

// pingTimeout bounds how long Open waits for a database that does not answer.
const pingTimeout = 15 * time.Second

// ErrInUse tells that another process has the SQLite file open.
var ErrInUse = errors.New("database in use")

// Open opens the database for reading and writing. A wrong config is an errs.ErrInvalid that names
// the field and the mend. A SQLite file belongs to one process: a second one gets ErrInUse. Closing
// the returned database gives the file free again.
//
// A commit is durable when it returns, even at a power cut: SQLite runs in WAL mode with
// synchronous=FULL (one fsync a commit), PostgreSQL with its default synchronous_commit=on.
func Open(ctx context.Context, cfg Config, log zerolog.Logger) (*dbutil.Database, error) {
	return open(ctx, cfg, log, durable)
}

// OpenRelaxed opens the database that db is once more, for what can be made again from the journal, which comes with
// every message. On SQLite its commits do not wait for the disk: they are durable with the next commit through db, since
// both stand in one write-ahead log, one after the other. A power cut between the two takes the newest of them back, and
// the journal does not call done what they belong to. On PostgreSQL it is db itself. It is to be closed before db.
// ref: SQLite, PRAGMA synchronous
func OpenRelaxed(ctx context.Context, cfg Config, db *dbutil.Database, log zerolog.Logger) (*dbutil.Database, error) {
	if cfg.Type != SQLite {
		return db, nil
	}
	relaxed, err := openSQLite(ctx, cfg, relaxed)
	if err != nil {
		return nil, err
	}
	relaxed.Owner, relaxed.Log = db.Owner, queryLog{log: log}
	return relaxed, nil
}

// OpenReadOnly opens the database beside a running Puente, for looking only: it takes no lock on a
// SQLite file, creates nothing, and every write fails.
func OpenReadOnly(ctx context.Context, cfg Config, log zerolog.Logger) (*dbutil.Database, error) {
	return open(ctx, cfg, log, readOnly)
}

// access is what a database is opened for.
type access int

const (
	durable access = iota
	relaxed
	readOnly
)

func open(ctx context.Context, cfg Config, log zerolog.Logger, to access) (*dbutil.Database, error) {
	if cfg.URI == "" {
		return nil, fmt.Errorf("database.uri is empty: give the path of a SQLite file or a postgres:// address: %w", errs.ErrInvalid)
	}
	var db *dbutil.Database
	var err error
	switch cfg.Type {
	case SQLite:
		db, err = openSQLite(ctx, cfg, to)
	case Postgres:
		db, err = openPostgres(ctx, cfg, to == readOnly)
	default:
		return nil, fmt.Errorf("database.type is %q: write %s or %s: %w", cfg.Type, SQLite, Postgres, errs.ErrInvalid)
	}
	if err != nil {
		return nil, err
	}
	db.Owner = "puente"
	db.Log = queryLog{log: log}
	return db, nil
}

// setPool keeps up to most connections open and idle: opening one costs far more than keeping it.
func setPool(db *dbutil.Database, most int) {
	db.RawDB.SetMaxOpenConns(most)
	db.RawDB.SetMaxIdleConns(most)
}
