package inbox

import (
	"context"
	"fmt"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// SetAvailability notes what an agent says of being there. It stays until the agent says something else; "" leaves it
// to what the agent's client shows.
func (i *Inbox) SetAvailability(ctx context.Context, agent string, said Availability) error {
	switch said {
	case "", Online, Busy, Offline:
	default:
		return errs.Tell(fmt.Errorf("availability: %w", errs.ErrInvalid), "write online, busy or offline.")
	}
	return i.notePresence(ctx, agent, func(p *presence) { p.said = said })
}

// HandlePresence notes what an agent's client shows: "online", "unavailable" or "offline".
func (i *Inbox) HandlePresence(ctx context.Context, agent, client string) error {
	if !i.Presence {
		return nil
	}
	if member, err := i.agents.is(ctx, agent); err != nil || !member {
		return err
	}
	return i.notePresence(ctx, agent, func(p *presence) { p.client = client })
}

// notePresence changes what is known of an agent. Since counts from when the agent's state changed.
func (i *Inbox) notePresence(ctx context.Context, agent string, change func(*presence)) error {
	changed := false
	err := i.store.txn(ctx, func(ctx context.Context) error {
		now := i.Clock.Now()
		if _, err := i.store.exec(ctx, "lock whether an agent is there", lockPresence, agent, now.UnixMilli()); err != nil {
			return err
		}
		all, err := i.agents.presences(ctx)
		if err != nil {
			return err
		}
		known := all[agent]
		before := known.state
		change(&known)
		known.state = known.judge()
		if changed = known.state != before; changed {
			known.since = now
			if err = i.auditAvailability(ctx, agent, before, known.state, now); err != nil {
				return err
			}
		}
		_, err = i.store.exec(ctx, "note whether an agent is there", keepPresence, agent, known.said, known.client, known.state, known.since.UnixMilli())
		return err
	})
	if changed {
		i.showSoon() // the queue may have somebody to go to
	}
	return err
}

func (i *Inbox) auditAvailability(ctx context.Context, agent string, before, after Availability, at time.Time) error {
	err := i.Audit.Write(ctx, audit.Entry{
		At: at, Actor: agent, Action: "agent.availability_changed", Object: "agent", ObjectID: agent,
		Before: audit.Facts{"availability": before}, After: audit.Facts{"availability": after},
	})
	return errs.Temporary(err, 0)
}

// judge says whether the agent is there: what they say counts before what their client shows. One who is away from the
// keyboard is still there.
func (p presence) judge() Availability {
	switch {
	case p.said != "":
		return p.said
	case p.client == "offline":
		return Offline
	}
	return Online
}
