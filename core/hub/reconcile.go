package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"puente/core/base/clock"
	"puente/core/base/journal"
)

// reconciler compares what the homeserver has with what it handed over, and takes in what is missing. After an outage
// Synapse may keep a transaction back until the next one; so it is asked after each start, after each trouble between
// the two, and from time to time. Events are known by their ID: what comes both ways is there once.
// ref: reference/bridgev2-hosting.md, "Synapse race"
type reconciler struct {
	hub     *Hub
	trouble chan struct{} // there was some between the homeserver and Puente
	late    atomic.Int64  // events that were taken in this way
}

const (
	reconcileEvery = 5 * time.Minute
	// reconcileSoon is how soon it is looked again after trouble, and then after ever longer: when a homeserver has handed
	// over all that it kept, nobody knows.
	reconcileSoon = 10 * time.Second
	// handOverGrace is how long the homeserver has to hand over by itself what was found missing.
	handOverGrace = 10 * time.Second
	// troubleGrace is how soon after the first sign of trouble the homeserver is asked.
	troubleGrace = 2 * time.Second
)

func newReconciler(h *Hub) *reconciler {
	return &reconciler{hub: h, trouble: make(chan struct{}, 1)}
}

// troubled notes that something between the homeserver and Puente did not get through.
func (r *reconciler) troubled() {
	r.hub.listener.succession.trust()
	select {
	case r.trouble <- struct{}{}:
	default:
	}
}

// run reconciles until ctx ends.
func (r *reconciler) run(ctx context.Context) {
	soon := reconcileSoon
	for failures := 0; ; {
		wait := soon
		soon = min(4*soon, reconcileEvery)
		_, err := r.all(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wait = min(5*time.Second<<min(failures, 6), reconcileEvery)
			if failures == 1 { // an outage lasts, and whoever sends something says so too
				r.hub.Log.Warn().Err(err).Msg("What the homeserver has could not be compared with the journal, trying again until it can")
			}
		default:
			failures = 0
		}
		select {
		case <-r.hub.Clock.After(wait):
		case <-r.trouble:
			soon = reconcileSoon
			if clock.Sleep(ctx, r.hub.Clock, troubleGrace) != nil {
				return
			}
			// A homeserver that has given up on us sends what it kept back once it is heard.
			if _, err = r.hub.bot.AppservicePing(onceAndQuietly(ctx, r.hub.Log), r.hub.ID, ""); err != nil && ctx.Err() == nil {
				r.hub.Log.Debug().Err(err).Msg("The homeserver cannot be pinged yet")
			}
		case <-ctx.Done():
			return
		}
	}
}

// look is what one look at the rooms of a bot found.
type look struct {
	timeline
	next    string // up to where it looked
	missing []journal.Entry
}

// all reconciles the rooms of @puente and of every bridge, and returns how many events were taken in.
func (r *reconciler) all(ctx context.Context) (int, error) {
	ctx = onceAndQuietly(ctx, r.hub.Log)
	var looks []look
	suspected := 0
	for _, t := range r.timelines() {
		found, err := r.look(ctx, t)
		if err != nil {
			return 0, fmt.Errorf("look at the rooms of %s: %w", t.UserID, err)
		}
		looks = append(looks, found)
		suspected += len(found.missing)
	}
	if suspected > 0 {
		if err := clock.Sleep(ctx, r.hub.Clock, handOverGrace); err != nil {
			return 0, err
		}
	}
	taken := 0
	for _, l := range looks {
		missing, err := r.missing(ctx, l.missing)
		if err != nil {
			return taken, err
		}
		if err = r.takeIn(ctx, missing); err != nil {
			return taken, err
		}
		taken += len(missing)
		if err = r.keep(ctx, l.timeline, l.next); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (r *reconciler) timelines() []timeline {
	list := []timeline{{IntentAPI: r.hub.bot, itself: true, clock: r.hub.Clock}}
	for _, b := range r.hub.bridges {
		list = append(list, timeline{IntentAPI: b.matrix.Bot, clock: r.hub.Clock})
	}
	return list
}

// look finds what came into a bot's rooms since the last look and is not in the journal.
func (r *reconciler) look(ctx context.Context, t timeline) (look, error) {
	position, err := r.position(ctx, t)
	if err != nil {
		return look{}, err
	}
	var spans []span
	var next string
	if position != "" {
		spans, next, err = t.since(ctx, position)
	}
	if errors.Is(err, errPosition) {
		r.hub.Log.Warn().Err(err).Stringer("user_id", t.UserID).Msg("The homeserver has lost its place; what it did not hand over before cannot be found")
		position = ""
	} else if err != nil {
		return look{}, err
	}
	if position == "" { // the first look: from here on
		next, err = t.now(ctx)
		return look{timeline: t, next: next}, err
	}
	missing, err := r.missing(ctx, r.entriesOf(spans))
	return look{timeline: t, next: next, missing: missing}, err
}

// entriesOf are the events that the homeserver ought to have handed over.
func (r *reconciler) entriesOf(spans []span) []journal.Entry {
	var entries []journal.Entry
	for _, s := range spans {
		for _, raw := range s.events {
			if entry, news := r.hub.eventEntry(raw); news && entry.Reason == "" {
				entries = append(entries, entry)
			}
		}
	}
	return entries
}

// missing are those entries that the journal does not have.
func (r *reconciler) missing(ctx context.Context, entries []journal.Entry) ([]journal.Entry, error) {
	keys := make([]string, len(entries))
	for i, entry := range entries {
		keys[i] = entry.Key
	}
	there, err := r.hub.Journal.ByKey(ctx, sourceMatrix, keys)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(entries), func(entry journal.Entry) bool { return there[entry.Key].ID != 0 }), nil
}

func (r *reconciler) takeIn(ctx context.Context, missing []journal.Entry) error {
	if len(missing) == 0 {
		return nil
	}
	if err := r.hub.Journal.Append(ctx, missing...); err != nil {
		return err
	}
	r.late.Add(int64(len(missing)))
	r.hub.Log.Warn().Int("events", len(missing)).Msg("The homeserver did not hand over all that it has; it was taken in now")
	return nil
}

const (
	positionQuery     = `SELECT next_batch FROM pu_sync_position WHERE user_id=$1`
	keepPositionQuery = `INSERT INTO pu_sync_position (user_id, next_batch, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET next_batch=excluded.next_batch, updated_at=excluded.updated_at`
)

// position is up to where a bot's rooms were compared; empty if they never were.
func (r *reconciler) position(ctx context.Context, t timeline) (position string, err error) {
	err = r.hub.DB.QueryRow(ctx, positionQuery, t.UserID).Scan(&position)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read up to where the rooms were compared: %w", err)
	}
	return position, nil
}

func (r *reconciler) keep(ctx context.Context, t timeline, position string) error {
	if _, err := r.hub.DB.Exec(ctx, keepPositionQuery, t.UserID, position, r.hub.Clock.Now().UnixMilli()); err != nil {
		return fmt.Errorf("keep up to where the rooms were compared: %w", err)
	}
	return nil
}
