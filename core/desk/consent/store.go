package consent

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/desk/audit"
)

// Options are what a company sets.
type Options struct {
	Policy Policy
	Words  Words
}

// Ledger is the consent ledger, table pu_consent. It only grows.
type Ledger struct {
	db     *dbutil.Database
	log    *audit.Log
	clock  clock.Clock
	policy Policy
	words  lexicon
}

// New makes a ledger in the database. What is wrong with the options is an errs.ErrInvalid.
func New(db *dbutil.Database, log *audit.Log, clock clock.Clock, opts Options) (*Ledger, error) {
	policy, err := opts.Policy.complete()
	if err != nil {
		return nil, fmt.Errorf("consent policy: %w", err)
	}
	words, err := opts.Words.lexicon()
	if err != nil {
		return nil, fmt.Errorf("consent words: %w", err)
	}
	return &Ledger{db: db, log: log, clock: clock, policy: policy, words: words}, nil
}

const (
	insertQuery = `INSERT INTO pu_consent
		(source, key, customer, network, purpose, state, basis, event_id, conversation, actor, at, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (source, key) DO NOTHING`
	// same is every ID of the person whom $1 names: all whom merges have joined, however many steps away.
	same = `WITH RECURSIVE same (id) AS (
		SELECT CAST($1 AS TEXT) UNION
		SELECT CASE WHEN move.customer = same.id THEN move.survivor ELSE move.customer END
			FROM same JOIN pu_consent_move move ON move.customer = same.id OR move.survivor = same.id)`
	historyQuery = same + ` SELECT id, source, key, customer, network, purpose, state, basis, event_id, conversation, actor, at, recorded_at
		FROM pu_consent WHERE customer IN (SELECT id FROM same) ORDER BY at DESC, id DESC`
)

// History returns all entries of a customer, and of whomever merges have joined with them, newest first.
func (l *Ledger) History(ctx context.Context, customer string) ([]Entry, error) {
	rows, err := l.db.Query(ctx, historyQuery, customer)
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list consent of customer %s: %w", customer, err)
	}
	return list, nil
}

func scan(row dbutil.Scannable) (e Entry, err error) {
	var at, recorded int64
	err = row.Scan(&e.ID, &e.Source, &e.Key, &e.Customer, &e.Network, &e.Purpose, &e.State, &e.Basis,
		&e.Event, &e.Conversation, &e.By, &at, &recorded)
	e.At, e.RecordedAt = time.UnixMilli(at).UTC(), time.UnixMilli(recorded).UTC()
	return e, err
}

// Allowed tells whether a customer may be written to on a network (or Everywhere: on one about which nothing special was
// said) for a purpose. A purpose that the policy does not have is an errs.ErrInvalid, so that a misspelt one never passes.
func (l *Ledger) Allowed(ctx context.Context, customer, network string, purpose Purpose) (Decision, error) {
	if purpose != Answer && !l.policy.Has(purpose) {
		return Decision{}, fmt.Errorf("purpose of a message is none of %s: %w", l.policy.names(), errs.ErrInvalid)
	}
	entries, err := l.History(ctx, customer)
	if err != nil {
		return Decision{}, err
	}
	return l.policy.Decide(entries, network, purpose), nil
}

// Record adds an entry, within the transaction that ctx carries, if any, and tells whether it was new: an entry with the
// same source and key stays the only one. A time in the future is taken for now, since such an entry would beat all that
// the customer says until then.
func (l *Ledger) Record(ctx context.Context, entry Entry) (recorded bool, err error) {
	done, err := l.record(ctx, entry)
	return done.fresh, err
}

// recorded is an entry as it stands in the ledger.
type recorded struct {
	Entry
	fresh   bool // it was not there before
	changed bool // it changed an answer when it came, whether that was now or earlier
}

func (l *Ledger) record(ctx context.Context, entry Entry) (done recorded, err error) {
	if err = entry.check(l.policy); err != nil {
		return recorded{}, err
	}
	now := l.clock.Now()
	if entry.At.IsZero() || entry.At.After(now) {
		entry.At = now
	}
	err = l.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) (err error) {
		done, err = l.add(ctx, entry, now)
		return err
	})
	return done, err
}

// add puts an entry into the ledger and notes it, unless it is there.
func (l *Ledger) add(ctx context.Context, entry Entry, now time.Time) (done recorded, err error) {
	if done.fresh, err = l.insert(ctx, entry, now); err != nil {
		return recorded{}, err
	}
	entries, err := l.History(ctx, entry.Customer)
	if err != nil {
		return recorded{}, err
	}
	mine := slices.IndexFunc(entries, func(e Entry) bool { return e.Source == entry.Source && e.Key == entry.Key })
	if mine < 0 { // recorded for somebody else: it is no news about this customer
		return done, nil
	}
	done.Entry, done.changed = entries[mine], l.policy.changes(entries, entries[mine])
	if !done.fresh {
		return done, nil
	}
	return done, l.note(ctx, done.Entry, entries, now)
}

func (l *Ledger) insert(ctx context.Context, entry Entry, now time.Time) (fresh bool, err error) {
	result, err := l.db.Exec(ctx, insertQuery, entry.Source, entry.Key, entry.Customer, entry.Network, entry.Purpose, entry.State,
		entry.Basis, entry.Event, entry.Conversation, entry.By, entry.At.UnixMilli(), now.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("record consent of customer %s: %w", entry.Customer, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("record consent of customer %s: %w", entry.Customer, err)
	}
	return rows > 0, nil
}

// note writes the audit entry: what was last said about exactly this network and purpose, and what is said now.
func (l *Ledger) note(ctx context.Context, entry Entry, entries []Entry, now time.Time) error {
	before := audit.Facts{}
	for _, other := range entries { // newest first
		if other.ID < entry.ID && other.Network == entry.Network && other.Purpose == entry.Purpose {
			before = audit.Facts{"state": other.State, "source": other.Source}
			break
		}
	}
	return l.log.Write(ctx, audit.Entry{
		At: now, Actor: entry.By, Action: "consent.changed", Object: "customer", ObjectID: entry.Customer, Before: before,
		After: audit.Facts{
			"state": entry.State, "source": entry.Source, "network": entry.Network, "purpose": entry.Purpose, "event": entry.Event,
		},
	})
}
