// Package db gives a test a fresh database, on SQLite and on PostgreSQL. The PostgreSQL server is
// started by the first test that needs it, from the binaries of the package `postgresql`, and ends
// with the test binary, whichever way that ends.
package db

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
)

// Fresh is one empty database that no other test uses; it is gone when the test ends.
type Fresh struct {
	// Config opens it, also from another process.
	Config store.Config
}

// Each runs test twice: on a fresh SQLite file and on a fresh PostgreSQL database.
func Each(t *testing.T, test func(t *testing.T, fresh Fresh)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns a fresh SQLite file.
func SQLite(t testing.TB) Fresh {
	t.Helper()
	return Fresh{Config: store.Config{Type: store.SQLite, URI: filepath.Join(t.TempDir(), "puente.db")}}
}

// Postgres returns a fresh PostgreSQL database.
func Postgres(t testing.TB) Fresh {
	t.Helper()
	fresh, drop, err := CreatePostgres()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return fresh
}

// KindVariable names the environment variable that chooses the database of the tests that are too slow to run twice in
// one go: "sqlite", which is also what they take without it, or "postgres". `make test` runs them once with each.
const KindVariable = "PUENTE_TEST_DATABASE"

// Chosen returns a fresh database of the kind that the environment chooses.
func Chosen(t testing.TB) Fresh {
	t.Helper()
	switch kind := os.Getenv(KindVariable); kind {
	case "", store.SQLite:
		return SQLite(t)
	case store.Postgres:
		return Postgres(t)
	default:
		t.Fatalf("%s is %q: write %s or %s", KindVariable, kind, store.SQLite, store.Postgres)
		return Fresh{}
	}
}

// Open opens the database with Puente's own tables in it; it is closed when the test ends, if the
// test has not closed it before.
func (f Fresh) Open(t testing.TB) *dbutil.Database {
	t.Helper()
	handle, err := store.Open(context.Background(), f.Config, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() {
		if err := handle.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	if err = store.Upgrade(context.Background(), handle); err != nil {
		t.Fatalf("upgrade test database: %v", err)
	}
	return handle
}
