package journal

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

func execute(t *testing.T, handle *dbutil.Database, statement string) {
	t.Helper()
	if _, err := handle.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestDispatchSurvivesADatabaseThatFails(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		ctx := context.Background()
		var log logBuffer
		j := begin(t, handle, Options{Log: log.logger()})
		rec := newRecorder()
		j.Handle("net", func(ctx context.Context, entry Entry) error {
			if string(entry.Payload) == "1" { // the database fails while this is handled
				execute(t, handle, "ALTER TABLE pu_journal RENAME TO pu_journal_gone")
			}
			return rec.handle(ctx, entry)
		})
		j.Start(ctx)
		mustAppend(t, j, msg("a", "1"), msg("a", "2"))
		rec.await(2)
		if err := j.Append(ctx, msg("a", "3")); err == nil {
			t.Error("Append returned nil without a table")
		}
		eventually(nil, 0, func() bool { return log.count("cannot use the database") == 1 })
		execute(t, handle, "ALTER TABLE pu_journal_gone RENAME TO pu_journal")
		mustAppend(t, j, msg("a", "3"))
		if seen := rec.await(3); strings.Join(seen, " ") != "a/1 a/2 a/3" {
			t.Errorf("seen %v", seen)
		}
		eventually(nil, 0, func() bool { return states(t, j)[Done] == 3 })
		eventually(nil, 0, func() bool { return log.count("can use the database again") == 1 })
		if n := log.count("cannot use the database"); n != 1 {
			t.Errorf("the outage was told %d times", n)
		}
	})
}

func TestStartOnADatabaseThatFailsGoesOnLater(t *testing.T) {
	each(t, func(t *testing.T, handle *dbutil.Database) {
		var log logBuffer
		j := begin(t, handle, Options{Log: log.logger()})
		rec := newRecorder()
		j.Handle("net", rec.handle)
		mustAppend(t, j, msg("a", "1"))
		execute(t, handle, "ALTER TABLE pu_journal RENAME TO pu_journal_gone")
		j.Start(context.Background())
		eventually(nil, 0, func() bool { return log.count("cannot use the database") == 1 })
		execute(t, handle, "ALTER TABLE pu_journal_gone RENAME TO pu_journal")
		rec.await(1)
	})
}

func TestPostgresConnectionsMayBreak(t *testing.T) {
	fresh := db.Postgres(t)
	handle := fresh.Open(t)
	address, err := url.Parse(fresh.Config.URI)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(address.Path, "/")
	address.Path = "/postgres"
	admin, err := store.Open(context.Background(), store.Config{Type: store.Postgres, URI: address.String()}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	j := begin(t, handle, Options{})
	rec := newRecorder()
	j.Handle("net", rec.handle)
	j.Start(context.Background())
	mustAppend(t, j, msg("a", "1"))
	rec.await(1)
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	execute(t, admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='"+name+"'")
	if err = j.Append(context.Background(), msg("a", "2")); err == nil {
		t.Error("Append returned nil without a connection")
	}
	execute(t, admin, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	// An attempt to connect that began before may still be the answer to who asks first (database/sql
	// gives a waiting caller the next result, whoever began it); a network then asks again.
	eventually(nil, 0, func() bool { return j.Append(context.Background(), msg("a", "2")) == nil })
	if seen := rec.await(2); seen[1] != "a/2" {
		t.Errorf("seen %v", seen)
	}
}
