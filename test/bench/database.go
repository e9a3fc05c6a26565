package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

// databases makes databases of one kind, which commit as durably as in production.
type databases struct {
	kind  string // store.SQLite or store.Postgres
	dir   string
	admin *dbutil.Database // PostgreSQL's; nil for SQLite
	uri   url.URL          // of PostgreSQL
	made  int
}

func newDatabases(ctx context.Context, kind, dir string) (*databases, error) {
	d := &databases{kind: kind, dir: dir}
	if kind != store.Postgres {
		return d, nil
	}
	address, err := db.StartServer(db.Durable)
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read the server's address: %w", err)
	}
	d.uri = *parsed
	d.admin, err = store.Open(ctx, store.Config{Type: kind, URI: address}, zerolog.Nop())
	return d, err
}

func (d *databases) close() error {
	if d.admin == nil {
		return nil
	}
	return d.admin.Close()
}

// version is the PostgreSQL server's; empty for SQLite.
func (d *databases) version(ctx context.Context) string {
	var version string
	if d.admin != nil {
		_ = d.admin.QueryRow(ctx, "SHOW server_version").Scan(&version) // then it stays empty
	}
	return version
}

// next returns a database that does not exist yet.
func (d *databases) next() store.Config {
	d.made++
	name := fmt.Sprintf("bench_%d", d.made)
	if d.kind == store.SQLite {
		return store.Config{Type: d.kind, URI: filepath.Join(d.dir, name+".db")}
	}
	address := d.uri
	address.Path = "/" + name
	return store.Config{Type: d.kind, URI: address.String()}
}

// fresh makes an empty database.
func (d *databases) fresh(ctx context.Context) (store.Config, error) {
	made := d.next()
	if d.kind == store.SQLite {
		return made, nil // the first who opens it creates it
	}
	_, err := d.admin.Exec(ctx, "CREATE DATABASE "+databaseName(made))
	if err != nil {
		return made, fmt.Errorf("create a database: %w", err)
	}
	return made, nil
}

// copy makes a database like another, which nobody has open.
func (d *databases) copy(ctx context.Context, of store.Config) (store.Config, error) {
	made := d.next()
	if d.kind == store.Postgres {
		_, err := d.admin.Exec(ctx, "CREATE DATABASE "+databaseName(made)+" TEMPLATE "+databaseName(of))
		if err != nil {
			return made, fmt.Errorf("copy a database: %w", err)
		}
		return made, nil
	}
	data, err := os.ReadFile(of.URI)
	if err == nil {
		err = os.WriteFile(made.URI, data, 0o600) //nolint:gosec // G703: a file in the folder of this run
	}
	if err != nil {
		return made, fmt.Errorf("copy a database: %w", err)
	}
	return made, nil
}

func databaseName(of store.Config) string {
	address, err := url.Parse(of.URI)
	if err != nil {
		return of.URI
	}
	return filepath.Base(address.Path)
}

// with opens a database that no other process has open, lets work do something, and closes it.
func with(ctx context.Context, cfg store.Config, work func(*dbutil.Database) error) error {
	opened, err := store.Open(ctx, cfg, zerolog.Nop())
	if err != nil {
		return err
	}
	return errors.Join(work(opened), opened.Close())
}
