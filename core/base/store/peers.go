package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// active is who holds the lock, as far as that can be told.
func (s *leaseSession) active(ctx context.Context) string {
	peers, err := s.peers(ctx)
	if err != nil || peers.Active == "" {
		return "an unknown one"
	}
	return peers.Active
}

// Peers are the processes that run, or wait to run, Puente on a PostgreSQL database, each as
// "puente on host (process 12) from 10.0.0.2". What the user of database.uri may not see is missing.
type Peers struct {
	Active  string
	StandBy []string
}

const peersQuery = `SELECT application_name || COALESCE(' from ' || host(client_addr), ''),
		EXISTS(SELECT 1 FROM pg_locks WHERE pg_locks.pid=pg_stat_activity.pid AND ` + isLease + `)
	FROM pg_stat_activity WHERE datname=current_database() ORDER BY backend_start`

func (s *leaseSession) peers(ctx context.Context) (found Peers, err error) {
	rows, err := s.conn.Query(ctx, peersQuery, leaseKey)
	if err != nil {
		return Peers{}, explainLease("look who runs on the database", err)
	}
	var name *string
	var active bool
	_, err = pgx.ForEachRow(rows, []any{&name, &active}, func() error {
		switch {
		case active && name != nil:
			found.Active = *name
		case name != nil && strings.HasPrefix(*name, standByName):
			found.StandBy = append(found.StandBy, *name)
		}
		return nil
	})
	return found, explainLease("look who runs on the database", err)
}

// LookForPeers tells who runs and who waits on a database; nobody, for SQLite.
func LookForPeers(ctx context.Context, cfg Config) (Peers, error) {
	if cfg.Type != Postgres {
		return Peers{}, nil
	}
	settings, err := postgresSettings(cfg)
	if err != nil {
		return Peers{}, err
	}
	settings.RuntimeParams["application_name"] = "puente"
	settings.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(ctx, settings)
	if err != nil {
		return Peers{}, explainPostgres(err, settings)
	}
	s := &leaseSession{conn: conn}
	defer s.close()
	return s.peers(ctx)
}

// StandsByHere tells whether one of the stand-bys is a process of this machine.
func (p Peers) StandsByHere() bool {
	here, _, _ := strings.Cut(processName(standByName), " (process")
	for _, name := range p.StandBy {
		if strings.HasPrefix(name, here+" (process") {
			return true
		}
	}
	return false
}
