package hub

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// The roster (table pu_agent) is who has been invited to all conversations. It shows, at a start, whom the config or
// the agents' room has named or struck out since.

const (
	rosterQuery = `SELECT user_id FROM pu_agent ORDER BY user_id`
	enrolQuery  = `INSERT INTO pu_agent (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING`
	strikeQuery = `DELETE FROM pu_agent WHERE user_id=$1`
)

// catchUp invites new agents to all conversations and removes former ones from them, until that is done or ctx ends.
func (a *agents) catchUp(ctx context.Context) {
	for wait := 5 * time.Second; ; wait = min(2*wait, 5*time.Minute) {
		err := a.settle(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.hub.Log.Warn().Err(err).Dur("again_in", wait).Msg("The agents' invitations are not complete yet")
		if clock.Sleep(ctx, a.hub.Clock, wait) != nil {
			return
		}
	}
}

func (a *agents) settle(ctx context.Context) error {
	rows, err := a.hub.DB.Query(ctx, rosterQuery)
	before, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.UserID], err).AsList()
	if err != nil {
		return fmt.Errorf("read who the agents were: %w", err)
	}
	now := a.List()
	for _, user := range now {
		if !slices.Contains(before, user) {
			if err = a.changeEverywhere(ctx, user, true); err != nil {
				return err
			}
		}
	}
	if !a.complete() {
		return nil // nobody is struck out because the agents' room could not be read
	}
	for _, user := range before {
		if !slices.Contains(now, user) {
			if err = a.changeEverywhere(ctx, user, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete tells whether all agents are known: those of the room are only once its members have been read.
func (a *agents) complete() bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.hub.Agents.Room == "" || a.read
}

// enrol notes that a user's invitations, or removals, are done.
func (a *agents) enrol(ctx context.Context, user id.UserID, invited bool) error {
	query := strikeQuery
	if invited {
		query = enrolQuery
	}
	if _, err := a.hub.DB.Exec(ctx, query, user); err != nil {
		return fmt.Errorf("note an agent's invitations: %w", err)
	}
	return nil
}
