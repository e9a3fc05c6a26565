package customer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.mau.fi/util/dbutil"
)

// merge is one customer's being part of another, a row of pu_merge.
type merge struct {
	merged   string
	survivor string
	at       int64 // milliseconds since 1970
	moved    moved
}

// moved is what a merge took over to the survivor, so that it can be undone. It has no values of what is known of a
// customer: the merged one's own row keeps them.
type moved struct {
	Contacts      [][2]string `json:"contacts,omitempty"` // network and person
	Conversations []string    `json:"conversations,omitempty"`
	Places        []place     `json:"places,omitempty"`
	Labels        []string    `json:"labels,omitempty"` // all that the merged customer had
	Added         []string    `json:"added,omitempty"`  // those of them that were new to the survivor
	Filled        []string    `json:"filled,omitempty"` // the survivor's parts that were empty
}

// place is the merged customer's in a group.
type place struct {
	Conversation string `json:"conversation"`
	LastIn       int64  `json:"last_in"`
	Survivor     *int64 `json:"survivor,omitempty"` // the survivor's own LastIn; nil if they were not in the group
}

// The parts of a customer that a merge fills if the survivor has none; each attribute and each label is one more.
const (
	partName      = "name"
	partLanguage  = "language"
	partPreferred = "preferred"
	partBlocked   = "blocked"
	partAttribute = "attribute." // and its key
	partLabel     = "label."     // and the label; not one of the parts that take knows
)

// parts names what a customer has that another could take over.
func (c Customer) parts() []string {
	var parts []string
	for part, has := range map[string]bool{
		partName: c.Name != "", partLanguage: c.Language != "", partPreferred: c.Preferred != "", partBlocked: !c.Blocked.IsZero(),
	} {
		if has {
			parts = append(parts, part)
		}
	}
	for key := range c.Attributes {
		parts = append(parts, partAttribute+key)
	}
	slices.Sort(parts)
	return parts
}

// take makes a part the same as it is in from, which may have none.
func (c *Customer) take(part string, from Customer) {
	switch part {
	case partName:
		c.Name, c.NamedBy = from.Name, from.NamedBy
	case partLanguage:
		c.Language = from.Language
	case partPreferred:
		c.Preferred, c.PreferredBy = from.Preferred, from.PreferredBy
	case partBlocked:
		c.Blocked = from.Blocked
	default:
		key := strings.TrimPrefix(part, partAttribute)
		delete(c.Attributes, key)
		if value, has := from.Attributes[key]; has {
			c.Attributes[key] = value
		}
	}
}

// fill gives a survivor what the merged customer has and they do not, as far as may allows it, and notes it.
func (m *moved) fill(survivor *Customer, merged Customer, may func(part string) bool) {
	has := survivor.parts()
	for _, part := range merged.parts() {
		if !slices.Contains(has, part) && may(part) {
			survivor.take(part, merged)
			m.Filled = append(m.Filled, part)
		}
	}
	for _, label := range m.Labels {
		if !slices.Contains(survivor.Labels, label) && may(partLabel+label) {
			survivor.addLabel(label)
			m.Added = append(m.Added, label)
		}
	}
	slices.Sort(m.Filled)
	slices.Sort(m.Added)
}

// empty undoes fill and returns the parts that the survivor lost by it. What was changed since is the survivor's own.
func (m *moved) empty(survivor *Customer, merged Customer) (lost []string) {
	for _, part := range m.Filled {
		taken := survivor.clone()
		if taken.take(part, merged); taken.same(*survivor) {
			survivor.take(part, Customer{})
			lost = append(lost, part)
		}
	}
	for _, label := range m.Added {
		if slices.Contains(survivor.Labels, label) {
			survivor.removeLabel(label)
			lost = append(lost, partLabel+label)
		}
	}
	return lost
}

const (
	mergeColumns     = `SELECT merged, survivor, merged_at, moved FROM pu_merge WHERE `
	mergeQuery       = mergeColumns + `merged=$1`
	mergesQuery      = mergeColumns + `survivor=$1 ORDER BY merged_at, merged`
	insertMergeQuery = `INSERT INTO pu_merge (merged, survivor, merged_by, merged_at, moved) VALUES ($1, $2, $3, $4, $5)`
	updateMergeQuery = `UPDATE pu_merge SET moved=$2 WHERE merged=$1`
	deleteMergeQuery = `DELETE FROM pu_merge WHERE merged=$1`
)

// merges returns what a query of mergeColumns finds.
func (s *Customers) merges(ctx context.Context, query, id string) ([]merge, error) {
	rows, err := s.db.Query(ctx, query, id)
	list, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (m merge, err error) {
		var text []byte
		if err = row.Scan(&m.merged, &m.survivor, &m.at, &text); err == nil {
			err = json.Unmarshal(text, &m.moved)
		}
		return m, err
	}, err).AsList()
	if err != nil {
		return nil, fmt.Errorf("read merges of customer %s: %w", id, err)
	}
	return list, nil
}

// remember writes what a merge moved, after it turned out to be something else.
func (s *Customers) remember(ctx context.Context, m merge) error {
	text, err := json.Marshal(m.moved)
	if err != nil {
		return fmt.Errorf("note merge of customer %s: %w", m.merged, err)
	}
	if _, err = s.db.Exec(ctx, updateMergeQuery, m.merged, string(text)); err != nil {
		return fmt.Errorf("note merge of customer %s: %w", m.merged, err)
	}
	return nil
}
