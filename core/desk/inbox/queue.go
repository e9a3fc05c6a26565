package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// mostQueued is how many conversations of a team's queue are looked at in one go.
const mostQueued = 200

// drain gives what is nobody's to whoever is there, the one that waits longest first, as the teams' routing says.
func (i *Inbox) drain(ctx context.Context) error {
	queue, err := i.routedQueue(ctx)
	if err != nil || len(queue) == 0 {
		return err
	}
	desk, err := i.staff(ctx)
	if err != nil {
		return err
	}
	for _, c := range queue {
		team, _ := i.team(c.Team)
		agent := desk.pick(team, i.Capacity)
		if agent == "" {
			continue
		}
		if err = i.giveFromQueue(ctx, c, agent); err != nil {
			return err
		}
		desk.give(agent)
	}
	return nil
}

// routedQueue is what is nobody's and to be given to somebody, the one that waits longest first. Each team has its own, or
// those that stay would hold up the others.
func (i *Inbox) routedQueue(ctx context.Context) (queue []*Conversation, err error) {
	for _, team := range i.Teams {
		if team.Routing == Manual || team.Routing == "" {
			continue
		}
		list, err := i.store.list(ctx, teamQueueQuery, mostQueued, team.Name)
		if err != nil {
			return nil, err
		}
		queue = append(queue, list...)
	}
	slices.SortFunc(queue, func(a, b *Conversation) int {
		return cmp.Or(a.queuedSince().Compare(b.queuedSince()), cmp.Compare(a.ID, b.ID))
	})
	return queue, nil
}

// queuedSince is what the queue is ordered by, as queueQuery has it.
func (c *Conversation) queuedSince() time.Time {
	if c.WaitingSince.IsZero() {
		return c.OpenedAt
	}
	return c.WaitingSince
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
	given  map[string]int64 // the greater, the later each was given something last
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

// give notes that an agent was given a conversation, last of all.
func (s *staff) give(agent string) {
	s.load[agent]++
	for _, given := range s.given {
		s.given[agent] = max(s.given[agent], given+1)
	}
}

// pick returns who of a team is to be given the next conversation; empty if nobody can.
func (s *staff) pick(team Team, capacity int) string {
	var able []string
	for _, agent := range team.Members {
		if s.online[agent] && (capacity == 0 || s.load[agent] < capacity) {
			able = append(able, agent)
		}
	}
	if len(able) == 0 {
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
// over, and those of agents who have left the team at once; the queue's order is by how long customers wait.
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
	team, err := i.agents.ids(ctx)
	if err != nil || len(team) == 0 { // nobody has left a team of which nothing is known
		return err
	}
	now := i.Clock.Now()
	for agent := range load {
		before := now // what they took before then goes
		if slices.Contains(team, agent) {
			gone := i.agents.goneSince(all, agent)
			if before = now.Add(-i.OfflineGrace); gone.IsZero() || gone.After(before) {
				continue
			}
		}
		if err = i.release(ctx, agent, before); err != nil {
			return err
		}
	}
	return nil
}

// release takes those of an agent's open conversations away that were given to them by then.
func (i *Inbox) release(ctx context.Context, agent string, before time.Time) error {
	list, err := i.store.list(ctx, ofAgentQuery, agent)
	if err != nil {
		return err
	}
	for _, c := range list {
		_, _, err = i.change(ctx, c.ID, deed{action: "conversation.returned", by: audit.Puente, do: func(_ context.Context, c *Conversation) error {
			if c.Assignee == agent && c.active() && !c.AssignedAt.After(before) {
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
