package customer

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"go.mau.fi/util/dbutil"
)

const (
	exportPage          = 500
	countQuery          = `SELECT COUNT(*) FROM pu_customer WHERE merged_into=''`
	attributesQuery     = `SELECT attributes FROM pu_customer WHERE merged_into='' AND attributes<>'{}'`
	exportQuery         = `SELECT ` + columns + ` FROM (SELECT * FROM pu_customer WHERE merged_into='' AND id>$1 ORDER BY id LIMIT $2) c` + labels + ` ORDER BY c.id`
	exportContactsQuery = `SELECT network, person, customer, name, created_at FROM pu_contact WHERE customer>$1 AND customer<=$2`
)

// Export writes all customers as comma-separated values in UTF-8, as Import reads them: a line with the columns' names,
// then a line for each customer. Spreadsheets want a byte order mark before it, which is up to the caller. progress, if
// it is not nil, is told how many customers of how many are written. Customers who come or change meanwhile are in it as
// they were or as they are.
func (s *Customers) Export(ctx context.Context, w io.Writer, progress func(done, total int)) error {
	var total int
	if err := s.db.QueryRow(ctx, countQuery).Scan(&total); err != nil {
		return fmt.Errorf("count customers: %w", err)
	}
	keys, err := s.attributeKeys(ctx)
	if err != nil {
		return err
	}
	header := knownColumns()
	for _, key := range keys {
		header = append(header, columnAttribute+key)
	}
	out := csv.NewWriter(w)
	if err = out.Write(header); err != nil {
		return fmt.Errorf("write customers: %w", err)
	}
	for done, after := 0, ""; ; {
		page, contacts, err := s.exportPage(ctx, after)
		if err != nil {
			return err
		}
		for _, one := range page {
			_ = out.Write(exportLine(one, contacts[one.ID], keys)) // Flush keeps the error
		}
		if out.Flush(); out.Error() != nil {
			return fmt.Errorf("write customers: %w", out.Error())
		}
		if done += len(page); progress != nil {
			progress(done, max(done, total))
		}
		if len(page) < exportPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// attributeKeys lists the attributes that any customer has, in their order.
func (s *Customers) attributeKeys(ctx context.Context) ([]string, error) {
	keys := map[string]bool{}
	rows, err := s.db.Query(ctx, attributesQuery)
	err = dbutil.NewRowIterWithError(rows, dbutil.ScanSingleColumn[[]byte], err).Iter(func(text []byte) (bool, error) {
		var attributes map[string]string
		err := json.Unmarshal(text, &attributes)
		for key := range attributes {
			keys[key] = true
		}
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("list attributes: %w", err)
	}
	return slices.Sorted(maps.Keys(keys)), nil
}

// exportPage returns the customers behind an ID with their contacts.
func (s *Customers) exportPage(ctx context.Context, after string) ([]Customer, map[string][]Contact, error) {
	rows, err := s.db.Query(ctx, exportQuery, after, exportPage)
	page, err := collect(rows, err)
	if err != nil {
		return nil, nil, fmt.Errorf("list customers: %w", err)
	} else if len(page) == 0 {
		return nil, nil, nil
	}
	contacts := map[string][]Contact{}
	rows, err = s.db.Query(ctx, exportContactsQuery, after, page[len(page)-1].ID)
	err = dbutil.NewRowIterWithError(rows, scanContact, err).Iter(func(contact Contact) (bool, error) {
		contacts[contact.Customer] = append(contacts[contact.Customer], contact)
		return true, nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list contacts: %w", err)
	}
	return page, contacts, nil
}

// exportLine is a customer's line, with the columns of knownColumns and then those of the attributes.
func exportLine(one Customer, contacts []Contact, keys []string) []string {
	blocked := "no"
	if !one.Blocked.IsZero() {
		blocked = "yes"
	}
	var handles []string
	for _, contact := range contacts {
		handles = append(handles, contact.Network+":"+contact.Person)
	}
	slices.Sort(handles)
	cells := []string{one.ID, one.Name, one.Language, one.Preferred, blocked, joinList(one.Labels), joinList(handles)}
	for _, key := range keys {
		cells = append(cells, one.Attributes[key])
	}
	for i := range cells {
		cells[i] = protect(cells[i])
	}
	return cells
}
