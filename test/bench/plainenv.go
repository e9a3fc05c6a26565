package main

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// carefree remembers nothing of what went out: the least that a connector can be lent.
type carefree struct{}

var (
	_ network.Outcomes  = carefree{}
	_ network.Operators = carefree{}
)

// Look implements network.Outcomes.
func (carefree) Look(context.Context, id.EventID) (network.Earlier, error) {
	return network.Earlier{}, nil
}

// Begin implements network.Outcomes.
func (carefree) Begin(context.Context, network.Attempt) (network.Earlier, error) {
	return network.Earlier{}, nil
}

// Refused implements network.Outcomes.
func (carefree) Refused(context.Context, id.EventID) error { return nil }

// Accepted implements network.Outcomes.
func (carefree) Accepted(context.Context, id.EventID, string) error { return nil }

// Open implements network.Outcomes.
func (carefree) Open(context.Context, id.RoomID) ([]network.Unresolved, error) { return nil, nil }

// Underway implements network.Outcomes.
func (carefree) Unheard(context.Context, time.Time, time.Time) (bool, error) { return false, nil }
func (carefree) Underway(context.Context, id.RoomID) (bool, error)           { return false, nil }

// Report implements network.Outcomes.
func (carefree) Report(context.Context, network.Report) error { return nil }

// Tell implements network.Operators.
func (carefree) Tell(context.Context, string, string) {}

// fixedHandles knows the persons of a copied database, in memory, and gets to know nobody new.
type fixedHandles struct {
	persons map[network.Handle]networkid.UserID
	own     map[networkid.UserID][]network.Handle
}

var _ network.Handles = (*fixedHandles)(nil)

func loadHandles(ctx context.Context, db *dbutil.Database, networkID string) (*fixedHandles, error) {
	h := &fixedHandles{persons: map[network.Handle]networkid.UserID{}, own: map[networkid.UserID][]network.Handle{}}
	rows, err := db.Query(ctx, "SELECT kind, value, person FROM pu_handle WHERE network=$1", networkID)
	if err != nil {
		return nil, fmt.Errorf("load the handles: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var handle network.Handle
		var person networkid.UserID
		if err = rows.Scan(&handle.Kind, &handle.Value, &person); err != nil {
			return nil, fmt.Errorf("load the handles: %w", err)
		}
		h.persons[handle] = person
		h.own[person] = append(h.own[person], handle)
	}
	return h, rows.Err()
}

// Resolve implements network.Handles.
func (h *fixedHandles) Resolve(ctx context.Context, handles ...network.Handle) (networkid.UserID, error) {
	return h.Lookup(ctx, handles[0])
}

// Lookup implements network.Handles.
func (h *fixedHandles) Lookup(_ context.Context, handle network.Handle) (networkid.UserID, error) {
	person, ok := h.persons[handle]
	if !ok {
		return "", fmt.Errorf("person by %s: %w", handle.Kind, errs.ErrNotFound)
	}
	return person, nil
}

// Attach implements network.Handles.
func (h *fixedHandles) Attach(context.Context, networkid.UserID, network.Handle) error {
	return errs.ErrUnsupported
}

// Of implements network.Handles.
func (h *fixedHandles) Of(_ context.Context, person networkid.UserID) ([]network.Handle, error) {
	return h.own[person], nil
}
