package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
)

const (
	defaultListed = 100
	mostListed    = 1000
)

// Record is an entry with what became of it.
type Record struct {
	Entry
	State State
	// NextAt is when a waiting entry is tried, at the earliest.
	NextAt time.Time
	// FinishedAt is when the entry was done or failed; zero while it waits.
	FinishedAt time.Time
}

// Filter chooses records; an empty field chooses all.
type Filter struct {
	State  State
	Source string
	Lane   string
	// Before, if not 0, chooses entries with a smaller ID: the next page after a list's last one.
	Before int64
	// Limit is how many at most; 0 means 100, more than 1000 means 1000.
	Limit int
}

// Count is how many entries of a source are in a state.
type Count struct {
	Source  string
	State   State
	Entries int64
	Oldest  time.Time // when the oldest of them arrived
}

const (
	recordColumns    = `id, source, key, lane, kind, attempts, received_at, reason, state, next_at, finished_at`
	listHead         = `SELECT ` + recordColumns + ` FROM pu_journal`
	getQuery         = `SELECT ` + recordColumns + `, payload FROM pu_journal WHERE id=$1`
	byKeyHead        = listHead + ` WHERE source=$1 AND key IN `
	headsQuery       = `SELECT key FROM pu_journal WHERE source=$1 AND lane=$2 AND state='waiting' AND key IS NOT NULL ORDER BY id LIMIT $3`
	waitsQuery       = `SELECT EXISTS(SELECT 1 FROM pu_journal WHERE source=$1 AND state='waiting' AND received_at>=$2 AND received_at<=$3)`
	lastArrivalQuery = `SELECT received_at FROM pu_journal ORDER BY id DESC LIMIT 1`
	openQuery        = `SELECT source, state, COUNT(*), MIN(received_at) FROM pu_journal WHERE state='waiting' GROUP BY source, state
		UNION ALL SELECT source, state, COUNT(*), MIN(received_at) FROM pu_journal WHERE state='failed' AND finished_at IS NOT NULL GROUP BY source, state`
	countQuery = `SELECT source, state, COUNT(*), MIN(received_at) FROM pu_journal
		GROUP BY source, state ORDER BY source, state`
)

// Heads returns the keys of a lane's first waiting entries, at most limit, in their order: what is being handled, or was
// when a process ended, is among the first.
func (j *Journal) Heads(ctx context.Context, source, lane string, limit int) ([]string, error) {
	rows, err := j.db.Query(ctx, headsQuery, source, storableName(lane), limit)
	keys, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list the first entries of a lane: %w", err)
	}
	return keys, nil
}

// Waits tells whether an entry of the source waits, or is being handled, that arrived from one time to another, both
// included; a zero time from is the beginning.
func (j *Journal) Waits(ctx context.Context, source string, from, until time.Time) (waits bool, err error) {
	if from.IsZero() {
		from = time.UnixMilli(0)
	}
	if err = j.db.QueryRow(ctx, waitsQuery, source, from.UnixMilli(), until.UnixMilli()).Scan(&waits); err != nil {
		return false, fmt.Errorf("look for waiting entries: %w", err)
	}
	return waits, nil
}

// LastArrival is when the newest entry arrived; zero if there is none.
func (j *Journal) LastArrival(ctx context.Context) (time.Time, error) {
	var at int64
	err := j.db.QueryRow(ctx, lastArrivalQuery).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, fmt.Errorf("look when something arrived last: %w", err)
	}
	return time.UnixMilli(at).UTC(), nil
}

