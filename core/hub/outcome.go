package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// outcomes remembers what became of each message that went out on one bridge (table pu_outcome), and tells the
// room and the business floor. It implements network.Outcomes. That an attempt begins is durable before it does; the rest
// is as if the process had died in between, if a power cut takes it back.
type outcomes struct {
	bridge *hosted
	// locks keep the steps of one message apart: its acceptance and the provider's first report may come together.
	locks [64]sync.Mutex
}

func newOutcomes(b *hosted) *outcomes { return &outcomes{bridge: b} }

// outcome is one row.
type outcome struct {
	eventID          id.EventID
	roomID           id.RoomID
	networkMessageID string
	state            channel.State
	attemptStarted   time.Time // zero: no attempt of which the end is unknown
	attempts         int       // begun so far
	updatedAt        time.Time
}

func (o *outcomes) lock(eventID id.EventID) func() {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(eventID))
	mu := &o.locks[hash.Sum32()%uint32(len(o.locks))]
	mu.Lock()
	return mu.Unlock
}

const (
	outcomeColumns       = `SELECT event_id, room_id, COALESCE(network_message_id, ''), state, COALESCE(attempt_started_at, 0), attempts, updated_at FROM pu_outcome`
	outcomeByEventQuery  = outcomeColumns + ` WHERE event_id=$1 AND network=$2`
	outcomeByNetIDQuery  = outcomeColumns + ` WHERE network=$1 AND network_message_id=$2`
	openOutcomesQuery    = `SELECT event_id, attempt_started_at FROM pu_outcome WHERE room_id=$1 AND network=$2 AND attempt_started_at>0 AND COALESCE(network_message_id, '')='' ORDER BY attempt_started_at`
	insertOutcomeQuery   = `INSERT INTO pu_outcome (event_id, room_id, network, state, attempt_started_at, attempts, updated_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, '')`
	beginOutcomeQuery    = `UPDATE pu_outcome SET attempt_started_at=$1, attempts=attempts+1, updated_at=$1 WHERE event_id=$2`
	refusedOutcomeQuery  = `UPDATE pu_outcome SET attempt_started_at=0, updated_at=$1 WHERE event_id=$2`
	acceptedOutcomeQuery = `UPDATE pu_outcome SET network_message_id=$1, attempt_started_at=0, updated_at=$2 WHERE event_id=$3`
	reopenOutcomeQuery   = `UPDATE pu_outcome SET state='', reason='', updated_at=$1 WHERE event_id=$2 AND state=$3 AND COALESCE(network_message_id, '')=''`
	stateOutcomeQuery    = `UPDATE pu_outcome SET state=$1, reason=$2, updated_at=$3 WHERE event_id=$4`
)

// Look implements network.Outcomes.
func (o *outcomes) Look(ctx context.Context, eventID id.EventID) (network.Earlier, error) {
	row, err := o.byEvent(ctx, eventID)
	if errors.Is(err, errs.ErrNotFound) {
		return network.Earlier{}, nil
	} else if err != nil {
		return network.Earlier{}, err
	}
	return row.earlier(), nil
}

// earlier is what a row tells a bridge. Once the provider is known to have the message nothing is unresolved.
func (r outcome) earlier() network.Earlier {
	if r.networkMessageID != "" {
		return network.Earlier{NetworkMessageID: r.networkMessageID, Attempts: r.attempts}
	}
	return network.Earlier{Unresolved: r.attemptStarted, Attempts: r.attempts}
}

// Begin implements network.Outcomes.
func (o *outcomes) Begin(ctx context.Context, attempt network.Attempt) (network.Earlier, error) {
	defer o.lock(attempt.EventID)()
	row, err := o.byEvent(ctx, attempt.EventID)
	if errors.Is(err, errs.ErrNotFound) {
		return network.Earlier{}, o.insert(ctx, attempt.EventID, attempt.RoomID, o.now(), 1)
	} else if err != nil {
		return network.Earlier{}, err
	}
	if row.networkMessageID != "" || !row.attemptStarted.IsZero() {
		// The start of the first unresolved attempt stays: whoever waits for a report counts from there.
		return row.earlier(), nil
	}
	if _, err = o.bridge.hub.DB.Exec(ctx, beginOutcomeQuery, o.now(), attempt.EventID); err != nil {
		return network.Earlier{}, errs.Temporary(fmt.Errorf("note an attempt to send %s: %w", attempt.EventID, err), 0)
	}
	return row.earlier(), nil
}

