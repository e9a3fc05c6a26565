package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// ErrTaken tells that another process runs Puente on the database now.
var ErrTaken = errors.New("another Puente has taken over")

// Lease is the right of one process to run Puente on a database. On PostgreSQL it is a session's advisory lock: the
// server gives it free when that session ends, whichever way. A SQLite file belongs to whoever has it open (see Open),
// so there the lease is had from the start and never lost.
type Lease struct {
	settings *pgx.ConnConfig // nil: SQLite
	clock    clock.Clock
	log      zerolog.Logger
	holder   string // of this lease, and no other process's
	session  *leaseSession
}

// TakeLease returns once this process has the lease. While another one has it, this one stands by: it says so once in
// the log and asks every second. A database that cannot be reached is an error at first, and is waited for once this
// process stands by. Upgrade comes next, then Claim, then Keep; Release in any case.
func TakeLease(ctx context.Context, cfg Config, c clock.Clock, log zerolog.Logger) (*Lease, error) {
	l, err := newLease(cfg, c, log)
	if err != nil || l.settings == nil {
		return l, err
	}
	standing, cut := false, false
	for {
		held, err := l.try(ctx)
		switch {
		case held && standing:
			log.Info().Msg("The other Puente has ended, this one takes over")
			return l, nil
		case held:
			return l, nil
		case ctx.Err() != nil:
			l.Release()
			return nil, fmt.Errorf("wait for the Puente that runs on the database: %w", ctx.Err())
		case err != nil && (!standing || errors.Is(err, errs.ErrConflict)):
			l.Release()
			return nil, err
		case err != nil && !cut:
			log.Warn().Err(err).Msg("Stand-by does not reach the database, trying again every second")
		case err == nil && (!standing || cut):
			log.Info().Str("active", l.session.active(ctx)).Msg("Another Puente runs on this database, waiting as stand-by")
		}
		standing, cut = true, err != nil
		if clock.Sleep(ctx, c, leasePoll) != nil {
			continue // the next attempt ends it
		}
	}
}

func newLease(cfg Config, c clock.Clock, log zerolog.Logger) (*Lease, error) {
	if cfg.Type != Postgres {
		return &Lease{}, nil
	}
	settings, err := postgresSettings(cfg)
	if err != nil {
		return nil, err
	}
	return &Lease{settings: settings, clock: c, log: log, holder: rand.Text()}, nil
}

// TryLease is TakeLease without the wait: if another process has the lease, it is an ErrInUse that names it.
func TryLease(ctx context.Context, cfg Config, c clock.Clock, log zerolog.Logger) (*Lease, error) {
	l, err := newLease(cfg, c, log)
	if err != nil || l.settings == nil {
		return l, err
	}
	held, err := l.try(ctx)
	if err == nil && !held {
		err = fmt.Errorf("%w: %s runs on it: stop that one first", ErrInUse, l.session.active(ctx))
	}
	if err != nil {
		l.Release()
		return nil, err
	}
	return l, nil
}

// try asks for the lock, on a new session if there is none that works.
func (l *Lease) try(ctx context.Context) (held bool, err error) {
	if l.session == nil {
		if l.session, err = openLeaseSession(ctx, l.settings); err != nil {
			return false, err
		}
	}
	if held, err = l.session.lock(ctx); err != nil {
		l.Release()
	}
	return held, err
}

// Claim notes, in the tables that Upgrade has made, that this process has the lease: so it knows later whether another
// one had it in between.
func (l *Lease) Claim(ctx context.Context) error {
	if l.settings == nil {
		return nil
	}
	return l.session.claim(ctx, l.holder, l.clock.Now())
}

// Keep watches over the lease until ctx ends, and returns nil then. If the lock's connection breaks, changed(false) is
// called: from then on the process must begin nothing. It takes the lock again, and calls changed(true), as soon as the
// server lets it and if nobody else had it meanwhile; if somebody had, Keep returns an ErrTaken, and the process is to end. A lock
// that the connection cannot hold, because a pooler gives it to others, is an errs.ErrConflict.
func (l *Lease) Keep(ctx context.Context, changed func(held bool)) error {
	if l.settings == nil {
		<-ctx.Done()
		return nil
	}
	for {
		err := l.session.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		changed(false)
		if errors.Is(err, errs.ErrConflict) {
			return err // the database cannot be held at all
		}
		l.log.Error().Err(err).Msg("The connection that holds the database for this Puente is lost, nothing new is begun until it is back")
		l.Release()
		if back, err := l.regain(ctx); !back {
			return err
		}
		l.log.Info().Msg("This Puente holds the database again")
		changed(true)
	}
}

// regain takes the lock again. It returns false without an error if ctx ended. Whoever holds the lock now may also be
// the own session of before, which the server does not know to be dead yet: what counts is who claimed the lease last.
func (l *Lease) regain(ctx context.Context) (bool, error) {
	for {
		held, err := l.try(ctx)
		if err == nil {
			var owner string
			if owner, err = l.session.claimant(ctx); err != nil {
				l.Release()
			} else if owner != l.holder {
				return false, fmt.Errorf("%w on this database while this one had lost its connection: this one ends, and waits as stand-by when it is started again", ErrTaken)
			} else if held {
				return true, nil
			}
		} else if errors.Is(err, errs.ErrConflict) {
			return false, err
		}
		if clock.Sleep(ctx, l.clock, leasePoll) != nil {
			return false, nil
		}
	}
}

// Release gives the lease free for the next one. Calling it again does nothing.
func (l *Lease) Release() {
	if l.session != nil {
		l.session.close()
		l.session = nil
	}
}
