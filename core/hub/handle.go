package hub

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// handles implements network.Handles on the table pu_handle.
type handles struct {
	db      *dbutil.Database
	network string
	clock   clock.Clock
	mu      sync.Mutex // two lanes may meet the same person for the first time at once
}

func newHandles(db *dbutil.Database, networkID string, c clock.Clock) *handles {
	return &handles{db: db, network: networkID, clock: c}
}

const (
	findHandleQuery = `SELECT person FROM pu_handle WHERE network=$1 AND kind=$2 AND value=$3`
	putHandleQuery  = `
		INSERT INTO pu_handle (network, kind, value, person, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (network, kind, value) DO UPDATE SET person=excluded.person, updated_at=excluded.updated_at
	`
	handlesOfQuery = `SELECT kind, value FROM pu_handle WHERE network=$1 AND person=$2 ORDER BY kind, updated_at DESC, value`
)

// Resolve implements network.Handles.
func (h *handles) Resolve(ctx context.Context, given ...network.Handle) (networkid.UserID, error) {
	known := given[:0:0]
	for _, handle := range given {
		if handle.Value != "" {
			known = append(known, handle)
		}
	}
	if len(known) == 0 {
		return "", fmt.Errorf("person without any handle: %w", errs.ErrInvalid)
	}
	person, complete, err := h.find(ctx, known)
	if err == nil && complete {
		return person, nil // nothing to write: the ordinary case
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	err = h.db.DoTxn(ctx, nil, func(ctx context.Context) (err error) {
		var complete bool
		if person, complete, err = h.find(ctx, known); err != nil || complete {
			return err
		}
		if person == "" {
			person = newPerson()
		}
		for _, handle := range known {
			if err = h.put(ctx, person, handle); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", errs.Temporary(fmt.Errorf("resolve a person on %s: %w", h.network, err), 0)
	}
	return person, nil
}

// find returns the person whom the strongest known handle leads to, and whether all handles lead there already.
func (h *handles) find(ctx context.Context, given []network.Handle) (person networkid.UserID, complete bool, err error) {
	complete = true
	for i, handle := range given {
		found, err := h.Lookup(ctx, handle)
		if errors.Is(err, errs.ErrNotFound) {
			complete = false
			continue
		} else if err != nil {
			return "", false, err
		}
		if person == "" && !h.contradicts(ctx, found, given[:i]) {
			person = found
		}
		complete = complete && found == person
	}
	return person, complete, nil
}

// contradicts tells whether the person is known by other values of the stronger handles.
func (h *handles) contradicts(ctx context.Context, person networkid.UserID, stronger []network.Handle) bool {
	own, err := h.Of(ctx, person)
	if err != nil {
		return true
	}
	for _, handle := range stronger {
		for _, has := range own {
			if has.Kind == handle.Kind && has.Value != handle.Value {
				return true
			}
		}
	}
	return false
}

// Lookup implements network.Handles.
func (h *handles) Lookup(ctx context.Context, handle network.Handle) (networkid.UserID, error) {
	var person networkid.UserID
	err := h.db.QueryRow(ctx, findHandleQuery, h.network, handle.Kind, handle.Value).Scan(&person)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("person by %s on %s: %w", handle.Kind, h.network, errs.ErrNotFound)
	} else if err != nil {
		return "", errs.Temporary(fmt.Errorf("find a person by %s on %s: %w", handle.Kind, h.network, err), 0)
	}
	return person, nil
}

// Attach implements network.Handles.
func (h *handles) Attach(ctx context.Context, person networkid.UserID, handle network.Handle) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.put(ctx, person, handle); err != nil {
		return errs.Temporary(err, 0)
	}
	return nil
}

func (h *handles) put(ctx context.Context, person networkid.UserID, handle network.Handle) error {
	_, err := h.db.Exec(ctx, putHandleQuery, h.network, handle.Kind, handle.Value, person, h.clock.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("keep a person's %s on %s: %w", handle.Kind, h.network, err)
	}
	return nil
}

// Of implements network.Handles.
func (h *handles) Of(ctx context.Context, person networkid.UserID) ([]network.Handle, error) {
	rows, err := h.db.Query(ctx, handlesOfQuery, h.network, person)
	list, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (handle network.Handle, err error) {
		err = row.Scan(&handle.Kind, &handle.Value)
		return handle, err
	}, err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list a person's handles on %s: %w", h.network, err), 0)
	}
	return list, nil
}

// newPerson is 16 random letters and digits: 80 bits, fit for a Matrix user ID.
func newPerson() networkid.UserID {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return networkid.UserID(strings.ToLower(base32.StdEncoding.EncodeToString(random[:])))
}