// Refused implements network.Outcomes.
func (o *outcomes) Refused(ctx context.Context, eventID id.EventID) error {
	if _, err := o.bridge.hub.Relaxed.Exec(ctx, refusedOutcomeQuery, o.now(), eventID); err != nil {
		return errs.Temporary(fmt.Errorf("note that %s was refused: %w", eventID, err), 0)
	}
	return nil
}

// Accepted implements network.Outcomes.
func (o *outcomes) Accepted(ctx context.Context, eventID id.EventID, networkMessageID string) error {
	noted, err := o.bridge.hub.Relaxed.Exec(ctx, acceptedOutcomeQuery, networkMessageID, o.now(), eventID)
	if err != nil {
		return errs.Temporary(fmt.Errorf("note that %s was accepted: %w", eventID, err), 0)
	} else if n, err := noted.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("note that %s was accepted, of which no attempt began: %w", eventID, errs.ErrNotFound)
	}
	return nil
}

// Open implements network.Outcomes.
func (o *outcomes) Open(ctx context.Context, roomID id.RoomID) ([]network.Unresolved, error) {
	rows, err := o.bridge.hub.DB.Query(ctx, openOutcomesQuery, roomID, o.bridge.network.ID)
	scan := func(row dbutil.Scannable) (open network.Unresolved, err error) {
		var began int64
		err = row.Scan(&open.EventID, &began)
		open.Began = time.UnixMilli(began).UTC()
		return open, err
	}
	list, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list the messages of %s whose fate is not known: %w", roomID, err), 0)
	}
	return list, nil
}

// Unheard implements network.Outcomes.
func (o *outcomes) Unheard(ctx context.Context, from, until time.Time) (bool, error) {
	waits, err := o.bridge.hub.Journal.Waits(ctx, o.bridge.network.ID, from, until)
	if err != nil {
		return false, errs.Temporary(err, 0)
	}
	return waits, nil
}

// Report implements network.Outcomes.
func (o *outcomes) Report(ctx context.Context, report network.Report) error {
	row, err := o.find(ctx, report)
	if err != nil {
		return err
	}
	if row.networkMessageID == "" && report.NetworkMessageID != "" {
		// The provider's report is the proof of acceptance that a cut connection withheld.
		if err = o.Accepted(ctx, row.eventID, report.NetworkMessageID); err != nil {
			return err
		}
	}
	return o.advance(ctx, row.eventID, report)
}

func (o *outcomes) find(ctx context.Context, report network.Report) (outcome, error) {
	if report.EventID != "" {
		row, err := o.byEvent(ctx, report.EventID)
		if !errors.Is(err, errs.ErrNotFound) || report.NetworkMessageID == "" {
			return row, err
		}
	}
	return o.scan(ctx, outcomeByNetIDQuery, o.bridge.network.ID, report.NetworkMessageID)
}

// advance moves a message on if that is news: first the room and the desk are told, by sends and journal entries that
// can be repeated, then it is noted. A crash in between repeats the telling, never loses it.
func (o *outcomes) advance(ctx context.Context, eventID id.EventID, report network.Report) error {
	defer o.lock(eventID)()
	row, err := o.byEvent(ctx, eventID)
	if err != nil {
		return err
	}
	return o.advanceLocked(ctx, row, report)
}

// advanceLocked is advance for who holds the message's lock and has read its row under it.
func (o *outcomes) advanceLocked(ctx context.Context, row outcome, report network.Report) error {
	if !row.state.Advances(report.State) {
		return nil
	}
	if err := o.tellRoom(ctx, row, report); err != nil {
		return errs.Temporary(err, 0)
	}
	err := o.bridge.tell(ctx, row.roomID, func(ref channel.Ref) channel.Event {
		return channel.StatusChanged{
			Base: channel.Base{Ref: ref, Key: "status:" + row.eventID.String() + ":" + string(report.State), At: report.At},
			ID:   row.eventID.String(), State: report.State, Reason: report.Reason, Objection: report.Objection,
		}
	})
	if err != nil {
		return errs.Temporary(err, 0)
	}
	if _, err = o.bridge.hub.Relaxed.Exec(ctx, stateOutcomeQuery, string(report.State), report.Reason, o.now(), row.eventID); err != nil {
		return errs.Temporary(fmt.Errorf("note the state of %s: %w", row.eventID, err), 0)
	}
	return nil
}