// List returns the newest records that the filter chooses, newest first, without their payloads.
func (j *Journal) List(ctx context.Context, filter Filter) ([]Record, error) {
	where, args := filter.where()
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultListed
	}
	query := listHead + where + " ORDER BY id DESC LIMIT " + strconv.Itoa(min(limit, mostListed))
	rows, err := j.db.Query(ctx, query, args...)
	records, err := dbutil.ConvertRowFn[Record](func(row dbutil.Scannable) (Record, error) {
		return scanRecord(row)
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	return records, nil
}

// where returns the filter's condition. The state stands in the text, so that the partial indexes apply.
func (f Filter) where() (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, condition+"$"+strconv.Itoa(len(args)))
	}
	switch f.State {
	case Waiting:
		conditions = append(conditions, "state='waiting'")
	case Failed:
		conditions = append(conditions, "state='failed'", "finished_at IS NOT NULL")
	case Done:
		conditions = append(conditions, "state='done'", "finished_at IS NOT NULL")
	case "":
	default:
		add("state=", string(f.State)) // chooses nothing
	}
	if f.Source != "" {
		add("source=", f.Source)
	}
	if f.Lane != "" {
		add("lane=", f.Lane)
	}
	if f.Before > 0 {
		add("id<", f.Before)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

// Get returns one record with its payload; an unknown ID is an errs.ErrNotFound.
func (j *Journal) Get(ctx context.Context, id int64) (Record, error) {
	var payload []byte
	record, err := scanRecord(j.db.QueryRow(ctx, getQuery, id), &payload)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, fmt.Errorf("journal entry %d: %w", id, errs.ErrNotFound)
	} else if err != nil {
		return Record{}, fmt.Errorf("read journal entry %d: %w", id, err)
	}
	record.Payload = payload
	return record, nil
}

// ByKey returns the records of a source that have one of the keys, by their key and without their payloads. Records
// older than their retention are gone.
func (j *Journal) ByKey(ctx context.Context, source string, keys []string) (map[string]Record, error) {
	stored := map[string]string{} // the key that the record has → the one that was asked for
	for _, key := range keys {
		stored[storableName(key)] = key
	}
	found := map[string]Record{}
	for chunk := range slices.Chunk(slices.Collect(maps.Keys(stored)), mostRows) {
		args := []any{source}
		for _, key := range chunk {
			args = append(args, key)
		}
		rows, err := j.db.Query(ctx, byKeyHead+idList(len(chunk)), args...)
		records, err := dbutil.ConvertRowFn[Record](func(row dbutil.Scannable) (Record, error) {
			return scanRecord(row)
		}).NewRowIter(rows, err).AsList()
		if err != nil {
			return nil, fmt.Errorf("look for journal entries by their keys: %w", err)
		}
		for _, record := range records {
			found[stored[record.Key]] = record
		}
	}
	return found, nil
}

// Counts counts the entries by source and state. It reads the whole journal: once a minute is fine.
func (j *Journal) Counts(ctx context.Context) ([]Count, error) { return j.count(ctx, countQuery) }

// Open counts the entries that wait or failed, by source and state. It reads those only.
func (j *Journal) Open(ctx context.Context) ([]Count, error) { return j.count(ctx, openQuery) }

func (j *Journal) count(ctx context.Context, query string) ([]Count, error) {
	rows, err := j.db.Query(ctx, query)
	counts, err := dbutil.ConvertRowFn[Count](func(row dbutil.Scannable) (c Count, err error) {
		var oldest int64
		err = row.Scan(&c.Source, &c.State, &c.Entries, &oldest)
		c.Oldest = fromMilli(oldest)
		return c, err
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("count journal: %w", err)
	}
	return counts, nil
}

func scanRecord(row dbutil.Scannable, more ...any) (Record, error) {
	var r Record
	var key sql.NullString
	var received, next int64
	var finished sql.NullInt64
	err := row.Scan(append([]any{
		&r.ID, &r.Source, &key, &r.Lane, &r.Kind, &r.Attempts, &received, &r.Reason, &r.State, &next, &finished,
	}, more...)...)
	r.Key = key.String
	r.ReceivedAt, r.NextAt = fromMilli(received), fromMilli(next)
	if finished.Valid {
		r.FinishedAt = fromMilli(finished.Int64)
	}
	return r, err
}
