package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/testkit/db"
)

func TestOpenRefusesAndNamesTheMend(t *testing.T) {
	dir := t.TempDir()
	notDatabase := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notDatabase, []byte(strings.Repeat("these are notes, not tables\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  store.Config
		want []string
	}{
		"UnknownType":       {store.Config{Type: "mysql", URI: "x"}, []string{"database.type", `"mysql"`, "sqlite or postgres"}},
		"EmptyURI":          {store.Config{Type: store.SQLite}, []string{"database.uri is empty"}},
		"MissingFolder":     {store.Config{Type: store.SQLite, URI: filepath.Join(dir, "no", "puente.db")}, []string{"database.uri", filepath.Join(dir, "no"), "does not exist", "mkdir"}},
		"AFolder":           {store.Config{Type: store.SQLite, URI: dir}, []string{"database.uri", "is a folder", "puente.db"}},
		"FolderIsAFile":     {store.Config{Type: store.SQLite, URI: filepath.Join(notDatabase, "puente.db")}, []string{"database.uri"}},
		"NotADatabase":      {store.Config{Type: store.SQLite, URI: notDatabase}, []string{"database.uri", notDatabase, "not a SQLite database"}},
		"Memory":            {store.Config{Type: store.SQLite, URI: ":memory:"}, []string{"database.uri", "memory"}},
		"MemoryByMode":      {store.Config{Type: store.SQLite, URI: "file:x?mode=memory"}, []string{"database.uri", "memory"}},
		"PostgresAsSQLite":  {store.Config{Type: store.SQLite, URI: "postgres://puente@localhost/puente"}, []string{"database.uri", "postgres", "database.type"}},
		"SQLiteAsPostgres":  {store.Config{Type: store.Postgres, URI: "puente.db"}, []string{"database.uri", "postgres://", "database.type"}},
		"FileAsPostgres":    {store.Config{Type: store.Postgres, URI: "file:puente.db?a=b"}, []string{"database.uri", "database.type"}},
		"UnreadablePortOfP": {store.Config{Type: store.Postgres, URI: "postgres://u:hunter2@host:port/db"}, []string{"database.uri", "cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := store.Open(context.Background(), c.cfg, zerolog.Nop())
			if err == nil {
				t.Fatalf("opened %v", opened.Close())
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q tells the password", err)
			}
		})
	}
}

func TestOpenTellsOfARefusedConnectionWithoutThePassword(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err = listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(context.Background(), store.Config{Type: store.Postgres, URI: "postgres://puente:hunter2@" + closed + "/puente?sslmode=disable"}, zerolog.Nop())
	if err == nil || !strings.Contains(err.Error(), closed) || !strings.Contains(err.Error(), "cannot be reached") || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("error: %v", err)
	}
}

func TestOpenTellsOfAMissingPostgresDatabase(t *testing.T) {
	cfg := db.Postgres(t).Config
	address, err := url.Parse(cfg.URI)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/never_created"
	_, err = store.Open(context.Background(), store.Config{Type: store.Postgres, URI: address.String()}, zerolog.Nop())
	if !errors.Is(err, errs.ErrNotFound) || !strings.Contains(err.Error(), "never_created") || !strings.Contains(err.Error(), "createdb") {
		t.Fatalf("error: %v", err)
	}
}

