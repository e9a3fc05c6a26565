package consent

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// Policy is what holds as long as a customer said nothing.
type Policy struct {
	// Purposes has every purpose that the company distinguishes; true: messages for it may be sent unless the customer
	// objects, false: only after the customer agreed.
	Purposes map[Purpose]bool
}

// DefaultPolicy asks for agreement to marketing, and for nothing else.
func DefaultPolicy() Policy {
	return Policy{Purposes: map[Purpose]bool{Marketing: false, Utility: true, Service: true}}
}

var purposeForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// complete returns the default policy with what the company set differently or added.
func (p Policy) complete() (Policy, error) {
	whole := DefaultPolicy()
	for purpose, allowed := range p.Purposes {
		if purpose == Answer {
			return Policy{}, fmt.Errorf("purpose %q: an answer needs no consent, leave it out: %w", Answer, errs.ErrInvalid)
		} else if !purposeForm.MatchString(string(purpose)) {
			return Policy{}, fmt.Errorf("purpose %q: use small letters, digits, - and _: %w", purpose, errs.ErrInvalid)
		}
		whole.Purposes[purpose] = allowed
	}
	return whole, nil
}

// Has tells whether the company distinguishes this purpose.
func (p Policy) Has(purpose Purpose) bool {
	_, known := p.Purposes[purpose]
	return known
}

// names lists the purposes for an error's text.
func (p Policy) names() string {
	var names []string
	for _, purpose := range slices.Sorted(maps.Keys(p.Purposes)) {
		names = append(names, string(purpose))
	}
	return strings.Join(names, ", ")
}
