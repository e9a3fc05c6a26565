package markup

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"puente/bridges/bridgekit/matrixhtml"
)

const (
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
	var w lineWriter
	for _, n := range matrixhtml.Parse(formattedBody) {
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
	case depth > matrixhtml.MaxDepth:
		w.text(matrixhtml.Text(n), style)
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
		w.text(matrixhtml.Description(n), style)
	case atom.Span, atom.Font:
		if reason := matrixhtml.Attribute(n, "data-mx-spoiler"); strings.TrimSpace(reason) != "" {
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
	for cell := range matrixhtml.Cells(n) {
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
