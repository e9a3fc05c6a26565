package store_test

import (
	"context"
	"testing"

	"puente/core/base/store"
	"puente/core/testkit/db"
)

func TestTxnBeginsAgainOnADeadConnection(t *testing.T) {
	ctx := context.Background()
	handle := db.Postgres(t).Open(t)
	conns := make([]interface{ Close() error }, 4)
	for i := range conns {
		conn, err := handle.RawDB.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err = conn.PingContext(ctx); err != nil {
			t.Fatal(err)
		}
		conns[i] = conn
	}
	for _, conn := range conns {
		if err := conn.Close(); err != nil { // back to the pool
			t.Fatal(err)
		}
	}
	_, err := handle.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=current_database() AND pid<>pg_backend_pid()")
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		err = handle.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
			_, err := handle.Exec(ctx, "UPDATE pu_outcome SET attempts=0")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
