package db_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/testkit/db"
)

func TestEachGivesAFreshDatabase(t *testing.T) {
	for range 2 { // the second round would fail if it saw the first one's row
		db.Each(t, func(t *testing.T, fresh db.Fresh) {
			handle := fresh.Open(t)
			_, err := handle.Exec(context.Background(),
				"INSERT INTO pu_outcome (event_id, room_id, network, state, updated_at) VALUES ('$e', '!r', 'n', 'sent', 1)")
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEachNamesTheDialects(t *testing.T) {
	var seen []dbutil.Dialect
	db.Each(t, func(t *testing.T, fresh db.Fresh) { seen = append(seen, fresh.Open(t).Dialect) })
	if len(seen) != 2 || seen[0] != dbutil.SQLite || seen[1] != dbutil.Postgres {
		t.Fatalf("dialects: %v", seen)
	}
}

// childVariable makes the test binary start a server, print its folder and wait to be killed.
const childVariable = "PUENTE_TEST_DB_CHILD"

func TestServerEndsWithItsTestBinary(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		uri := db.Postgres(t).Config.URI
		if _, err := os.Stdout.WriteString(socketDir(t, uri) + "\n"); err != nil {
			t.Fatal(err)
		}
		select {} // until the parent kills us
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServerEndsWithItsTestBinary$") // #nosec G204 -- ourselves
	cmd.Env = append(os.Environ(), childVariable+"=1", db.ServerVariable+"=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir := firstLine(t, out)
	if _, err = os.Stat(dir); err != nil {
		t.Fatalf("the server's folder is not there while it runs: %v", err)
	}
	if err = cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for {
		if _, err = os.Stat(dir); os.IsNotExist(err) {
			return // the supervisor removes the folder last, once the server is gone
		}
		time.Sleep(10 * time.Millisecond)
	}
}
