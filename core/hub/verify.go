package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
)

// Direction is which way messages went.
type Direction string

// The directions.
const (
	In  Direction = "in"  // from a network into a room
	Out Direction = "out" // from a room to a network
)

// Tally counts what became of the messages of one network and direction.
type Tally struct {
	Network   string    `json:"network"`
	Direction Direction `json:"direction"`
	Seen      int       `json:"seen"`    // in the rooms
	Waiting   int       `json:"waiting"` // in the journal
	Failed    int       `json:"failed"`  // set aside, and told
	Late      int       `json:"late"`    // done more than LateAfter after they came
	Lost      int       `json:"lost"`    // nobody has them, nobody was told
	Doubled   int       `json:"doubled"` // more often in the room than the network sent them
}

// LateAfter is after what time a message that arrived counts as late.
const LateAfter = time.Minute

// Verification is what a comparison of the rooms with the journal and the bridges' tables found.
type Verification struct {
	Since   time.Time `json:"since"`
	Rooms   int       `json:"rooms"`    // that were looked into
	TakenIn int       `json:"taken_in"` // events that the homeserver had not handed over, and that were taken in now
	Tallies []Tally   `json:"tallies"`
	// Examples name the first few that are lost or doubled.
	Examples []Example `json:"examples"`
}

// Example is one message that is lost or doubled.
type Example struct {
	What      string     `json:"what"` // lost, doubled
	Network   string     `json:"network"`
	Direction Direction  `json:"direction"`
	Room      id.RoomID  `json:"room"`
	Event     id.EventID `json:"event"`
}

const mostExamples = 20

// Whole tells whether nothing is lost and nothing doubled.
func (v Verification) Whole() bool {
	for _, t := range v.Tallies {
		if t.Lost > 0 || t.Doubled > 0 {
			return false
		}
	}
	return true
}

// verifier makes one verification.
type verifier struct {
	hub     *Hub
	result  Verification
	tallies map[string]*Tally
	waiting map[string]bool // sources with entries that wait: what of theirs is in a room may not be noted yet
}

// Verify compares all rooms in which something happened since a time. progress is told of each room that was looked into.
func (h *Hub) Verify(ctx context.Context, since time.Time, progress func(done, of int)) (Verification, error) {
	taken, err := h.reconciler.all(ctx)
	if err != nil {
		return Verification{}, err
	}
	v := &verifier{hub: h, tallies: map[string]*Tally{}, waiting: map[string]bool{}, result: Verification{
		Since: since, TakenIn: taken, Tallies: []Tally{}, Examples: []Example{},
	}}
	ctx = onceAndQuietly(ctx, h.Log)
	if err = v.journal(ctx); err != nil {
		return Verification{}, err
	}
	rooms, err := h.activeRooms(ctx, since)
	if err != nil {
		return Verification{}, err
	}
	for i, room := range rooms {
		if err = v.room(ctx, room); err != nil {
			return Verification{}, err
		}
		progress(i+1, len(rooms))
	}
	v.result.Rooms = len(rooms)
	for _, b := range h.bridges {
		v.result.Tallies = append(v.result.Tallies, *v.tally(b.network.ID, In), *v.tally(b.network.ID, Out))
	}
	h.verified.Store(&v.result)
	return v.result, nil
}

// verifyHourly keeps the metrics of the last verification fresh.
func (h *Hub) verifyHourly(ctx context.Context) {
	for clock.Sleep(ctx, h.Clock, time.Hour) == nil {
		// Two hours back: what was on its way at the last look is seen at the next.
		if _, err := h.Verify(ctx, h.Clock.Now().Add(-2*time.Hour), func(int, int) {}); err != nil && ctx.Err() == nil {
			h.Log.Warn().Err(err).Msg("The rooms could not be verified")
		}
	}
}

const activeRoomsQuery = `SELECT DISTINCT portal.mxid FROM portal WHERE portal.mxid IS NOT NULL AND portal.mxid<>'' AND (
		EXISTS (SELECT 1 FROM message WHERE message.bridge_id=portal.bridge_id AND message.room_id=portal.id
			AND message.room_receiver=portal.receiver AND message.timestamp>=$1)
		OR portal.mxid IN (SELECT lane FROM pu_journal WHERE source='matrix' AND received_at>=$2))`

