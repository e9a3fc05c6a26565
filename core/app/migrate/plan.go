package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// table is one table to copy.
type table struct {
	name    string
	rows    int64
	columns []column
}

// column is a column that both databases have.
type column struct {
	name string
	kind string // its type in PostgreSQL, such as "text" or "bytea"
}

// stays tells of a table that it says something about the one database that it is in.
func stays(name string) bool { return name == "database_owner" || name == "pu_lease" }

const (
	sourceTables  = `SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`
	sourceColumns = `SELECT name FROM pragma_table_info($1) ORDER BY cid`
)

// makePlan lists what is to be copied, a table after those that its foreign keys point to. A table or a column of the
// old database that the new one has not is an error if there is something in it: it would be left behind.
func makePlan(ctx context.Context, from *dbutil.Database, to *target) ([]*table, error) {
	names, err := list(ctx, from, sourceTables)
	if err != nil {
		return nil, fmt.Errorf("list the old database's tables: %w", err)
	}
	known, err := to.columns(ctx)
	if err != nil {
		return nil, err
	}
	planned := map[string]*table{}
	for _, name := range names {
		if stays(name) {
			continue
		} else if isVersion(known[name]) {
			if err = sameVersion(ctx, from, to, name); err != nil {
				return nil, err
			}
			continue
		}
		if planned[name], err = planTable(ctx, from, name, known[name]); err != nil {
			return nil, err
		} else if planned[name] == nil {
			delete(planned, name)
		}
	}
	return to.sorted(ctx, planned)
}

// planTable returns nil if the new database has no such table and there is nothing in it.
func planTable(ctx context.Context, from *dbutil.Database, name string, known map[string]string) (*table, error) {
	t := &table{name: name}
	var err error
	if t.rows, err = count(ctx, from, name); err != nil {
		return nil, err
	}
	if known == nil && t.rows == 0 {
		return nil, nil
	} else if known == nil {
		return nil, fmt.Errorf("the old database has a table %s with %d rows that is none of this Puente's: move or drop it first, so that nothing is left behind unseen: %w",
			name, t.rows, errs.ErrConflict)
	}
	columns, err := list(ctx, from, sourceColumns, name)
	if err != nil {
		return nil, fmt.Errorf("list the columns of table %s: %w", name, err)
	}
	for _, each := range columns {
		kind, found := known[each]
		if !found {
			return nil, fmt.Errorf("table %s of the old database has a column %s that is none of this Puente's: %w", name, each, errs.ErrConflict)
		}
		t.columns = append(t.columns, column{name: each, kind: kind})
	}
	return t, nil
}

// isVersion tells whether a table is one in which dbutil keeps a schema's version.
func isVersion(columns map[string]string) bool {
	return slices.Equal(slices.Sorted(maps.Keys(columns)), []string{"compat", "version"})
}

// sameVersion compares a schema's version on both sides: both were brought up to date.
func sameVersion(ctx context.Context, from *dbutil.Database, to *target, name string) error {
	query := "SELECT version FROM " + quote(name)
	var old, made int
	if err := from.QueryRow(ctx, query).Scan(&old); err != nil {
		return fmt.Errorf("read %s of the old database: %w", name, err)
	} else if err = to.db.QueryRow(ctx, query).Scan(&made); err != nil {
		return fmt.Errorf("read %s of the new database: %w", name, err)
	} else if old != made {
		return fmt.Errorf("%s is %d in the old database, and this Puente makes %d: move it with the Puente that wrote it: %w", name, old, made, errs.ErrConflict)
	}
	return nil
}

// inOrder puts each table after those that it needs.
func inOrder(planned map[string]*table, needs map[string][]string) ([]*table, error) {
	var order []*table
	const entered, left = 1, 2
	state := map[string]int{}
	var visit func(name string) error
	visit = func(name string) error {
		if state[name] == left || planned[name] == nil {
			return nil
		} else if state[name] == entered {
			return fmt.Errorf("the tables around %s need each other in a circle: %w", name, errs.ErrUnsupported)
		}
		state[name] = entered
		for _, other := range needs[name] {
			if err := visit(other); err != nil {
				return err
			}
		}
		state[name] = left
		order = append(order, planned[name])
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// list returns a query's one column of texts.
func list(ctx context.Context, db *dbutil.Database, query string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, query, args...)
	return dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (name string, err error) {
		return name, row.Scan(&name)
	}).NewRowIter(rows, err).AsList()
}

// quote makes an identifier of a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
