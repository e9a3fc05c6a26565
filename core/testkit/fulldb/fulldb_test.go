package fulldb_test

import (
	"context"
	"slices"
	"testing"

	"go.mau.fi/util/dbutil"

	"puente/core/testkit/db"
	"puente/core/testkit/fulldb"
)

// A table that is new needs a row here, or the tests of moving and upgrading would not see it.
func TestEveryTableHasRows(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx := context.Background()
		handle := fresh.Open(t)
		if err := fulldb.Make(ctx, handle); err != nil {
			t.Fatal(err)
		} else if err = fulldb.Fill(ctx, handle); err != nil {
			t.Fatal(err)
		}
		query := "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'"
		if handle.Dialect == dbutil.Postgres {
			query = "SELECT table_name::text FROM information_schema.tables WHERE table_schema='public'"
		}
		rows, err := handle.Query(ctx, query)
		names, err := dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (name string, err error) {
			return name, row.Scan(&name)
		}).NewRowIter(rows, err).AsList()
		if err != nil {
			t.Fatal(err)
		}
		filled := append(fulldb.Tables(), "version", "pu_version", "mx_version", "crypto_version", "database_owner", "pu_lease")
		for _, name := range names {
			if !slices.Contains(filled, name) {
				t.Errorf("table %s has no rows", name)
			}
		}
		if len(names) != len(filled) {
			t.Errorf("%d tables, and %d are known", len(names), len(filled))
		}
	})
}
