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

// KindVariable names the environment variable that chooses one kind of database for all tests, "sqlite" or "postgres".
// `make test` runs the packages whose tests are too slow for Each without it, and once more on PostgreSQL.
const KindVariable = "PUENTE_TEST_DATABASE"

// Each runs test twice: on a fresh SQLite file and on a fresh PostgreSQL database; or only on the one that the environment
// chooses.
func Each(t *testing.T, test func(t *testing.T, fresh Fresh)) {
	t.Helper()
	kind := chosen(t)
	if kind != store.Postgres {
		t.Run("SQLite", func(t *testing.T) { test(t, SQLite(t)) })
	}
	if kind != store.SQLite {
		t.Run("PostgreSQL", func(t *testing.T) { test(t, Postgres(t)) })
	}
}

// Chosen returns a fresh database of the kind that the environment chooses, or SQLite, for tests that are too slow for Each.
func Chosen(t testing.TB) Fresh {
	t.Helper()
	if chosen(t) == store.Postgres {
		return Postgres(t)
	}
	return SQLite(t)
}

// chosen is the kind that the environment chooses; empty if it does not.
func chosen(t testing.TB) string {
	t.Helper()
	kind := os.Getenv(KindVariable)
	if kind != "" && kind != store.SQLite && kind != store.Postgres {
		t.Fatalf("%s is %q: write %s or %s", KindVariable, kind, store.SQLite, store.Postgres)
	}
	return kind
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
