package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// Availability is whether an agent is there for conversations.
type Availability string

// The availabilities. ref: reference/field-map.md, assignment
const (
	Online  Availability = "online"
	Busy    Availability = "busy"    // works, and is given nothing more
	Offline Availability = "offline" // what is open goes back to the queue after a grace time
)

// agents are the company's people, with their names and whether they are there (table pu_availability).
type agents struct {
	inbox *Inbox

	mu   sync.Mutex
	list []channel.Party
	read time.Time
}

// teamIsFresh is for how long the list of the team is believed.
const teamIsFresh = 5 * time.Second

func newAgents(i *Inbox) *agents { return &agents{inbox: i} }

// all lists the agents.
func (a *agents) all(ctx context.Context) ([]channel.Party, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.inbox.Clock.Now()
	if a.list != nil && now.Sub(a.read) < teamIsFresh {
		return a.list, nil
	}
	list, err := a.inbox.Rooms.Team(ctx)
	if err != nil {
		return nil, err
	}
	a.list, a.read = list, now
	return list, nil
}

func (a *agents) ids(ctx context.Context) ([]string, error) {
	list, err := a.all(ctx)
	ids := make([]string, len(list))
	for n, agent := range list {
		ids[n] = agent.ID
	}
	return ids, err
}

func (a *agents) is(ctx context.Context, id string) (bool, error) {
	ids, err := a.ids(ctx)
	return slices.Contains(ids, id), err
}

// name is how an agent is called; the ID if nobody knows.
func (a *agents) name(ctx context.Context, id string) string {
	list, err := a.all(ctx)
	if index := slices.IndexFunc(list, func(p channel.Party) bool { return p.ID == id }); err == nil && index >= 0 {
		return called(list[index])
	}
	return id
}

// named finds the agent whom somebody means: by ID, by the ID's first part, or by a name or the beginning of one that only
// one has.
func (a *agents) named(ctx context.Context, text string) (channel.Party, error) {
	list, err := a.all(ctx)
	if err != nil {
		return channel.Party{}, err
	}
	text = strings.ToLower(strings.TrimSpace(text))
	for _, fits := range []func(channel.Party) bool{
		func(p channel.Party) bool { return strings.EqualFold(p.ID, text) || strings.EqualFold(p.Name, text) },
		func(p channel.Party) bool { return localpart(p.ID) == strings.TrimPrefix(text, "@") },
		func(p channel.Party) bool { return strings.HasPrefix(strings.ToLower(p.Name), text) },
	} {
		found := slices.DeleteFunc(slices.Clone(list), func(p channel.Party) bool { return !fits(p) })
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return channel.Party{}, errs.Tell(fmt.Errorf("agent: %w", errs.ErrInvalid), "several colleagues are called that. Write the whole user ID.")
		}
	}
	return channel.Party{}, errs.Tell(fmt.Errorf("agent: %w", errs.ErrNotFound), "nobody on the team is called that. The team: "+names(list)+".")
}

func localpart(id string) string {
	local, _, _ := strings.Cut(strings.TrimPrefix(id, "@"), ":")
	return strings.ToLower(local)
}

func names(list []channel.Party) string {
	all := make([]string, len(list))
	for n, agent := range list {
		all[n] = called(agent)
	}
	return strings.Join(all, ", ")
}

// called is an agent's name, or the ID of one who has none.
func called(agent channel.Party) string { return cmp.Or(agent.Name, agent.ID) }

// presence is a row of pu_availability.
type presence struct {
	agent   string
	said    Availability
	client  string
	state   Availability
	since   time.Time
	givenAt int64
}

const (
	presenceQuery   = `SELECT agent, said, presence, state, since, given_at FROM pu_availability`
	presenceOfQuery = presenceQuery + ` WHERE agent=$1`
	keepPresence    = `INSERT INTO pu_availability (agent, said, presence, state, since) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (agent) DO UPDATE SET said=excluded.said, presence=excluded.presence, state=excluded.state, since=excluded.since`
	// lockPresence keeps others from changing the row until the transaction ends, on either database, and makes it if need be.
	lockPresence = `INSERT INTO pu_availability (agent, state, since) VALUES ($1, 'online', $2)
		ON CONFLICT (agent) DO UPDATE SET agent=excluded.agent`
	// givenQuery notes that an agent was given something last of all, also within the same millisecond.
	givenQuery = `INSERT INTO pu_availability (agent, state, since, given_at)
		VALUES ($1, 'online', $2, (SELECT CASE WHEN MAX(given_at)>=$2 THEN MAX(given_at)+1 ELSE $2 END FROM pu_availability))
		ON CONFLICT (agent) DO UPDATE SET given_at=excluded.given_at`
)

func scanPresence(row dbutil.Scannable) (p presence, err error) {
	var since int64
	err = row.Scan(&p.agent, &p.said, &p.client, &p.state, &since, &p.givenAt)
	p.since = time.UnixMilli(since).UTC()
	return p, err
}

// presences are those of all agents of whom something is known.
func (a *agents) presences(ctx context.Context) (map[string]presence, error) {
	rows, err := a.inbox.store.db.Query(ctx, presenceQuery)
	list, err := dbutil.NewRowIterWithError(rows, scanPresence, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("read who is there: %w", err), 0)
	}
	byAgent := map[string]presence{}
	for _, one := range list {
		if !a.inbox.Presence { // any more
			one.client = ""
			one.state = one.judge()
		}
		byAgent[one.agent] = one
	}
	return byAgent, nil
}

// available tells whether an agent is there.
func (a *agents) available(ctx context.Context, agent string) (Availability, error) {
	all, err := a.presences(ctx)
	return a.stateOf(all, agent), err
}

// stateOf is whether an agent is there by what is known of all: outside of the hours of their teams nobody is; of whom
// nothing is known is.
func (a *agents) stateOf(all map[string]presence, agent string) Availability {
	if !a.onShift(agent) {
		return Offline
	}
	if known, ok := all[agent]; ok {
		return known.state
	}
	return Online
}

// onShift tells whether one of the agent's teams works now; who is in none always does.
func (a *agents) onShift(agent string) bool {
	member := false
	for _, team := range a.inbox.Teams {
		if slices.Contains(team.Members, agent) {
			if team.Hours.Open(a.inbox.Clock.Now()) {
				return true
			}
			member = true
		}
	}
	return !member
}

// goneSince is since when an agent of the team is not there: because they, or their client, say so, or because their shift
// has ended; zero if they are there.
func (a *agents) goneSince(all map[string]presence, agent string) time.Time {
	switch known, ok := all[agent]; {
	case ok && known.state == Offline:
		return known.since
	case !a.onShift(agent):
		return a.shiftEnd(agent)
	}
	return time.Time{}
}

// longAgo is before everything that Puente knows of.
func longAgo() time.Time { return time.UnixMilli(1).UTC() }

// shiftEnd is when the last of the agent's teams ended its work; longAgo if that is longer ago than the grace.
func (a *agents) shiftEnd(agent string) time.Time {
	now, end := a.inbox.Clock.Now(), longAgo()
	for back := now; now.Sub(back) <= a.inbox.OfflineGrace+time.Minute && end.Equal(longAgo()); back = back.Add(-time.Minute) {
		for _, team := range a.inbox.Teams {
			if !slices.Contains(team.Members, agent) {
				continue
			}
			if closes, ok := team.Hours.Closes(back); ok {
				end = later(end, closes)
			}
		}
	}
	return end
}

// AgentName is how an agent is called; the ID if nobody knows.
func (i *Inbox) AgentName(ctx context.Context, id string) string { return i.agents.name(ctx, id) }
