package consent

import (
	"context"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/base/store"
)

const (
	sameQuery     = same + ` SELECT id FROM same`
	survivorQuery = `SELECT survivor FROM pu_consent_move WHERE customer=$1`
	moveQuery     = `INSERT INTO pu_consent_move (customer, survivor, moved_at) VALUES ($1, $2, $3)`
	moveBackQuery = `DELETE FROM pu_consent_move WHERE customer=$1`
)

// Move makes the entries of a customer those of another one into whom they are merged, within the transaction that ctx
// carries, if any. The entries themselves stay as they were recorded, so that MoveBack finds them whatever was merged since.
// From then on both IDs give the same answers. Repeating it changes nothing; moving somebody elsewhere who was moved
// already is an errs.ErrConflict.
func (l *Ledger) Move(ctx context.Context, from, to string) error {
	if from == "" || to == "" || from == to {
		return fmt.Errorf("move consent of customer %s to %s: %w", from, to, errs.ErrInvalid)
	}
	return l.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		survivors, err := l.column(ctx, survivorQuery, from)
		if err != nil {
			return err
		} else if slices.Equal(survivors, []string{to}) {
			return nil
		}
		person, err := l.column(ctx, sameQuery, to)
		if err != nil {
			return err
		} else if len(survivors) > 0 || slices.Contains(person, from) {
			return fmt.Errorf("consent of customer %s was moved before: %w", from, errs.ErrConflict)
		}
		if _, err = l.db.Exec(ctx, moveQuery, from, to, l.clock.Now().UnixMilli()); err != nil {
			return fmt.Errorf("move consent of customer %s to %s: %w", from, to, err)
		}
		return nil
	})
}

// MoveBack undoes Move: the customer gets back the entries that were recorded for them, and for those who had been merged
// into them, and a copy of what was said since in the conversations that go with them. What was recorded for the survivor
// since then stays there. Who was not moved has nothing to get back.
func (l *Ledger) MoveBack(ctx context.Context, from string, conversations []string) error {
	return l.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		survivors, err := l.column(ctx, survivorQuery, from)
		if err != nil {
			return err
		}
		if _, err = l.db.Exec(ctx, moveBackQuery, from); err != nil {
			return fmt.Errorf("move consent of customer %s back: %w", from, err)
		}
		for _, survivor := range survivors {
			if err = l.Copy(ctx, survivor, from, conversations); err != nil {
				return err
			}
		}
		return nil
	})
}

// Copy records for a customer what was recorded for another one in conversations that are the first one's now, within the
// transaction that ctx carries, if any: whose words they were is not forgotten. Nothing is taken from the other one.
// Repeating it changes nothing.
func (l *Ledger) Copy(ctx context.Context, from, to string, conversations []string) error {
	return l.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		entries, err := l.History(ctx, from)
		if err != nil {
			return err
		}
		for _, entry := range slices.Backward(entries) { // of two of one time the later one counts
			if !slices.Contains(conversations, entry.Conversation) {
				continue
			}
			if entry.By == entry.Customer {
				entry.By = to
			}
			entry.Key, entry.Customer = entry.Key+" of "+to, to
			if _, err = l.add(ctx, entry, l.clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *Ledger) column(ctx context.Context, query, customer string) ([]string, error) {
	rows, err := l.db.Query(ctx, query, customer)
	list, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
	if err != nil {
		return nil, fmt.Errorf("find merges of customer %s: %w", customer, err)
	}
	return list, nil
}
