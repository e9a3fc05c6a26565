package frozen

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
)

func freezeSQLite(ctx context.Context) (text string, err error) {
	dir, err := os.MkdirTemp("", "puente-freeze-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the SQLite database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := store.Config{Type: store.SQLite, URI: filepath.Join(dir, "puente.db")}
	if err = fill(ctx, cfg); err != nil {
		return "", err
	}
	handle, err := store.OpenReadOnly(ctx, cfg, zerolog.Nop())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, handle.Close()) }()
	return dumpSQLite(ctx, handle)
}

// dumpSQLite writes what makes the database again: the tables as they were made, their rows, and the indexes.
func dumpSQLite(ctx context.Context, db *dbutil.Database) (string, error) {
	tables, err := texts(ctx, db, "SELECT sql FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%' ORDER BY name")
	if err != nil {
		return "", err
	}
	indexes, err := texts(ctx, db, "SELECT sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL ORDER BY name")
	if err != nil {
		return "", err
	}
	rows, err := insertsOf(ctx, db)
	if err != nil {
		return "", err
	}
	statements := append([]string{"PRAGMA foreign_keys=OFF"}, tables...)
	statements = append(append(append(statements, rows...), indexes...), "PRAGMA foreign_keys=ON")
	return strings.Join(statements, ";\n") + ";\n", nil
}

func insertsOf(ctx context.Context, db *dbutil.Database) (inserts []string, err error) {
	names, err := texts(ctx, db, "SELECT name FROM sqlite_master WHERE type='table' AND (name NOT LIKE 'sqlite%' OR name='sqlite_sequence') ORDER BY name")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == "sqlite_sequence" {
			inserts = append(inserts, "DELETE FROM sqlite_sequence") // the rows before have counted
		}
		columns, err := texts(ctx, db, "SELECT name FROM pragma_table_info($1) ORDER BY cid", name)
		if err != nil {
			return nil, err
		}
		quoted := `"` + strings.Join(columns, `", "`) + `"`
		values := `quote("` + strings.Join(columns, `") || ', ' || quote("`) + `")`
		rows, err := texts(ctx, db, fmt.Sprintf(`SELECT 'INSERT INTO "%s" (%s) VALUES (' || %s || ')' FROM "%s" ORDER BY _rowid_`, name, strings.ReplaceAll(quoted, "'", "''"), values, name))
		if err != nil {
			return nil, err
		}
		inserts = append(inserts, rows...)
	}
	return inserts, nil
}

// texts returns a query's one column.
func texts(ctx context.Context, db *dbutil.Database, query string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, query, args...)
	list, err := dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (text string, err error) {
		return text, row.Scan(&text)
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("read the database: %w", err)
	}
	return list, nil
}
