package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"puente/core/base/errs"
	"puente/core/base/ident"
	"puente/core/base/store"
)

// Split takes a contact, with its conversations, out of a customer and makes it a new one, who is blocked if that one was.
// The only contact of a customer is an errs.ErrConflict, an unknown one an errs.ErrNotFound.
func (s *Customers) Split(ctx context.Context, network, person, by string) (made Customer, err error) {
	if by == "" {
		return made, fmt.Errorf("split by nobody: %w", errs.ErrInvalid)
	}
	err = s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		one, _, err := s.behind(ctx, network, person)
		if err != nil {
			return errs.Tell(err, "No customer has this contact.")
		}
		before, name, err := s.lockBehind(ctx, one.ID, network, person)
		if err != nil {
			return err
		}
		contacts, err := s.contactsOf(ctx, before.ID)
		if err != nil {
			return err
		} else if len(contacts) < 2 {
			return errs.Tell(fmt.Errorf("split of the only contact of customer %s: %w", before.ID, errs.ErrConflict),
				"This is the only contact of the customer; there is nothing to take apart.")
		}
		now := fromMilli(s.clock.Now().UnixMilli())
		made = Customer{
			ID: ident.New("cus"), Name: name, Attributes: map[string]string{}, Blocked: before.Blocked, CreatedAt: now, UpdatedAt: now,
		}
		return s.split(ctx, before, made, contacts, network, person, by)
	})
	return made, err
}

func (s *Customers) split(ctx context.Context, before, made Customer, contacts []Contact, network, person, by string) error {
	if err := s.insert(ctx, made); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, moveContactQuery, network, person, before.ID, made.ID); err != nil {
		return fmt.Errorf("move contact on %s: %w", network, err)
	}
	var rest []Contact
	for i, contact := range contacts {
		if contact.Network == network && contact.Person == person {
			contacts[i].Customer = made.ID
		} else {
			rest = append(rest, contact)
		}
	}
	err := errors.Join(
		s.splitConversations(ctx, before.ID, made.ID, contacts),
		s.splitMerges(ctx, before.ID, [2]string{network, person}),
	)
	if err != nil {
		return err
	}
	after := before.clone()
	after.settle(rest)
	if err = errors.Join(s.save(ctx, before, after), s.save(ctx, made, made)); err != nil {
		return err
	}
	return s.noteOther(ctx, "customer.split", by, before, after, "split", made.ID)
}

// splitConversations moves what belongs to the contact that leaves, as contacts tells.
func (s *Customers) splitConversations(ctx context.Context, from, to string, contacts []Contact) error {
	err := s.moveConversations(ctx, from, to, "", func(c conversation) bool {
		owner, _ := ownerOf(c.network, c.chat, contacts)
		return owner == to
	})
	if err != nil {
		return err
	}
	groups, err := s.conversationsOf(ctx, groupsQuery, from)
	if err != nil {
		return err
	}
	for _, group := range groups {
		if owner, _ := ownerOf(group.network, "", contacts); owner != to {
			continue
		}
		if err = errors.Join(s.setPlace(ctx, group.id, to, &group.at), s.setPlace(ctx, group.id, from, nil)); err != nil {
			return err
		}
	}
	return nil
}

// splitMerges makes no merge's undoing bring the contact back, should it be part of the customer again by then.
func (s *Customers) splitMerges(ctx context.Context, survivor string, contact [2]string) error {
	merges, err := s.merges(ctx, mergesQuery, survivor)
	if err != nil {
		return err
	}
	for _, m := range merges {
		i := slices.Index(m.moved.Contacts, contact)
		if i < 0 {
			continue
		}
		m.moved.Contacts = slices.Delete(m.moved.Contacts, i, i+1)
		if err = s.remember(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
