// Package migrate moves all that a Puente keeps from SQLite to PostgreSQL.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/hub"
)

// Options say what is moved where.
type Options struct {
	From, To store.Config
	Progress Progress
	Log      zerolog.Logger
}

// Progress is told how far the copying has got.
type Progress interface {
	// Begin tells how many rows there are in all tables.
	Begin(rows int64)
	// Table tells that this table comes next.
	Table(name string, rows int64)
	// Copied tells that so many more rows have been read and sent.
	Copied(rows int64)
	// End tells that nothing more is copied, whether all was or not.
	End()
}

// Table is one table that was moved.
type Table struct {
	Name string
	// Read are the rows in SQLite; Written those that are in PostgreSQL now.
	Read, Written int64
}

// Run copies every table of the SQLite database into the empty PostgreSQL database, and returns what it has copied, in
// the order of copying. No Puente may run on either: that is an error. All of it is one transaction: when Run returns
// an error, or the process dies, the PostgreSQL database is as empty as before. The SQLite database is brought up to
// date, as by a start, and otherwise only read.
func Run(ctx context.Context, opts Options) ([]Table, error) {
	from, err := openSource(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	to, lease, err := openTarget(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer lease.Release()
	defer func() { _ = to.Close() }()
	var tables []Table
	err = from.DoTxn(ctx, nil, func(ctx context.Context) error { // nobody writes to it meanwhile
		conn, err := to.AcquireConn(ctx)
		if err != nil {
			return fmt.Errorf("connect to the new database: %w", err)
		}
		raw := conn.(*dbutil.LoggingExecable).UnderlyingExecable.(*sql.Conn)
		defer func() { _ = raw.Close() }()
		return to.DoTxn(ctx, &dbutil.TxnOptions{Conn: conn}, func(ctx context.Context) error {
			tables, err = move(ctx, from, &target{db: to, conn: raw}, opts.Progress)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return tables, nil
}

// openSource opens the SQLite database for this process alone, and brings it up to date.
func openSource(ctx context.Context, opts Options) (*dbutil.Database, error) {
	if opts.From.Type != store.SQLite {
		return nil, fmt.Errorf("database.type in the config is %s: there is nothing to move, only a SQLite database is: %w", opts.From.Type, errs.ErrInvalid)
	}
	// Looking first: opening for writing would make a database where there is none.
	look, err := store.OpenReadOnly(ctx, opts.From, opts.Log)
	if err != nil {
		return nil, err
	}
	exists, err := look.TableExists(ctx, "pu_version")
	if err = errors.Join(err, look.Close()); err != nil {
		return nil, fmt.Errorf("look at the old database: %w", err)
	} else if !exists {
		return nil, fmt.Errorf("the SQLite database holds nothing of Puente's, so there is nothing to move; set database.type and database.uri in the config, and start Puente: %w", errs.ErrNotFound)
	}
	from, err := store.Open(ctx, opts.From, opts.Log)
	if err != nil {
		return nil, err
	}
	if err = upgradeAll(ctx, from); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the old database up to date: %w", err), from.Close())
	}
	return from, nil
}

// openTarget opens the PostgreSQL database, which must be empty, with the lease on it.
func openTarget(ctx context.Context, opts Options) (*dbutil.Database, *store.Lease, error) {
	if opts.To.Type != store.Postgres {
		return nil, nil, fmt.Errorf("only a PostgreSQL database can be moved to: %w", errs.ErrInvalid)
	}
	to, err := store.Open(ctx, opts.To, opts.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("the new database: %w", err)
	}
	lease, err := leaseEmpty(ctx, to, opts)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the new database: %w", err), to.Close())
	}
	return to, lease, nil
}

// leaseEmpty keeps every Puente from the database before it looks whether one has been there.
func leaseEmpty(ctx context.Context, to *dbutil.Database, opts Options) (*store.Lease, error) {
	if err := checkEncoding(ctx, to); err != nil {
		return nil, err
	}
	lease, err := store.TryLease(ctx, opts.To, clock.System{}, opts.Log)
	if err != nil {
		return nil, err
	}
	if err = checkEmpty(ctx, to); err != nil {
		lease.Release()
		return nil, err
	}
	return lease, nil
}

func upgradeAll(ctx context.Context, db *dbutil.Database) error {
	if err := store.Upgrade(ctx, db); err != nil {
		return err
	}
	return hub.UpgradeTables(ctx, db)
}

// move makes the tables and copies their rows.
func move(ctx context.Context, from *dbutil.Database, to *target, progress Progress) ([]Table, error) {
	if err := upgradeAll(ctx, to.db); err != nil {
		return nil, fmt.Errorf("make the tables of the new database: %w", err)
	}
	plan, err := makePlan(ctx, from, to)
	if err != nil {
		return nil, err
	}
	if err = copyAll(ctx, from, to, plan, progress); err != nil {
		return nil, err
	}
	if err = to.continueCounters(ctx, from); err != nil {
		return nil, err
	}
	return countAll(ctx, from, to, plan)
}

func copyAll(ctx context.Context, from *dbutil.Database, to *target, plan []*table, progress Progress) error {
	var rows int64
	for _, t := range plan {
		rows += t.rows
	}
	progress.Begin(rows)
	defer progress.End()
	for _, t := range plan {
		progress.Table(t.name, t.rows)
		if err := to.copy(ctx, from, t, progress.Copied); err != nil {
			return err
		}
	}
	return nil
}

// countAll counts both sides again, in the databases themselves.
func countAll(ctx context.Context, from *dbutil.Database, to *target, plan []*table) ([]Table, error) {
	moved := make([]Table, len(plan))
	for i, t := range plan {
		moved[i] = Table{Name: t.name}
		var err error
		if moved[i].Read, err = count(ctx, from, t.name); err != nil {
			return nil, err
		} else if moved[i].Written, err = count(ctx, to.db, t.name); err != nil {
			return nil, err
		} else if moved[i].Read != moved[i].Written {
			return nil, fmt.Errorf("table %s has %d rows in the old database and %d in the new one, so nothing was moved: %w", t.name, moved[i].Read, moved[i].Written, errs.ErrConflict)
		}
	}
	return moved, nil
}

func count(ctx context.Context, db *dbutil.Database, table string) (rows int64, err error) {
	if err = db.QueryRow(ctx, "SELECT COUNT(*) FROM "+quote(table)).Scan(&rows); err != nil {
		return 0, fmt.Errorf("count table %s: %w", table, err)
	}
	return rows, nil
}
