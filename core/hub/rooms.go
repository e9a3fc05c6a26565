package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
)

// rooms knows which bridge owns a room. Never more than one does: a connector that does not own the room would
// report a failure for every event. ref: reference/bridgev2-hosting.md
type rooms struct {
	db     *dbutil.Database
	mu     sync.RWMutex
	owners map[id.RoomID]owner
}

type owner struct {
	network string
	key     networkid.PortalKey
}

func newRooms(db *dbutil.Database) *rooms {
	return &rooms{db: db, owners: map[id.RoomID]owner{}}
}

const findOwnerQuery = `SELECT bridge_id, id, receiver FROM portal WHERE mxid=$1`

// find returns who owns the room; ok is false if nobody does. Only hits are kept: a room may get an owner later.
func (r *rooms) find(ctx context.Context, room id.RoomID) (found owner, ok bool, err error) {
	r.mu.RLock()
	found, ok = r.owners[room]
	r.mu.RUnlock()
	if ok {
		return found, true, nil
	}
	err = r.db.QueryRow(ctx, findOwnerQuery, room).Scan(&found.network, &found.key.ID, &found.key.Receiver)
	if errors.Is(err, sql.ErrNoRows) {
		return owner{}, false, nil
	} else if err != nil {
		return owner{}, false, fmt.Errorf("find the owner of %s: %w", room, err)
	}
	r.mu.Lock()
	r.owners[room] = found
	r.mu.Unlock()
	return found, true, nil
}

// known returns who owns the room as far as that was asked before; nobody if it was not.
func (r *rooms) known(room id.RoomID) owner {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.owners[room]
}

// forget drops what is remembered of a room, because it moved or was given up.
func (r *rooms) forget(room id.RoomID) {
	r.mu.Lock()
	delete(r.owners, room)
	r.mu.Unlock()
}

const allPortalRoomsQuery = `SELECT mxid FROM portal WHERE mxid IS NOT NULL AND mxid<>'' ORDER BY bridge_id, id, receiver`

// all returns every room that some bridge owns.
func (r *rooms) all(ctx context.Context) ([]id.RoomID, error) {
	rows, err := r.db.Query(ctx, allPortalRoomsQuery)
	list, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[id.RoomID], err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list the bridged rooms: %w", err)
	}
	return list, nil
}

// ref is the conversation as the business floor names it.
func (o owner) ref(room id.RoomID) channel.Ref {
	return channel.Ref{Network: o.network, Account: string(o.key.Receiver), Chat: string(o.key.ID), Room: room.String()}
}
