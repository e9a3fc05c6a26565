package hours

import (
	"strings"

	"puente/core/base/errs"
)

// Problem is one thing that is wrong with a plan.
type Problem struct {
	// Field is the part of the plan, in the words of the config: "timezone", "week", "week.monday", "holidays[2]"
	// (counted from 0).
	Field string
	// Text goes on after the field's name: what is wrong, and the mend.
	Text string
}

// Problems are all things that are wrong with a plan; they are an errs.ErrInvalid.
type Problems []Problem

// Error is one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Field + " " + problem.Text
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes Problems an errs.ErrInvalid.
func (p Problems) Unwrap() error { return errs.ErrInvalid }

func (p *Problems) add(field, text string) { *p = append(*p, Problem{Field: field, Text: text}) }
