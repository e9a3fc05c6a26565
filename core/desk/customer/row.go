package customer

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mau.fi/util/dbutil"
)

// collect reads customers whose rows stand together or not, each row with one of their labels, in the order in which they
// first come. A row may have more columns, which are read into more.
func collect(rows dbutil.Rows, err error, more ...any) ([]Customer, error) {
	var list []Customer
	at := map[string]int{}
	err = dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (Customer, error) {
		return scanCustomer(row, more...)
	}, err).Iter(func(one Customer) (bool, error) {
		i, known := at[one.ID]
		if !known {
			at[one.ID] = len(list)
			list = append(list, one)
		} else {
			list[i].Labels = append(list[i].Labels, one.Labels...)
		}
		return true, nil
	})
	for i := range list {
		slices.Sort(list[i].Labels) // a database's own order depends on its locale
	}
	return list, err
}

// scanCustomer reads a row: a customer with one of their labels, if there is any.
func scanCustomer(row dbutil.Scannable, more ...any) (c Customer, err error) {
	var attributes []byte
	var blocked sql.NullInt64
	var label sql.NullString
	var created, updated int64
	err = row.Scan(append([]any{
		&c.ID, &c.Name, &c.NamedBy, &c.Language, &attributes, &c.Preferred, &c.PreferredBy, &blocked, &c.MergedInto,
		&created, &updated, &label,
	}, more...)...)
	if err != nil {
		return c, err
	}
	if err = json.Unmarshal(attributes, &c.Attributes); err != nil {
		return c, fmt.Errorf("read attributes of customer %s: %w", c.ID, err)
	}
	c.CreatedAt, c.UpdatedAt = fromMilli(created), fromMilli(updated)
	if blocked.Valid {
		c.Blocked = fromMilli(blocked.Int64)
	}
	if label.Valid {
		c.Labels = []string{label.String}
	}
	return c, nil
}

func scanContact(row dbutil.Scannable) (c Contact, err error) {
	var created int64
	err = row.Scan(&c.Network, &c.Person, &c.Customer, &c.Name, &created)
	c.CreatedAt = fromMilli(created)
	return c, err
}

const (
	insertQuery = `INSERT INTO pu_customer (id, name, named_by, language, attributes, preferred, preferred_by, blocked_at, merged_into,
		search, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	updateQuery = `UPDATE pu_customer SET name=$2, named_by=$3, language=$4, attributes=$5, preferred=$6, preferred_by=$7, blocked_at=$8,
		merged_into=$9, search=$10, updated_at=$11 WHERE id=$1`
	addLabelQuery    = `INSERT INTO pu_customer_label (customer, label) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	removeLabelQuery = `DELETE FROM pu_customer_label WHERE customer=$1 AND label=$2`
	setKeyQuery      = `INSERT INTO pu_customer_key (customer, kind, value) VALUES ($1, $2, $3) ON CONFLICT (customer, kind) DO UPDATE SET value=excluded.value`
	removeKeyQuery   = `DELETE FROM pu_customer_key WHERE customer=$1 AND kind=$2`
	showAgainQuery   = `UPDATE pu_conversation SET version=version+1, changed_at=$2 WHERE customer=$1`
)

// insert writes a new customer, within a transaction.
func (s *Customers) insert(ctx context.Context, one Customer) error {
	args := append(values(one), one.CreatedAt.UnixMilli(), one.UpdatedAt.UnixMilli())
	if _, err := s.db.Exec(ctx, insertQuery, args...); err != nil {
		return fmt.Errorf("add customer %s: %w", one.ID, err)
	}
	return s.writeParts(ctx, Customer{ID: one.ID}, one)
}

// save writes what is different in after, within a transaction that has locked the customer. What the team sees of them
// in their conversations is shown anew.
func (s *Customers) save(ctx context.Context, before, after Customer) error {
	now := s.clock.Now().UnixMilli()
	if _, err := s.db.Exec(ctx, updateQuery, append(values(after), now)...); err != nil {
		return fmt.Errorf("change customer %s: %w", after.ID, err)
	}
	if err := s.writeParts(ctx, before, after); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, showAgainQuery, after.ID, now); err != nil {
		return fmt.Errorf("show conversations of customer %s anew: %w", after.ID, err)
	}
	return nil
}

// values are a customer's columns as insertQuery and updateQuery have them, without the times.
func values(one Customer) []any {
	blocked := sql.NullInt64{Int64: one.Blocked.UnixMilli(), Valid: !one.Blocked.IsZero()}
	return []any{
		one.ID, one.Name, one.NamedBy, one.Language, encode(one.Attributes), one.Preferred, one.PreferredBy, blocked,
		one.MergedInto, one.searchText(),
	}
}

// encode is JSON with sorted keys; there is nothing in a map of texts that could fail.
func encode(attributes map[string]string) string {
	text, _ := json.Marshal(attributes)
	return string(text)
}

// writeParts writes the labels and keys that before does not have, and takes away those that after does not have.
func (s *Customers) writeParts(ctx context.Context, before, after Customer) error {
	for _, label := range before.Labels {
		if !slices.Contains(after.Labels, label) {
			if _, err := s.db.Exec(ctx, removeLabelQuery, after.ID, label); err != nil {
				return fmt.Errorf("remove label of customer %s: %w", after.ID, err)
			}
		}
	}
	for _, label := range after.Labels {
		if !slices.Contains(before.Labels, label) {
			if _, err := s.db.Exec(ctx, addLabelQuery, after.ID, label); err != nil {
				return fmt.Errorf("label customer %s: %w", after.ID, err)
			}
		}
	}
	return s.writeKeys(ctx, after.ID, before.keys(), after.keys())
}

func (s *Customers) writeKeys(ctx context.Context, id string, before, after map[string]string) error {
	for kind := range before {
		if _, kept := after[kind]; !kept {
			if _, err := s.db.Exec(ctx, removeKeyQuery, id, kind); err != nil {
				return fmt.Errorf("remove key of customer %s: %w", id, err)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(after)) {
		if before[kind] != after[kind] {
			if _, err := s.db.Exec(ctx, setKeyQuery, id, kind, after[kind]); err != nil {
				return fmt.Errorf("set key of customer %s: %w", id, err)
			}
		}
	}
	return nil
}

func fromMilli(milli int64) time.Time { return time.UnixMilli(milli).UTC() }
