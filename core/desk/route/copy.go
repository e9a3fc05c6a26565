package route

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

var _ channel.Listener = (*Router)(nil)

const (
	keepCopy  = `INSERT INTO pu_link_copy (original, link, copy) VALUES ($1, $2, $3) ON CONFLICT (original) DO NOTHING`
	copyQuery = `SELECT copy FROM pu_link_copy WHERE original=$1 AND link=$2 UNION ALL SELECT original FROM pu_link_copy WHERE copy=$1 AND link=$2`
	// Whose copy it is, and where that stands.
	originalQuery = `SELECT m.conversation FROM pu_link_copy c JOIN pu_message m ON m.event_id=c.original WHERE c.copy=$1`
)

// HandleChannelEvent implements channel.Listener: it passes on what is said in linked conversations, and hears where
// customers want to be written to.
func (r *Router) HandleChannelEvent(ctx context.Context, evt channel.Event) error {
	switch one := evt.(type) {
	case channel.MessageIn:
		if err := r.preferred(ctx, one); err != nil {
			return err
		}
		return r.passOn(ctx, one.Base, one.ID, one.From.Name, one.Content)
	case channel.MessageOut:
		if one.From.ID == "" {
			return nil // Puente's own words, copies among them
		}
		name := one.From.Name
		if name == "" {
			name = r.Inbox.AgentName(ctx, one.From.ID)
		}
		return r.passOn(ctx, one.Base, one.ID, name, one.Content)
	case channel.StatusChanged:
		if err := r.copyFailed(ctx, one); err != nil {
			return err
		}
		return r.fallBack(ctx, one)
	}
	return nil
}

// passOn says in the other conversation of a link what was said in one.
func (r *Router) passOn(ctx context.Context, base channel.Base, id, author string, said channel.Content) error {
	_, told := said.Payload["preference"]
	if said.Kind == "notice" || told {
		return nil // what the network says about the customer
	}
	found, err := r.linkIn(ctx, base.Ref.Room)
	if errors.Is(err, errs.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return r.copyTo(ctx, found, base, id, author, said)
}

// copyTo copies one thing over a link. What is about something that did not go over it, from before it was made, goes
// without that, or not at all if it is nothing without it.
func (r *Router) copyTo(ctx context.Context, found link, base channel.Base, id, author string, said channel.Content) error {
	other, err := r.Inbox.Get(ctx, found.other)
	if err != nil {
		return err
	}
	target, err := r.counterpart(ctx, found, said.Target)
	if err != nil {
		return err
	}
	switch said.Kind {
	case "edit", "reaction", "deletion":
		if target == "" {
			return nil
		}
	}
	sent, err := r.Rooms.Copy(ctx, other.Ref, channel.Copy{
		Key: "link:" + found.id + ":" + base.Key, From: base.Ref, ID: id, Kind: said.Kind, By: author, Target: target,
	})
	if errors.Is(err, errs.ErrNotFound) || errors.Is(err, errs.ErrUnsupported) {
		r.Log.Info().Err(err).Str("link", found.id).Msg("Something did not go over a link")
		return nil
	} else if errors.Is(err, errs.ErrForbidden) {
		return r.notPassedOn(ctx, base.Ref, id, other.Ref.Network, errs.Message(err))
	} else if err != nil {
		return err
	}
	if _, err = r.DB.Exec(ctx, keepCopy, id, found.id, sent); err != nil {
		return errs.Temporary(fmt.Errorf("note a copy: %w", err), 0)
	}
	return nil
}

// counterpart is what a message is on the other side of a link: its copy, or what it is a copy of; "" if it is nothing there.
func (r *Router) counterpart(ctx context.Context, found link, id string) (other string, err error) {
	if id == "" {
		return "", nil
	}
	err = r.DB.QueryRow(ctx, copyQuery, id, found.id).Scan(&other)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", errs.Temporary(fmt.Errorf("find a copy: %w", err), 0)
	}
	return other, nil
}

// copyFailed tells where something was said first that it did not reach the other side.
func (r *Router) copyFailed(ctx context.Context, evt channel.StatusChanged) error {
	if evt.State != channel.Failed {
		return nil
	}
	var origin string
	err := r.DB.QueryRow(ctx, originalQuery, evt.ID).Scan(&origin)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return errs.Temporary(fmt.Errorf("find what a copy is of: %w", err), 0)
	}
	c, err := r.Inbox.Get(ctx, origin)
	if err != nil {
		return err
	}
	return r.notPassedOn(ctx, c.Ref, evt.ID, evt.Ref.Network, evt.Reason)
}

// notPassedOn tells a room's team that the other side of its link does not read something.
func (r *Router) notPassedOn(ctx context.Context, ref channel.Ref, id, network, why string) error {
	err := r.Rooms.Notify(ctx, ref, "copy failed:"+id, "", fmt.Sprintf("⚠️ Not passed on to %s: %s", r.Rooms.NetworkName(network), why))
	return errs.Temporary(err, 0)
}
