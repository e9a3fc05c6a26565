package inbox

import (
	"context"
	"fmt"
	"time"

	"puente/core/base/errs"
	"puente/core/desk/audit"
)

// Claim makes a conversation an agent's, if it is nobody's. It is atomic: of two who claim at the same moment one gets
// it, and the other is told who has it, by an errs.ErrConflict. Claiming what one has already is no error.
func (i *Inbox) Claim(ctx context.Context, conversation, agent string) error {
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.claimed", by: agent, do: func(ctx context.Context, c *Conversation) error {
		if c.Assignee == agent && c.active() {
			return nil
		} else if c.Assignee != "" && c.Assignee != agent {
			return errs.Tell(fmt.Errorf("claim conversation %s: %w", c.ID, errs.ErrConflict),
				i.agents.name(ctx, c.Assignee)+" has it already. `!puente assign me` takes it over.")
		}
		return i.hand(ctx, c, agent)
	}})
	return err
}

// Assign makes a conversation an agent's, whoever had it; "" makes it nobody's.
func (i *Inbox) Assign(ctx context.Context, conversation, agent, by string) error {
	action := "conversation.assigned"
	if agent == "" {
		action = "conversation.released"
	}
	_, _, err := i.change(ctx, conversation, deed{action: action, by: by, do: func(ctx context.Context, c *Conversation) error {
		if c.Assignee == agent && c.active() {
			return nil
		}
		return i.hand(ctx, c, agent)
	}})
	return err
}

// hand gives a conversation to an agent within a change. What was put aside is work again.
func (i *Inbox) hand(ctx context.Context, c *Conversation, agent string) error {
	switch {
	case agent == "":
	case c.Status == Resolved:
		c.work(i.Clock.Now())
	case c.Status == Snoozed:
		c.Status, c.SnoozedUntil = Open, time.Time{}
	}
	return i.give(ctx, c, agent)
}

// give is hand that leaves aside what was put aside.
func (i *Inbox) give(ctx context.Context, c *Conversation, agent string) error {
	now := i.Clock.Now()
	c.give(agent, now)
	if agent == "" {
		return nil
	}
	if _, err := i.store.exec(ctx, "note whose turn it was", givenQuery, agent, now.UnixMilli()); err != nil {
		return err
	}
	if c.Status == Resolved {
		return nil // nobody had it while there was something to do
	}
	return i.measure(ctx, c, assignment, c.OpenedAt, now, agent)
}

// Transfer makes a conversation a team's, and nobody's within it.
func (i *Inbox) Transfer(ctx context.Context, conversation, team, by string) error {
	known, ok := i.team(team)
	if !ok && team != "" {
		return i.noTeam(team)
	}
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.transferred", by: by, do: func(_ context.Context, c *Conversation) error {
		if c.Team != known.Name {
			c.Team = known.Name
			c.give("", i.Clock.Now())
		}
		return nil
	}})
	return err
}

// ClaimIfFree makes a conversation the agent's who answers it, if the settings say so and it is nobody's. It returns
// whose it is then.
func (i *Inbox) ClaimIfFree(ctx context.Context, c *Conversation, agent string) (assignee string, err error) {
	if c.Assignee != "" || !i.ClaimOnAnswer || agent == "" || agent == audit.Puente {
		return c.Assignee, nil
	}
	if member, err := i.agents.is(ctx, agent); err != nil || !member {
		return c.Assignee, err
	}
	_, after, err := i.change(ctx, c.ID, deed{action: "conversation.claimed", by: agent, do: func(ctx context.Context, c *Conversation) error {
		if c.Assignee != "" {
			return nil
		}
		return i.give(ctx, c, agent) // a last word does not open it again
	}})
	if err != nil {
		return "", err
	}
	return after.Assignee, nil
}
