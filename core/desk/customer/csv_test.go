package customer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"puente/core/base/errs"
)

// rows reads a file as "line: cell|cell", wrong lines as "line! cell|cell".
func rows(t *testing.T, text string) (list []string) {
	t.Helper()
	file, err := openTable(iotest.OneByteReader(strings.NewReader(text)))
	for err == nil {
		var one record
		if one, err = file.next(); err == nil {
			mark := ":"
			if one.wrong != "" {
				mark = "!"
			}
			list = append(list, fmt.Sprintf("%d%s %s", one.line, mark, strings.Join(one.cells, "|")))
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if file.bytes != int64(len(text)) {
		t.Errorf("%d bytes of %d", file.bytes, len(text))
	}
	return list
}

func TestTable(t *testing.T) {
	long := strings.Repeat("x", longestRecord)
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"Empty":           {"", nil},
		"OnlyMark":        {byteOrderMark, nil},
		"Plain":           {"a,b\n1,2\n", []string{"1: a|b", "2: 1|2"}},
		"NoLastLineEnd":   {"a,b\n1,2", []string{"1: a|b", "2: 1|2"}},
		"WindowsLineEnds": {"a,b\r\n1,2\r\n", []string{"1: a|b", "2: 1|2"}},
		"Mark":            {byteOrderMark + "a,b\n" + byteOrderMark + ",2", []string{"1: a|b", "2: " + byteOrderMark + "|2"}},
		"MarkAndQuotes":   {byteOrderMark + "\"a\",b\n", []string{"1: a|b"}},
		"Semicolon":       {"a;b\n1,5;2\n", []string{"1: a|b", "2: 1,5|2"}},
		"Tab":             {"a\tb\n1,5\t2;3\n", []string{"1: a|b", "2: 1,5|2;3"}},
		"SeparatorQuoted": {"\"a;b;c\",d\n1,2\n", []string{"1: a;b;c|d", "2: 1|2"}},
		"SeparatorNamed":  {"sep=;\r\na,b;c\n1,2;3\n", []string{"2: a,b|c", "3: 1,2|3"}},
		"EmptyLines":      {"\n\na,b\n\n1,2\n\n", []string{"3: a|b", "5: 1|2"}},
		"Quotes":          {"a,b\n\"say \"\"hi\"\"\",2\n", []string{"1: a|b", `2: say "hi"|2`}},
		"CellOfLines":     {"a,b\n\"1\n\n2\",3\n4,5\n", []string{"1: a|b", "2: 1\n\n2|3", "5: 4|5"}},
		"MarkInTheMiddle": {"a,b\n5\" disk,2\n3,4\n", []string{"1: a|b", `2! 5" disk|2`, "3: 3|4"}},
		"MarksMiddle":     {"a,b\nthe \"big\" one,2\n3,4\n", []string{"1: a|b", `2! the "big" one|2`, "3: 3|4"}},
		"MarkNotClosed":   {"a,b\n\"1,2\n3,4\n5,6\n", []string{"1: a|b", "2! 1|2", "3: 3|4", "4: 5|6"}},
		"TwoNotClosed":    {"a,b\n\"1,2\n3,\"4\n5,6\n", []string{"1: a|b", "2! 1|2", "3! 3|4", "4: 5|6"}},
		"LongLine":        {"a,b\n" + long + "\n1,2\n", []string{"1: a|b", "2! ", "3: 1|2"}},
		"LongLastLine":    {"a,b\n" + long + long, []string{"1: a|b", "2! "}},
		"LongInMarks":     {"a,b\n\"1\n" + long + "x\n3,4", []string{"1: a|b", "2! 1", "3! ", "4: 3|4"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := rows(t, test.text); !slices.Equal(got, test.want) {
				t.Errorf("%.200q, not %.200q", got, test.want)
			}
		})
	}
	t.Run("ManyLinesInMarks", func(t *testing.T) {
		lines := strings.Repeat("12345,7\n", longestRecord/8+2)
		got := rows(t, "a,b\n\"1,2\n"+lines)
		if len(got) != longestRecord/8+4 || !strings.HasPrefix(got[1], "2! ") || got[len(got)-1] != fmt.Sprintf("%d: 12345|7", longestRecord/8+4) {
			t.Errorf("%d rows, %q … %q", len(got), got[1], got[len(got)-1])
		}
	})
	t.Run("MarkThatIsNotClosedIsNotReadToTheEnd", func(t *testing.T) {
		file, err := openTable(strings.NewReader("a,b\n\"1,2\n" + strings.Repeat("12345,7\n", longestRecord/2)))
		for range 2 {
			if err == nil {
				_, err = file.next()
			}
		}
		if err != nil || file.bytes > 2*longestRecord {
			t.Errorf("%d bytes, %v", file.bytes, err)
		}
	})
	t.Run("ReadersError", func(t *testing.T) {
		broken := errors.New("broken")
		file, err := openTable(io.MultiReader(strings.NewReader("a,b\n1,"), iotest.ErrReader(broken)))
		if err != nil {
			t.Fatal(err)
		}
		if one, err := file.next(); err != nil || len(one.cells) != 2 {
			t.Errorf("%v %v", one, err)
		}
		if one, err := file.next(); !errors.Is(err, broken) {
			t.Errorf("%v %v", one, err)
		}
	})
}

func TestProtect(t *testing.T) {
	for cell, want := range map[string]string{
		"":                  "",
		"Ana":               "Ana",
		"+49 170 1":         "'+49 170 1",
		"=1+1":              "'=1+1",
		"-":                 "'-",
		"@ana":              "'@ana",
		"\t=1":              "'\t'=1",
		"\r":                "'\r",
		"'=1":               "''=1",
		"'Ana":              "'Ana",
		"''":                "''",
		"a=1, -2":           "a=1, -2",
		"Ana;=1":            "Ana;'=1",
		"Ana\n'@":           "Ana\n''@",
		"O'Neill;''+;'x;-1": "O'Neill;'''+;'x;'-1",
	} {
		if got := protect(cell); got != want {
			t.Errorf("%q becomes %q, not %q", cell, got, want)
		}
		if got := unprotect(want); got != cell {
			t.Errorf("%q is read as %q, not %q", want, got, cell)
		}
	}
	for cell, want := range map[string]string{"+49": "+49", "=1;-2": "=1;-2", "'x": "'x"} {
		if got := unprotect(cell); got != want {
			t.Errorf("%q is read as %q, not %q", cell, got, want)
		}
	}
}

func TestHeader(t *testing.T) {
	for text, want := range map[string]string{
		"id,Name, LANGUAGE ,attribute.phone,reason,": "",
		"id,Jane Doe":             `There is no column "jane doe". The columns are: id, name, language, preferred, blocked, labels, contacts, and attribute.<name> for each attribute, such as attribute.phone.`,
		"id,attribute.e-mail":     `The column "attribute.e-mail" names no attribute. The name of an attribute is written with`,
		"id,name,Name":            `There are two columns "name"; remove one.`,
		"":                        "The file is empty;",
		"id,\"name":               "The first line, with the names of the columns, cannot be read.",
		"\xff\xfei\x00d\x00":      `The file is not in UTF-8; save it as "CSV UTF-8".`,
		strings.Repeat("ü", 1000): `There is no column "` + strings.Repeat("ü", 50) + `…".`,
	} {
		file, err := openTable(strings.NewReader(text))
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		columns, err := readHeader(file)
		switch {
		case want == "":
			if err != nil || !slices.Equal(columns, []string{"id", "name", "language", "attribute.phone", "reason", ""}) {
				t.Errorf("%q: %q %v", text, columns, err)
			}
		case !errors.Is(err, errs.ErrInvalid) || !strings.HasPrefix(errs.Message(err), want):
			t.Errorf("%q: %q %v", text, errs.Message(err), err)
		case strings.Contains(strings.ToLower(err.Error()), "jane"):
			t.Errorf("%v tells too much", err)
		}
	}
}

// FuzzCSV: whatever is in a file, each line is read once, in its order, cells are what a CSV reader reads from it, and
// what is written into a cell is read from it again.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("id,name\n,\"Ana \"\"A\"\"\"\n\"x\ny\",'=1\n"))
	f.Add([]byte("\uFEFFname;labels\nAna;\"a;b\"\n\"open;\nO'Neill;-\n"))
	f.Add([]byte("sep=\t\nname\tattribute.phone\r\n\"\"\"\t+49\r\n"))
	f.Add([]byte("name,contacts,blocked\n@ana,\"whatsapp:a\\;b;telegram:c\\\\\",YES\n\n,,"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := openTable(bytes.NewReader(text))
		line, columns := 0, []string{columnID, columnName, columnLabels, columnContacts, columnBlocked, columnLanguage, "attribute.phone"}
		for err == nil {
			var one record
			if one, err = file.next(); err != nil {
				break
			}
			if one.line <= line {
				t.Fatalf("line %d behind line %d", one.line, line)
			}
			line = one.line
			checkCells(t, one, columns)
		}
		if !errors.Is(err, io.EOF) || file.bytes != int64(len(text)) || line > bytes.Count(text, []byte("\n"))+1 {
			t.Fatalf("%v after line %d and %d bytes", err, line, file.bytes)
		}
	})
}

