package inbox

import (
	"context"
	"time"

	"puente/core/base/clock"
	"puente/core/desk/audit"
)

// watchInterval is how often it is looked at what time alone brings about.
const watchInterval = time.Second

// watch does what is due until ctx ends.
func (i *Inbox) watch(ctx context.Context) {
	for clock.Sleep(ctx, i.Clock, watchInterval) == nil {
		for _, look := range []func(context.Context) error{i.wakeSnoozed, i.noticeWaiting, i.recall, i.dismissDue, i.ask} {
			if err := look(ctx); err != nil && ctx.Err() == nil {
				i.Log.Warn().Err(err).Msg("Could not do what is due in the inbox; trying again")
			}
		}
	}
}

// wakeSnoozed opens again what was put aside until now.
func (i *Inbox) wakeSnoozed(ctx context.Context) error {
	list, err := i.store.list(ctx, dueSnoozesQuery, i.store.now())
	if err != nil {
		return err
	}
	for _, c := range list {
		_, _, err = i.change(ctx, c.ID, deed{action: "conversation.woken", by: audit.Puente, do: func(_ context.Context, c *Conversation) error {
			if c.Status == Snoozed && !c.SnoozedUntil.IsZero() && !c.SnoozedUntil.After(i.Clock.Now()) {
				c.Status, c.SnoozedUntil = Open, time.Time{}
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// waitingQuery finds those whose customers wait; what is newly too long is told by warned_at.
const waitingQuery = selectConversation + `WHERE waiting_since IS NOT NULL AND status='open' AND waiting_since<=$1 AND waiting_since>COALESCE(warned_at, 0) ORDER BY waiting_since LIMIT 500`

// warnedQuery notes that the team is to see that a customer waits too long.
const warnedQuery = `UPDATE pu_conversation SET warned_at=$2, version=version+1, changed_at=$3 WHERE id=$1 AND waiting_since=$2`

// noticeWaiting has rooms show that their customers wait too long.
func (i *Inbox) noticeWaiting(ctx context.Context) error {
	if i.WaitingLong == 0 {
		return nil
	}
	// Business hours are never more than hours by the clock.
	list, err := i.store.list(ctx, waitingQuery, i.Clock.Now().Add(-i.WaitingLong).UnixMilli())
	if err != nil {
		return err
	}
	for _, c := range list {
		if !i.waitsLong(c) {
			continue
		}
		if _, err = i.store.exec(ctx, "note that a customer waits too long", warnedQuery, c.ID, c.WaitingSince.UnixMilli(), i.store.now()); err != nil {
			return err
		}
		i.showSoon()
	}
	return nil
}
