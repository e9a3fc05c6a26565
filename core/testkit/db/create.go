package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"

	"puente/core/base/store"
)

// CreatePostgres makes a fresh PostgreSQL database for a program that is no test. drop removes it.
func CreatePostgres() (fresh Fresh, drop func() error, err error) {
	admin, err := sharedServer()
	if err != nil {
		return Fresh{}, nil, err
	}
	address, err := url.Parse(admin)
	if err != nil {
		return Fresh{}, nil, fmt.Errorf("read %s, which must be a postgres:// URI: %w", ServerVariable, err)
	}
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if err = execAdmin(admin, "CREATE DATABASE "+name); err != nil {
		return Fresh{}, nil, fmt.Errorf("create test database: %w", err)
	}
	address.Path = "/" + name
	drop = func() error {
		if err := execAdmin(admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop test database: %w", err)
		}
		return nil
	}
	return Fresh{Config: store.Config{Type: store.Postgres, URI: address.String()}}, drop, nil
}

func execAdmin(admin, statement string) error {
	handle, err := sql.Open("pgx", admin)
	if err != nil {
		return err
	}
	_, err = handle.ExecContext(context.Background(), statement)
	return errors.Join(err, handle.Close())
}
