package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/app/migrate"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/fulldb"
)

// told is a progress that remembers; stop, if set, is called when the named table comes.
type told struct {
	expected, copied int64
	tables           []string
	ended            bool
	at               string
	stop             func()
}

func (p *told) Begin(rows int64)  { p.expected = rows }
func (p *told) Copied(rows int64) { p.copied += rows }
func (p *told) End()              { p.ended = true }

func (p *told) Table(name string, _ int64) {
	p.tables = append(p.tables, name)
	if name == p.at {
		p.stop()
	}
}

// template is the content of a SQLite database with rows in every table, made once: making one takes a second.
var template = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "puente-migrate-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "puente.db")
	handle, err := store.Open(context.Background(), store.Config{Type: store.SQLite, URI: path}, zerolog.Nop())
	if err != nil {
		return nil, err
	}
	if err = errors.Join(fulldb.Make(context.Background(), handle), fulldb.Fill(context.Background(), handle), handle.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// full is a SQLite database with rows in every table. statements change it afterwards.
func full(t *testing.T, statements ...string) db.Fresh {
	t.Helper()
	fresh := db.SQLite(t)
	content, err := template()
	if err == nil {
		err = os.WriteFile(fresh.Config.URI, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(statements) == 0 {
		return fresh
	}
	handle := open(t, fresh)
	for _, statement := range statements {
		execute(t, handle, statement)
	}
	if err = handle.Close(); err != nil {
		t.Fatal(err)
	}
	return fresh
}

func filled(t *testing.T, fresh db.Fresh) *dbutil.Database {
	t.Helper()
	handle := fresh.Open(t)
	if err := errors.Join(fulldb.Make(t.Context(), handle), fulldb.Fill(t.Context(), handle)); err != nil {
		t.Fatal(err)
	}
	return handle
}

func execute(t *testing.T, handle *dbutil.Database, statement string) {
	t.Helper()
	if _, err := handle.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func open(t *testing.T, fresh db.Fresh) *dbutil.Database {
	t.Helper()
	handle, err := store.Open(t.Context(), fresh.Config, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = handle.Close() })
	return handle
}

func run(ctx context.Context, from, to db.Fresh, progress *told) ([]migrate.Table, error) {
	return migrate.Run(ctx, migrate.Options{From: from.Config, To: to.Config, Progress: progress, Log: zerolog.Nop()})
}

// texts returns the rows of a PostgreSQL table as the server writes them.
func texts(t *testing.T, handle *dbutil.Database, table string) []string {
	t.Helper()
	rows, err := handle.Query(t.Context(), fmt.Sprintf(`SELECT t::text FROM "%s" t ORDER BY 1`, table))
	list, err := dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (text string, err error) {
		return text, row.Scan(&text)
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func tablesIn(t *testing.T, fresh db.Fresh) (names []string) {
	t.Helper()
	rows, err := open(t, fresh).Query(t.Context(), "SELECT table_name::text FROM information_schema.tables WHERE table_schema='public'")
	names, err = dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (name string, err error) {
		return name, row.Scan(&name)
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryRowIsAsPuenteItselfWouldHaveWrittenIt(t *testing.T) {
	from, to := full(t), db.Postgres(t)
	progress := &told{}
	moved, err := run(t.Context(), from, to, progress)
	if err != nil {
		t.Fatal(err)
	}
	direct, got := filled(t, db.Postgres(t)), open(t, to)
	var names []string
	var rows int64
	for _, table := range moved {
		names = append(names, table.Name)
		rows += table.Read
		if table.Read == 0 || table.Read != table.Written {
			t.Errorf("counts: %+v", table)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, fulldb.Tables()) {
		t.Errorf("moved: %v\nwanted: %v", names, fulldb.Tables())
	}
	for _, name := range names {
		if is, want := texts(t, got, name), texts(t, direct, name); !slices.Equal(is, want) {
			t.Errorf("table %s is\n%s\nand would have been\n%s", name, strings.Join(is, "\n"), strings.Join(want, "\n"))
		}
	}
	if progress.copied != rows || progress.expected != rows || !progress.ended || len(progress.tables) != len(names) {
		t.Errorf("progress: %+v", progress)
	}
}

func TestNumbersAreNotUsedTwice(t *testing.T) {
	from, to := full(t, "DELETE FROM pu_journal WHERE id=3"), db.Postgres(t)
	if _, err := run(t.Context(), from, to, &told{}); err != nil {
		t.Fatal(err)
	}
	j := journal.New(to.Open(t), journal.Options{})
	if err := j.Append(t.Context(), journal.Entry{Source: "red", Lane: "l", Kind: "k"}); err != nil {
		t.Fatal(err)
	}
	list, err := j.List(t.Context(), journal.Filter{Limit: 1})
	if err != nil || len(list) != 1 || list[0].ID != 4 {
		t.Errorf("the next entry: %+v, %v", list, err)
	}
}

// A table that is larger than what is sent at once.
func TestManyRows(t *testing.T) {
	const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 5000)
		INSERT INTO kv_store (bridge_id, key, value) SELECT 'blue', i, hex(randomblob(50)) FROM n`
	from, to := full(t, fill), db.Postgres(t)
	if _, err := run(t.Context(), from, to, &told{}); err != nil {
		t.Fatal(err)
	}
	if rows := texts(t, open(t, to), "kv_store"); len(rows) != 5001 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestWhatCannotBeMovedIsRefusedAndNothingIsLeft(t *testing.T) {
	for name, tc := range map[string]struct {
		change string
		says   []string
	}{
		"ForeignTable":      {"CREATE TABLE notes AS SELECT 1 AS n", []string{"table notes with 1 rows", "none of this Puente's"}},
		"ForeignColumn":     {"ALTER TABLE pu_agent ADD COLUMN shoes TEXT", []string{"table pu_agent", "column shoes"}},
		"NUL":               {"UPDATE kv_store SET value='a'||char(0)||'secret'", []string{"table kv_store of the old database, row 1, column value", "NUL", `WHERE _rowid_=1`}},
		"NoUTF8":            {"UPDATE ghost SET name=CAST(x'ff41' AS TEXT)", []string{"table ghost of the old database, row 1, column name", "UTF-8"}},
		"NULInJSON":         {`UPDATE portal SET metadata='{"a":"secret\u0000"}' WHERE id='chat-of-ana'`, []string{"table portal of the old database, row 2", "PostgreSQL does not take it"}},
		"NoJSON":            {`UPDATE user_login SET metadata='secret {'`, []string{"table user_login of the old database, row 1"}},
		"UnknownMembership": {"UPDATE mx_user_profile SET membership='guest'", []string{"table mx_user_profile of the old database, row 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := full(t, tc.change), db.Postgres(t)
			progress := &told{}
			_, err := run(t.Context(), from, to, progress)
			if err == nil {
				t.Fatal("it was moved")
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q tells what stands there", err)
			}
			if left := tablesIn(t, to); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func TestAnEmptyForeignTableIsNoHindrance(t *testing.T) {
	if _, err := run(t.Context(), full(t, "CREATE TABLE notes (n INTEGER)"), db.Postgres(t), &told{}); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedMoveCanBeDoneAgain(t *testing.T) {
	from, to := full(t), db.Postgres(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := &told{at: "message", stop: cancel}
	if _, err := run(ctx, from, to, progress); !errors.Is(err, context.Canceled) || !progress.ended {
		t.Fatalf("interrupted: %v", err)
	}
	if left := tablesIn(t, to); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := run(t.Context(), from, to, &told{}); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestDatabasesThatCannotBeMovedFromOrTo(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(t *testing.T) (from, to db.Fresh)
		kind    error
		says    []string
	}{
		"SourceIsPostgres": {func(t *testing.T) (from, to db.Fresh) { return db.Postgres(t), db.Postgres(t) }, errs.ErrInvalid, []string{"database.type", "nothing to move"}},
		"TargetIsSQLite":   {func(t *testing.T) (from, to db.Fresh) { return full(t), db.SQLite(t) }, errs.ErrInvalid, []string{"only a PostgreSQL database"}},
		"SourceMissing":    {func(t *testing.T) (from, to db.Fresh) { return db.SQLite(t), db.Postgres(t) }, errs.ErrNotFound, []string{"does not exist yet"}},
		"SourceEmpty": {func(t *testing.T) (from, to db.Fresh) {
			from = db.SQLite(t)
			_ = open(t, from).Close()
			return from, db.Postgres(t)
		}, errs.ErrNotFound, []string{"nothing to move", "database.uri"}},
		"SourceInUse": {func(t *testing.T) (from, to db.Fresh) {
			from = full(t)
			open(t, from)
			return from, db.Postgres(t)
		}, store.ErrInUse, []string{"another Puente (process ", "stop that one"}},
		"SourceNewer": {func(t *testing.T) (from, to db.Fresh) {
			return full(t, "UPDATE pu_version SET version=900, compat=900"), db.Postgres(t)
		}, dbutil.ErrUnsupportedDatabaseVersion, []string{"schema version 900", "newer Puente"}},
		"SourceNewerInPart": {func(t *testing.T) (from, to db.Fresh) {
			return full(t, "UPDATE mx_version SET version=900, compat=3"), db.Postgres(t)
		}, errs.ErrConflict, []string{"mx_version is 900", "the Puente that wrote it"}},
		"TargetHasAPuente": {func(t *testing.T) (from, to db.Fresh) {
			to = db.Postgres(t)
			execute(t, to.Open(t), "UPDATE pu_version SET version=900, compat=900")
			return full(t), to
		}, errs.ErrConflict, []string{"not empty", "a Puente has its tables in it", "createdb"}},
		"TargetIsSomebodyElses": {func(t *testing.T) (from, to db.Fresh) {
			to = db.Postgres(t)
			execute(t, open(t, to), "CREATE TABLE state_groups_state (n INTEGER)")
			return full(t), to
		}, errs.ErrConflict, []string{"not empty", "state_groups_state"}},
		"TargetInUse": {func(t *testing.T) (from, to db.Fresh) {
			to = db.Postgres(t)
			lease, err := store.TakeLease(t.Context(), to.Config, clock.System{}, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(lease.Release)
			return full(t), to
		}, store.ErrInUse, []string{"the new database", "runs on it"}},
		"TargetWithoutUTF8": {func(t *testing.T) (from, to db.Fresh) { return full(t), latin(t) }, errs.ErrInvalid, []string{"SQL_ASCII", "UTF8"}},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := tc.prepare(t)
			_, err := run(t.Context(), from, to, &told{})
			if !errors.Is(err, tc.kind) {
				t.Fatalf("error: %v", err)
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// latin is a PostgreSQL database that does not look at what its texts are.
func latin(t *testing.T) db.Fresh {
	t.Helper()
	beside := db.Postgres(t)
	handle := open(t, beside)
	var name string
	if err := handle.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	execute(t, handle, "CREATE DATABASE "+name+"_latin ENCODING 'SQL_ASCII' TEMPLATE template0")
	t.Cleanup(func() {
		if _, err := handle.Exec(context.Background(), "DROP DATABASE "+name+"_latin WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	latin := beside
	latin.Config.URI = strings.Replace(beside.Config.URI, name, name+"_latin", 1)
	return latin
}
