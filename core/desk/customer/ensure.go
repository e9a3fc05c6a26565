package customer

import (
	"context"
	"errors"
	"fmt"

	"puente/core/base/errs"
	"puente/core/base/ident"
	"puente/core/base/store"
)

const (
	addContactQuery    = `INSERT INTO pu_contact (network, person, customer, name, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	renameContactQuery = `UPDATE pu_contact SET name=$3 WHERE network=$1 AND person=$2`
	lockQuery          = `UPDATE pu_customer SET updated_at=updated_at WHERE id=$1`
)

// errOvertaken: somebody else added the same contact in the meantime.
var errOvertaken = fmt.Errorf("contact was added meanwhile: %w", errs.ErrConflict)

// Ensure returns the customer behind a contact, who is made if they are new. The contact's name, if it is not empty,
// follows the network's, and so does the customer's if they are called after this contact and nobody in the team has
// named them. It may be called at once from several places, and reads once if there is no news. In a transaction call it
// before anything is changed in a conversation: so does everything here, and two that lock in a different order may wait
// for each other.
func (s *Customers) Ensure(ctx context.Context, network, person, name string) (Customer, error) {
	if err := checkContact(network, person); err != nil {
		return Customer{}, err
	}
	name = networkName(name)
	for {
		one, known, err := s.behind(ctx, network, person)
		switch {
		case errors.Is(err, errs.ErrNotFound):
			if one, err = s.meet(ctx, network, person, name); errors.Is(err, errOvertaken) {
				continue // and find it
			}
			return one, err
		case err != nil || name == "" || name == known:
			return one, err
		}
		return s.renameContact(ctx, one.ID, network, person, name)
	}
}

// meet makes a new customer with one contact. It is errOvertaken, and nothing is changed, if the contact is there.
func (s *Customers) meet(ctx context.Context, network, person, name string) (Customer, error) {
	now := fromMilli(s.clock.Now().UnixMilli())
	one := Customer{ID: ident.New("cus"), Name: name, Attributes: map[string]string{}, CreatedAt: now, UpdatedAt: now}
	return one, s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		if err := s.insert(ctx, one); err != nil {
			return err
		}
		err := s.addContact(ctx, Contact{Network: network, Person: person, Customer: one.ID, Name: name, CreatedAt: now})
		if errors.Is(err, errOvertaken) {
			// The transaction may be the caller's, so it is not enough to give it up.
			return errors.Join(err, s.forget(ctx, one.ID))
		}
		return err
	})
}

// addContact is errOvertaken if the contact is there, whoever's it is.
func (s *Customers) addContact(ctx context.Context, contact Contact) error {
	result, err := s.db.Exec(ctx, addContactQuery, contact.Network, contact.Person, contact.Customer, contact.Name, contact.CreatedAt.UnixMilli())
	if err != nil {
		return fmt.Errorf("add contact on %s: %w", contact.Network, err)
	}
	if added, err := result.RowsAffected(); err != nil {
		return fmt.Errorf("add contact on %s: %w", contact.Network, err)
	} else if added == 0 {
		return errOvertaken
	}
	return nil
}

// forget takes back a customer who was just inserted.
func (s *Customers) forget(ctx context.Context, id string) error {
	for _, query := range []string{`DELETE FROM pu_customer_key WHERE customer=$1`, `DELETE FROM pu_customer WHERE id=$1`} {
		if _, err := s.db.Exec(ctx, query, id); err != nil {
			return fmt.Errorf("take back customer %s: %w", id, err)
		}
	}
	return nil
}

func (s *Customers) renameContact(ctx context.Context, id, network, person, name string) (after Customer, err error) {
	err = s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		before, known, err := s.lockBehind(ctx, id, network, person)
		if err != nil {
			return err
		}
		if _, err = s.db.Exec(ctx, renameContactQuery, network, person, name); err != nil {
			return fmt.Errorf("rename contact on %s: %w", network, err)
		}
		after = before.clone()
		if before.NamedBy == "" && (before.Name == known || before.Name == "") {
			after.Name = name
		}
		if after.same(before) {
			return nil
		}
		return s.save(ctx, before, after)
	})
	return after, err
}

// lockBehind locks the customer behind a contact, who was id a moment ago, and returns what the network called them.
func (s *Customers) lockBehind(ctx context.Context, id, network, person string) (Customer, string, error) {
	for {
		locked, err := s.lock(ctx, id)
		if err != nil {
			return locked, "", err
		}
		one, known, err := s.behind(ctx, network, person)
		if err != nil || one.ID == locked.ID {
			return one, known, err
		}
		id = one.ID // the contact has moved meanwhile
	}
}

// lock keeps a customer, or the one that they were merged into, from being changed by others until the transaction ends.
func (s *Customers) lock(ctx context.Context, id string) (Customer, error) {
	for {
		if _, err := s.db.Exec(ctx, lockQuery, id); err != nil {
			return Customer{}, fmt.Errorf("lock customer: %w", err)
		}
		one, err := s.read(ctx, id)
		if err != nil || one.MergedInto == "" {
			return one, err
		}
		id = one.MergedInto
	}
}
