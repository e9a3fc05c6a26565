// Package inbox is the team's shared inbox: which conversations there are, whose they are, what is to be done about
// them, and how the team sees all that in its rooms.
package inbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"puente/core/desk/channel"
)

// Status is what is to be done about a conversation. ref: reference/field-map.md, conversation
type Status string

// The statuses.
const (
	Open     Status = "open"
	Pending  Status = "pending"  // a bot has it
	Snoozed  Status = "snoozed"  // nothing until a time, or until the customer writes
	Resolved Status = "resolved" // nothing until the customer writes
)

// Priority is how urgent a conversation is; empty: nobody said.
type Priority string

// Priorities are the priorities that there are, the least first.
func Priorities() []Priority { return []Priority{"low", "medium", "high", "urgent"} }

// Conversation is one chat with one customer, or a group, on one of the business's accounts.
type Conversation struct {
	ID       string // con_…
	Ref      channel.Ref
	Customer string // the customer's ID; empty for a group
	Name     string // as the room is called
	Status   Status
	// SnoozedUntil is when a snoozed conversation opens again by itself; zero: when the customer writes.
	SnoozedUntil time.Time
	Assignee     string // an agent's ID; empty: nobody's
	AssignedAt   time.Time
	Team         string
	Priority     Priority
	Labels       []string // sorted
	// WaitingSince is when the customer wrote what is not answered yet; zero: nothing waits.
	WaitingSince time.Time
	// OpenedAt, AnsweredAt and ResolvedAt are of the present piece of work, from the first message to its resolution.
	OpenedAt   time.Time
	AnsweredAt time.Time
	ResolvedAt time.Time
	LastIn     time.Time
	LastOut    time.Time
	CreatedAt  time.Time

	version   int64     // of what the team should see
	changedAt time.Time // when the row was changed last
}

// nameless stands for the name of whom nobody knows how they are called.
const nameless = "no name yet"

// title is how the conversation is called.
func (c *Conversation) title() string { return cmp.Or(c.Name, nameless) }

// active tells whether somebody should do something about it.
func (c *Conversation) active() bool { return c.Status == Open || c.Status == Pending }

// work begins a new piece of work.
func (c *Conversation) work(at time.Time) {
	c.Status, c.SnoozedUntil = Open, time.Time{}
	c.OpenedAt, c.AnsweredAt, c.ResolvedAt = at, time.Time{}, time.Time{}
}

// received notes that the customer wrote, and reopens what was put aside.
func (c *Conversation) received(at time.Time) {
	if c.LastIn.IsZero() && at.Before(c.OpenedAt) {
		c.OpenedAt = at // the room came later than the message that it was made for, by hours after an outage
	}
	c.LastIn = later(c.LastIn, at)
	switch c.Status {
	case Resolved:
		c.work(at)
	case Snoozed:
		c.Status, c.SnoozedUntil = Open, time.Time{}
	}
	if c.WaitingSince.IsZero() {
		c.WaitingSince = at
	}
}

// answered notes that one of our own people wrote; whoever writes where a bot is takes over from it.
func (c *Conversation) answered(at time.Time) {
	c.LastOut = later(c.LastOut, at)
	c.WaitingSince = time.Time{}
	if c.AnsweredAt.IsZero() {
		c.AnsweredAt = at
	}
	if c.Status == Pending {
		c.Status = Open
	}
}

// give makes it an agent's, or nobody's.
func (c *Conversation) give(agent string, at time.Time) {
	c.Assignee, c.AssignedAt = agent, at
	if agent == "" {
		c.AssignedAt = time.Time{}
	}
}

// resolve ends the piece of work. Nobody waits any more.
func (c *Conversation) resolve(at time.Time) {
	c.Status, c.SnoozedUntil, c.ResolvedAt, c.WaitingSince = Resolved, time.Time{}, at, time.Time{}
}

// label adds labels and takes others off.
func (c *Conversation) label(add, remove []string) {
	labels := slices.Concat(c.Labels, add)
	labels = slices.DeleteFunc(labels, func(label string) bool { return slices.Contains(remove, label) })
	slices.Sort(labels)
	c.Labels = slices.Compact(labels)
}

// sees tells whether the team sees a difference between the two; when it was opened is its place in the views.
func (c *Conversation) sees(other *Conversation) bool {
	return c.Name != other.Name || c.Status != other.Status || !c.SnoozedUntil.Equal(other.SnoozedUntil) || !c.OpenedAt.Equal(other.OpenedAt) ||
		c.Assignee != other.Assignee || c.Team != other.Team || c.Priority != other.Priority || !slices.Equal(c.Labels, other.Labels)
}

// counts tells whether something is a word of either side: a change or a deletion of what was said is none, nor is what a
// customer allows or forbids.
func counts(content channel.Content) bool {
	switch content.Kind {
	case "edit", "deletion":
		return false
	}
	_, preference := content.Payload["preference"]
	return !preference
}

// isAnswer tells whether something that leaves answers a customer: a reaction is a nod, and they still wait for words.
func isAnswer(content channel.Content) bool { return counts(content) && content.Kind != "reaction" }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func joinLabels(labels []string) string { return strings.Join(labels, " ") }
