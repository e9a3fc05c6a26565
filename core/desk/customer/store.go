package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mau.fi/util/dbutil"

	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/audit"
)

const (
	defaultFound = 20
	mostFound    = 100
)

// likeLiteral makes a text stand for itself in LIKE … ESCAPE '!'.
var likeLiteral = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Customers are the customers in the database.
type Customers struct {
	db    *dbutil.Database
	log   *audit.Log
	clock clock.Clock
}

// New makes the customers of a database. What the team changes about them is noted in log.
func New(db *dbutil.Database, log *audit.Log, clock clock.Clock) *Customers {
	return &Customers{db: db, log: log, clock: clock}
}

// Each customer comes in as many rows as they have labels, so that one read is enough.
const (
	columns = `c.id, c.name, c.named_by, c.language, c.attributes, c.preferred, c.preferred_by, c.blocked_at, c.merged_into,
		c.created_at, c.updated_at, l.label`
	labels         = ` LEFT JOIN pu_customer_label l ON l.customer=c.id`
	getQuery       = `SELECT ` + columns + ` FROM pu_customer c` + labels + ` WHERE c.id=$1`
	byContactQuery = `SELECT ` + columns + `, k.name FROM pu_contact k JOIN pu_customer c ON c.id=k.customer` + labels + `
		WHERE k.network=$1 AND k.person=$2`
	contactsQuery = `SELECT network, person, customer, name, created_at FROM pu_contact WHERE customer=$1 ORDER BY created_at, network, person`
	findQuery     = `SELECT ` + columns + ` FROM (
			SELECT *, CASE WHEN search LIKE $2 ESCAPE '!' THEN 0 ELSE 1 END AS place FROM pu_customer
			WHERE merged_into='' AND search LIKE $1 ESCAPE '!'
				AND (CAST($4 AS TEXT)='' OR EXISTS (SELECT 1 FROM pu_contact k WHERE k.customer=pu_customer.id AND k.network=$4))
			ORDER BY place, updated_at DESC, id LIMIT $3
		) c` + labels + ` ORDER BY c.place, c.updated_at DESC, c.id`
)

// Get returns a customer, or the one that they were merged into. An unknown ID is an errs.ErrNotFound.
func (s *Customers) Get(ctx context.Context, id string) (Customer, error) {
	for {
		one, err := s.read(ctx, id)
		if err != nil || one.MergedInto == "" {
			return one, err
		}
		id = one.MergedInto // a chain, never a ring: only who stands for themselves is merged, and merged into
	}
}

// read returns a customer, merged or not.
func (s *Customers) read(ctx context.Context, id string) (Customer, error) {
	rows, err := s.db.Query(ctx, getQuery, id)
	list, err := collect(rows, err)
	if err != nil {
		return Customer{}, fmt.Errorf("read customer: %w", err)
	} else if len(list) == 0 {
		return Customer{}, notFound()
	}
	return list[0], nil
}

func notFound() error {
	return errs.Tell(fmt.Errorf("customer: %w", errs.ErrNotFound), "There is no such customer.")
}

// ByContact returns the customer behind a contact. An unknown one is an errs.ErrNotFound.
func (s *Customers) ByContact(ctx context.Context, network, person string) (Customer, error) {
	one, _, err := s.behind(ctx, network, person)
	return one, err
}

// behind returns the customer behind a contact, and what the network calls them.
func (s *Customers) behind(ctx context.Context, network, person string) (one Customer, name string, err error) {
	rows, err := s.db.Query(ctx, byContactQuery, network, person)
	list, err := collect(rows, err, &name)
	switch {
	case err != nil:
		return Customer{}, "", fmt.Errorf("find customer on %s: %w", network, err)
	case len(list) == 0:
		return Customer{}, "", fmt.Errorf("customer on %s: %w", network, errs.ErrNotFound)
	case list[0].MergedInto != "":
		one, err = s.Get(ctx, list[0].MergedInto)
		return one, name, err
	}
	return list[0], name, nil
}

// Contacts returns a customer's handles, oldest first. An unknown customer is an errs.ErrNotFound.
func (s *Customers) Contacts(ctx context.Context, id string) ([]Contact, error) {
	contacts, err := s.contactsOf(ctx, id)
	if err != nil || len(contacts) > 0 {
		return contacts, err
	}
	one, err := s.Get(ctx, id) // nobody, somebody without a handle, or merged
	if err != nil || one.ID == id {
		return nil, err
	}
	return s.contactsOf(ctx, one.ID)
}

func (s *Customers) contactsOf(ctx context.Context, id string) ([]Contact, error) {
	rows, err := s.db.Query(ctx, contactsQuery, id)
	contacts, err := dbutil.NewRowIterWithError(rows, scanContact, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list contacts of customer %s: %w", id, err)
	}
	return contacts, nil
}

// Find returns at most limit customers (0: 20; 100 at most) in whose name, attribute values or labels the text is, in
// capitals or not, with accents or without, and the one who has it as their ID. Those whose name begins with it come
// first, then who changed last.
func (s *Customers) Find(ctx context.Context, text string, limit int) ([]Customer, error) {
	return s.FindOn(ctx, "", text, limit)
}

// FindOn is Find among those who have a contact on a network; "" is any. Who is named by ID is found in any case.
func (s *Customers) FindOn(ctx context.Context, network, text string, limit int) ([]Customer, error) {
	if limit <= 0 {
		limit = defaultFound
	}
	if text = strings.TrimSpace(text); strings.HasPrefix(text, "cus_") {
		if one, err := s.Get(ctx, text); !errors.Is(err, errs.ErrNotFound) {
			return []Customer{one}, err
		}
	}
	pattern := likeLiteral.Replace(folded(text)) + "%"
	rows, err := s.db.Query(ctx, findQuery, "%"+pattern, pattern, min(limit, mostFound), network)
	list, err := collect(rows, err)
	if err != nil {
		return nil, fmt.Errorf("find customers: %w", err)
	}
	return list, nil
}
