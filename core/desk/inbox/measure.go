package inbox

import (
	"context"
	"time"
)

// What is measured. ref: reference/field-map.md, SLA and metrics
const (
	firstResponse = "first_response" // from what waits to its answer, which is the first of the piece of work
	nextResponse  = "next_response"  // from what waits to its answer, later
	resolution    = "resolution"     // from the opening to the resolution
	assignment    = "assignment"     // from the opening until somebody has it
)

const insertResponse = `INSERT INTO pu_response (conversation, kind, began_at, ended_at, business, agent, team) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (conversation, kind, began_at) DO NOTHING`

// measure notes how long something took, by the clock and within business hours.
func (i *Inbox) measure(ctx context.Context, c *Conversation, kind string, from, to time.Time, agent string) error {
	if from.IsZero() || to.Before(from) {
		return nil
	}
	_, err := i.store.exec(ctx, "note how long it took", insertResponse, c.ID, kind, from.UnixMilli(), to.UnixMilli(), i.Hours.Between(from, to).Milliseconds(), agent, c.Team)
	return err
}

// measureAnswer notes how long the customer waited for an answer.
func (i *Inbox) measureAnswer(ctx context.Context, c *Conversation, at time.Time, agent string) error {
	if c.WaitingSince.IsZero() {
		return nil
	}
	kind := nextResponse
	if c.AnsweredAt.IsZero() {
		kind = firstResponse
	}
	return i.measure(ctx, c, kind, c.WaitingSince, at, agent)
}
