package customer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	// A record is 100 attributes of 1,000 characters at most, and some.
	longestRecord = 1 << 20
	byteOrderMark = "\uFEFF"
)

// table reads a file of comma-separated values record by record, and can go on behind one that is wrong.
type table struct {
	in    *bufio.Reader
	comma rune
	line  int        // of the physical lines that were read
	bytes int64      // the same in bytes
	ahead []textLine // lines that were read and put back
}

// textLine is a physical line with its end.
type textLine struct {
	text    string
	tooLong bool // text is only its beginning
}

// record is one row of a table.
type record struct {
	line  int // the physical line that it begins in, from 1
	cells []string
	wrong string // why it could not be taken apart, and how to mend it; cells are then a guess
}

// openTable finds out from the first line by what the cells are separated. It passes over a byte order mark, and over a
// first line "sep=;", with which some spreadsheets begin.
func openTable(r io.Reader) (*table, error) {
	t := &table{in: bufio.NewReader(r), comma: ','}
	first, err := t.readLine()
	if err != nil {
		return t, err
	}
	first.text = strings.TrimPrefix(first.text, byteOrderMark)
	if named, ok := strings.CutPrefix(strings.TrimSpace(first.text), "sep="); ok && len(named) == 1 && strings.Contains(",;|\t", named) {
		t.comma = rune(named[0])
		return t, nil
	}
	t.comma = separator(first.text)
	t.putBack(first)
	return t, nil
}

// separator is the one of , ; and tab that is most often outside of quotation marks.
func separator(line string) rune {
	counts, quoted := map[rune]int{}, false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[r]++
		}
	}
	return slices.MaxFunc([]rune{',', ';', '\t'}, func(a, b rune) int { return counts[a] - counts[b] })
}

// next returns the next record that is not empty; io.EOF after the last. An error is the reader's own.
func (t *table) next() (record, error) {
	for {
		lines, whole, err := t.gather()
		if err != nil {
			return record{}, err
		}
		var text strings.Builder
		for _, line := range lines {
			text.WriteString(line.text)
		}
		one := record{line: t.line - len(lines) + 1}
		switch cells, err := t.parse(text.String(), false); {
		case lines[0].tooLong:
			one.wrong = "This line is too long; is a quotation mark missing?"
		case whole && err == nil:
			one.cells = cells
		case whole && errors.Is(err, io.EOF):
			continue // an empty line
		default:
			// Which quotation mark is wrong is not known; the lines behind the first may be whole by themselves.
			t.putBack(lines[1:]...)
			one.wrong = `A quotation mark is missing or too many; write a cell with quotation marks as "say ""hello""".`
			one.cells = t.guess(lines[0].text)
		}
		return one, nil
	}
}

// gather reads as many lines as it takes to have each quotation mark closed; whole is false if that is never.
func (t *table) gather() (lines []textLine, whole bool, err error) {
	marks, size := 0, 0
	for {
		line, err := t.readLine()
		if errors.Is(err, io.EOF) && len(lines) > 0 {
			return lines, false, nil
		} else if err != nil {
			return nil, false, err
		}
		lines = append(lines, line)
		marks += strings.Count(line.text, `"`)
		if size += len(line.text); line.tooLong || size > longestRecord {
			return lines, false, nil
		} else if marks%2 == 0 {
			return lines, true, nil
		}
	}
}

// parse takes one record's text apart; io.EOF if it is empty.
func (t *table) parse(text string, lazy bool) ([]string, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = t.comma, lazy, -1
	return reader.Read()
}

// guess takes a line apart whose quotation marks are wrong, so that whoever mends it finds its cells: a mark within a cell
// is a mark, one that is never closed is none.
func (t *table) guess(line string) []string {
	line = strings.TrimRight(line, "\r\n") + "\n"
	cells, err := t.parse(line, true)
	if err != nil || strings.HasSuffix(cells[len(cells)-1], "\n") {
		cells, _ = t.parse(strings.ReplaceAll(line, `"`, ""), true)
	}
	return cells
}

// readLine returns the next physical line.
func (t *table) readLine() (textLine, error) {
	t.line++
	if len(t.ahead) > 0 {
		line := t.ahead[0]
		t.ahead = t.ahead[1:]
		return line, nil
	}
	var line textLine
	var text []byte
	for {
		part, err := t.in.ReadSlice('\n')
		t.bytes += int64(len(part))
		if line.tooLong = line.tooLong || len(text)+len(part) > longestRecord; !line.tooLong {
			text = append(text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0 && !line.tooLong) {
			t.line--
			return line, err
		}
		line.text = string(text)
		return line, nil
	}
}

// putBack makes lines the next ones to be read.
func (t *table) putBack(lines ...textLine) {
	t.line -= len(lines)
	t.ahead = append(slices.Clone(lines), t.ahead...)
}
