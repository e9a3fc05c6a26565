package customer

import (
	"encoding/csv"
	"fmt"
	"io"
)

// Report is what an import did.
type Report struct {
	Created   int // customers who are new
	Changed   int
	Unchanged int
	Rejected  []Rejection // in the order of the file

	columns []string
	size    int // of the rejected lines' cells, in bytes
}

// Rejection is a line that was left out.
type Rejection struct {
	Line   int    // in the file, from 1
	Column string // whose cell is wrong; "" if it is the line as a whole
	Reason string // what is wrong and how to mend it, in plain words; never what stands in the line

	cells []string
}

func (r *Report) count(done fate) {
	switch done {
	case created:
		r.Created++
	case altered:
		r.Changed++
	case untouched:
		r.Unchanged++
	}
}

func (r *Report) reject(one record, why *wrong) {
	r.Rejected = append(r.Rejected, Rejection{Line: one.line, Column: why.column, Reason: why.reason, cells: one.cells})
	for _, cell := range one.cells {
		r.size += len(cell)
	}
}

// add adds what a part of the import did.
func (r *Report) add(part Report) {
	r.Created += part.Created
	r.Changed += part.Changed
	r.Unchanged += part.Unchanged
	r.Rejected = append(r.Rejected, part.Rejected...)
	r.size += part.size
}

// full tells that no more rejected lines are to be kept.
func (r *Report) full() bool { return len(r.Rejected) >= mostRejected || r.size >= mostRejectedBytes }

// WriteRejected writes the lines that were rejected as comma-separated values, with the reason in a last column, so that
// they can be mended and imported by themselves.
func (r *Report) WriteRejected(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write(append(r.withoutReason(r.columns), columnReason)) // Flush keeps the error
	for _, rejection := range r.Rejected {
		cells := r.withoutReason(rejection.cells)
		for i := range cells {
			if cells[i] != clears { // which protect would make a text
				cells[i] = protect(unprotect(cells[i]))
			}
		}
		reason := rejection.Reason
		if rejection.Column != "" {
			reason = rejection.Column + ": " + reason
		}
		_ = out.Write(append(cells, reason))
	}
	if out.Flush(); out.Error() != nil {
		return fmt.Errorf("write rejected lines: %w", out.Error())
	}
	return nil
}

// withoutReason returns a line's cells, at least as many as there are columns, without a reason from an earlier import.
func (r *Report) withoutReason(cells []string) []string {
	var kept []string
	for i := range max(len(cells), len(r.columns)) {
		switch {
		case i < len(r.columns) && r.columns[i] == columnReason:
		case i < len(cells):
			kept = append(kept, cells[i])
		default:
			kept = append(kept, "")
		}
	}
	return kept
}
