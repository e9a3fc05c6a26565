package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"puente/core/base/errs"
	"puente/core/base/store"
)

const moveContactQuery = `UPDATE pu_contact SET customer=$4 WHERE network=$1 AND person=$2 AND customer=$3`

// Unmerge makes a merged customer stand for themselves again, as they were, and takes back from the survivor what the
// merge brought them and what came in since through a contact that goes back. What the team changed since stays with the
// survivor, but for a block, which holds for both: it was meant for the person behind either. One that is not merged is an
// errs.ErrConflict, and so is one whose survivor was merged since.
func (s *Customers) Unmerge(ctx context.Context, merged, by string) error {
	if by == "" {
		return fmt.Errorf("unmerge by nobody: %w", errs.ErrInvalid)
	}
	return s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		one, err := s.read(ctx, merged)
		if err != nil {
			return err
		}
		survivor, part, err := s.lockBoth(ctx, one.MergedInto, merged)
		switch {
		case one.MergedInto == "", err == nil && part.MergedInto != survivor.ID:
			return errs.Tell(fmt.Errorf("unmerge of customer %s, who is not merged: %w", merged, errs.ErrConflict),
				"This customer is not part of another one; there is nothing to undo.")
		case err != nil:
			return err
		case survivor.MergedInto != "":
			return errs.Tell(fmt.Errorf("unmerge of customer %s, whose survivor is merged: %w", merged, errs.ErrConflict),
				"The customer that this one is part of was merged as well; undo that first.")
		}
		return s.unmerge(ctx, survivor, part, by)
	})
}

func (s *Customers) unmerge(ctx context.Context, survivor, merged Customer, by string) error {
	found, err := s.merges(ctx, mergeQuery, merged.ID)
	if err != nil {
		return err
	} else if len(found) != 1 {
		return fmt.Errorf("merge of customer %s: %w", merged.ID, errs.ErrNotFound)
	}
	took := found[0].moved
	if _, err = s.db.Exec(ctx, deleteMergeQuery, merged.ID); err != nil {
		return fmt.Errorf("forget merge of customer %s: %w", merged.ID, err)
	}
	others, err := s.merges(ctx, mergesQuery, survivor.ID)
	if err != nil {
		return err
	}
	rest, back, err := s.giveBack(ctx, found[0], others)
	if err != nil {
		return err
	}
	after, whole := survivor.clone(), merged.clone()
	whole.MergedInto, whole.Labels = "", took.Labels
	broughtIn := slices.ContainsFunc(others, func(m merge) bool { return slices.Contains(m.moved.Filled, partBlocked) })
	if whole.Blocked.IsZero() && survivor.Blocked.UnixMilli() >= found[0].at && !broughtIn {
		whole.Blocked = survivor.Blocked
	}
	if err = s.fillAgain(ctx, &after, took.empty(&after, merged), others); err != nil {
		return err
	}
	after.settle(rest)
	whole.settle(back)
	if err = errors.Join(s.save(ctx, survivor, after), s.save(ctx, merged, whole)); err != nil {
		return err
	}
	return s.noteOther(ctx, "customer.unmerged", by, survivor, after, "unmerged", merged.ID)
}

// fillAgain gives a survivor what the one that leaves has taken away and another merged customer has too, but could not
// give before; so it does not matter in which order merges are undone.
func (s *Customers) fillAgain(ctx context.Context, survivor *Customer, lost []string, others []merge) error {
	for i := range others {
		one, err := s.read(ctx, others[i].merged)
		if err != nil {
			return err
		}
		others[i].moved.fill(survivor, one, func(part string) bool { return slices.Contains(lost, part) })
		if err = s.remember(ctx, others[i]); err != nil {
			return err
		}
	}
	return nil
}

// giveBack moves contacts, conversations and places back, and returns the contacts of both.
func (s *Customers) giveBack(ctx context.Context, m merge, others []merge) (rest, back []Contact, err error) {
	for _, contact := range m.moved.Contacts {
		if _, err = s.db.Exec(ctx, moveContactQuery, contact[0], contact[1], m.survivor, m.merged); err != nil {
			return nil, nil, fmt.Errorf("move contact on %s back: %w", contact[0], err)
		}
	}
	if rest, err = s.contactsOf(ctx, m.survivor); err != nil {
		return nil, nil, err
	}
	if back, err = s.contactsOf(ctx, m.merged); err != nil {
		return nil, nil, err
	}
	contacts := slices.Concat(rest, back)
	err = s.moveConversations(ctx, m.survivor, m.merged, m.survivor, func(c conversation) bool {
		owner, certain := ownerOf(c.network, c.chat, contacts)
		// Which network it is on tells only of what began since: what the survivor had before is theirs.
		return owner == m.merged && (certain || c.at >= m.at) || !certain && slices.Contains(m.moved.Conversations, c.id)
	})
	if err == nil {
		err = s.givePlacesBack(ctx, m, others, contacts)
	}
	return rest, back, err
}
