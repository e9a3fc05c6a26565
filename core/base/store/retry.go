package store

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"go.mau.fi/util/dbutil"
)

// Txn returns options for dbutil's DoTxn under which a transaction is begun again if the pooled
// connection that it got turns out to be dead, as all are after the database server was restarted.
// A BEGIN that failed has changed nothing, so that is safe. A server that cannot be reached at all
// fails at once.
func Txn() *dbutil.TxnOptions {
	return &dbutil.TxnOptions{RetryBegin: func(err error, earlier int) bool {
		return earlier < postgresConns && deadConnection(err)
	}}
}

// deadConnection tells that a connection which was there is gone.
func deadConnection(err error) bool {
	var dialling *pgconn.ConnectError
	if errors.As(err, &dialling) {
		return false
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return strings.HasPrefix(refused.Code, "57P0") // admin_shutdown, crash_shutdown, …
	}
	var broken *net.OpError
	return errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}
