package markup

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// maxHTML is the most HTML that is read, in bytes. A Matrix event holds 64 KiB (Matrix specification, size limits).
	maxHTML = 128 << 10
	// maxDepth is how deep elements may be nested to count as formatting (Matrix specification, m.room.message).
	// Deeper ones give only their text.
	maxDepth = 100
	// maxQuotes and maxLists bound what nested quotes and lists add to each line.
	maxQuotes = 3
	maxLists  = 5
)

// FromMatrix turns a Matrix message's formatted_body (org.matrix.custom.html) into a text with WhatsApp's markup.
// Without formattedBody it returns body unchanged, so that whoever writes WhatsApp's markup by hand, in a client
// without formatting or through the API, gets what they wrote. It returns body as well if the HTML is over 128 KiB,
// nested more than some 500 levels deep, or without any text.
//
// What WhatsApp has no form for becomes text: headings are bold lines, a link is its text and the address in
// brackets, a mention is the name, a spoiler is its text with the reason in brackets before it, an image is its
// description, a table is one line per row. The reply fallback (mx-reply) is removed.
func FromMatrix(body, formattedBody string) string {
	if formattedBody == "" || len(formattedBody) > maxHTML {
		return body
	}
	valid := strings.ToValidUTF8(formattedBody, "\uFFFD")
	parent := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(valid), parent)
	if err != nil {
		return body // nested too deep; the plain body says the same
	}
	var w lineWriter
	for _, n := range nodes {
		w.node(n, "", 0)
	}
	if text := w.finish(); text != "" {
		return text
	}
	return body
}

// with adds a kind to a style. Nothing counts inside of code, and nothing counts twice.
func with(style string, kind byte) string {
	if strings.IndexByte(style, code) >= 0 || strings.IndexByte(style, kind) >= 0 {
		return style
	}
	return style + string(rune(kind))
}

func (w *lineWriter) children(n *html.Node, style string, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, style, depth+1)
	}
}

func (w *lineWriter) node(n *html.Node, style string, depth int) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data, style)
	case n.Type != html.ElementNode || n.Data == "mx-reply":
		// Comments, and the quoted message, which WhatsApp shows by itself.
	case depth > maxDepth:
		w.text(textOf(n), style)
	case !w.inlineElement(n, style, depth):
		w.blockElement(n, style, depth)
	}
}

// inlineElement writes an element that stands in a line; false if it is none.
func (w *lineWriter) inlineElement(n *html.Node, style string, depth int) bool {
	switch n.DataAtom {
	case atom.B, atom.Strong:
		w.children(n, with(style, bold), depth)
	case atom.I, atom.Em, atom.Cite, atom.Dfn, atom.Var:
		w.children(n, with(style, italic), depth)
	case atom.Del, atom.S, atom.Strike:
		w.children(n, with(style, strike), depth)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		w.children(n, with(style, code), depth)
	case atom.A:
		w.link(n, style, depth)
	case atom.Br:
		w.newline()
	case atom.Img:
		w.text(firstOf(attribute(n, "alt"), attribute(n, "title")), style)
	case atom.Span, atom.Font:
		if reason := attribute(n, "data-mx-spoiler"); strings.TrimSpace(reason) != "" {
			w.text("("+strings.TrimSpace(reason)+") ", style)
		}
		w.children(n, style, depth)
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Iframe, atom.Noscript, atom.Object,
		atom.Svg, atom.Math, atom.Textarea, atom.Select:
		// Nothing that a reader would see as text.
	default:
		return false
	}
	return true
}

// blockElement writes an element that stands in lines of its own, or any other one by its contents.
func (w *lineWriter) blockElement(n *html.Node, style string, depth int) {
	switch n.DataAtom {
	case atom.P:
		w.paragraph()
		w.children(n, style, depth)
		w.endParagraph()
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.paragraph()
		w.children(n, with(style, bold), depth)
		w.block()
	case atom.Summary, atom.Caption:
		w.block()
		w.children(n, with(style, bold), depth)
		w.block()
	case atom.Div, atom.Details, atom.Table, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dl, atom.Dt,
		atom.Dd, atom.Figure, atom.Figcaption, atom.Center, atom.Address:
		w.block()
		w.children(n, style, depth)
		w.block()
	case atom.Blockquote:
		w.quote(n, style, depth)
	case atom.Pre:
		w.pre(n, style)
	case atom.Ul, atom.Ol:
		w.list(n, style, depth)
	case atom.Li: // outside of a list
		w.item(n, "- ", style, depth)
	case atom.Hr:
		w.block()
		w.text("———", "")
		w.block()
	case atom.Tr:
		w.row(n, style, depth)
	default:
		w.children(n, style, depth)
	}
}

// row writes the cells of a table's row in one line.
func (w *lineWriter) row(n *html.Node, style string, depth int) {
	w.block()
	first := true
	for cell := n.FirstChild; cell != nil; cell = cell.NextSibling {
		if cell.DataAtom != atom.Td && cell.DataAtom != atom.Th {
			continue
		}
		if !first {
			w.text(" | ", "")
		}
		first = false
		if cell.DataAtom == atom.Th {
			w.children(cell, with(style, bold), depth+1)
		} else {
			w.children(cell, style, depth+1)
		}
	}
	w.block()
}

// attribute returns the value of an element's attribute, or "".
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// textOf returns all text inside of n, as it is in the source. The parser bounds the depth.
func textOf(n *html.Node) string {
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