// activeRooms are the bridged rooms in which something was noted since a time.
func (h *Hub) activeRooms(ctx context.Context, since time.Time) ([]id.RoomID, error) {
	rows, err := h.DB.Query(ctx, activeRoomsQuery, since.UnixNano(), since.UnixMilli())
	list, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.RoomID], err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list the rooms in which something happened: %w", err)
	}
	return list, nil
}

func (v *verifier) tally(network string, direction Direction) *Tally {
	key := network + " " + string(direction)
	if v.tallies[key] == nil {
		v.tallies[key] = &Tally{Network: network, Direction: direction}
	}
	return v.tallies[key]
}

func (v *verifier) found(what, network string, direction Direction, room id.RoomID, evt id.EventID) {
	if len(v.result.Examples) < mostExamples {
		v.result.Examples = append(v.result.Examples, Example{What: what, Network: network, Direction: direction, Room: room, Event: evt})
	}
}

const arrivalsQuery = `SELECT source, state, COUNT(*),
		COALESCE(SUM(CASE WHEN state='done' AND finished_at-received_at>$1 THEN 1 ELSE 0 END), 0)
	FROM pu_journal WHERE received_at>=$2 AND source<>'matrix' GROUP BY source, state`

// journal counts what of the providers' waits, failed or came late.
func (v *verifier) journal(ctx context.Context) error {
	rows, err := v.hub.DB.Query(ctx, arrivalsQuery, LateAfter.Milliseconds(), v.result.Since.UnixMilli())
	err = dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (struct{}, error) {
		var source string
		var state journal.State
		var count, late int
		if err := row.Scan(&source, &state, &count, &late); err != nil {
			return struct{}{}, err
		}
		tally := v.tally(source, In)
		tally.Late += late
		switch state {
		case journal.Waiting:
			tally.Waiting += count
			v.waiting[source] = true
		case journal.Failed:
			tally.Failed += count
		}
		return struct{}{}, nil
	}, err).Iter(func(struct{}) (bool, error) { return true, nil })
	if err != nil {
		return fmt.Errorf("count what arrived: %w", err)
	}
	return nil
}

// stood is an event in a room, as far as it is looked at.
type stood struct {
	ID       id.EventID `json:"event_id"`
	Type     string     `json:"type"`
	Sender   id.UserID  `json:"sender"`
	StateKey *string    `json:"state_key"`
	At       int64      `json:"origin_server_ts"`
	Content  struct {
		RelatesTo struct {
			Type string `json:"rel_type"`
		} `json:"m.relates_to"`
	} `json:"content"`
	Unsigned struct {
		Redacted json.RawMessage `json:"redacted_because"`
	} `json:"unsigned"`
}

// isMessage tells whether the event is a message of its own, and still there.
func (s stood) isMessage() bool {
	switch s.Type {
	case event.EventMessage.Type, event.EventSticker.Type, event.EventEncrypted.Type, event.EventUnstablePollStart.Type:
		return s.StateKey == nil && s.Content.RelatesTo.Type != string(event.RelReplace) && s.Unsigned.Redacted == nil
	}
	return false
}

// olderInARow is how many events in a row must be older before a room's past is reached: what customers wrote has the
// time at which they wrote it, and may have come later.
const olderInARow = 50

func (v *verifier) room(ctx context.Context, room id.RoomID) error {
	owner, ok, err := v.hub.rooms.find(ctx, room)
	b := v.hub.byID[owner.network]
	if err != nil || !ok || b == nil {
		return err
	}
	older := 0
	raw, err := timeline{IntentAPI: b.matrix.Bot, clock: v.hub.Clock}.backwards(ctx, room, map[string]string{}, func(raw json.RawMessage) bool {
		var evt stood
		if json.Unmarshal(raw, &evt) == nil && evt.At < v.result.Since.UnixMilli() {
			older++
		} else {
			older = 0
		}
		return older > olderInARow
	})
	if err != nil {
		return err
	}
	var people []stood
	inRoom := map[id.EventID]bool{}
	for _, one := range raw {
		var evt stood
		if json.Unmarshal(one, &evt) != nil {
			continue
		}
		inRoom[evt.ID] = true
		switch {
		case !evt.isMessage() || evt.At < v.result.Since.UnixMilli():
		case v.hub.IsGhost(evt.Sender):
			if err = v.fromNetwork(ctx, b, room, evt); err != nil {
				return err
			}
		case !v.hub.IsPuppet(evt.Sender):
			people = append(people, evt)
		}
	}
	if err = v.fromPeople(ctx, b, room, people); err != nil {
		return err
	}
	return v.noted(ctx, b, owner, room, inRoom)
}

