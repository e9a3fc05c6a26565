// Package fulldb makes a database with all the tables that a Puente may have, and a few rows in each of them: for the
// tests of moving and of upgrading. What stands in the rows makes sense together, and is nobody's.
package fulldb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
	"puente/core/hub"
)

// Make makes all tables, as a start with every network and with encryption does.
func Make(ctx context.Context, db *dbutil.Database) error {
	if err := store.Upgrade(ctx, db); err != nil {
		return err
	}
	return hub.UpgradeTables(ctx, db)
}

// Fill puts rows into the tables that Make has made.
func Fill(ctx context.Context, db *dbutil.Database) error {
	return db.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, r := range rows() {
			if err := insert(ctx, db, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func insert(ctx context.Context, db *dbutil.Database, r row) error {
	var columns, places []string
	var args []any
	for i := 0; i+1 < len(r.values); i += 2 {
		columns = append(columns, `"`+r.values[i].(string)+`"`)
		args = append(args, r.values[i+1])
		places = append(places, fmt.Sprintf("$%d", len(args)))
	}
	query := `INSERT INTO "` + r.table + `" (` + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	if _, err := db.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("fill table %s: %w", r.table, err)
	}
	return nil
}

// Tables are the tables that Fill fills, sorted.
func Tables() []string {
	var names []string
	for _, r := range rows() {
		names = append(names, r.table)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
