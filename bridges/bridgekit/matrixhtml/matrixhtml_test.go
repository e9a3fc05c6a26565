package matrixhtml_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"puente/bridges/bridgekit/matrixhtml"
)

// first parses one element.
func first(t *testing.T, formatted string) *html.Node {
	t.Helper()
	nodes := matrixhtml.Parse(formatted)
	if len(nodes) != 1 {
		t.Fatalf("%q has %d nodes, want 1", formatted, len(nodes))
	}
	return nodes[0]
}

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		formatted string
		want      int
	}{
		"Nothing":       {"", 0},
		"Elements":      {"<b>a</b> c <i>d</i>", 3},
		"AsMuchAsReads": {strings.Repeat("a", matrixhtml.MaxBytes), 1},
		"TooMuch":       {strings.Repeat("a", matrixhtml.MaxBytes+1), 0},
		"TooDeep":       {strings.Repeat("<b><div>", 2000), 0},
		"NoUTF8":        {"a\xffb", 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matrixhtml.Parse(test.formatted); len(got) != test.want {
				t.Errorf("got %d nodes, want %d", len(got), test.want)
			}
		})
	}
	if got := first(t, "a\xffb").Data; got != "a\uFFFDb" {
		t.Errorf("what is no UTF-8 became %q", got)
	}
}

func TestText(t *testing.T) {
	if got := matrixhtml.Text(first(t, "<p> a<b>b<br>c</b><!--x--> <img alt=d>&amp;</p>")); got != " ab\nc &" {
		t.Errorf("got %q", got)
	}
}

func TestAttributes(t *testing.T) {
	span := first(t, `<span data-mx-spoiler class="x">a</span>`)
	if value, ok := matrixhtml.Lookup(span, "data-mx-spoiler"); !ok || value != "" {
		t.Errorf("an empty attribute is %q, %v", value, ok)
	}
	if _, ok := matrixhtml.Lookup(span, "title"); ok {
		t.Error("an attribute that is not there was found")
	}
	if got := matrixhtml.Attribute(span, "class"); got != "x" {
		t.Errorf("class = %q", got)
	}
	for in, want := range map[string]string{
		`<img alt="a" title="b">`: "a", `<img alt="" title="b">`: "b", `<img title="b">`: "b", `<img src="mxc://x/y">`: "",
	} {
		if got := matrixhtml.Description(first(t, in)); got != want {
			t.Errorf("%s is described as %q, want %q", in, got, want)
		}
	}
}

func TestCells(t *testing.T) {
	row := first(t, "<table><tbody><tr><th>a</th> <td>b</td><!--x--><td></td></tr></tbody></table>").FirstChild.FirstChild
	var got []string
	for cell := range matrixhtml.Cells(row) {
		got = append(got, cell.Data+":"+matrixhtml.Text(cell))
	}
	if want := []string{"th:a", "td:b", "td:"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for cell := range matrixhtml.Cells(row) {
		if cell.Data != "th" {
			t.Error("went on after the first cell")
		}
		break
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"<a>x</a>": "", "<a href=' https://x/a b\n&#9;c '>x</a>": "https://x/a%20bc", "<a href='tel:+34 911'>x</a>": "tel:+34%20911",
	} {
		if got := matrixhtml.Address(first(t, in)); got != want {
			t.Errorf("%s leads to %q, want %q", in, got, want)
		}
	}
}

func TestSameAddress(t *testing.T) {
	for name, test := range map[string]struct {
		a, b string
		want bool
	}{
		"SchemeAndSlash": {"Example.org", "https://example.org/", true},
		"Mail":           {"ana@example.org", "mailto:ana@example.org", true},
		"Phone":          {"+34911", "tel:+34911", true},
		"OtherPath":      {"example.org", "https://example.org/a", false},
		"OtherHost":      {"bank.example", "https://evil.example", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := matrixhtml.SameAddress(test.a, test.b); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