const notedEventQuery = `SELECT COUNT(*) FROM message WHERE bridge_id=$1 AND mxid=$2`

// fromNetwork looks whether the bridge knows a customer's message in the room: it notes each once. One that it does not
// know was sent twice, or not noted yet.
func (v *verifier) fromNetwork(ctx context.Context, b *hosted, room id.RoomID, evt stood) error {
	tally := v.tally(b.network.ID, In)
	tally.Seen++
	var known int
	if err := v.hub.DB.QueryRow(ctx, notedEventQuery, b.network.ID, evt.ID).Scan(&known); err != nil {
		return fmt.Errorf("look for a message by its event: %w", err)
	}
	if known == 0 && !v.waiting[b.network.ID] {
		tally.Doubled++
		v.found("doubled", b.network.ID, In, room, evt.ID)
	}
	return nil
}

const notedSinceQuery = `SELECT mxid FROM message WHERE bridge_id=$1 AND room_id=$2 AND room_receiver=$3 AND timestamp>=$4 AND mxid LIKE '$%'`

// noted looks whether all that the bridge has noted is in the room.
func (v *verifier) noted(ctx context.Context, b *hosted, owner owner, room id.RoomID, inRoom map[id.EventID]bool) error {
	rows, err := v.hub.DB.Query(ctx, notedSinceQuery, b.network.ID, owner.key.ID, owner.key.Receiver, v.result.Since.UnixNano())
	list, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.EventID], err).AsList()
	if err != nil {
		return fmt.Errorf("list what a bridge has noted: %w", err)
	}
	for _, evt := range list {
		if !inRoom[evt] {
			v.tally(b.network.ID, In).Lost++
			v.found("lost", b.network.ID, In, room, evt)
		}
	}
	return nil
}

// fromPeople looks what became of what people wrote: each is in the journal, and what the journal is done with has
// reached the network or was refused.
func (v *verifier) fromPeople(ctx context.Context, b *hosted, room id.RoomID, events []stood) error {
	keys := make([]string, len(events))
	for i, evt := range events {
		keys[i] = evt.ID.String()
	}
	records, err := v.hub.Journal.ByKey(ctx, sourceMatrix, keys)
	if err != nil {
		return err
	}
	tally := v.tally(b.network.ID, Out)
	for _, evt := range events {
		tally.Seen++
		record := records[evt.ID.String()]
		switch {
		case record.State == journal.Waiting:
			tally.Waiting++
			continue
		case record.State == journal.Failed:
			tally.Failed++
			continue
		}
		gone := record.ID == 0
		if !gone {
			if gone, err = v.unresolved(ctx, b, evt.ID); err != nil {
				return err
			}
		}
		if gone {
			tally.Lost++
			v.found("lost", b.network.ID, Out, room, evt.ID)
		} else if record.FinishedAt.Sub(time.UnixMilli(evt.At)) > LateAfter {
			tally.Late++
		}
	}
	return nil
}

// unresolved tells whether the journal is done with a message although nobody knows whether the network has it.
func (v *verifier) unresolved(ctx context.Context, b *hosted, evt id.EventID) (bool, error) {
	row, err := b.outcomes.byEvent(ctx, evt)
	if errors.Is(err, errs.ErrNotFound) {
		return false, nil // a command, or a notice
	} else if err != nil {
		return false, err
	}
	return !row.attemptStarted.IsZero() && row.networkMessageID == "" && row.state != channel.Failed, nil
}
