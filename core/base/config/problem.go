package config

import (
	"strings"

	"puente/core/base/errs"
)

// Problem is one thing that is wrong with the config.
type Problem struct {
	// Where is the file and line, or the environment variable: "config.yaml:12". Empty: a value that is missing.
	Where string
	// Text names the key, what is wrong and the mend.
	Text string
}

// Problems are all things that are wrong with the config; they are an errs.ErrInvalid.
type Problems []Problem

// Error is one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Text
		if problem.Where != "" {
			lines[i] = problem.Where + ": " + problem.Text
		}
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes Problems an errs.ErrInvalid.
func (p Problems) Unwrap() error { return errs.ErrInvalid }

func (p *Problems) add(where, text string) { *p = append(*p, Problem{Where: where, Text: text}) }

// orNil is nil if there is no problem.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// origins says for each path of the config where its value comes from: "config.yaml:12" or the name
// of an environment variable; defaults are not in it.
type origins map[string]string
