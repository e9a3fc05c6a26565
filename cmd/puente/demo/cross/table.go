package cross

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table gathers results and prints them as network × type × direction.
type Table struct {
	results []Result
	reasons []string
}

// Add puts a result into its cell.
func (t *Table) Add(r Result) { t.results = append(t.results, r) }

// Failed is how many steps were not as declared.
func (t *Table) Failed() int {
	failed := 0
	for _, r := range t.results {
		if r.Verdict == Failed {
			failed++
		}
	}
	return failed
}

const (
	nameWidth = 24
	cellWidth = 9
	lineWidth = 100
)

// Print writes the table: a line per type, two columns per network, and the reasons below.
func (t *Table) Print(out io.Writer) {
	networks, types := t.order()
	print := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) } // nobody reads: then nobody misses it
	print("\n%s", pad("", nameWidth))
	for _, n := range networks {
		print("%s", pad(n, 2*cellWidth))
	}
	print("\n%s", pad("", nameWidth))
	for range networks {
		print("%s%s", pad("in →", cellWidth), pad("out ←", cellWidth))
	}
	print("\n%s\n", strings.Repeat("─", nameWidth+2*cellWidth*len(networks)))
	for _, kind := range types {
		print("%s", pad(kind, nameWidth))
		for _, n := range networks {
			print("%s%s", pad(t.cell(n, kind, true), cellWidth), pad(t.cell(n, kind, false), cellWidth))
		}
		print("\n")
	}
	print("%s\n", strings.Repeat("─", nameWidth+2*cellWidth*len(networks)))
	for i, reason := range t.reasons {
		for j, line := range wrap(reason, lineWidth-5) {
			if j == 0 {
				print("%3d  %s\n", i+1, line)
			} else {
				print("     %s\n", line)
			}
		}
	}
}

// order returns networks and types as they were played.
func (t *Table) order() (networks, types []string) {
	for _, r := range t.results {
		if !slices.Contains(networks, r.Network) {
			networks = append(networks, r.Network)
		}
		if !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	return networks, types
}

// cell is what stands in the table: ok, or no or FAIL with the number of the reason.
func (t *Table) cell(network, kind string, in bool) string {
	for _, r := range t.results {
		if r.Network != network || r.Type != kind || r.In != in {
			continue
		}
		switch r.Verdict {
		case OK:
			return "ok"
		case No:
			return fmt.Sprintf("no %d", t.number(r.Why))
		}
		return fmt.Sprintf("FAIL %d", t.number(r.Network+", "+r.Type+": "+r.Why))
	}
	return ""
}

// number is the reason's place in the list below the table, the same for the same words.
func (t *Table) number(reason string) int {
	if at := slices.Index(t.reasons, reason); at >= 0 {
		return at + 1
	}
	t.reasons = append(t.reasons, reason)
	return len(t.reasons)
}

// pad fills a text up with spaces, counting letters, and cuts what is longer.
func pad(text string, letters int) string {
	if n := utf8.RuneCountInString(text); n < letters {
		return text + strings.Repeat(" ", letters-n)
	}
	return string([]rune(text)[:letters-1]) + " "
}

// wrap breaks a text into lines of so many letters at most, at spaces.
func wrap(text string, letters int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > letters {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
