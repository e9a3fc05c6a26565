package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"puente/core/base/store"
)

const disownQuery = `INSERT INTO pu_journal (source, key, lane, kind, payload, state, next_at, received_at, finished_at)
	VALUES ('matrix', $1, '', 'event', '', 'done', $2, $2, $2) ON CONFLICT (source, key) DO NOTHING`

// say has an agent write, and notes it.
func (s *site) say(ctx context.Context, one chat) (id.EventID, error) {
	sent, err := s.raw.send(ctx, s.alice, one.room, words)
	if err == nil {
		s.note(sent)
	}
	return sent, err
}

func (s *site) note(said id.EventID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, said)
}

// disown notes what agents have written so far in the journal of Puente's database. Much of it was the peers' business,
// and Puente would fetch from the homeserver what it thinks that it was not handed over.
func (s *site) disown(ctx context.Context) error {
	s.mu.Lock()
	said := s.said
	s.mu.Unlock()
	beside, err := openBeside(s.database)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	err = beside.DoTxn(ctx, nil, func(ctx context.Context) error {
		for _, event := range said {
			if _, err := beside.Exec(ctx, disownQuery, event, now); err != nil {
				return fmt.Errorf("note what went past Puente: %w", err)
			}
		}
		return nil
	})
	return errors.Join(err, beside.Close())
}

// openBeside opens a database that a Puente may have open too, with which it shares no lock but the database's own.
func openBeside(database store.Config) (*dbutil.Database, error) {
	pool := dbutil.PoolConfig{Type: "pgx", URI: database.URI, MaxOpenConns: 5, MaxIdleConns: 1}
	if database.Type == store.SQLite {
		pool.Type, pool.URI = "sqlite3-fk-wal", "file:"+database.URI+"?_txlock=immediate"
	}
	opened, err := dbutil.NewFromConfig("bench", dbutil.Config{PoolConfig: pool}, dbutil.NoopLogger)
	if err != nil {
		return nil, fmt.Errorf("open a database: %w", err)
	}
	return opened, nil
}
