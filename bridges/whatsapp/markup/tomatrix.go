package markup

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// ToMatrix turns a text as WhatsApp sends it into a Matrix message's body and formatted_body
// (org.matrix.custom.html). The plain text is the original, unchanged; html is empty if the text has no formatting.
//
// The HTML holds only strong, em, del, code, pre, blockquote, ul, ol, li and br, without attributes but for the
// start of a list. Everything else, links and tags that a customer typed among it, is escaped text, so no text can
// mention a Matrix user. Set the message's m.mentions to an empty object as well, since older push rules look for
// "@room" in the body.
func ToMatrix(body string) (plain, html string) {
	text := strings.ToValidUTF8(strings.ReplaceAll(body, "\r\n", "\n"), "\uFFFD")
	var w htmlWriter
	parts := blocks(text)
	for i, part := range parts {
		w.block(part, i+1 < len(parts))
	}
	if !w.formatted {
		return body, ""
	}
	return body, w.out.String()
}

// htmlWriter writes blocks as HTML and notes whether there was anything to format.
type htmlWriter struct {
	out       strings.Builder
	formatted bool
}

// tag is the element of an inline kind.
func tag(kind byte) string {
	switch kind {
	case bold:
		return "strong"
	case italic:
		return "em"
	case strike:
		return "del"
	default:
		return "code"
	}
}

func (w *htmlWriter) block(part block, more bool) {
	w.formatted = w.formatted || part.kind != textBlock
	switch part.kind {
	case textBlock:
		w.text(part.lines, more)
	case quoteBlock:
		w.out.WriteString("<blockquote>")
		w.text(part.lines, false)
		w.out.WriteString("</blockquote>")
	case bulletBlock:
		w.list("<ul>", "</ul>", part.lines)
	case numberBlock:
		open := "<ol>"
		if part.start != 1 {
			open = `<ol start="` + strconv.Itoa(part.start) + `">`
		}
		w.list(open, "</ol>", part.lines)
	case preBlock:
		w.out.WriteString("<pre><code>")
		w.out.WriteString(escape(part.lines[0]))
		w.out.WriteString("</code></pre>")
	}
}

// text writes lines with breaks between them. The break after the last line comes by itself when a block follows,
// unless the line is blank.
func (w *htmlWriter) text(lines []string, more bool) {
	for i, line := range lines {
		w.inline(line)
		if i+1 < len(lines) || (more && strings.TrimSpace(line) == "") {
			w.out.WriteString("<br>")
		}
	}
}

func (w *htmlWriter) list(open, end string, lines []string) {
	w.out.WriteString(open)
	for _, line := range lines {
		w.out.WriteString("<li>")
		w.inline(line)
		w.out.WriteString("</li>")
	}
	w.out.WriteString(end)
}

// inline writes one line with its inline markup.
func (w *htmlWriter) inline(line string) {
	found := spans(line)
	w.formatted = w.formatted || len(found) > 0
	var inside []span
	at := 0
	for len(found) > 0 || len(inside) > 0 {
		if n := len(inside); n > 0 && (len(found) == 0 || inside[n-1].close < found[0].open) {
			last := inside[n-1]
			w.out.WriteString(spaced(line, at, last.close))
			w.out.WriteString("</" + tag(last.kind) + ">")
			at, inside = last.close+last.width(), inside[:n-1]
			continue
		}
		next := found[0]
		w.out.WriteString(spaced(line, at, next.open))
		w.out.WriteString("<" + tag(next.kind) + ">")
		at, inside, found = next.open+next.width(), append(inside, next), found[1:]
	}
	w.out.WriteString(spaced(line, at, len(line)))
}

// spaced escapes a part of a line. Spaces that HTML would swallow, at the start of the line and next to others,
// become no-break spaces.
func spaced(line string, from, to int) string {
	part := line[from:to]
	if !strings.Contains(part, "  ") && (from > 0 || !strings.HasPrefix(part, " ")) {
		return escape(part)
	}
	var b strings.Builder
	for i := from; i < to; i++ {
		if line[i] == ' ' && (i == 0 || (i+1 < to && line[i+1] == ' ')) {
			b.WriteString("\u00a0")
		} else {
			b.WriteByte(line[i])
		}
	}
	return escape(b.String())
}

// escape makes text of HTML; the zero byte and carriage returns, which HTML cannot carry, are left out.
func escape(text string) string {
	if strings.ContainsAny(text, "\x00\r") {
		text = strings.Map(func(r rune) rune {
			if r == 0 || r == '\r' {
				return -1
			}
			return r
		}, text)
	}
	return html.EscapeString(text)
}