func checkCells(t *testing.T, one record, columns []string) {
	t.Helper()
	if one.wrong == "" && len(one.cells) > 1 { // a single empty cell is an empty line
		var text bytes.Buffer
		written := csv.NewWriter(&text).WriteAll([][]string{one.cells})
		again, err := csv.NewReader(&text).Read()
		if written != nil || err != nil || !slices.Equal(again, one.cells) {
			t.Fatalf("%q is read again as %q: %v", one.cells, again, err)
		}
	}
	for _, cell := range one.cells {
		if safe := protect(cell); unprotect(safe) != cell || safe != "" && strings.IndexByte(beginsFormula, safe[0]) >= 0 {
			t.Fatalf("%q is written as %q and read as %q", cell, safe, unprotect(safe))
		}
	}
	list := splitList(strings.Join(one.cells, ";"))
	if again := splitList(joinList(list)); !slices.Equal(again, list) {
		t.Fatalf("%q is read as %q", list, again)
	}
	w, any, err := readWish(columns, one.cells)
	var why *wrong
	if err != nil && (!errors.As(err, &why) || why.reason == "") {
		t.Fatalf("%q: %v", one.cells, err)
	}
	if err == nil && !any && (w.id != "" || w.name != nil || len(w.attributes) > 0) {
		t.Fatalf("%q is empty: %+v", one.cells, w)
	}
}
