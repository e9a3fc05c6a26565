// Package audit keeps who did what to which thing, and how it was before and after. It never keeps what customers say.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
)

// Puente is the actor of what happens by itself.
const Puente = "puente"

// Facts are what of a thing changed: names of its fields and their values.
type Facts map[string]any

// Entry is one deed.
type Entry struct {
	At       time.Time
	Actor    string // a Matrix user ID, or Puente
	Action   string // in the past tense: "conversation.assigned"
	Object   string // "conversation"
	ObjectID string
	Before   Facts
	After    Facts
}

// Log is the audit log, table pu_audit.
type Log struct{ db *dbutil.Database }

// New makes a log in the database.
func New(db *dbutil.Database) *Log { return &Log{db: db} }

const insertQuery = `INSERT INTO pu_audit (at, actor, action, object, object_id, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Write adds an entry, within the transaction that ctx carries, if any, so that the deed and its entry are one.
func (l *Log) Write(ctx context.Context, entry Entry) error {
	before, err := encode(entry.Before)
	if err != nil {
		return fmt.Errorf("note %s: %w", entry.Action, err)
	}
	after, err := encode(entry.After)
	if err != nil {
		return fmt.Errorf("note %s: %w", entry.Action, err)
	}
	_, err = l.db.Exec(ctx, insertQuery, entry.At.UnixMilli(), entry.Actor, entry.Action, entry.Object, entry.ObjectID, before, after)
	if err != nil {
		return fmt.Errorf("note %s of %s %s: %w", entry.Action, entry.Object, entry.ObjectID, err)
	}
	return nil
}

func encode(facts Facts) (string, error) {
	if facts == nil {
		facts = Facts{}
	}
	text, err := json.Marshal(facts)
	return string(text), err
}

const ofQuery = `SELECT at, actor, action, object, object_id, before, after FROM pu_audit WHERE object=$1 AND object_id=$2 ORDER BY id DESC LIMIT $3`

// Of returns the latest entries about a thing, newest first, limit of them at most.
func (l *Log) Of(ctx context.Context, object, objectID string, limit int) ([]Entry, error) {
	rows, err := l.db.Query(ctx, ofQuery, object, objectID, limit)
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list what happened to %s %s: %w", object, objectID, err)
	}
	return list, nil
}

func scan(row dbutil.Scannable) (entry Entry, err error) {
	var at int64
	var before, after []byte
	if err = row.Scan(&at, &entry.Actor, &entry.Action, &entry.Object, &entry.ObjectID, &before, &after); err != nil {
		return entry, err
	}
	entry.At = time.UnixMilli(at).UTC()
	if err = json.Unmarshal(before, &entry.Before); err == nil {
		err = json.Unmarshal(after, &entry.After)
	}
	return entry, err
}