func TestSQLiteFileBelongsToOneProcess(t *testing.T) {
	fresh := db.SQLite(t)
	first := fresh.Open(t)
	_, err := store.Open(context.Background(), fresh.Config, zerolog.Nop())
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "database.uri") || !strings.Contains(err.Error(), "process") {
		t.Fatalf("second open: %v", err)
	}
	if err = first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := store.Open(context.Background(), fresh.Config, zerolog.Nop())
	if err != nil {
		t.Fatalf("open after close: %v", err)
	}
	if err = second.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteConnectionsAreDurableAndStrict(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder? 100%")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "puente.db")
	for name, uri := range map[string]string{
		"Path":        path,
		"FileURI":     "file:" + (&url.URL{Path: path}).EscapedPath(),
		"FileURIFull": "file://" + (&url.URL{Path: path}).EscapedPath() + "?_cache_size=-4000",
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := store.Open(context.Background(), store.Config{Type: store.SQLite, URI: uri}, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = opened.Close() }()
			for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
				var got string
				if err = opened.QueryRow(context.Background(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
				}
			}
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode of the file: %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestRelaxedSharesTheDatabase(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx := context.Background()
		owner := fresh.Open(t)
		relaxed, err := store.OpenRelaxed(ctx, fresh.Config, owner, zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		if fresh.Config.Type == store.Postgres {
			if relaxed != owner {
				t.Error("on PostgreSQL there are two")
			}
			return
		}
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "1", "foreign_keys": "1", "busy_timeout": "5000"} {
			var got string
			if err = relaxed.QueryRow(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
			}
		}
		const insert = "INSERT INTO pu_outcome (event_id, room_id, network, state, updated_at) VALUES ($1, '!r', 'n', 'sent', 1)"
		for i, handle := range []*dbutil.Database{relaxed, owner} {
			if _, err = handle.Exec(ctx, insert, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		for _, handle := range []*dbutil.Database{relaxed, owner} {
			var rows int
			if err = handle.QueryRow(ctx, "SELECT COUNT(*) FROM pu_outcome").Scan(&rows); err != nil || rows != 2 {
				t.Errorf("rows: %d, %v", rows, err)
			}
		}
		if err = relaxed.Close(); err != nil {
			t.Error(err)
		}
		if _, err = store.Open(ctx, fresh.Config, zerolog.Nop()); !errors.Is(err, store.ErrInUse) {
			t.Errorf("with the relaxed one closed, a second process gets %v", err)
		}
	})
}

func TestReadOnlyLooksBesideTheOwner(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx := context.Background()
		owner := fresh.Open(t)
		const insert = "INSERT INTO pu_outcome (event_id, room_id, network, state, updated_at) VALUES ($1, '!r', 'n', 'sent', 1)"
		if _, err := owner.Exec(ctx, insert, "$one"); err != nil {
			t.Fatal(err)
		}
		look := func(t *testing.T) {
			beside, err := store.OpenReadOnly(ctx, fresh.Config, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = beside.Close() }()
			if err = store.CheckSchema(ctx, beside); err != nil {
				t.Error(err)
			}
			var rows int
			if err = beside.QueryRow(ctx, "SELECT COUNT(*) FROM pu_outcome").Scan(&rows); err != nil || rows != 1 {
				t.Errorf("rows: %d, %v", rows, err)
			}
			if _, err = beside.Exec(ctx, insert, "$two"); err == nil {
				t.Error("a read-only database took a row")
			}
		}
		t.Run("WhileItRuns", look)
		if err := owner.Close(); err != nil {
			t.Fatal(err)
		}
		t.Run("AfterItEnded", look)
	})
}

func TestReadOnlyDoesNotCreate(t *testing.T) {
	fresh := db.SQLite(t)
	if _, err := store.OpenReadOnly(context.Background(), fresh.Config, zerolog.Nop()); !errors.Is(err, errs.ErrNotFound) {
		t.Fatalf("error: %v", err)
	}
	if _, err := os.Stat(fresh.Config.URI); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the file was created: %v", err)
	}
}

func TestUpgrade(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		ctx := context.Background()
		handle := fresh.Open(t) // has upgraded once
		t.Run("AgainChangesNothing", func(t *testing.T) {
			if err := store.Upgrade(ctx, handle); err != nil {
				t.Fatal(err)
			}
			if err := store.CheckSchema(ctx, handle); err != nil {
				t.Fatal(err)
			}
		})
		t.Run("RefusesADatabaseNewerThanTheProgram", func(t *testing.T) {
			var known int
			if err := handle.QueryRow(ctx, "SELECT version FROM pu_version").Scan(&known); err != nil {
				t.Fatal(err)
			}
			if _, err := handle.Exec(ctx, "UPDATE pu_version SET version=903, compat=902"); err != nil {
				t.Fatal(err)
			}
			for name, check := range map[string]func(context.Context, *dbutil.Database) error{"Upgrade": store.Upgrade, "CheckSchema": store.CheckSchema} {
				err := check(ctx, handle)
				if !errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion) {
					t.Fatalf("%s: %v", name, err)
				}
				for _, want := range []string{"version 903", fmt.Sprintf("knows up to %d:", known), "install the newer Puente"} {
					if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
						t.Errorf("%s: %q does not say %q in one line", name, err, want)
					}
				}
			}
		})
		t.Run("AllowsANewerDatabaseThatIsCompatible", func(t *testing.T) {
			if _, err := handle.Exec(ctx, "UPDATE pu_version SET version=903, compat=1"); err != nil {
				t.Fatal(err)
			}
			if err := store.Upgrade(ctx, handle); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestCheckSchemaTellsOfAnEmptyDatabase(t *testing.T) {
	db.Each(t, func(t *testing.T, fresh db.Fresh) {
		handle, err := store.Open(context.Background(), fresh.Config, zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = handle.Close() }()
		if err = store.CheckSchema(context.Background(), handle); !errors.Is(err, errs.ErrNotFound) {
			t.Fatalf("error: %v", err)
		}
	})
}
