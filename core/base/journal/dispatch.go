package journal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

const (
	// turnEntries is how many entries a lane gets before the next lane's turn.
	turnEntries = 16
	// turnBytes bounds the payloads that one worker holds, but for a single larger one.
	turnBytes = 1 << 20
)

const fetchQuery = `SELECT id, key, kind, payload, attempts, next_at, received_at, retried_at FROM pu_journal
	WHERE source=$1 AND lane=$2 AND state='waiting' ORDER BY id LIMIT $3`

// row is a waiting entry as dispatch sees it.
type row struct {
	Entry
	nextAt time.Time
	since  time.Time // arrived, or was retried by hand
}

// work takes lane after lane until the schedule closes.
func (j *Journal) work() {
	for {
		key, ok := j.schedule.next()
		if !ok {
			return
		}
		j.schedule.leave(key, j.takeTurn(key))
	}
}

// takeTurn handles the lane's next entries in order, as far as its head does not have to wait.
func (j *Journal) takeTurn(key laneKey) verdict {
	rows, more, err := j.fetch(j.working, key)
	if err != nil {
		j.trouble(reading, err)
		return verdict{more: true}
	}
	j.recovered(reading)
	for _, r := range rows {
		if !j.schedule.mayBegin() {
			return verdict{more: true}
		}
		if r.nextAt.After(j.opts.Clock.Now()) {
			return verdict{until: r.nextAt}
		}
		handled, goOn := j.handle(r)
		if !goOn {
			return handled
		}
	}
	return verdict{more: more}
}

// fetch reads the lane's first waiting entries, and whether there may be more. Those that are done
// but not written as done yet are still waiting in the database: they are left out. What is
// unwritten is asked before the query, since a mark that is written meanwhile is seen by one of both.
func (j *Journal) fetch(ctx context.Context, key laneKey) (rows []row, more bool, err error) {
	unwritten := j.done.unwritten(key)
	limit := turnEntries + len(unwritten)
	found, err := j.db.Query(ctx, fetchQuery, key.source, key.lane, limit)
	if err != nil {
		return nil, false, fmt.Errorf("fetch waiting entries: %w", err)
	}
	defer func() { _ = found.Close() }()
	seen, bytes := 0, 0
	for found.Next() {
		r, err := scanRow(found, key)
		if err != nil {
			return nil, false, fmt.Errorf("fetch waiting entries: %w", err)
		}
		r.Earlier = r.ID <= j.earlier
		seen++
		if slices.Contains(unwritten, r.ID) {
			continue
		}
		rows = append(rows, r)
		if bytes += len(r.Payload); bytes >= turnBytes {
			return rows, true, nil
		}
	}
	if err = found.Err(); err != nil {
		return nil, false, fmt.Errorf("fetch waiting entries: %w", err)
	}
	return rows, seen == limit, nil
}

func scanRow(from interface{ Scan(...any) error }, key laneKey) (row, error) {
	r := row{Entry: Entry{Source: key.source, Lane: key.lane}}
	var name sql.NullString
	var retried sql.NullInt64
	var next, received int64
	err := from.Scan(&r.ID, &name, &r.Kind, &r.Payload, &r.Attempts, &next, &received, &retried)
	r.Key = name.String
	r.nextAt, r.ReceivedAt = fromMilli(next), fromMilli(received)
	r.since = r.ReceivedAt
	if retried.Valid {
		r.since = fromMilli(retried.Int64)
	}
	return r, err
}

func fromMilli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
