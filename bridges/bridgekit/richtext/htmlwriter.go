package richtext

import (
	"strings"

	"golang.org/x/net/html"
)

const noBreakSpace = "\u00a0"

// htmlWriter writes a text and its nested spans as HTML.
type htmlWriter struct {
	out  strings.Builder
	body string
	at   []int // byte offsets in body
	// edges are the byte offsets at which a block begins or ends, which is a new line without a line break.
	edges map[int]bool
	// implied are the byte offsets of the line breaks that a block's edge stands for.
	implied map[int]bool
	pre     int // how many open elements are preformatted
}

func newHTMLWriter(body string, spans []Span) *htmlWriter {
	w := &htmlWriter{body: body, at: byteOffsets(body), edges: make(map[int]bool), implied: make(map[int]bool)}
	for _, s := range spans {
		if isBlock(s.Style) {
			w.edges[w.at[s.Offset]], w.edges[w.at[s.end()]] = true, true
			if end := w.at[s.end()]; end < len(body) && body[end] == '\n' {
				w.implied[end] = true
			}
		}
	}
	for _, s := range spans {
		// The break before a block ends a line with text. After a blank line it is the one that makes it blank.
		if start := w.at[s.Offset]; isBlock(s.Style) && start > 1 && body[start-1] == '\n' && body[start-2] != '\n' {
			w.implied[start-1] = true
		}
	}
	return w
}

// write goes through spans as nest returns them.
func (w *htmlWriter) write(spans []Span) {
	var open []Span
	done := 0
	closeUntil := func(offset int) {
		for len(open) > 0 && open[len(open)-1].end() <= offset {
			last := open[len(open)-1]
			w.text(done, last.end())
			done, open = last.end(), open[:len(open)-1]
			w.closing(last)
		}
	}
	for _, s := range spans {
		closeUntil(s.Offset)
		w.text(done, s.Offset)
		done, open = s.Offset, append(open, s)
		w.opening(s)
	}
	closeUntil(len(w.at))
	w.text(done, len(w.at)-1)
}

func (w *htmlWriter) opening(s Span) {
	switch s.Style {
	case Link, Mention:
		w.out.WriteString(`<a href="` + html.EscapeString(s.Value) + `">`)
	case Spoiler:
		w.out.WriteString(`<span data-mx-spoiler>`)
	case Pre:
		w.pre++
		if s.Value == "" {
			w.out.WriteString("<pre><code>")
		} else {
			w.out.WriteString(`<pre><code class="language-` + html.EscapeString(s.Value) + `">`)
		}
	default:
		w.out.WriteString("<" + tag(s.Style) + ">")
	}
}

func (w *htmlWriter) closing(s Span) {
	if s.Style == Pre {
		w.pre--
		w.out.WriteString("</code></pre>")
		return
	}
	w.out.WriteString("</" + tag(s.Style) + ">")
}

// tag is the element of a style.
func tag(s Style) string {
	switch s {
	case Bold:
		return "strong"
	case Italic:
		return "em"
	case Underline:
		return "u"
	case Strike:
		return "del"
	case Spoiler:
		return "span"
	case Quote:
		return "blockquote"
	case Link, Mention:
		return "a"
	default:
		return "code"
	}
}

// text writes the text between two offsets in UTF-16 code units. Spaces that HTML would swallow become no-break
// spaces.
func (w *htmlWriter) text(from, to int) {
	if from >= to {
		return
	}
	start, end := w.at[from], w.at[to]
	if w.pre > 0 {
		w.out.WriteString(html.EscapeString(w.body[start:end]))
		return
	}
	plain := start // what follows is not written yet
	for i := start; i < end; i++ {
		instead := ""
		switch w.body[i] {
		case '\n':
			if !w.implied[i] {
				instead = "<br>"
			}
		case '\t':
			instead = strings.Repeat(noBreakSpace, 4)
		case ' ':
			if !w.swallowed(i) {
				continue
			}
			instead = noBreakSpace
		default:
			continue
		}
		w.out.WriteString(html.EscapeString(w.body[plain:i]))
		w.out.WriteString(instead)
		plain = i + 1
	}
	w.out.WriteString(html.EscapeString(w.body[plain:end]))
}

// swallowed tells whether HTML would drop the space at the byte offset: it stands at an end of a line or before
// another space.
func (w *htmlWriter) swallowed(i int) bool {
	return i == 0 || w.edges[i] || w.body[i-1] == '\n' ||
		i+1 == len(w.body) || w.edges[i+1] || strings.IndexByte(" \t\n", w.body[i+1]) >= 0
}
