package demo

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// tableWidth is how many letters a line of the table may have.
const tableWidth = 100

// table prints the script as it plays: a line per step.
type table struct {
	out            io.Writer
	played, failed int
	slowest        time.Duration
	slowestName    string
	began          time.Time
}

func newTable(out io.Writer) *table { return &table{out: out, began: time.Now()} }

func (t *table) head(limit time.Duration) {
	t.print("\nA conversation on WhatsApp, as its other side sees it: %s what the room shows of a customer,\n", in)
	t.print("%s what the customer's phone, or a colleague, sees of an agent. Each step may take %s.\n\n", out, limit)
	t.line("#", "step", "", "type", "latency", "result")
	t.print("%s\n", strings.Repeat("─", 87))
}

func (t *table) row(a act, latency time.Duration, err error) {
	t.played++
	number := fmt.Sprint(t.played)
	if err != nil {
		t.failed++
		t.line(number, a.name, a.dir, a.kind, "–", "FAILED")
		for _, line := range wrap(err.Error(), tableWidth-6) {
			t.print("      %s\n", line)
		}
		return
	}
	if latency > t.slowest {
		t.slowest, t.slowestName = latency, a.name
	}
	t.line(number, a.name, a.dir, a.kind, fmt.Sprintf("%d ms", latency.Milliseconds()), "ok")
}

// foot prints the summary and returns how many steps failed.
func (t *table) foot() (failed int) {
	t.print("%s\n%d of %d steps ok, %d failed, in %s.", strings.Repeat("─", 87), t.played-t.failed, t.played, t.failed,
		time.Since(t.began).Round(100*time.Millisecond))
	if t.slowestName != "" {
		t.print(" Slowest: %s, %d ms.", t.slowestName, t.slowest.Milliseconds())
	}
	t.print("\n")
	return t.failed
}

func (t *table) line(number, step, dir, kind, latency, result string) {
	t.print("%2s  %s  %1s  %s  %9s  %s\n", number, pad(step, 36), dir, pad(kind, 22), latency, result)
}

func (t *table) print(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...) // nobody reads: then nobody misses it
}

// pad fills a text up with spaces, counting letters.
func pad(text string, letters int) string {
	text = shorten(text, letters)
	return text + strings.Repeat(" ", letters-utf8.RuneCountInString(text))
}

// wrap breaks a text into lines of so many letters at most, at spaces where there are any.
func wrap(text string, letters int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for utf8.RuneCountInString(word) > letters {
			runes := []rune(word)
			lines, line, word = append(lines, nonEmpty(line)...), "", string(runes[letters:])
			lines = append(lines, string(runes[:letters]))
		}
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > letters {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, nonEmpty(line)...)
}

func nonEmpty(line string) []string {
	if line == "" {
		return nil
	}
	return []string{line}
}
