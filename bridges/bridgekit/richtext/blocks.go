package richtext

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"puente/bridges/bridgekit/matrixhtml"
)

const bullet = "• "

// quote writes a quote: as one, or with a sign before each line if the network has none or is in one already.
func (r *reader) quote(n *html.Node, f format, depth int) {
	w := &r.lines
	w.block(f)
	w.margin = false
	if r.dialect.has(Quote) && !f.has(Quote) {
		r.children(n, f.withQuote(r.number()), depth)
	} else {
		w.push(prefix{first: "> ", rest: "> ", quote: true, format: f})
		r.children(n, f, depth)
		w.pop()
	}
	w.block(f)
	w.margin = false
}

// fence stands around a block of code for a network that has no code.
const fence = "```"

// preformatted writes a block of code.
func (r *reader) preformatted(n *html.Node, f format, depth int) {
	w := &r.lines
	w.block(f)
	w.margin = false
	if strings.TrimSpace(matrixhtml.Text(n)) == "" {
		return
	}
	lang := languageOf(n)
	fenced := r.dialect.monospace(Pre) == ""
	if fenced {
		w.text(fence+lang, f)
		w.block(f)
	}
	w.beginPre()
	r.children(n, f.withPre(lang, r.number(), r.dialect), depth)
	w.endPre()
	w.block(f)
	if fenced {
		w.text(fence, f)
		w.block(f)
	}
}

// languageOf returns what language a block of code is in, which the class of the <pre> or of the <code> in it tells.
func languageOf(pre *html.Node) string {
	for _, n := range []*html.Node{pre, pre.FirstChild} {
		if n == nil || (n.DataAtom != atom.Pre && n.DataAtom != atom.Code) {
			continue
		}
		for class := range strings.FieldsSeq(matrixhtml.Attribute(n, "class")) {
			if name, ok := strings.CutPrefix(class, "language-"); ok {
				return language(name)
			}
		}
	}
	return ""
}

// list writes <ul> or <ol>. No network has nested lists, but an indent reads well.
func (r *reader) list(n *html.Node, f format, depth int) {
	r.lines.block(f)
	next := position(n, "start", 1)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || c.DataAtom != atom.Li {
			r.node(c, f, depth+1)
			continue
		}
		sign := bullet
		if n.DataAtom == atom.Ol {
			next = position(c, "value", next)
			sign = strconv.Itoa(next) + ". "
			next++
		}
		r.item(c, sign, f, depth+1)
	}
	r.lines.block(f)
	r.lines.margin = false
}

// position reads a number of a list. Nine digits are more than any list has.
func position(n *html.Node, attr string, otherwise int) int {
	if number, err := strconv.Atoi(strings.TrimSpace(matrixhtml.Attribute(n, attr))); err == nil && number >= 0 && number < 1e9 {
		return number
	}
	return otherwise
}

func (r *reader) item(n *html.Node, sign string, f format, depth int) {
	w := &r.lines
	w.block(f)
	w.margin = false
	w.push(prefix{first: sign, rest: "  ", format: f})
	r.children(n, f, depth)
	w.pop()
	w.block(f)
	w.margin = false
}

// row writes the cells of a table's row in one line.
func (r *reader) row(n *html.Node, f format, depth int) {
	w := &r.lines
	w.block(f)
	first := true
	for cell := range matrixhtml.Cells(n) {
		if !first {
			w.text(" | ", f)
		}
		first = false
		inner := f
		if cell.DataAtom == atom.Th {
			inner = f.with(Bold, r.dialect)
		}
		r.children(cell, inner, depth+1)
	}
	w.block(f)
}
