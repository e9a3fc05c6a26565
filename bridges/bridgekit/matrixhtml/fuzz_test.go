package matrixhtml_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"puente/bridges/bridgekit/matrixhtml"
)

// FuzzParse: whatever stands in formatted_body, its text is text, and an address is one line.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"<b>a</b>", "<a href='ja\nva\tscript:x'>y</a>", "<table><tr><td>1<th>2</table>", "<img alt=a title=b>", "a<br>b", "<p><p><p", "\xff<b>\x00", "<svg><math><mi>x",
		strings.Repeat("<i>", 300), "<a href=https://matrix.to/#/@a:b>@a</a>",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, root := range matrixhtml.Parse(text) {
			if got := matrixhtml.Text(root); !utf8.ValidString(got) || len(got) > 4*len(text)+16 {
				t.Fatalf("%d bytes became %q", len(text), got)
			}
			for n := range root.Descendants() {
				check(t, n)
			}
		}
	})
}

func check(t *testing.T, n *html.Node) {
	t.Helper()
	if address := matrixhtml.Address(n); strings.ContainsAny(address, " \n\t\r") || !matrixhtml.SameAddress(address, address) {
		t.Fatalf("the address %q", address)
	}
	for cell := range matrixhtml.Cells(n) {
		if cell.Parent != n {
			t.Fatal("a cell of another row")
		}
	}
	if matrixhtml.Description(n) != "" && matrixhtml.Attribute(n, "alt") == "" && matrixhtml.Attribute(n, "title") == "" {
		t.Fatal("a description out of nothing")
	}
}
