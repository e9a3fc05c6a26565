package customer

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"puente/core/base/errs"
)

// The columns of a file of customers, beside one for each attribute.
const (
	columnID        = "id"
	columnName      = "name"
	columnLanguage  = "language"
	columnPreferred = "preferred"
	columnBlocked   = "blocked"
	columnLabels    = "labels"
	columnContacts  = "contacts"
	columnAttribute = "attribute."
	// columnReason is what WriteRejected adds; who mends such a file need not remove it.
	columnReason = "reason"
)

// knownColumns are those that every export has, in its order.
func knownColumns() []string {
	return []string{columnID, columnName, columnLanguage, columnPreferred, columnBlocked, columnLabels, columnContacts}
}

// readHeader reads the line with the columns' names. What is wrong with it is an errs.ErrInvalid whose errs.Message names
// the column; the error itself does not, for a file without such a line begins with a customer.
func readHeader(t *table) (columns []string, err error) {
	first, err := t.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, invalid("empty file", "The file is empty; its first line must name the columns: "+columnsHelp())
	case err != nil:
		return nil, fmt.Errorf("read the first line: %w", err)
	case first.wrong != "":
		return nil, invalid("first line", "The first line, with the names of the columns, cannot be read. "+first.wrong)
	}
	seen := map[string]bool{}
	for i, cell := range first.cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		if err = checkColumn(name); err == nil && seen[name] && name != "" {
			err = invalid("two columns alike", fmt.Sprintf("There are two columns %q; remove one.", name))
		}
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
		seen[name] = true
		columns = append(columns, name)
	}
	return columns, nil
}

// checkColumn tells whether a column may be called so. One without a name may be there, if it is empty.
func checkColumn(name string) error {
	if key, ok := strings.CutPrefix(name, columnAttribute); ok {
		if err := CheckAttribute(key, ""); err != nil {
			return errs.Tell(err, fmt.Sprintf("The column %q names no attribute. %s", brief(name), errs.Message(err)))
		}
		return nil
	}
	for _, known := range append(knownColumns(), columnReason, "") {
		if name == known {
			return nil
		}
	}
	if strings.ContainsRune(name, 0) || strings.ContainsRune(name, '\uFFFD') {
		return invalid("not UTF-8", `The file is not in UTF-8; save it as "CSV UTF-8".`)
	}
	return invalid("unknown column", fmt.Sprintf("There is no column %q. The columns are: %s", brief(name), columnsHelp()))
}

func columnsHelp() string {
	return strings.Join(knownColumns(), ", ") + ", and attribute.<name> for each attribute, such as attribute.phone."
}

// brief is a text that is not longer than a message wants it.
func brief(text string) string {
	if runes := []rune(text); len(runes) > longestLabel {
		return string(runes[:longestLabel]) + "…"
	}
	return text
}
