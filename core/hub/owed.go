package hub

import (
	"context"
	"encoding/json"
	"fmt"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// owe puts into the journal what a network's bridge still has to do at the homeserver, under a source of its own; its
// handler reads it with owed.
func (b *hosted) owe(ctx context.Context, source, key, lane string, what any) error {
	payload, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode what is to be done (%s): %w", source, err)
	}
	err = b.hub.Journal.Append(ctx, journal.Entry{Source: source, Key: key, Lane: lane, Kind: b.network.ID, Payload: payload})
	if err != nil {
		return fmt.Errorf("keep what is to be done (%s, %s): %w", source, key, err)
	}
	return nil
}

// owed reads what owe has put there, and returns whose it is.
func (h *Hub) owed(entry journal.Entry, into any) (*hosted, error) {
	b := h.byID[entry.Kind]
	if b == nil {
		return nil, fmt.Errorf("what is to be done (%s) on network %q, which is not in this program: %w", entry.Source, entry.Kind, errs.ErrNotFound)
	}
	if err := json.Unmarshal(entry.Payload, into); err != nil {
		return nil, fmt.Errorf("read what is to be done (%s): %w: %w", entry.Source, errs.ErrInvalid, err)
	}
	return b, nil
}
