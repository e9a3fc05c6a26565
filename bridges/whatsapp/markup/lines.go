package markup

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"puente/bridges/bridgekit/matrixhtml"
)

// lineWriter collects lines of WhatsApp text while the HTML is walked through.
type lineWriter struct {
	out    strings.Builder
	line   []piece // the line that is being written
	spaced bool    // the line ends with white space that HTML would join with what comes next
	prefix string  // what every line begins with: quote signs and indents
	bullet string  // what the next line begins with instead of the end of prefix
	quotes int
	lists  int
	margin bool // a paragraph ended just before
}

// text adds text, with its white space collapsed as HTML demands. No-break spaces stay until the line is written.
func (w *lineWriter) text(text, style string) {
	var b strings.Builder
	for _, r := range text {
		switch r {
		case ' ', '\t', '\n', '\r', '\f':
			if !w.spaced && (len(w.line) > 0 || b.Len() > 0) {
				b.WriteByte(' ')
			}
			w.spaced = true
		default:
			b.WriteRune(r)
			w.spaced = false
		}
	}
	if b.Len() > 0 {
		w.line = append(w.line, piece{text: b.String(), style: style})
	}
}

// newline ends the line, even an empty one.
func (w *lineWriter) newline() {
	start := w.prefix
	if w.bullet != "" {
		start, w.bullet = w.bullet, ""
	}
	w.out.WriteString(strings.TrimRight(start+strings.TrimRight(writeLine(w.line), " "), " "))
	w.out.WriteByte('\n')
	w.line, w.spaced, w.margin = w.line[:0], false, false
}

// block ends the line if there is something in it.
func (w *lineWriter) block() {
	for _, p := range w.line {
		if strings.Trim(p.text, " ") != "" {
			w.newline()
			return
		}
	}
	w.line, w.spaced = w.line[:0], false
}

// paragraph begins a paragraph, with a blank line if another one ended just before.
func (w *lineWriter) paragraph() {
	w.block()
	if w.margin && w.bullet == "" {
		w.newline()
	}
	w.margin = false
}

func (w *lineWriter) endParagraph() {
	w.block()
	w.margin = true
}

func (w *lineWriter) quote(n *html.Node, style string, depth int) {
	w.block()
	w.margin = false
	outer := w.prefix
	if w.quotes++; w.quotes <= maxQuotes {
		w.prefix += "> "
		if w.bullet != "" {
			w.bullet += "> "
		}
	}
	w.children(n, style, depth)
	w.block()
	w.prefix, w.margin = outer, false
	w.quotes--
}

// list writes <ul> or <ol>. WhatsApp has no nested lists, but an indent reads well.
func (w *lineWriter) list(n *html.Node, style string, depth int) {
	w.block()
	number := 1
	if start, err := strconv.Atoi(matrixhtml.Attribute(n, "start")); err == nil && start >= 0 && start < 1e9 {
		number = start
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == "li" {
			sign := "- "
			if n.Data == "ol" {
				sign = strconv.Itoa(number) + ". "
				number++
			}
			w.item(c, sign, style, depth+1)
		} else {
			w.node(c, style, depth+1)
		}
	}
	w.block()
	w.margin = false
}

func (w *lineWriter) item(n *html.Node, sign, style string, depth int) {
	w.block()
	if w.bullet != "" { // an item that begins with a list
		w.newline()
	}
	outer := w.prefix
	w.bullet, w.margin = w.prefix+sign, false
	if w.lists++; w.lists <= maxLists {
		w.prefix += "  "
	}
	w.children(n, style, depth)
	w.block()
	w.lists--
	if w.bullet != "" && strings.HasSuffix(w.bullet, sign) { // an empty item
		w.bullet = ""
	}
	w.prefix, w.margin = outer, false
}

// pre writes preformatted text as a fence. Where a sign begins each line, as in a quote, a fence cannot go on past
// the line, so that each line is code by itself.
func (w *lineWriter) pre(n *html.Node, style string) {
	w.block()
	w.margin = false
	text := strings.TrimRight(strings.TrimPrefix(matrixhtml.Text(n), "\n"), " \n\t")
	if strings.TrimSpace(text) == "" {
		return
	}
	if w.prefix != "" || w.bullet != "" {
		for line := range strings.SplitSeq(text, "\n") {
			w.line = append(w.line, piece{text: line, style: with(style, code)})
			w.newline()
		}
		return
	}
	text = strings.ReplaceAll(text, fenceMarker, graveLike+graveLike+graveLike)
	if text[0] == code {
		text = "\n" + text
	}
	if text[len(text)-1] == code {
		text += "\n"
	}
	w.out.WriteString(fenceMarker + text + fenceMarker + "\n")
}

// finish returns the text without blank lines around it.
func (w *lineWriter) finish() string {
	w.block()
	return strings.TrimRight(strings.TrimLeft(w.out.String(), "\n"), " \n")
}
