package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// print writes the table that people read.
func (r *Report) print(out io.Writer) {
	m := r.Machine
	fmt.Fprintf(out, "\nPuente %s, %s\n%s, %d cores, %s; Synapse %s, SQLite %s, PostgreSQL %s\n\n",
		m.Commit, m.Date, m.Processor, m.Cores, m.Go, m.Synapse, m.SQLite, m.PostgreSQL)
	tab := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "scenario\tchats\tdatabase\tPuente\traw\tratio\tplain bridgev2\tratio\ttarget\treached")
	for _, row := range r.Rows {
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Scenario, count(row.Chats), row.Database,
			number(&row.Puente)+" "+row.Unit, number(row.Raw), row.RawRatio, number(row.Plain), row.PlainRatio, row.Target, row.verdict())
	}
	_ = tab.Flush()
	for _, row := range r.Rows {
		if row.Note != "" {
			fmt.Fprintf(out, "\n%s, %s: %s\n", row.Scenario, row.Database, row.Note)
		}
	}
	fmt.Fprintln(out, "\nRatios: the median of the rounds (between which two it is with 95 % confidence).")
}

// String is "0.97 (0.95–0.99)"; empty for none.
func (r *Ratio) String() string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Median, r.Low, r.High)
}

func number(figure *float64) string {
	if figure == nil {
		return ""
	}
	return fmt.Sprintf("%.4g", *figure)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (r *Row) verdict() string {
	switch {
	case r.Reached == nil:
		return ""
	case *r.Reached:
		return "yes"
	}
	return "no"
}
