package customer

import (
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// wish is what a line of a file wants of a customer. nil leaves a field as it is, an empty one clears it.
type wish struct {
	id         string
	name       *string
	language   *string
	preferred  *string
	blocked    *bool
	labels     *[]string
	contacts   []Contact // to be there; only Network and Person
	attributes map[string]string
}

// wrong is why a line is rejected: the column, if it is one's fault, and what to do.
type wrong struct{ column, reason string }

func (w *wrong) Error() string { return fmt.Sprintf("column %s: %v", w.column, errs.ErrInvalid) }

// misfit is what a rule said about a column's cell.
func misfit(column string, err error) *wrong {
	return &wrong{column: column, reason: errs.Message(err)}
}

// readWish reads a line's cells; what is wrong is a *wrong. A line in which nothing stands is no wish.
func readWish(columns, cells []string) (w wish, any bool, err error) {
	if len(cells) > len(columns) && slices.ContainsFunc(cells[len(columns):], notBlank) {
		return w, true, &wrong{reason: fmt.Sprintf("This line has %d cells, but there are %d columns; write a cell with a separator in it in quotation marks.", len(cells), len(columns))}
	}
	w.attributes = map[string]string{}
	for i, column := range columns {
		if i >= len(cells) || !notBlank(cells[i]) || column == columnReason {
			continue
		}
		any = true
		if err = w.read(column, strings.TrimSpace(cells[i])); err != nil {
			return w, true, err
		}
	}
	return w, any, nil
}

func notBlank(cell string) bool { return strings.TrimSpace(cell) != "" }

// read reads one cell that is not empty.
func (w *wish) read(column, cell string) (err error) {
	if !storable(cell) {
		return &wrong{column, `There are characters in it that are none; save the file as "CSV UTF-8".`}
	}
	value := unprotect(cell)
	if cell == clears {
		value = ""
	}
	switch column {
	case columnID:
		if !customerID.MatchString(value) {
			return &wrong{column, "This is no customer's ID; leave it empty for a new customer."}
		}
		w.id = value
	case columnName:
		value, err = parseName(value)
		w.name = &value
	case columnLanguage:
		value, err = ParseLanguage(value)
		w.language = &value
	case columnPreferred:
		w.preferred = &value
	case columnBlocked:
		return w.readBlocked(value)
	case columnLabels:
		return w.readLabels(value)
	case columnContacts:
		return w.readContacts(value)
	case "":
		return &wrong{column, "This column has no name in the first line; name it or empty it."}
	default:
		return w.readAttribute(column, value)
	}
	if err != nil {
		return misfit(column, err)
	}
	return nil
}

func (w *wish) readBlocked(value string) error {
	yes := strings.EqualFold(value, "yes")
	if !yes && value != "" && !strings.EqualFold(value, "no") {
		return &wrong{columnBlocked, "Write yes or no."}
	}
	w.blocked = &yes
	return nil
}

func (w *wish) readLabels(value string) error {
	labels := splitList(value)
	for _, label := range labels {
		if err := CheckLabel(label); err != nil {
			return misfit(columnLabels, err)
		}
	}
	slices.Sort(labels)
	if labels = slices.Compact(labels); len(labels) > mostLabels {
		return &wrong{columnLabels, fmt.Sprintf("A customer has at most %d labels.", mostLabels)}
	}
	w.labels = &labels
	return nil
}

func (w *wish) readContacts(value string) error {
	if value == "" {
		return &wrong{columnContacts, "Contacts cannot be taken away; leave it empty."}
	}
	for _, text := range splitList(value) {
		network, person, _ := strings.Cut(text, ":")
		if err := checkContact(network, person); err != nil {
			return misfit(columnContacts, err)
		}
		w.contacts = append(w.contacts, Contact{Network: network, Person: person})
	}
	return nil
}

func (w *wish) readAttribute(column, value string) error {
	key, value := strings.TrimPrefix(column, columnAttribute), cleanValue(value)
	if err := CheckAttribute(key, value); err != nil {
		return misfit(column, err)
	}
	w.attributes[key] = value
	return nil
}
