package crash

import (
	"context"
	"fmt"
	"strings"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"

	"puente/bridges/signal/daemon"
	"puente/core/base/store"
)

// inside is what Puente's database says. No verdict depends on it but one: whether something ever reached the journal.
type inside struct {
	waiting int
	failed  []string // what was set aside, with the reason
	signal  *arrivals
}

const (
	waitingQuery = `SELECT COUNT(*) FROM pu_journal WHERE state='waiting'`
	failedQuery  = `SELECT id, source, kind, reason FROM pu_journal WHERE state='failed' ORDER BY id`
	keysQuery    = `SELECT key FROM pu_journal WHERE source='signal' AND key IS NOT NULL`
	outcomeQuery = `SELECT state, attempts, COALESCE(network_message_id, ''), reason FROM pu_outcome WHERE event_id=$1`
	signalQuery  = `SELECT id, state, attempts, kind, reason FROM pu_journal WHERE source='signal' AND key LIKE $1`
	rowQuery     = `SELECT id, state, attempts, reason FROM pu_journal WHERE key=$1`
)

// openInside opens the database beside the running Puente, for looking only.
func (w *world) openInside(ctx context.Context) (*dbutil.Database, error) {
	return store.OpenReadOnly(ctx, w.database, zerolog.Nop())
}

func (w *world) lookInside(ctx context.Context) (*inside, error) {
	db, err := w.openInside(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	seen := &inside{}
	if err = db.QueryRow(ctx, waitingQuery).Scan(&seen.waiting); err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	rows, err := db.Query(ctx, failedQuery)
	seen.failed, err = dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (string, error) {
		var id int64
		var source, kind, reason string
		err := row.Scan(&id, &source, &kind, &reason)
		return fmt.Sprintf("journal entry %d, %s %s: %s", id, source, kind, reason), err
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list what was set aside: %w", err)
	}
	rows, err = db.Query(ctx, keysQuery)
	keys, err := dbutil.ConvertRowFn[string](dbutil.ScanSingleColumn[string]).NewRowIter(rows, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list what Signal sent: %w", err)
	}
	seen.signal = arrivalsOf(keys)
	return seen, nil
}

// arrivals are what the signal-cli daemon handed over and the journal has, each as "sender:timestamp". No two things that
// somebody says or does have one timestamp, but what their phone tells by itself, as that something arrived, may share it.
type arrivals struct{ said, receipts map[string]bool }

// arrivalsOf reads the journal's keys: account, sender, device, timestamp, kind.
func arrivalsOf(keys []string) *arrivals {
	a := &arrivals{said: map[string]bool{}, receipts: map[string]bool{}}
	for _, key := range keys {
		parts := strings.Split(key, ":")
		if len(parts) < 5 {
			continue // could not be read
		}
		switch by := parts[1] + ":" + parts[3]; daemon.Kind(parts[4]) {
		case daemon.KindMessage, daemon.KindEdit:
			a.said[by] = true
		case daemon.KindReceipt:
			a.receipts[by] = true
		}
	}
	return a
}

// signalWay is what became of what a customer on Signal did at a time, inside Puente.
func (w *world) signalWay(ctx context.Context, signalID string) []string {
	db, err := w.openInside(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = db.Close() }()
	sender, timestamp, _ := strings.Cut(signalID, ":")
	rows, err := db.Query(ctx, signalQuery, "%:"+sender+":%:"+timestamp+":%")
	lines, err := dbutil.ConvertRowFn[string](func(row dbutil.Scannable) (string, error) {
		var id, attempts int64
		var state, kind, reason string
		err := row.Scan(&id, &state, &attempts, &kind, &reason)
		return fmt.Sprintf("journal entry %d (%s) %s after %d attempts %s", id, kind, state, attempts, reason), err
	}).NewRowIter(rows, err).AsList()
	if err != nil {
		return []string{err.Error()}
	}
	return lines
}

// way is what became of an agent's message inside Puente.
func (w *world) way(ctx context.Context, event string) []string {
	db, err := w.openInside(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = db.Close() }()
	var lines []string
	var id, attempts int64
	var state, network, reason string
	if db.QueryRow(ctx, rowQuery, event).Scan(&id, &state, &attempts, &reason) == nil {
		lines = append(lines, fmt.Sprintf("journal entry %d %s after %d attempts %s", id, state, attempts, reason))
	} else {
		lines = append(lines, "never in the journal")
	}
	if db.QueryRow(ctx, outcomeQuery, event).Scan(&state, &attempts, &network, &reason) == nil {
		lines = append(lines, fmt.Sprintf("outcome %s after %d attempts, %s %s", state, attempts, network, reason))
	}
	return lines
}
