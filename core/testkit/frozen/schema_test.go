package frozen_test

import (
	"context"
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
)

// query returns a query's one column.
func query(t *testing.T, handle *dbutil.Database, text string) []string {
	t.Helper()
	rows, err := handle.Query(context.Background(), text)
	list, err := dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (line string, err error) {
		return line, row.Scan(&line)
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list
}

const (
	sqliteColumnNames = `SELECT m.name || ' ' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type='table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid`
	postgresColumnNames = `SELECT table_name || ' ' || column_name FROM information_schema.columns
		WHERE table_schema='public' ORDER BY table_name, ordinal_position`
)

func columnsOf(t *testing.T, handle *dbutil.Database) map[string][]string {
	t.Helper()
	text := sqliteColumnNames
	if handle.Dialect == dbutil.Postgres {
		text = postgresColumnNames
	}
	columns := map[string][]string{}
	for _, line := range query(t, handle, text) {
		name, column, _ := strings.Cut(line, " ")
		columns[name] = append(columns[name], column)
	}
	return columns
}

// describeSQLite are queries of which each returns a line per column, key or index. The order of columns does not count: it
// is another one in a table that was made at once.
func describeSQLite() []string {
	return []string{
		`SELECT 'column ' || m.name || '.' || c.name || ' ' || upper(c.type) || ' null ' || (c."notnull"=0) || ' default ' || COALESCE(c.dflt_value, '-') || ' key ' || c.pk
			FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type='table' AND m.name NOT LIKE 'sqlite%'`,
		`SELECT 'foreign ' || m.name || '.' || k."from" || ' to ' || k."table" || '.' || k."to" || ' ' || k.on_update || ' ' || k.on_delete
			FROM sqlite_master m, pragma_foreign_key_list(m.name) k WHERE m.type='table'`,
		`SELECT 'index ' || m.name || ' ' || i.origin || ' unique ' || i."unique" || ' partial ' || i.partial || ' '
				|| (SELECT group_concat(COALESCE(name, '-')) FROM pragma_index_info(i.name))
			FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type='table' AND m.name NOT LIKE 'sqlite%'`,
		// Our own tables are made by the same migrations always, so they are the same to the letter, conditions included.
		`SELECT 'text ' || sql FROM sqlite_master WHERE tbl_name LIKE 'pu\_%' ESCAPE '\' AND sql IS NOT NULL`,
		`SELECT 'version ' || version FROM version`, `SELECT 'mx ' || version FROM mx_version`,
		`SELECT 'crypto ' || version FROM crypto_version`, `SELECT 'pu ' || version FROM pu_version`,
	}
}

func describePostgres() []string {
	return []string{
		`SELECT 'column ' || table_name || '.' || column_name || ' ' || udt_name || ' ' || COALESCE(character_maximum_length, 0) || ' null ' || is_nullable
				|| ' default ' || COALESCE(column_default, '-') || ' ' || is_identity || COALESCE(identity_generation, '')
			FROM information_schema.columns WHERE table_schema='public'`,
		`SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
			WHERE connamespace='public'::regnamespace`,
		`SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname='public'`,
		`SELECT 'enum ' || enumtypid::regtype || ' ' || enumlabel FROM pg_enum`,
		`SELECT 'version ' || version FROM version`, `SELECT 'mx ' || version FROM mx_version`,
		`SELECT 'crypto ' || version FROM crypto_version`, `SELECT 'pu ' || version FROM pu_version`,
	}
}

// schema returns all that makes up a database but its rows.
func schema(t *testing.T, handle *dbutil.Database) (lines []string) {
	t.Helper()
	queries := describeSQLite()
	if handle.Dialect == dbutil.Postgres {
		queries = describePostgres()
	}
	for _, text := range queries {
		found := query(t, handle, text)
		if len(found) == 0 {
			t.Fatalf("nothing is found by %s", text)
		}
		lines = append(lines, found...)
	}
	return lines
}
