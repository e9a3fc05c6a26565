package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"puente/core/base/errs"
)

// leaseKey is the number of the advisory lock: "puente" in ASCII. Such locks belong to one database of the server.
// ref: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
const leaseKey int64 = 0x7075656e7465

const (
	leasePoll   = time.Second     // how often a stand-by asks
	leaseBeat   = 2 * time.Second // how often the holder looks whether it still is
	leaseAnswer = 5 * time.Second // how long the server may take to say so
	// deadPeer is after how long without a sign the server gives up the session of a machine that has vanished. It is more
	// than leaseBeat and leaseAnswer together: a holder that is cut off has stopped before another one begins.
	deadPeer = 12 * time.Second
)

// What the sessions are called, for people who look into pg_stat_activity and for Peers.
const (
	activeName  = "puente on "
	standByName = "puente stand-by on "
	longestName = 63 // bytes of an application_name
)

// leaseSession is the one connection whose session holds, or waits for, the lock. It is not of the pool: the pool closes
// connections as it likes. mark is a setting of the session by which it is known again: a pooler in transaction mode
// leads each query to whichever session is free, where neither lock nor setting is ours, or both are somebody else's.
type leaseSession struct {
	conn *pgx.Conn
	mark string
}

// markName is the name of that setting.
const markName = "puente.session"

func openLeaseSession(ctx context.Context, settings *pgx.ConnConfig) (*leaseSession, error) {
	own := settings.Copy()
	own.DefaultQueryExecMode = pgx.QueryExecModeExec
	own.RuntimeParams["application_name"] = processName(standByName)
	conn, err := pgx.ConnectConfig(ctx, own)
	if err != nil {
		return nil, explainPostgres(err, settings)
	}
	s := &leaseSession{conn: conn, mark: rand.Text()}
	if err = s.prepare(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// prepare marks the session, and asks the server to notice early that its client has vanished.
func (s *leaseSession) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	const doing = "prepare the connection that holds the database"
	var mark string
	if err := s.conn.QueryRow(ctx, "SELECT COALESCE(current_setting($1, true), '')", markName).Scan(&mark); err != nil {
		return explainLease(doing, err)
	} else if mark != "" { // it is new for us, and was another's
		return errPooled()
	}
	for setting, value := range map[string]string{
		markName:              s.mark,
		"tcp_keepalives_idle": "6", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3", // seconds, and how often
		"tcp_user_timeout": fmt.Sprint(deadPeer.Milliseconds()),
	} {
		_, err := s.conn.Exec(ctx, "SELECT set_config($1, $2, false)", setting, value)
		var refused *pgconn.PgError
		if err != nil && !errors.As(err, &refused) { // the server may not know a setting: then its own defaults decide
			return explainLease(doing, err)
		}
	}
	return nil
}

func errPooled() error {
	return fmt.Errorf("database.uri leads through a pooler that gives sessions to others, so nothing can be locked: give Puente a direct connection, or a pooler in session mode: %w", errs.ErrConflict)
}

// processName tells people which process a session belongs to: "puente on host (process 12)".
func processName(role string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	process := fmt.Sprintf(" (process %d)", os.Getpid())
	room := longestName - len(role) - len(process)
	return role + cutName(host, room) + process
}

// cutName returns at most n bytes of a host's name, which is ASCII.
func cutName(host string, n int) string { return host[:min(len(host), max(n, 0))] }

// lock asks for the lock once, and tells whether the session has it now.
func (s *leaseSession) lock(ctx context.Context) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	if err = s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", leaseKey).Scan(&held); err != nil || !held {
		return false, explainLease("ask for the database's lock", err)
	}
	if _, err = s.conn.Exec(ctx, "SELECT set_config('application_name', $1, false)", processName(activeName)); err != nil {
		return false, explainLease("name the session that holds the database", err)
	}
	return true, nil
}

const stillHeldQuery = `SELECT COALESCE(current_setting('` + markName + `', true), '')=$2
	AND EXISTS(SELECT 1 FROM pg_locks WHERE pid=pg_backend_pid() AND ` + isLease + `)`

// isLease chooses the lock among pg_locks, which shows its number in two halves.
const isLease = `locktype='advisory' AND granted AND objsubid=1 AND (classid::bigint << 32 | objid::bigint)=$1
	AND database=(SELECT oid FROM pg_database WHERE datname=current_database())`

// watch returns when the session does not hold the lock any more, or ctx ends. That the connection was closed it hears at
// once; that the server does not answer, within leaseBeat and leaseAnswer. These are times of the network, not of a clock
// that can be moved.
func (s *leaseSession) watch(ctx context.Context) error {
	for {
		if err := s.listen(ctx); err != nil {
			return err
		}
		if err := s.confirm(ctx); err != nil {
			return err
		}
	}
}

// listen waits for leaseBeat; it returns an error at once if the connection breaks.
func (s *leaseSession) listen(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, leaseBeat)
	defer cancel()
	_, err := s.conn.WaitForNotification(waiting) // none comes: nobody listens to a channel
	if err == nil || (pgconn.Timeout(err) && ctx.Err() == nil) {
		return nil
	}
	return explainLease("listen on the connection that holds the database", err)
}

func (s *leaseSession) confirm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	var held bool
	if err := s.conn.QueryRow(ctx, stillHeldQuery, leaseKey, s.mark).Scan(&held); err != nil {
		return explainLease("look whether the lock is still held", err)
	} else if !held {
		return errPooled()
	}
	return nil
}

const claimStatement = `INSERT INTO pu_lease (id, holder, taken_at) VALUES (1, $1, $2)
	ON CONFLICT (id) DO UPDATE SET holder=excluded.holder, taken_at=excluded.taken_at`

func (s *leaseSession) claim(ctx context.Context, holder string, now time.Time) error {
	_, err := s.conn.Exec(ctx, claimStatement, holder, now.UnixMilli())
	return explainLease("note who runs on the database", err)
}

func (s *leaseSession) claimant(ctx context.Context) (holder string, err error) {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	err = s.conn.QueryRow(ctx, "SELECT holder FROM pu_lease WHERE id=1").Scan(&holder)
	return holder, explainLease("read who runs on the database", err)
}

func explainLease(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (s *leaseSession) close() {
	ctx, cancel := context.WithTimeout(context.Background(), leaseAnswer)
	defer cancel()
	_ = s.conn.Close(ctx) // the server ends the session when it does not hear of it any more
}
