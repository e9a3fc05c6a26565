package inbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// The presenter makes rooms show what the database says of their conversations. It works by state and not by events: a
// row whose version was not shown yet is shown as it is now. So nothing is shown twice for two quick changes, and what a
// crash or an outage cuts off is found again.

const (
	mostPresented   = 16 // conversations in one go, before it is looked again what is to be given out
	presenters      = 4  // at once
	presentInterval = time.Second
)

// present shows what changed until ctx ends.
func (i *Inbox) present(ctx context.Context) {
	for ctx.Err() == nil {
		if err := i.step(ctx); err != nil && ctx.Err() == nil {
			i.Log.Warn().Err(err).Msg("Could not show what changed in the inbox; trying again")
			if clock.Sleep(ctx, i.Clock, presentInterval) != nil {
				return
			}
		}
		select {
		case <-i.wake:
		case <-i.Clock.After(presentInterval):
		case <-ctx.Done():
		}
	}
}

// step shows what changed. What is nobody's is given out before that, and again and again meanwhile: customers do not wait
// for the rooms of others, and a room that is about to show a new conversation shows whose it is at once.
func (i *Inbox) step(ctx context.Context) error {
	if err := i.drain(ctx); err != nil { // whatever becomes of the views
		return err
	}
	team, err := i.agents.ids(ctx)
	if err != nil {
		return err
	}
	if err = i.showViews(ctx, team); err != nil {
		return err
	}
	for {
		list, err := i.store.list(ctx, unshownQuery, mostPresented+i.patience.waiting()) // those that wait hold no others up
		if err != nil {
			return err
		}
		due := slices.DeleteFunc(list, func(c *Conversation) bool { return !i.patience.due(c.ID) })
		if len(due) == 0 {
			return nil
		}
		i.showAll(ctx, due)
		if ctx.Err() != nil {
			return ctx.Err()
		} else if err = i.drain(ctx); err != nil {
			return err
		}
	}
}

// showViews makes the views that are missing, and brings their members up to date.
func (i *Inbox) showViews(ctx context.Context, team []string) error {
	if i.shownTo != nil && slices.Equal(team, i.shownTo) {
		return nil
	}
	views := i.allViews(team)
	for _, gone := range without(i.shownTo, team) {
		views = append(views, i.mineOf(gone, nil)...)
	}
	for _, view := range views {
		if err := i.Rooms.ShowView(ctx, view); err != nil {
			return err
		}
	}
	changed := without(i.shownTo, team)
	if i.shownTo != nil {
		changed = append(changed, without(team, i.shownTo)...)
	}
	for _, agent := range changed { // what they have is in their view from now on, or not any more
		if _, err := i.store.exec(ctx, "have an agent's rooms shown", touchOfAgent, agent, i.store.now()); err != nil {
			return err
		}
	}
	i.shownTo = team
	return nil
}

// without are those of a list that are not in the other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool { return slices.Contains(other, one) })
}

func (i *Inbox) showAll(ctx context.Context, list []*Conversation) {
	var running sync.WaitGroup
	places := make(chan struct{}, presenters)
	for _, c := range list {
		places <- struct{}{}
		running.Add(1)
		go func() {
			defer func() { <-places; running.Done() }()
			i.show(ctx, c)
		}()
	}
	running.Wait()
}

// show makes one room show its conversation. One that cannot be shown does not hold up the others.
func (i *Inbox) show(ctx context.Context, c *Conversation) {
	face, err := i.face(ctx, c)
	if err == nil {
		if err = i.Rooms.ShowFace(ctx, c.Ref, face); errors.Is(err, errs.ErrNotFound) {
			i.Log.Info().Err(err).Str("conversation", c.ID).Msg("A conversation has no room any more")
			err = nil
		}
	}
	if err == nil {
		_, err = i.store.exec(ctx, "note what is shown", shownQuery, c.ID, c.version)
	}
	if err == nil {
		i.patience.succeeded(c.ID)
	} else if ctx.Err() == nil {
		wait := i.patience.failed(c.ID)
		i.Log.Warn().Err(err).Str("conversation", c.ID).Dur("again_in", wait).Msg("Could not show a conversation")
	}
}

// patience spaces out the attempts to show conversations that cannot be shown.
type patience struct {
	clock clock.Clock
	mu    sync.Mutex
	waits map[string]pause
}

type pause struct {
	until time.Time
	next  time.Duration
}

const (
	firstPause = 2 * time.Second
	mostPause  = time.Minute
)

func newPatience(c clock.Clock) *patience { return &patience{clock: c, waits: map[string]pause{}} }

func (p *patience) due(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.clock.Now().Before(p.waits[id].until)
}

// waiting is how many wait for another attempt.
func (p *patience) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waits)
}

func (p *patience) succeeded(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waits, id)
}

func (p *patience) failed(id string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := max(p.waits[id].next, firstPause)
	p.waits[id] = pause{until: p.clock.Now().Add(wait), next: min(2*wait, mostPause)}
	return wait
}
