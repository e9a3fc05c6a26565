package customer

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"

	"puente/core/base/errs"
	"puente/core/base/store"
	"puente/core/desk/audit"
)

const (
	moveContactsQuery      = `UPDATE pu_contact SET customer=$2 WHERE customer=$1 RETURNING network, person`
	moveConversationsQuery = `UPDATE pu_conversation SET customer=$2 WHERE customer=$1 RETURNING id`
	placesQuery            = `SELECT p.conversation, p.last_in_at, o.last_in_at FROM pu_participant p
		LEFT JOIN pu_participant o ON o.conversation=p.conversation AND o.customer=$2 WHERE p.customer=$1`
	setPlaceQuery = `INSERT INTO pu_participant (conversation, customer, last_in_at) VALUES ($1, $2, $3)
		ON CONFLICT (conversation, customer) DO UPDATE SET last_in_at=excluded.last_in_at`
	removePlaceQuery = `DELETE FROM pu_participant WHERE conversation=$1 AND customer=$2`
)

// Merge makes two customers one: what from has goes over to into, whose own name, language, attributes and preferred
// network stay where they have them. Both are blocked if one was. Two that are one already, or of whom one is part of a
// third, are an errs.ErrConflict. Unmerge undoes it.
func (s *Customers) Merge(ctx context.Context, into, from, by string) error {
	if by == "" {
		return fmt.Errorf("merge by nobody: %w", errs.ErrInvalid)
	} else if into == from {
		return invalid("merge of a customer with themselves", "These are one and the same customer; name two.")
	}
	return s.db.DoTxn(ctx, store.Txn(), func(ctx context.Context) error {
		survivor, merged, err := s.lockBoth(ctx, into, from)
		if err != nil {
			return err
		} else if survivor.MergedInto != "" || merged.MergedInto != "" {
			return errs.Tell(fmt.Errorf("merge of customer %s into %s: one is merged already: %w", from, into, errs.ErrConflict),
				"One of the two is part of another customer already; name the one that it is part of.")
		}
		return s.merge(ctx, survivor, merged, by)
	})
}

// lockBoth locks two customers, merged or not, in an order that is the same for everybody.
func (s *Customers) lockBoth(ctx context.Context, one, other string) (first, second Customer, err error) {
	for _, id := range []string{min(one, other), max(one, other)} {
		if _, err = s.db.Exec(ctx, lockQuery, id); err != nil {
			return first, second, fmt.Errorf("lock customer: %w", err)
		}
	}
	if first, err = s.read(ctx, one); err == nil {
		second, err = s.read(ctx, other)
	}
	return first, second, err
}

func (s *Customers) merge(ctx context.Context, survivor, merged Customer, by string) error {
	took, err := s.takeOver(ctx, survivor.ID, merged.ID)
	if err != nil {
		return err
	}
	took.Labels = merged.Labels
	after, part := survivor.clone(), merged.clone()
	took.fill(&after, merged, func(string) bool { return true })
	part.MergedInto, part.Labels = survivor.ID, nil
	if err = s.save(ctx, survivor, after); err == nil {
		err = s.save(ctx, merged, part)
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(took)
	if err != nil {
		return fmt.Errorf("note merge of customer %s: %w", merged.ID, err)
	}
	if _, err = s.db.Exec(ctx, insertMergeQuery, merged.ID, survivor.ID, by, s.clock.Now().UnixMilli(), string(text)); err != nil {
		return fmt.Errorf("note merge of customer %s: %w", merged.ID, err)
	}
	return s.noteOther(ctx, "customer.merged", by, survivor, after, "merged", merged.ID)
}

// takeOver moves what stands in other tables.
func (s *Customers) takeOver(ctx context.Context, survivor, merged string) (took moved, err error) {
	rows, err := s.db.Query(ctx, moveContactsQuery, merged, survivor)
	took.Contacts, err = dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (contact [2]string, err error) {
		err = row.Scan(&contact[0], &contact[1])
		return contact, err
	}, err).AsList()
	if err != nil {
		return took, fmt.Errorf("move contacts of customer %s: %w", merged, err)
	}
	rows, err = s.db.Query(ctx, moveConversationsQuery, merged, survivor)
	took.Conversations, err = dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[string], err).AsList()
	if err != nil {
		return took, fmt.Errorf("move conversations of customer %s: %w", merged, err)
	}
	slices.SortFunc(took.Contacts, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	slices.Sort(took.Conversations)
	took.Places, err = s.movePlaces(ctx, survivor, merged)
	return took, err
}

// movePlaces moves a customer's places in groups. In a group with both, the survivor was last heard when either was.
func (s *Customers) movePlaces(ctx context.Context, survivor, merged string) ([]place, error) {
	rows, err := s.db.Query(ctx, placesQuery, merged, survivor)
	places, err := dbutil.NewRowIterWithError(rows, scanPlace, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("list groups of customer %s: %w", merged, err)
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.Conversation, b.Conversation) })
	for _, p := range places {
		latest := p.LastIn
		if p.Survivor != nil {
			latest = max(latest, *p.Survivor)
		}
		if err = s.setPlace(ctx, p.Conversation, survivor, &latest); err == nil {
			err = s.setPlace(ctx, p.Conversation, merged, nil)
		}
		if err != nil {
			return nil, err
		}
	}
	return places, nil
}

func scanPlace(row dbutil.Scannable) (p place, err error) {
	var other sql.NullInt64
	if err = row.Scan(&p.Conversation, &p.LastIn, &other); other.Valid {
		p.Survivor = &other.Int64
	}
	return p, err
}

// setPlace notes when a customer was last heard in a group; nil if they are not in it.
func (s *Customers) setPlace(ctx context.Context, conversation, customer string, lastIn *int64) (err error) {
	if lastIn == nil {
		_, err = s.db.Exec(ctx, removePlaceQuery, conversation, customer)
	} else {
		_, err = s.db.Exec(ctx, setPlaceQuery, conversation, customer, *lastIn)
	}
	if err != nil {
		return fmt.Errorf("move customer %s in group: %w", customer, err)
	}
	return nil
}

// noteOther is note for what also concerns another customer.
func (s *Customers) noteOther(ctx context.Context, action, by string, before, after Customer, role, other string) error {
	was, is := differences(before, after)
	is[role] = other
	return s.log.Write(ctx, audit.Entry{
		At: s.clock.Now(), Actor: by, Action: action, Object: object, ObjectID: after.ID, Before: was, After: is,
	})
}
