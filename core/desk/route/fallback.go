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
	// All conversations by which a message was tried: its own, and those of all that it is a copy of.
	triedQuery = `WITH RECURSIVE tried (id) AS (
			SELECT CAST($1 AS TEXT) UNION SELECT f.original FROM tried JOIN pu_fallback f ON f.copy=tried.id
		) SELECT conversation FROM pu_message WHERE event_id IN (SELECT id FROM tried)
		UNION SELECT conversation FROM pu_fallback WHERE original IN (SELECT id FROM tried)`
	chosenQuery   = `SELECT conversation, copy FROM pu_fallback WHERE original=$1`
	keepChoice    = `INSERT INTO pu_fallback (original, conversation, copy) VALUES ($1, $2, $3)`
	keepFallback  = `UPDATE pu_fallback SET copy=$3 WHERE original=$1 AND conversation=$2`
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
	from, err := r.Inbox.Get(ctx, conversation)
	if err != nil || from.Customer == "" {
		return err
	}
	to, copied, err := r.other(ctx, evt.ID, from)
	if err != nil || to == nil {
		return err
	}
	return r.resend(ctx, evt, copied, from, to)
}

// other is the conversation by which it goes instead, nil for none, and the ID that it has there, "" if it was not sent yet.
// The choice is noted before anything is sent: who asks again, after a crash, gets the same one.
func (r *Router) other(ctx context.Context, id string, from *inbox.Conversation) (to *inbox.Conversation, copied string, err error) {
	var chosen string
	err = r.DB.QueryRow(ctx, chosenQuery, id).Scan(&chosen, &copied)
	if err == nil {
		if copied == notYet(id) {
			copied = ""
		}
		to, err = r.Inbox.Get(ctx, chosen)
		return to, copied, err
	} else if !errors.Is(err, sql.ErrNoRows) {
		return nil, "", errs.Temporary(fmt.Errorf("find by which channel something is tried: %w", err), 0)
	}
	tried, err := r.tried(ctx, id)
	if err != nil || len(tried) >= fallbackLimit {
		return nil, "", err
	}
	if to, err = r.next(ctx, from, tried); err != nil || to == nil {
		return nil, "", err
	}
	if _, err = r.DB.Exec(ctx, keepChoice, id, to.ID, notYet(id)); err != nil {
		return nil, "", errs.Temporary(fmt.Errorf("note by which channel something is tried: %w", err), 0)
	}
	return to, "", nil
}

// notYet stands for the copy of a message until there is one.
func notYet(id string) string { return "not yet: " + id }

// tried are the conversations by which a message was tried.
func (r *Router) tried(ctx context.Context, id string) ([]string, error) {
	rows, err := r.DB.Query(ctx, triedQuery, id)
	conversations, err := dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list how a message was tried: %w", err), 0)
	}
	return conversations, nil
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

func (r *Router) resend(ctx context.Context, evt channel.StatusChanged, copied string, from, to *inbox.Conversation) (err error) {
	if copied == "" {
		copied, err = r.Rooms.Copy(ctx, to.Ref, channel.Copy{Key: "fallback:" + evt.ID, From: from.Ref, ID: evt.ID, Kind: "text"})
		if errors.Is(err, errs.ErrNotFound) || errors.Is(err, errs.ErrUnsupported) {
			return nil
		} else if errors.Is(err, errs.ErrForbidden) {
			return r.staysHere(ctx, evt, from, errs.Message(err))
		} else if err != nil {
			return err
		}
		if _, err = r.DB.Exec(ctx, keepFallback, evt.ID, to.ID, copied); err != nil {
			return errs.Temporary(fmt.Errorf("note by which channel something was tried: %w", err), 0)
		}
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

// staysHere tells the team that something is not sent on another channel, and why.
func (r *Router) staysHere(ctx context.Context, evt channel.StatusChanged, from *inbox.Conversation, why string) error {
	return errs.Temporary(r.Rooms.Notify(ctx, from.Ref, "no fallback:"+evt.ID, evt.ID, "ℹ️ It is not sent on another channel: "+why), 0)
}
