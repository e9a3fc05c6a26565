package customer

import (
	"context"
	"errors"
	"slices"
	"time"

	"puente/core/base/errs"
	"puente/core/base/ident"
)

// fate is what became of a line of a file.
type fate int

const (
	nothing fate = iota // there was nothing in it, or it was wrong
	created
	altered
	untouched
)

// grant makes a customer as a line wants them, within a transaction. What does not go is a *wrong.
func (s *Customers) grant(ctx context.Context, w wish, by string) (fate, error) {
	before, found, err := s.meant(ctx, w)
	if err != nil {
		return nothing, err
	}
	done, action := altered, "customer.imported"
	if !found {
		done, action = created, "customer.created"
		before, err = s.makeWished(ctx, w.id)
	} else {
		after, added, err := s.plan(ctx, before, w, by)
		if err == nil && len(added) == 0 && after.same(before) {
			return untouched, nil
		}
		if before, err = s.lock(ctx, before.ID); err != nil {
			return nothing, err
		}
	}
	if err != nil {
		return nothing, err
	}
	after, added, err := s.plan(ctx, before, w, by)
	if err != nil {
		return nothing, err
	}
	if err = s.addContacts(ctx, added); err != nil {
		return nothing, err
	}
	if err = s.save(ctx, before, after); err != nil {
		return nothing, err
	}
	return done, s.note(ctx, action, by, before, after)
}

// plan returns what a customer would be like, and the contacts that they would get.
func (s *Customers) plan(ctx context.Context, before Customer, w wish, by string) (after Customer, added []Contact, err error) {
	contacts, err := s.contactsOf(ctx, before.ID)
	if err != nil {
		return before, nil, err
	}
	after, added = before.clone(), w.newContacts(before.ID, contacts)
	err = w.apply(&after, by, s.clock.Now(), append(contacts, added...))
	return after, added, err
}

func (s *Customers) addContacts(ctx context.Context, added []Contact) error {
	for _, contact := range added {
		contact.CreatedAt = s.clock.Now()
		if err := s.addContact(ctx, contact); errors.Is(err, errOvertaken) {
			return &wrong{columnContacts, "Somebody with one of these contacts has just written; import this line again."}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// meant finds the customer that a line is about: by ID, else by contacts.
func (s *Customers) meant(ctx context.Context, w wish) (one Customer, found bool, err error) {
	id := ""
	if w.id != "" {
		one, err = s.Get(ctx, w.id)
		if err != nil && !errors.Is(err, errs.ErrNotFound) {
			return one, false, err
		}
		id = one.ID
	}
	for _, contact := range w.contacts {
		owner, err := s.ByContact(ctx, contact.Network, contact.Person)
		switch {
		case errors.Is(err, errs.ErrNotFound):
			continue
		case err != nil:
			return owner, false, err
		case id == "":
			id = owner.ID
		case id != owner.ID:
			return owner, false, &wrong{columnContacts, "These contacts belong to several customers; merge these first, or write a line for each."}
		}
	}
	if id == "" {
		return one, false, nil
	}
	one, err = s.read(ctx, id)
	return one, err == nil, err
}

// makeWished adds an empty customer, with the ID that the line has, if any: so a file can be brought to another database.
func (s *Customers) makeWished(ctx context.Context, id string) (Customer, error) {
	if id == "" {
		id = ident.New("cus")
	}
	now := fromMilli(s.clock.Now().UnixMilli())
	one := Customer{ID: id, Attributes: map[string]string{}, CreatedAt: now, UpdatedAt: now}
	return one, s.insert(ctx, one)
}

// newContacts are the wished contacts that a customer does not have.
func (w wish) newContacts(customer string, has []Contact) (added []Contact) {
	for _, contact := range w.contacts {
		alike := func(other Contact) bool { return other.Network == contact.Network && other.Person == contact.Person }
		if !slices.ContainsFunc(has, alike) && !slices.ContainsFunc(added, alike) {
			contact.Customer = customer
			added = append(added, contact)
		}
	}
	return added
}

// apply changes what is wished, of a customer who has these contacts.
func (w wish) apply(one *Customer, by string, now time.Time, contacts []Contact) error {
	if w.name != nil && *w.name == "" {
		one.NamedBy = ""
		one.settle(contacts)
	} else if w.name != nil && *w.name != one.Name {
		one.Name, one.NamedBy = *w.name, by
	}
	if w.language != nil {
		one.Language = *w.language
	}
	if w.labels != nil {
		one.Labels = *w.labels
	}
	if w.blocked != nil {
		one.block(*w.blocked, now)
	}
	if w.preferred != nil {
		if err := one.prefer(*w.preferred, by, contacts); err != nil {
			return misfit(columnPreferred, err)
		}
	}
	return w.applyAttributes(one)
}

func (w wish) applyAttributes(one *Customer) error {
	for key, value := range w.attributes {
		if value == "" {
			delete(one.Attributes, key)
		}
	}
	for key, value := range w.attributes {
		if value == "" {
			continue
		}
		if err := one.setAttribute(key, value); err != nil {
			return misfit(columnAttribute+key, err)
		}
	}
	return nil
}