// sent, pending and failed are what the router knows of an event by itself, whether or not its bridge keeps
// account of it (a bridge does of messages and reactions, not of redactions).

func (o *outcomes) sent(ctx context.Context, evt *event.Event) error {
	return o.report(ctx, evt, network.Report{State: channel.Sent})
}

func (o *outcomes) failed(ctx context.Context, evt *event.Event, cause error) error {
	report := network.Report{State: channel.Failed, Reason: reasonOf(cause)}
	var objector network.Objector
	if errors.As(cause, &objector) {
		report.Objection = objector.Objection()
	}
	return o.report(ctx, evt, report)
}

// pending tells the room, at the first failure only, that the message waits; it returns the cause for the journal.
func (o *outcomes) pending(ctx context.Context, evt *event.Event, attempts int, cause error) error {
	if attempts == 0 {
		if err := o.report(ctx, evt, network.Report{State: channel.Pending, Reason: errs.Message(cause)}); err != nil {
			o.bridge.log.Warn().Err(err).Stringer("event_id", evt.ID).Msg("Could not show that a message waits")
		}
	}
	return cause
}

func (o *outcomes) report(ctx context.Context, evt *event.Event, report network.Report) error {
	report.At = o.bridge.hub.Clock.Now()
	defer o.lock(evt.ID)()
	row, err := o.byEvent(ctx, evt.ID)
	if errors.Is(err, errs.ErrNotFound) {
		row, err = outcome{eventID: evt.ID, roomID: evt.RoomID}, o.insert(ctx, evt.ID, evt.RoomID, 0, 0)
	}
	if err != nil {
		return errs.Temporary(err, 0)
	}
	return o.advanceLocked(ctx, row, report)
}

func (o *outcomes) insert(ctx context.Context, eventID id.EventID, roomID id.RoomID, startedAt int64, attempts int) error {
	_, err := o.bridge.hub.DB.Exec(ctx, insertOutcomeQuery, eventID, roomID, o.bridge.network.ID, "", startedAt, attempts, o.now())
	if err != nil {
		return errs.Temporary(fmt.Errorf("note an attempt to send %s: %w", eventID, err), 0)
	}
	return nil
}

// reopen lets a message that failed before it was handed over get another fate, because an operator tries it again; it
// tells whether that is so.
func (o *outcomes) reopen(ctx context.Context, eventID id.EventID) (bool, error) {
	row, err := o.byEvent(ctx, eventID) // most messages are sent for the first time: a look takes no lock from the writers
	if errors.Is(err, errs.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	} else if row.state != channel.Failed || row.networkMessageID != "" {
		return false, nil
	}
	done, err := o.bridge.hub.Relaxed.Exec(ctx, reopenOutcomeQuery, o.now(), eventID, string(channel.Failed))
	if err != nil {
		return false, errs.Temporary(fmt.Errorf("try %s again: %w", eventID, err), 0)
	}
	n, err := done.RowsAffected()
	return err == nil && n > 0, nil
}

func (o *outcomes) byEvent(ctx context.Context, eventID id.EventID) (outcome, error) {
	return o.scan(ctx, outcomeByEventQuery, eventID, o.bridge.network.ID)
}

func (o *outcomes) scan(ctx context.Context, query string, args ...any) (outcome, error) {
	var row outcome
	var started, updated int64
	err := o.bridge.hub.DB.QueryRow(ctx, query, args...).
		Scan(&row.eventID, &row.roomID, &row.networkMessageID, &row.state, &started, &row.attempts, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return outcome{}, fmt.Errorf("message that went out: %w", errs.ErrNotFound)
	} else if err != nil {
		return outcome{}, errs.Temporary(fmt.Errorf("find a message that went out: %w", err), 0)
	}
	if started != 0 {
		row.attemptStarted = time.UnixMilli(started).UTC()
	}
	row.updatedAt = time.UnixMilli(updated).UTC()
	return row, nil
}

func (o *outcomes) now() int64 { return o.bridge.hub.Clock.Now().UnixMilli() }
