package customer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"
)

// Reason is why two customers may be the same person.
type Reason string

// The reasons, strongest first.
const (
	SamePhone Reason = keyPhone // the attribute "phone", however it is spelled
	SameEmail Reason = keyEmail // the attribute "email", in capitals or not
	SameName  Reason = keyName  // without case and accents, on other networks
)

// Suggestion is a customer who may be the same person as another.
type Suggestion struct {
	Customer Customer
	Reasons  []Reason // strongest first
}

const (
	// A network on which both are has told them apart already, so that an equal name says nothing.
	suggestQuery = `SELECT o.customer, o.kind FROM pu_customer_key k JOIN pu_customer_key o ON o.kind=k.kind AND o.value=k.value AND o.customer<>k.customer
		WHERE k.customer=$1 AND (k.kind<>'name' OR NOT EXISTS (SELECT 1 FROM pu_contact a JOIN pu_contact b ON b.network=a.network
			WHERE a.customer=k.customer AND b.customer=o.customer))
		ORDER BY CASE o.kind WHEN 'phone' THEN 0 WHEN 'email' THEN 1 ELSE 2 END, o.customer LIMIT $2`
	defaultSuggested = 5
	mostSuggested    = 50
)

// Suggestions returns at most limit customers (0: 5; 50 at most) who may be the same person as this one, the likeliest
// first. Those that are one already are not among them.
func (s *Customers) Suggestions(ctx context.Context, id string, limit int) ([]Suggestion, error) {
	one, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = defaultSuggested
	}
	reasons, err := s.reasons(ctx, one.ID)
	if err != nil {
		return nil, err
	}
	var list []Suggestion
	for _, other := range likeliest(reasons, min(limit, mostSuggested)) {
		found, err := s.read(ctx, other)
		if err != nil {
			return nil, err
		}
		if found.MergedInto == "" { // it may have been merged a moment ago
			list = append(list, Suggestion{Customer: found, Reasons: reasons[other]})
		}
	}
	return list, nil
}

// reasons returns who has what in common with a customer, strongest first.
func (s *Customers) reasons(ctx context.Context, id string) (map[string][]Reason, error) {
	type pair struct {
		customer string
		reason   Reason
	}
	// Enough that what is in common twice is seen twice, if not everybody is called the same.
	rows, err := s.db.Query(ctx, suggestQuery, id, 10*mostSuggested)
	pairs, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (p pair, err error) {
		err = row.Scan(&p.customer, &p.reason)
		return p, err
	}, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("find who may be customer %s: %w", id, err)
	}
	reasons := map[string][]Reason{}
	for _, p := range pairs {
		reasons[p.customer] = append(reasons[p.customer], p.reason)
	}
	return reasons, nil
}

// likeliest returns the first of those who have most in common: a phone number says more than an address and a name.
func likeliest(reasons map[string][]Reason, limit int) []string {
	weight := func(id string) (sum int) {
		for _, reason := range reasons[id] {
			sum += map[Reason]int{SamePhone: 4, SameEmail: 2, SameName: 1}[reason]
		}
		return sum
	}
	ids := make([]string, 0, len(reasons))
	for id := range reasons {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(weight(b)-weight(a), cmp.Compare(a, b)) })
	return ids[:min(limit, len(ids))]
}
