package route

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/desk/consent"
	"puente/core/desk/inbox"
)

const (
	// What went out and counts as said: it has passed the gate.
	saidQuery = `SELECT conversation, kind FROM pu_message WHERE event_id=$1 AND direction='out'`
	rootQuery = `SELECT original FROM pu_fallback WHERE copy=$1`
	// All conversations by which a message was tried, that of the first included.
	triedQuery    = `SELECT conversation FROM pu_message WHERE event_id=$1 UNION SELECT conversation FROM pu_fallback WHERE original=$1`
	keepFallback  = `INSERT INTO pu_fallback (original, conversation, copy) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	fallbackLimit = 4 // channels in all
)

// fallBack sends what a network could not deliver by the customer's next channel, and says so in both rooms.
func (r *Router) fallBack(ctx context.Context, evt channel.StatusChanged) error {
	if !r.Fallback || evt.State != channel.Failed || evt.Objection != "" {
		return nil
	}
	var conversation, kind string
	err := r.DB.QueryRow(ctx, saidQuery, evt.ID).Scan(&conversation, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it was refused before it left
	} else if err != nil {
		return errs.Temporary(fmt.Errorf("find what did not arrive: %w", err), 0)
	}
	switch kind {
	case "edit", "deletion", "reaction":
		return nil
	}
	root, tried, err := r.tried(ctx, evt.ID)
	if err != nil || len(tried) >= fallbackLimit {
		return err
	}
	from, err := r.Inbox.Get(ctx, conversation)
	if err != nil || from.Customer == "" {
		return err
	}
	to, err := r.next(ctx, from, tried)
	if err != nil || to == nil {
		return err
	}
	return r.resend(ctx, evt, root, from, to)
}

// tried is the message that did not arrive first, and by which conversations it was tried.
func (r *Router) tried(ctx context.Context, id string) (root string, conversations []string, err error) {
	err = r.DB.QueryRow(ctx, rootQuery, id).Scan(&root)
	if errors.Is(err, sql.ErrNoRows) {
		root = id
	} else if err != nil {
		return "", nil, errs.Temporary(fmt.Errorf("find what a message was tried for: %w", err), 0)
	}
	rows, err := r.DB.Query(ctx, triedQuery, root)
	conversations, err = dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
	if err != nil {
		return "", nil, errs.Temporary(fmt.Errorf("list how a message was tried: %w", err), 0)
	}
	return root, conversations, nil
}

// next is the best conversation of a customer that was not tried, in which they wrote themselves, which the network lets us
// write in now, and on whose network they want to be written to; nil if there is none.
func (r *Router) next(ctx context.Context, from *inbox.Conversation, tried []string) (*inbox.Conversation, error) {
	list, err := r.Best(ctx, from.Customer)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if slices.Contains(tried, c.ID) || c.LastIn.IsZero() || !r.Rooms.Rules(c.Ref).AllowsFreeText(r.Clock.Now(), c.LastIn) {
			continue
		}
		decision, err := r.Consent.Allowed(ctx, c.Customer, c.Ref.Network, consent.Service)
		if err != nil {
			return nil, err
		} else if decision.Allowed {
			return c, nil
		}
	}
	return nil, nil
}

func (r *Router) resend(ctx context.Context, evt channel.StatusChanged, root string, from, to *inbox.Conversation) error {
	copied, err := r.Rooms.Copy(ctx, to.Ref, channel.Copy{Key: "fallback:" + evt.ID, From: from.Ref, ID: evt.ID, Kind: "text"})
	if errors.Is(err, errs.ErrNotFound) || errors.Is(err, errs.ErrUnsupported) {
		return nil
	} else if err != nil {
		return err
	}
	if _, err = r.DB.Exec(ctx, keepFallback, root, to.ID, copied); err != nil {
		return errs.Temporary(fmt.Errorf("note by which channel something was tried: %w", err), 0)
	}
	for _, told := range []struct {
		in   *inbox.Conversation
		text string
	}{
		{from, fmt.Sprintf("↪️ Sent on %s instead: %s", r.Rooms.NetworkName(to.Ref.Network), r.Rooms.Link(to.Ref, copied))},
		{to, fmt.Sprintf("↩️ %s could not deliver this: %s", r.Rooms.NetworkName(from.Ref.Network), r.Rooms.Link(from.Ref, evt.ID))},
	} {
		if err = r.Rooms.Notify(ctx, told.in.Ref, "fallback:"+evt.ID+":"+told.in.ID, "", told.text); err != nil {
			return errs.Temporary(err, 0)
		}
	}
	return nil
}
