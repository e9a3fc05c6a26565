package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// mostQueued is how many conversations of the queue are looked at in one go.
const mostQueued = 200

// drain gives what is nobody's to whoever is there, the one that waits longest first, as the teams' routing says.
func (i *Inbox) drain(ctx context.Context) error {
	if !slices.ContainsFunc(i.Teams, func(t Team) bool { return t.Routing != Manual && t.Routing != "" }) {
		return nil
	}
	queue, err := i.store.list(ctx, queueQuery, mostQueued)
	if err != nil || len(queue) == 0 {
		return err
	}
	desk, err := i.staff(ctx)
	if err != nil {
		return err
	}
	for _, c := range queue {
		team, ok := i.team(c.Team)
		if !ok {
			continue
		}
		agent := desk.pick(team, i.Capacity)
		if agent == "" {
			continue
		}
		if err = i.giveFromQueue(ctx, c, agent); err != nil {
			return err
		}
		desk.load[agent]++
		desk.given[agent] = i.Clock.Now().UnixMilli() + desk.turn()
	}
	return nil
}

// giveFromQueue gives a conversation to an agent if it is still nobody's.
func (i *Inbox) giveFromQueue(ctx context.Context, c *Conversation, agent string) error {
	_, _, err := i.change(ctx, c.ID, deed{action: "conversation.assigned", by: audit.Puente, do: func(ctx context.Context, c *Conversation) error {
		if c.Assignee != "" || c.Status != Open {
			return nil
		}
		return i.hand(ctx, c, agent)
	}})
	return err
}

// staff is who is there, and what each of them has to do.
type staff struct {
	online map[string]bool
	load   map[string]int
	given  map[string]int64 // when each was given something last, in milliseconds
	turns  int64
}

func (i *Inbox) staff(ctx context.Context) (*staff, error) {
	all, err := i.agents.presences(ctx)
	if err != nil {
		return nil, err
	}
	list, err := i.agents.ids(ctx)
	if err != nil {
		return nil, err
	}
	desk := &staff{online: map[string]bool{}, given: map[string]int64{}}
	for _, agent := range list {
		desk.online[agent] = i.agents.stateOf(all, agent) == Online
		desk.given[agent] = all[agent].givenAt
	}
	desk.load, err = i.store.loads(ctx)
	return desk, err
}

// turn keeps apart those who are given something within the same millisecond.
func (s *staff) turn() int64 {
	s.turns++
	return s.turns
}

// pick returns who of a team is to be given the next conversation; empty if nobody can.
func (s *staff) pick(team Team, capacity int) string {
	var able []string
	for _, agent := range team.Members {
		if s.online[agent] && (capacity == 0 || s.load[agent] < capacity) {
			able = append(able, agent)
		}
	}
	if len(able) == 0 || team.Routing == Manual || team.Routing == "" {
		return ""
	}
	return slices.MinFunc(able, func(a, b string) int {
		if team.Routing == LeastBusy && s.load[a] != s.load[b] {
			return s.load[a] - s.load[b]
		}
		return int(s.given[a] - s.given[b])
	})
}

// loads is how many open conversations each agent has.
func (s *store) loads(ctx context.Context) (map[string]int, error) {
	type load struct {
		agent string
		n     int
	}
	rows, err := s.db.Query(ctx, loadQuery)
	scan := func(row dbutil.Scannable) (l load, err error) { return l, row.Scan(&l.agent, &l.n) }
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("count what agents have to do: %w", err), 0)
	}
	byAgent := map[string]int{}
	for _, one := range list {
		byAgent[one.agent] = one.n
	}
	return byAgent, nil
}

// recall takes the open conversations of agents who are not there any more back into the queue, once the grace time is
// over; the queue's order is by how long customers wait.
func (i *Inbox) recall(ctx context.Context) error {
	if i.OfflineGrace == 0 {
		return nil
	}
	load, err := i.store.loads(ctx)
	if err != nil {
		return err
	}
	all, err := i.agents.presences(ctx)
	if err != nil {
		return err
	}
	now := i.Clock.Now()
	for agent := range load {
		gone, err := i.goneSince(ctx, all, agent)
		if err != nil {
			return err
		} else if gone.IsZero() || now.Sub(gone) < i.OfflineGrace {
			continue
		}
		if err = i.release(ctx, agent); err != nil {
			return err
		}
	}
	return nil
}

// release takes an agent's open conversations away.
func (i *Inbox) release(ctx context.Context, agent string) error {
	list, err := i.store.list(ctx, ofAgentQuery, agent)
	if err != nil {
		return err
	}
	for _, c := range list {
		_, _, err = i.change(ctx, c.ID, deed{action: "conversation.returned", by: audit.Puente, do: func(_ context.Context, c *Conversation) error {
			if c.Assignee == agent && c.active() {
				c.give("", i.Clock.Now())
			}
			return nil
		}})
		if err != nil && !errors.Is(err, errs.ErrNotFound) {
			return err
		}
	}
	return nil
}
