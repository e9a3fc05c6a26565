package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"puente/core/app/migrate"
)

// moving shows how far a migration is: a bar at a terminal, a line per table elsewhere.
type moving struct {
	out io.Writer
	bar *progressbar.ProgressBar // nil: no terminal
}

var _ migrate.Progress = (*moving)(nil)

func newMoving(out io.Writer) *moving { return &moving{out: out} }

// Begin implements migrate.Progress.
func (m *moving) Begin(rows int64) {
	if !isTerminal(m.out) {
		fmt.Fprintf(m.out, "Moving %d rows\n", rows)
		return
	}
	m.bar = newBar(m.out, rows)
}

// Table implements migrate.Progress.
func (m *moving) Table(name string, rows int64) {
	if m.bar == nil {
		fmt.Fprintf(m.out, "  %s: %d\n", name, rows)
		return
	}
	m.bar.Describe(name)
}

// Copied implements migrate.Progress. A bar that cannot be drawn is no reason to stop.
func (m *moving) Copied(rows int64) {
	if m.bar != nil {
		_ = m.bar.Add64(rows)
	}
}

// End implements migrate.Progress.
func (m *moving) End() {
	if m.bar != nil {
		fmt.Fprintln(m.out)
	}
}
