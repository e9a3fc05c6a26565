package richtext

import (
	"unicode"
	"unicode/utf16"
)

// units is a text in UTF-16. White space is one unit each.
type units []uint16

func unitsOf(s string) units { return utf16.Encode([]rune(s)) }

func (u units) space(i int) bool { return unicode.IsSpace(rune(u[i])) }

// trim returns the part between two offsets without white space at its ends; from is to if there is nothing else.
func (u units) trim(from, to int) (int, int) {
	for from < to && u.space(from) {
		from++
	}
	for from < to && u.space(to-1) {
		to--
	}
	return from, to
}

// plainSpaces turns the no-break spaces that keep HTML from swallowing a space back to spaces: those at the ends of a
// line and next to another space. The one between a word and a sign, as in French, stays.
func (u units) plainSpaces() {
	const noBreak = 0xA0
	joined := true // what comes before is white space or nothing
	for i, c := range u {
		next := i+1 == len(u) || u.space(i+1)
		if c == noBreak && (joined || next) {
			u[i] = ' '
		}
		joined = u.space(i)
	}
}

// finish returns the text with its spans.
func (w *lineWriter) finish(overlap bool) Text {
	text := unitsOf(w.out.String())
	text.plainSpaces()
	spans := w.spans()
	from, to := text.trim(0, len(text))
	for _, s := range spans { // the first line of a block of code keeps its indent
		if start, end := text.trim(s.Offset, s.end()); s.Style == Pre && start < end {
			from, to = min(from, s.Offset), max(to, s.end())
		}
	}
	spans = text.tidy(spans, from, to)
	if !overlap {
		spans = text.tidy(nest(spans), from, to)
	}
	for i := range spans {
		spans[i].Offset -= from
	}
	return Text{Body: string(utf16.Decode(text[from:to])), Spans: spans}
}

// tidy cuts spans to a part of the text, and to what can be seen of them, and sorts them.
func (u units) tidy(spans []Span, from, to int) []Span {
	var out []Span
	for _, s := range spans {
		start, end := max(s.Offset, from), min(s.end(), to)
		seenFrom, seenTo := u.trim(start, end)
		if seenFrom >= seenTo {
			continue
		}
		if !isBlock(s.Style) {
			start, end = seenFrom, seenTo
		}
		s.Offset, s.Length = start, end-start
		out = append(out, s)
	}
	sortSpans(out)
	return out
}
