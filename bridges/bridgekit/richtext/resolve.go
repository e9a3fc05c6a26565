package richtext

import (
	"strings"
	"unicode/utf8"
)

// resolve returns the text as it will be shown and the spans that HTML can show, in range and with the Value that an
// element needs: the address of a Link, and that of the person of a Mention.
func (t Text) resolve(people *directory) (string, []Span) {
	at := byteOffsets(t.Body)
	spans := make([]Span, 0, len(t.Spans))
	names := make(map[int]string) // for the placeholder at the offset
	for _, s := range t.Spans {
		start, end, ok := bounds(s, len(at)-1)
		if !ok {
			continue
		}
		start, end = floor(at, start), ceil(at, end)
		s.Offset, s.Length = start, end-start
		if s.Style == Mention {
			found := people.find(s.Value)
			if found.name != "" && t.Body[at[start]:at[end]] == Placeholder {
				names[start] = "@" + strings.TrimPrefix(found.name, "@")
			}
			s.Value = found.link
		}
		if s, ok = showable(s); ok {
			spans = append(spans, s)
		}
	}
	clean, moved := rewrite(t.Body, len(at)-1, names)
	for i, s := range spans {
		spans[i].Offset = moved[s.Offset]
		spans[i].Length = moved[s.end()] - moved[s.Offset]
	}
	return clean, trimBlocks(clean, outsidePre(spans))
}

// showable is the span with the Value that its element needs; false if HTML has nothing for it.
func showable(s Span) (Span, bool) {
	switch s.Style {
	case Bold, Italic, Underline, Strike, Spoiler, Code, Quote:
		s.Value = ""
		return s, true
	case Pre:
		s.Value = language(s.Value)
		return s, true
	case Link:
		s.Value = strings.ToValidUTF8(strings.TrimSpace(s.Value), "\uFFFD")
		return s, schemeOf(s.Value) != ""
	case Mention:
		return s, s.Value != ""
	default:
		return s, false
	}
}

// rewrite puts names in the place of placeholders and removes what neither JSON nor HTML carries well. moved has the
// new offset of each old one, in UTF-16 code units, the end included.
func rewrite(body string, units int, names map[int]string) (clean string, moved []int) {
	var b strings.Builder
	moved = make([]int, 0, units+1)
	to := 0
	for i, r := range body {
		name, replaced := names[len(moved)]
		moved = append(moved, to)
		if width(r) == 2 {
			moved = append(moved, to)
		}
		switch {
		case replaced:
			name = strings.ToValidUTF8(strings.Join(strings.Fields(name), " "), "\uFFFD")
			b.WriteString(name)
			to += Len(name)
		case r == 0, r == '\r' && strings.HasPrefix(body[i+1:], "\n"):
		case r == '\r':
			b.WriteByte('\n')
			to++
		default:
			b.WriteRune(r)
			to += width(r)
		}
	}
	return b.String(), append(moved, to)
}

// outsidePre cuts Code out of Pre, which is code already.
func outsidePre(spans []Span) []Span {
	var pres, out []Span
	for _, s := range spans {
		if s.Style == Pre {
			pres = append(pres, s)
		}
	}
	if len(pres) == 0 {
		return spans
	}
	pres = apart(pres)
	var codes []Span
	for _, s := range spans {
		if s.Style == Code {
			codes = append(codes, s)
		} else {
			out = append(out, s)
		}
	}
	next := 0
	for _, c := range apart(codes) {
		for next < len(pres) && pres[next].end() <= c.Offset {
			next++
		}
		end := c.end()
		for i := next; i < len(pres) && pres[i].Offset < end; i++ {
			if length := pres[i].Offset - c.Offset; length > 0 {
				out = append(out, Span{Style: Code, Offset: c.Offset, Length: length})
			}
			c.Offset = max(c.Offset, pres[i].end())
		}
		if c.Length = end - c.Offset; c.Length > 0 {
			out = append(out, c)
		}
	}
	return out
}

// trimBlocks takes the line breaks at the edges of blocks out of them and drops spans of nothing.
func trimBlocks(body string, spans []Span) []Span {
	at := byteOffsets(body)
	out := spans[:0]
	for _, s := range apart(spans) {
		if isBlock(s.Style) {
			part := body[at[s.Offset]:at[s.end()]]
			left := strings.TrimLeft(part, "\n")
			s.Offset += len(part) - len(left)
			s.Length -= len(part) - len(strings.TrimRight(left, "\n"))
		}
		if s.Length > 0 {
			out = append(out, s)
		}
	}
	return out
}

// maxLanguage is the longest name of a programming language that is kept, in bytes.
const maxLanguage = 40

// language returns the name of a programming language if it can stand in a class, or "".
func language(name string) string {
	if len(name) > maxLanguage || !utf8.ValidString(name) {
		return ""
	}
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("+#._-", r):
		default:
			return ""
		}
	}
	return name
}
