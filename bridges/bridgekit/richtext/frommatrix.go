package richtext

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"puente/bridges/bridgekit/matrixhtml"
)

// FromMatrix turns a Matrix message's formatted_body (org.matrix.custom.html) into a text for a network of the
// dialect. Without formattedBody the body is taken as it is. So it is if the HTML is over 128 KiB, nested more than
// some 500 levels deep, or without any text.
//
// What no network has a form for becomes text: headings and table heads are bold, a list's items begin with "• " or
// their number, a table is one line per row, an image is its description, a spoiler's reason stands in brackets before
// it. The reply fallback (mx-reply) is removed. What the dialect lacks becomes text as well: a link is followed by its
// address in brackets, quoted lines begin with "> ", code keeps its backticks.
//
// The Body has no white space at its ends, but for the indent of a Pre. Spans are sorted by offset, outer ones before
// inner ones; they are not empty, cut no surrogate pair, and but for Quote and Pre do not begin or end with white space.
func FromMatrix(body, formattedBody string, d Dialect) Text {
	r := reader{dialect: d}
	for _, n := range matrixhtml.Parse(formattedBody) {
		r.node(n, format{}, 0)
	}
	if text := r.lines.finish(d.Overlap); text.Body != "" {
		return text
	}
	return Text{Body: body}
}

// reader walks through the HTML.
type reader struct {
	dialect Dialect
	lines   lineWriter
	numbers int // how many quotes, blocks of code and mentions there were
}

func (r *reader) number() int {
	r.numbers++
	return r.numbers
}

func (r *reader) children(n *html.Node, f format, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.node(c, f, depth+1)
	}
}

func (r *reader) node(n *html.Node, f format, depth int) {
	switch {
	case n.Type == html.TextNode:
		r.lines.text(n.Data, f)
	case n.Type != html.ElementNode || n.Data == "mx-reply":
		// Comments, and the quoted message, which the network shows by itself.
	case depth > matrixhtml.MaxDepth:
		r.lines.text(matrixhtml.Text(n), f)
	case !r.inlineElement(n, f, depth):
		r.blockElement(n, f, depth)
	}
}

// inlineElement writes an element that stands in a line; false if it is none.
func (r *reader) inlineElement(n *html.Node, f format, depth int) bool {
	switch n.DataAtom {
	case atom.B, atom.Strong:
		r.children(n, f.with(Bold, r.dialect), depth)
	case atom.I, atom.Em, atom.Cite, atom.Dfn, atom.Var:
		r.children(n, f.with(Italic, r.dialect), depth)
	case atom.U, atom.Ins:
		r.children(n, f.with(Underline, r.dialect), depth)
	case atom.Del, atom.S, atom.Strike:
		r.children(n, f.with(Strike, r.dialect), depth)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		r.code(n, f, depth)
	case atom.A:
		r.link(n, f, depth)
	case atom.Br:
		r.lines.newline(f)
	case atom.Img:
		r.lines.text(matrixhtml.Description(n), f)
	case atom.Span, atom.Font:
		r.span(n, f, depth)
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Iframe, atom.Noscript, atom.Object,
		atom.Svg, atom.Math, atom.Textarea, atom.Select:
		// Nothing that a reader would see as text.
	default:
		return false
	}
	return true
}

// span writes a <span>, which may be a spoiler.
func (r *reader) span(n *html.Node, f format, depth int) {
	if reason, ok := matrixhtml.Lookup(n, "data-mx-spoiler"); ok {
		if reason = strings.TrimSpace(reason); reason != "" {
			r.lines.text("("+reason+") ", f)
		}
		f = f.with(Spoiler, r.dialect)
	}
	r.children(n, f, depth)
}

// code writes code in a line. A network without any has backticks instead.
func (r *reader) code(n *html.Node, f format, depth int) {
	if r.dialect.monospace(Code) != "" || r.lines.pre > 0 {
		r.children(n, f.withCode(r.dialect), depth)
		return
	}
	if text := strings.TrimSpace(matrixhtml.Text(n)); text != "" {
		r.lines.text("`"+text+"`", f)
	}
}

// blockElement writes an element that stands in lines of its own, or any other one by its contents.
func (r *reader) blockElement(n *html.Node, f format, depth int) {
	w := &r.lines
	switch n.DataAtom {
	case atom.P:
		w.paragraph(f)
		r.children(n, f, depth)
		w.endParagraph(f)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.paragraph(f)
		r.children(n, f.with(Bold, r.dialect), depth)
		w.block(f)
	case atom.Summary, atom.Caption:
		w.block(f)
		r.children(n, f.with(Bold, r.dialect), depth)
		w.block(f)
	case atom.Div, atom.Details, atom.Table, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dl, atom.Dt,
		atom.Dd, atom.Figure, atom.Figcaption, atom.Center, atom.Address:
		w.block(f)
		r.children(n, f, depth)
		w.block(f)
	case atom.Blockquote:
		r.quote(n, f, depth)
	case atom.Pre:
		r.preformatted(n, f, depth)
	case atom.Ul, atom.Ol:
		r.list(n, f, depth)
	case atom.Li: // outside of a list
		r.item(n, bullet, f, depth)
	case atom.Hr:
		w.block(f)
		w.text("———", f)
		w.block(f)
	case atom.Tr:
		r.row(n, f, depth)
	default:
		r.children(n, f, depth)
	}
}
