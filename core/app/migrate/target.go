package migrate

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

// target is the PostgreSQL database.
type target struct {
	db   *dbutil.Database
	conn *sql.Conn // on which the transaction runs
}

const anyTables = `SELECT table_name::text FROM information_schema.tables WHERE table_schema=current_schema() ORDER BY table_name LIMIT 4`

// checkEncoding makes sure that the texts of all the world can be kept.
func checkEncoding(ctx context.Context, db *dbutil.Database) error {
	var encoding string
	if err := db.QueryRow(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return fmt.Errorf("ask for its encoding: %w", err)
	} else if encoding != "UTF8" {
		return fmt.Errorf("its encoding is %s, and Puente needs UTF8: make another one (createdb --encoding=UTF8 --template=template0): %w", encoding, errs.ErrInvalid)
	}
	return nil
}

// checkEmpty makes sure that nothing of somebody else's is touched.
func checkEmpty(ctx context.Context, db *dbutil.Database) error {
	found, err := list(ctx, db, anyTables)
	if err != nil {
		return fmt.Errorf("list its tables: %w", err)
	} else if len(found) == 0 {
		return nil
	}
	exists, err := db.TableExists(ctx, "pu_version")
	if err != nil {
		return fmt.Errorf("list its tables: %w", err)
	}
	whose := "there are tables in it"
	if exists {
		whose = "a Puente has its tables in it"
	}
	return fmt.Errorf("it is not empty, %s (%s, …): make an empty one for Puente alone (createdb), or drop and make this one anew: %w",
		whose, strings.Join(found, ", "), errs.ErrConflict)
}

const targetColumns = `SELECT c.relname::text, a.attname::text, t.typname::text
	FROM pg_attribute a JOIN pg_class c ON c.oid=a.attrelid JOIN pg_type t ON t.oid=a.atttypid
	WHERE c.relnamespace=current_schema()::regnamespace AND c.relkind='r' AND a.attnum > 0 AND NOT a.attisdropped`

// columns returns the tables with the types of their columns.
func (to *target) columns(ctx context.Context) (map[string]map[string]string, error) {
	rows, err := to.db.Query(ctx, targetColumns)
	known := map[string]map[string]string{}
	err = dbutil.ConvertRowFn[[3]string](func(row dbutil.Scannable) (found [3]string, err error) {
		return found, row.Scan(&found[0], &found[1], &found[2])
	}).NewRowIter(rows, err).Iter(func(found [3]string) (bool, error) {
		if known[found[0]] == nil {
			known[found[0]] = map[string]string{}
		}
		known[found[0]][found[1]] = found[2]
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the new database's columns: %w", err)
	}
	return known, nil
}

const foreignKeys = `SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
	WHERE contype='f' AND conrelid<>confrelid AND connamespace=current_schema()::regnamespace`

// sorted puts the tables into an order in which every foreign key finds what it points to. A table that points to itself
// is no hindrance: such keys are looked at when the whole table is there.
func (to *target) sorted(ctx context.Context, planned map[string]*table) ([]*table, error) {
	rows, err := to.db.Query(ctx, foreignKeys)
	needs := map[string][]string{}
	err = dbutil.ConvertRowFn[[2]string](func(row dbutil.Scannable) (found [2]string, err error) {
		return found, row.Scan(&found[0], &found[1])
	}).NewRowIter(rows, err).Iter(func(found [2]string) (bool, error) {
		name := strings.Trim(found[0], `"`) // as in "user"
		needs[name] = append(needs[name], strings.Trim(found[1], `"`))
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the new database's foreign keys: %w", err)
	}
	return inOrder(planned, needs)
}

const (
	counters = `SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid=a.attrelid
		WHERE c.relnamespace=current_schema()::regnamespace AND a.attidentity<>''`
	setCounter = `SELECT setval(pg_get_serial_sequence($1, $2), $3)`
	highest    = `SELECT COALESCE(MAX(%s), 0) FROM %s`
	// A SQLite table whose numbers are never used twice remembers the highest that there ever was.
	highestEver = `SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name=$1`
)

// continueCounters has the new database count on where the old one stopped, so that no number comes twice.
func (to *target) continueCounters(ctx context.Context, from *dbutil.Database) error {
	rows, err := to.db.Query(ctx, counters)
	found, err := dbutil.ConvertRowFn[[2]string](func(row dbutil.Scannable) (found [2]string, err error) {
		return found, row.Scan(&found[0], &found[1])
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return fmt.Errorf("list the new database's counters: %w", err)
	}
	for _, each := range found {
		name, column := each[0], each[1]
		var present, ever int64
		if err = from.QueryRow(ctx, fmt.Sprintf(highest, quote(column), quote(name))).Scan(&present); err != nil {
			return fmt.Errorf("read the highest %s of table %s: %w", column, name, err)
		} else if err = from.QueryRow(ctx, highestEver, name).Scan(&ever); err != nil {
			return fmt.Errorf("read the counter of table %s: %w", name, err)
		}
		if ever = max(ever, present); ever == 0 {
			continue
		}
		if _, err = to.db.Exec(ctx, setCounter, quote(name), column, ever); err != nil {
			return fmt.Errorf("set the counter of table %s: %w", name, err)
		}
	}
	return nil
}
