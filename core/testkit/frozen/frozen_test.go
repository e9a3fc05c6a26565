package frozen_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/frozen"
	"puente/core/testkit/fulldb"
)

// root is the project's folder, as the tests see it.
const root = "../../.."

func releases(t *testing.T) []string {
	t.Helper()
	list, err := frozen.Releases()
	if err != nil || len(list) == 0 {
		t.Fatalf("no release is frozen: %v", err)
	}
	return list
}

func open(t *testing.T, fresh db.Fresh) *dbutil.Database {
	t.Helper()
	handle, err := store.Open(context.Background(), fresh.Config, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = handle.Close() })
	return handle
}

// beside is another fresh database of the same kind.
func beside(t *testing.T, fresh db.Fresh) *dbutil.Database {
	t.Helper()
	if fresh.Config.Type == store.Postgres {
		return open(t, db.Postgres(t))
	}
	return open(t, db.SQLite(t))
}

// TestEveryReleaseCanBeUpgraded restores the database of each release and upgrades it: it then is like one that is made
// today, and what was in it still is.
func TestEveryReleaseCanBeUpgraded(t *testing.T) {
	for _, release := range releases(t) {
		t.Run(release, func(t *testing.T) {
			db.Each(t, func(t *testing.T, fresh db.Fresh) {
				ctx := context.Background()
				old, today := open(t, fresh), beside(t, fresh)
				if err := frozen.Restore(ctx, old, release); err != nil {
					t.Fatal(err)
				}
				before := content(t, old, nil)
				if err := errors.Join(fulldb.Make(ctx, old), fulldb.Make(ctx, today)); err != nil {
					t.Fatal(err)
				}
				after := content(t, old, before)
				compareContent(t, before, after)
				is, want := schema(t, old), schema(t, today)
				for _, line := range want {
					if !slices.Contains(is, line) {
						t.Errorf("missing after the upgrade: %s", line)
					}
				}
				for _, line := range is {
					if !slices.Contains(want, line) {
						t.Errorf("left after the upgrade: %s", line)
					}
				}
				if err := store.CheckSchema(ctx, old); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// table is what is in a table: its columns and, as texts, its rows.
type table struct{ columns, rows []string }

// content returns what is in all tables; if known, by the columns of then, as far as they are still there.
func content(t *testing.T, handle *dbutil.Database, known map[string]table) map[string]table {
	t.Helper()
	found := map[string]table{}
	for name, columns := range columnsOf(t, handle) {
		if slices.Equal(slices.Sorted(slices.Values(columns)), []string{"compat", "version"}) {
			continue
		}
		if then, ok := known[name]; ok {
			columns = slices.DeleteFunc(slices.Clone(then.columns), func(c string) bool { return !slices.Contains(columns, c) })
		}
		found[name] = table{columns: columns, rows: query(t, handle, selectText(handle, name, columns))}
	}
	return found
}

// selectText selects each row of a table as one text.
func selectText(handle *dbutil.Database, name string, columns []string) string {
	quoted := `"` + strings.Join(columns, `", "`) + `"`
	if handle.Dialect == dbutil.Postgres {
		return fmt.Sprintf(`SELECT ROW(%s)::text FROM "%s" ORDER BY 1`, quoted, name)
	}
	return fmt.Sprintf(`SELECT quote("%s") FROM "%s" ORDER BY 1`, strings.Join(columns, `") || ',' || quote("`), name)
}

// compareContent wants each row of Puente's own tables as it was. Other libraries' rows are theirs to change, but none may
// be lost.
func compareContent(t *testing.T, before, after map[string]table) {
	t.Helper()
	for name, then := range before {
		if len(then.rows) == 0 {
			t.Errorf("table %s was frozen without rows", name)
		}
		now, still := after[name]
		switch {
		case !still:
			t.Errorf("table %s is gone", name)
		case strings.HasPrefix(name, "pu_") && !slices.Equal(now.columns, then.columns):
			t.Errorf("table %s had the columns %v and has %v of them", name, then.columns, now.columns)
		case strings.HasPrefix(name, "pu_") && !slices.Equal(now.rows, then.rows), len(now.rows) != len(then.rows):
			t.Errorf("table %s held\n%s\nand holds\n%s", name, strings.Join(then.rows, "\n"), strings.Join(now.rows, "\n"))
		}
	}
}

// TestMigrationsOfAReleaseDoNotChange: who has such a release has run them as they were.
func TestMigrationsOfAReleaseDoNotChange(t *testing.T) {
	now, err := frozen.SumOf(filepath.Join(root, frozen.Migrations))
	if err != nil {
		t.Fatal(err)
	}
	for _, release := range releases(t) {
		then, err := frozen.Sums(release)
		if err != nil || len(then) == 0 {
			t.Fatalf("sums of %s: %v, %v", release, then, err)
		}
		for _, name := range slices.Sorted(maps.Keys(then)) {
			if now[name] != then[name] {
				t.Errorf("%s/%s is not as it was in %s: leave it, and write a new migration", frozen.Migrations, name, release)
			}
		}
	}
}

func TestFreezeRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		release string
		kind    error
	}{
		"WhatIsReleased": {releases(t)[0], errs.ErrConflict},
		"WhatIsNoName":   {"../v1", errs.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if err := frozen.Freeze(context.Background(), root, tc.release, false); !errors.Is(err, tc.kind) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

// What is frozen in another folder today is what the newest release has, unless the schema has changed since.
func TestFreezeWritesAllOfIt(t *testing.T) {
	elsewhere := t.TempDir()
	if err := os.MkdirAll(filepath.Join(elsewhere, filepath.Dir(frozen.Migrations)), 0o700); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(filepath.Join(root, frozen.Migrations))
	if err == nil {
		err = os.Symlink(here, filepath.Join(elsewhere, frozen.Migrations))
	}
	if err == nil {
		err = frozen.Freeze(context.Background(), elsewhere, "v9.9.9", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sqlite.sql", "postgres.sql", "migrations.sha256"} {
		made, err := os.ReadFile(filepath.Join(elsewhere, frozen.Folder, "v9.9.9", name))
		if err != nil || !strings.Contains(string(made), "journal") {
			t.Errorf("%s: %d bytes, %v", name, len(made), err)
		}
	}
}
