package journal

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
)

const (
	pruneEvery   = time.Hour
	pruneEntries = 500 // of one statement: the database's other writers wait meanwhile
	// lookEvery is how often entries that another process retried are looked for.
	lookEvery = 5 * time.Second
	// searchEvery is how often entries that another process appended are looked for: one that had the database before goes
	// on to commit what it receives until it knows that it has been replaced, so also after this process looked at its
	// start.
	searchEvery = time.Minute
	// searchClosely is for how long after the start they are looked for at each look.
	searchClosely = 5 * time.Minute
)

const (
	newestQuery  = `SELECT COALESCE(MAX(id), 0) FROM pu_journal`
	lanesQuery   = `SELECT source, lane FROM pu_journal WHERE state='waiting' GROUP BY source, lane ORDER BY MIN(id)`
	retriedQuery = `SELECT DISTINCT source, lane FROM pu_journal WHERE retried_at IS NOT NULL`
	pruneDone    = `DELETE FROM pu_journal WHERE id IN (
		SELECT id FROM pu_journal WHERE state='done' AND finished_at < $1 ORDER BY finished_at LIMIT $2)`
	pruneFailed = `DELETE FROM pu_journal WHERE id IN (
		SELECT id FROM pu_journal WHERE state='failed' AND finished_at < $1 ORDER BY finished_at LIMIT $2)`
)

// housekeep wakes what waits from earlier runs, then prunes from time to time. On PostgreSQL it also
// looks for what another process retried (`puente journal retry`; an index holds just these rows) or appended.
// A SQLite file has no other process, see package store.
func (j *Journal) housekeep() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	detach := context.AfterFunc(j.working, cancel)
	defer detach()
	if !j.wakeEarlier(ctx) {
		return
	}
	every := pruneEvery
	if j.db.Dialect == dbutil.Postgres {
		every = lookEvery
	}
	var pruned time.Time
	began := j.opts.Clock.Now()
	searched := began
	for {
		if now := j.opts.Clock.Now(); now.Sub(pruned) >= pruneEvery {
			pruned = now
			j.pruneOrLog(ctx)
		}
		select {
		case <-j.opts.Clock.After(every):
		case <-j.quit:
			return
		}
		if j.db.Dialect != dbutil.Postgres {
			continue
		}
		j.wakeFound(ctx, retriedQuery, j.schedule.nudge)
		if now := j.opts.Clock.Now(); now.Sub(began) < searchClosely || now.Sub(searched) >= searchEvery {
			searched = now
			j.wakeFound(ctx, lanesQuery, j.schedule.wake)
		}
	}
}

// wakeEarlier wakes all lanes with waiting entries, as soon as the database can be asked; false if
// the journal stops before.
func (j *Journal) wakeEarlier(ctx context.Context) bool {
	for {
		keys, err := j.waitingLanes(ctx)
		if err == nil {
			j.schedule.wake(keys...)
			return true
		}
		select {
		case <-j.opts.Clock.After(j.trouble(reading, err)):
		case <-j.quit:
			return false
		}
	}
}

// waitingLanes notes which entries are earlier ones, lets lanes be woken, and returns those that wait. In this order:
// what is appended after the note wakes its lane, what was appended before is found.
func (j *Journal) waitingLanes(ctx context.Context) ([]laneKey, error) {
	if !j.schedule.isOpen() {
		if err := j.db.QueryRow(ctx, newestQuery).Scan(&j.earlier); err != nil {
			return nil, fmt.Errorf("find the newest entry: %w", err)
		}
		j.schedule.open()
	}
	return j.lanes(ctx, lanesQuery)
}

// wakeFound wakes the lanes that a query finds, in the given way.
func (j *Journal) wakeFound(ctx context.Context, query string, wake func(...laneKey)) {
	keys, err := j.lanes(ctx, query)
	if err != nil {
		j.trouble(reading, err)
		return
	}
	j.recovered(reading)
	wake(keys...)
}

func (j *Journal) lanes(ctx context.Context, query string, args ...any) ([]laneKey, error) {
	rows, err := j.db.Query(ctx, query, args...)
	scan := dbutil.ConvertRowFn[laneKey](func(row dbutil.Scannable) (key laneKey, err error) {
		return key, row.Scan(&key.source, &key.lane)
	})
	keys, err := scan.NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("find lanes with waiting entries: %w", err)
	}
	return keys, nil
}

func (j *Journal) pruneOrLog(ctx context.Context) {
	switch n, err := j.Prune(ctx); {
	case err != nil:
		j.opts.Log.Warn().Err(err).Msg("Journal could not be pruned, the next attempt follows")
	case n > 0:
		j.opts.Log.Info().Int64("entries", n).Msg("Journal pruned")
	}
}

// Prune removes done and failed entries that are older than their retention, and returns how many.
// Start calls it every hour.
func (j *Journal) Prune(ctx context.Context) (int64, error) {
	now := j.opts.Clock.Now()
	done, err := j.prune(ctx, pruneDone, now.Add(-j.opts.Retention))
	if err != nil {
		return done, err
	}
	failed, err := j.prune(ctx, pruneFailed, now.Add(-j.opts.FailedRetention))
	return done + failed, err
}

func (j *Journal) prune(ctx context.Context, statement string, before time.Time) (int64, error) {
	var all int64
	for {
		result, err := j.db.Exec(ctx, statement, before.UnixMilli(), pruneEntries)
		if err != nil {
			return all, fmt.Errorf("prune journal: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return all, fmt.Errorf("prune journal: %w", err)
		}
		all += n
		if n < pruneEntries {
			return all, nil
		}
	}
}
