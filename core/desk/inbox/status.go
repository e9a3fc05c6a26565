package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"puente/core/base/errs"
)

const insertClosing = `INSERT INTO pu_closing (conversation, at, agent, category, summary, survey) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (conversation, at) DO NOTHING`

// Ending is how a piece of work ended.
type Ending struct {
	Category string // one of Settings.Closing.Categories, if there are any
	Summary  string
}

// Resolve ends the work on a conversation until the customer writes again.
func (i *Inbox) Resolve(ctx context.Context, conversation string, ending Ending, by string) error {
	if err := i.Closing.check(&ending); err != nil {
		return err
	}
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.resolved", by: by, do: func(ctx context.Context, c *Conversation) error {
		if c.Status == Resolved {
			return nil
		}
		now := i.Clock.Now()
		if err := i.measure(ctx, c, resolution, c.OpenedAt, now, by); err != nil {
			return err
		}
		c.resolve(now)
		_, err := i.store.exec(ctx, "note how the work ended", insertClosing, c.ID, now.UnixMilli(), by, ending.Category, ending.Summary, i.survey(c))
		return err
	}})
	return err
}

// survey is 1 if the customer is to be asked how it was: one who was answered.
func (i *Inbox) survey(c *Conversation) int {
	if i.Survey == "" || c.AnsweredAt.IsZero() {
		return 0
	}
	return 1
}

// check refuses an ending that lacks what the company asks for, and finds the category's spelling.
func (c Closing) check(ending *Ending) error {
	list := strings.Join(c.Categories, ", ")
	index := slices.IndexFunc(c.Categories, func(one string) bool { return strings.EqualFold(one, ending.Category) })
	switch {
	case ending.Category == "" && c.Required && list == "":
		return errs.Tell(fmt.Errorf("closing category: %w", errs.ErrInvalid), "say in a word what it was about: `!puente resolve <category> | <what came of it>`.")
	case ending.Category == "" && c.Required:
		return errs.Tell(fmt.Errorf("closing category: %w", errs.ErrInvalid), "say what it was about: `!puente resolve <category>`, with one of: "+list+".")
	case ending.Category != "" && list != "" && index < 0:
		return errs.Tell(fmt.Errorf("closing category: %w", errs.ErrInvalid), "there is no such category. Write one of: "+list+".")
	case index >= 0:
		ending.Category = c.Categories[index]
	}
	return nil
}

// Snooze puts a conversation aside until a time, or until the customer writes (zero).
func (i *Inbox) Snooze(ctx context.Context, conversation string, until time.Time, by string) error {
	if !until.IsZero() && !until.After(i.Clock.Now()) {
		return errs.Tell(fmt.Errorf("snooze until the past: %w", errs.ErrInvalid), "that time has passed already. Write for example `!puente snooze 2h` or `!puente snooze tomorrow 9:00`.")
	}
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.snoozed", by: by, do: func(_ context.Context, c *Conversation) error {
		if c.Status == Resolved {
			c.work(i.Clock.Now())
		}
		c.Status, c.SnoozedUntil = Snoozed, until
		return nil
	}})
	return err
}

// Reopen makes a conversation work again.
func (i *Inbox) Reopen(ctx context.Context, conversation, by string) error {
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.reopened", by: by, do: func(_ context.Context, c *Conversation) error {
		if c.Status == Resolved {
			c.work(i.Clock.Now())
		}
		c.Status, c.SnoozedUntil = Open, time.Time{}
		return nil
	}})
	return err
}

// Suspend leaves a conversation to a bot.
func (i *Inbox) Suspend(ctx context.Context, conversation, by string) error {
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.suspended", by: by, do: func(_ context.Context, c *Conversation) error {
		if c.Status == Resolved {
			c.work(i.Clock.Now())
		}
		c.Status, c.SnoozedUntil = Pending, time.Time{}
		return nil
	}})
	return err
}

// Label adds labels to a conversation and takes others off.
func (i *Inbox) Label(ctx context.Context, conversation string, add, remove []string, by string) error {
	for _, label := range add {
		if len([]rune(label)) > 50 || label == "" || strings.ContainsFunc(label, notInLabels) {
			return errs.Tell(fmt.Errorf("label: %w", errs.ErrInvalid), "a label is one word of at most 50 letters.")
		}
	}
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.labelled", by: by, do: func(_ context.Context, c *Conversation) error {
		c.label(add, remove)
		return nil
	}})
	return err
}

// notInLabels are what separates labels from each other, and what PostgreSQL does not take.
func notInLabels(r rune) bool {
	return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError
}

// SetPriority says how urgent a conversation is; "" takes it back.
func (i *Inbox) SetPriority(ctx context.Context, conversation string, priority Priority, by string) error {
	if priority != "" && !slices.Contains(Priorities(), priority) {
		return errs.Tell(fmt.Errorf("priority: %w", errs.ErrInvalid), "write low, medium, high, urgent or none.")
	}
	_, _, err := i.change(ctx, conversation, deed{action: "conversation.prioritised", by: by, do: func(_ context.Context, c *Conversation) error {
		c.Priority = priority
		return nil
	}})
	return err
}
