// Package matrixhtml reads the HTML of Matrix messages (org.matrix.custom.html). What a network makes of the elements
// is the business of whoever walks through them.
package matrixhtml

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// MaxBytes is the most HTML that is read. A Matrix event holds 64 KiB (Matrix specification, size limits).
	MaxBytes = 128 << 10
	// MaxDepth is how deep elements may be nested to count as formatting (Matrix specification, m.room.message).
	// Deeper ones should give only their text.
	MaxDepth = 100
)

// Parse returns the nodes of a formatted_body. There are none if it is over MaxBytes or nested more than some 500
// levels deep; the plain body says the same then.
func Parse(formattedBody string) []*html.Node {
	if formattedBody == "" || len(formattedBody) > MaxBytes {
		return nil
	}
	valid := strings.ToValidUTF8(formattedBody, "\uFFFD")
	parent := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(valid), parent)
	if err != nil {
		return nil // nested too deep
	}
	return nodes
}

// Lookup returns the value of an element's attribute, and whether it has it.
func Lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Attribute returns the value of an element's attribute, or "".
func Attribute(n *html.Node, name string) string {
	value, _ := Lookup(n, name)
	return value
}

// Description returns what an <img> says in words, or "".
func Description(img *html.Node) string {
	if alt := Attribute(img, "alt"); alt != "" {
		return alt
	}
	return Attribute(img, "title")
}

// Text returns all text inside of n, as it is in the source. The parser bounds the depth.
func Text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.DataAtom == atom.Br:
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Cells are the cells of a <tr>.
func Cells(row *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := range row.ChildNodes() {
			if (n.DataAtom == atom.Td || n.DataAtom == atom.Th) && !yield(n) {
				return
			}
		}
	}
}
