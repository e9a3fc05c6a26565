package richtext

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxQuotes and maxLists bound what nested quotes and lists add to each line.
	maxQuotes = 3
	maxLists  = 5
)

// lineWriter collects the text while the HTML is walked through, and what format its parts have.
type lineWriter struct {
	out  strings.Builder
	unit int   // the length of out in UTF-16 code units
	runs []run // in order, without gaps

	breaks      int    // line ends since the last text
	breakFormat format // what all of them have
	breakQuotes int    // the least number of quotes that one of them is in
	margin      bool   // a paragraph ended just before

	space       bool // white space since the last text of the line
	spaceFormat format

	prefixes []prefix
	quotes   int // how many of them are quote signs
	pre      int // how many preformatted elements it is in
	preEmpty bool
}

// run is a part of the text of one format, up to the offset in UTF-16 code units.
type run struct {
	end    int
	format format
}

// prefix is what lines begin with inside of a list's item, or of a quote that the network cannot show.
type prefix struct {
	first, rest string
	written     bool
	format      format
	quote       bool
}

func (w *lineWriter) push(p prefix) {
	if p.quote {
		w.quotes++
	}
	deep := p.quote && w.quotes > maxQuotes || !p.quote && len(w.prefixes)-w.quotes >= maxLists
	if deep {
		p.rest = ""
		if p.quote {
			p.first = ""
		}
	}
	w.prefixes = append(w.prefixes, p)
}

func (w *lineWriter) pop() {
	last := len(w.prefixes) - 1
	if w.prefixes[last].quote {
		w.quotes--
	}
	w.prefixes = w.prefixes[:last]
}

// append writes text that is in no need of anything.
func (w *lineWriter) append(text string, f format) {
	if text == "" {
		return
	}
	w.out.WriteString(text)
	w.unit += Len(text)
	if last := len(w.runs) - 1; last >= 0 && w.runs[last].format == f {
		w.runs[last].end = w.unit
		return
	}
	w.runs = append(w.runs, run{end: w.unit, format: f})
}

// atLineStart tells whether nothing was written to the line yet.
func (w *lineWriter) atLineStart() bool { return w.breaks > 0 || w.out.Len() == 0 }

// words adds text that needs neither line breaks nor collapsing, after what is due before it.
func (w *lineWriter) words(text string, f format) {
	if text == "" {
		return
	}
	if w.atLineStart() {
		w.startLine(f)
	} else if w.space {
		w.append(" ", w.spaceFormat)
	}
	w.append(text, f)
	w.space, w.margin, w.preEmpty = false, false, false
}

// startLine writes the line ends that are due and what the line begins with.
func (w *lineWriter) startLine(f format) {
	for i := range w.breaks {
		if w.out.Len() == 0 {
			break // no blank lines before the text
		}
		w.append("\n", w.breakFormat)
		if i+1 < w.breaks {
			w.append(strings.TrimRight(strings.Repeat("> ", min(w.breakQuotes, maxQuotes)), " "), w.breakFormat)
		}
	}
	rest := w.breakFormat.and(f)
	w.breaks = 0
	for i := range w.prefixes {
		switch p := &w.prefixes[i]; {
		case !p.written:
			w.append(p.first, p.format)
			p.written = true
		case p.quote || w.pre == 0: // an indent would become part of the code
			w.append(p.rest, rest)
		}
	}
}

// text adds text, with its white space collapsed as HTML demands, unless it is preformatted.
func (w *lineWriter) text(text string, f format) {
	if w.pre > 0 {
		w.preformatted(text, f)
		return
	}
	var b strings.Builder
	for i, word := range strings.FieldsFunc(text, isSpace) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	if b.Len() == 0 || isSpace(rune(text[0])) {
		w.gap(text, f)
	}
	w.words(b.String(), f)
	if r, _ := utf8.DecodeLastRuneInString(text); b.Len() > 0 && isSpace(r) {
		w.gap(text, f)
	}
}

// gap notes white space, of which the first counts.
func (w *lineWriter) gap(text string, f format) {
	if text != "" && !w.space {
		w.space, w.spaceFormat = true, f
	}
}

// isSpace tells whether HTML collapses the character.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

func (w *lineWriter) preformatted(text string, f format) {
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if i > 0 {
			w.newline(f)
		}
		w.words(line, f)
	}
}

// newline ends the line, even an empty one.
func (w *lineWriter) newline(f format) {
	if w.pre > 0 && w.preEmpty {
		return
	}
	w.lineEnd(f)
	w.breaks++
	w.margin = false
}

// lineEnd notes the format of line ends to come.
func (w *lineWriter) lineEnd(f format) {
	w.space = false
	if w.breaks == 0 {
		w.breakFormat, w.breakQuotes = f, w.quotes
		return
	}
	w.breakFormat, w.breakQuotes = w.breakFormat.and(f), min(w.breakQuotes, w.quotes)
}

// block ends the line if there is something in it.
func (w *lineWriter) block(f format) {
	w.lineEnd(f)
	w.breaks = max(w.breaks, 1)
}

// paragraph begins a paragraph, with a blank line if another one ended just before.
func (w *lineWriter) paragraph(f format) {
	w.block(f)
	if w.margin {
		w.breaks = max(w.breaks, 2)
	}
	w.margin = false
}

func (w *lineWriter) endParagraph(f format) {
	w.block(f)
	w.margin = true
}

// beginPre and endPre stand around preformatted text, whose blank lines at its ends are dropped.
func (w *lineWriter) beginPre() {
	w.pre++
	w.preEmpty = true
}

func (w *lineWriter) endPre() {
	w.pre--
	if !w.preEmpty {
		w.breaks = min(w.breaks, 1)
	}
	w.preEmpty = false
}

// spans makes spans of the runs, those of one style in order.
func (w *lineWriter) spans() []Span {
	var out []Span
	for _, s := range spanStyles() {
		start := 0
		var before *format // of the run that ends where this one begins, if it has the style
		for i := range w.runs {
			r := &w.runs[i]
			if r.format.has(s) {
				if before != nil && before.same(r.format, s) {
					out[len(out)-1].Length += r.end - start
				} else {
					out = append(out, Span{Style: s, Offset: start, Length: r.end - start, Value: r.format.value(s)})
				}
				before = &r.format
			} else {
				before = nil
			}
			start = r.end
		}
	}
	return slices.Clip(out)
}
