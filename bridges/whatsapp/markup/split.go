package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// leastBalanced is the smallest limit at which the parts of a text keep their markup; below, markers would not fit.
const leastBalanced = 32

// Split cuts a text into parts of at most limit characters each. A character is a rune (Unicode code point): Meta
// says "characters" without saying which, and runes are what its 4,096 counted for in every language; in UTF-16 units
// a part could be longer. A limit of 0 or less means no limit; an empty text has no parts.
//
// A part ends after a paragraph if that leaves it half full, or else after a line on the same terms, or else after a
// word, or else before a character that does not belong to the one before it (combining marks, emoji sequences and
// flags stay whole unless one alone is over the limit). White space at a cut is dropped. Markup that is open at a cut
// is closed there and opened again in the next part, and a quote goes on as a quote.
func Split(text string, limit int) []string {
	if text == "" {
		return nil
	}
	if limit <= 0 || utf8.RuneCountInString(text) <= limit {
		return []string{text}
	}
	var cut cutter
	if limit >= leastBalanced {
		cut = newCutter(text)
	}
	cut.text, cut.limit = text, limit
	var parts []string
	for cut.at < len(text) {
		if part := cut.next(); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// cutter holds where the next part begins.
type cutter struct {
	text  string
	limit int
	at    int
	open  []span // markup of the whole text, by the opening marker
}

// newCutter finds the markup of the text: inline spans of each line, and fences over lines.
func newCutter(text string) cutter {
	var c cutter
	for at, fences := 0, true; at < len(text); {
		line, _, _ := strings.Cut(text[at:], "\n")
		if fences {
			var cut fenceCut
			if cut, fences = cutFence(text[at:]); cut.found {
				open := at + len(cut.before)
				end := len(text) - len(cut.after)
				c.open = append(c.open, span{open: open, close: end - len(fenceMarker), kind: fence})
				at = end
				continue
			}
		}
		for _, s := range spans(line) {
			c.open = append(c.open, span{open: at + s.open, close: at + s.close, kind: s.kind})
		}
		at += len(line) + 1
	}
	return c
}

// next returns the next part and moves on behind it.
func (c *cutter) next() string {
	for len(c.open) > 0 && c.open[0].close+c.open[0].width() <= c.at {
		c.open = c.open[1:] // behind us
	}
	head := c.quote() + c.opened(c.at)
	room := c.limit - utf8.RuneCountInString(head)
	rest := c.text[c.at:]
	if len(prefixRunes(rest, room)) == len(rest) {
		c.at = len(c.text)
		return head + rest
	}
	end := c.at + c.cutAt(rest, room)
	part := strings.TrimRightFunc(c.text[c.at:end], unicode.IsSpace)
	closers := c.closed(end)
	if after := c.text[end:]; strings.HasPrefix(after, "\n") {
		c.at = len(c.text) - len(strings.TrimLeft(after, "\n")) // what the next line is indented by stays
	} else {
		c.at = len(c.text) - len(strings.TrimLeftFunc(after, breaks))
	}
	if part == "" {
		return ""
	}
	return head + part + closers
}

// quote returns the quote sign if the part begins inside of a quoted line.
func (c *cutter) quote() string {
	if c.limit < leastBalanced || c.at == 0 || c.text[c.at-1] == '\n' {
		return ""
	}
	line := c.text[strings.LastIndexByte(c.text[:c.at], '\n')+1 : c.at]
	if strings.HasPrefix(line, "> ") {
		return "> "
	}
	return ""
}

// opened returns the opening markers of the markup that the offset is inside of.
func (c *cutter) opened(at int) string {
	var b strings.Builder
	for _, s := range c.open {
		if s.open >= at {
			break
		}
		if at <= s.close {
			b.WriteString(marker(s.kind))
		}
	}
	return b.String()
}

// closed returns the closing markers of the markup that the offset is inside of.
func (c *cutter) closed(at int) string {
	closers := ""
	for _, s := range c.open {
		if s.open >= at {
			break
		}
		if at <= s.close {
			closers = marker(s.kind) + closers
		}
	}
	return closers
}

// splits tells whether a cut at the offset would part a marker, or a marker from what it is next to.
func (c *cutter) splits(at int) bool {
	for _, s := range c.open {
		if s.open >= at {
			break
		}
		if (at <= s.open+s.width()) || (at >= s.close && at < s.close+s.width()) {
			return true
		}
	}
	return false
}

// cutAt returns how many bytes of rest make the next part, in room characters with the closing markers included.
func (c *cutter) cutAt(rest string, room int) int {
	window := prefixRunes(rest, room)
	half := len(window) / 2
	for _, sep := range []string{"\n\n", "\n"} {
		for end := strings.LastIndex(window, sep); end > half; end = strings.LastIndex(window[:end], sep) {
			if c.fits(rest, end, room) {
				return end
			}
		}
	}
	for end := lastSpace(window, rest); end > 0; end = strings.LastIndexFunc(window[:end], breaks) {
		if strings.TrimSpace(window[:end]) != "" && c.fits(rest, end, room) {
			return end
		}
	}
	for _, whole := range []bool{true, false} {
		for end := len(window); end > 0; {
			if (!whole || !joined(rest, end)) && c.fits(rest, end, room) {
				return end
			}
			_, size := utf8.DecodeLastRuneInString(window[:end])
			end -= size
		}
	}
	// Not reached: of leastBalanced characters some are not next to a marker. It keeps the loop in Split moving.
	return len(prefixRunes(rest, 1))
}

// fits tells whether the part may end at the offset into rest.
func (c *cutter) fits(rest string, end, room int) bool {
	at := c.at + end
	return !c.splits(at) && utf8.RuneCountInString(rest[:end])+utf8.RuneCountInString(c.closed(at)) <= room
}

// lastSpace returns the offset of the last white space in window, or of its end if white space follows there in
// rest; -1 if there is none.
func lastSpace(window, rest string) int {
	if next, size := utf8.DecodeRuneInString(rest[len(window):]); size > 0 && breaks(next) {
		if last, _ := utf8.DecodeLastRuneInString(window); !breaks(last) {
			return len(window)
		}
	}
	return strings.LastIndexFunc(window, breaks)
}

// breaks tells whether a text may be cut at the character: white space that is not meant to hold words together.
func breaks(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }

// prefixRunes returns the first n characters of text.
func prefixRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
