package markup

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is one stretch of inline markup: the byte offsets of its opening and closing marker.
type span struct {
	open, close int
	kind        byte
}

// width is the length of each marker in bytes.
func (s span) width() int { return len(marker(s.kind)) }

// spans finds the markup that WhatsApp honours in one line, in the order of the opening markers. Spans are either
// apart or nested, and one kind is never nested in itself. The time is linear in the length of the line.
func spans(line string) []span {
	if !strings.ContainsAny(line, "*_~`") {
		return nil
	}
	s := scanner{line: line, masked: make([]bool, len(line))}
	s.codes()
	s.addresses()
	s.emphasis(0, len(line), "")
	slices.SortFunc(s.found, func(a, b span) int { return cmp.Compare(a.open, b.open) })
	return s.found
}

// scanner holds what is known of a line so far.
type scanner struct {
	line   string
	masked []bool // bytes in which no marker counts
	found  []span
}

func (s *scanner) mask(from, to int) {
	for i := from; i < to; i++ {
		s.masked[i] = true
	}
}

func (s *scanner) codes() {
	fences := true
	for i := 0; i < len(s.line); {
		if s.line[i] != code {
			i++
			continue
		}
		found, ok := span{}, false
		if fences && strings.HasPrefix(s.line[i:], fenceMarker) {
			found, ok = fenceAt(s.line, i)
			fences = ok || strings.Contains(s.line[i+len(fenceMarker):], fenceMarker)
		}
		if !ok {
			found, ok = codeAt(s.line, i)
		}
		if !ok {
			i++
			continue
		}
		s.found = append(s.found, found)
		end := found.close + found.width()
		s.mask(i, end)
		i = end
	}
}

func fenceAt(line string, open int) (span, bool) {
	inner := line[open+len(fenceMarker):]
	length := strings.Index(inner, fenceMarker)
	if length < 0 || strings.TrimSpace(inner[:length]) == "" {
		return span{}, false
	}
	return span{open: open, close: open + len(fenceMarker) + length, kind: fence}, true
}

func codeAt(line string, open int) (span, bool) {
	length := strings.IndexByte(line[open+1:], code)
	if length <= 0 {
		return span{}, false
	}
	found := span{open: open, close: open + 1 + length, kind: code}
	return found, opens(line, open) && closes(line, found.close)
}

// addresses masks web addresses, since an underscore in a link is part of the link.
func (s *scanner) addresses() {
	at := 0
	for word := range strings.FieldsFuncSeq(s.line, unicode.IsSpace) {
		at += strings.Index(s.line[at:], word)
		if start := addressStart(word); start >= 0 {
			address := strings.TrimRight(word[start:], "*_~`.,;:!?)]}'\"<>")
			s.mask(at+start, at+start+len(address))
		}
		at += len(word)
	}
}

// addressStart returns where the first web address of the word begins, or -1.
func addressStart(word string) int {
	first := -1
	for _, scheme := range []string{"http://", "https://", "www."} {
		if at := strings.Index(word, scheme); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	return first
}

// emphasis looks for bold, italic and strike between the two offsets; active are the kinds that it is inside of.
func (s *scanner) emphasis(from, to int, active string) {
	without := active // kinds that need not be looked for: active ones and those without a closing marker ahead
	for i := from; i < to; i++ {
		kind := s.line[i]
		if s.masked[i] || !isEmphasis(kind) || strings.IndexByte(without, kind) >= 0 || !opens(s.line[:to], i) {
			continue
		}
		end := s.closing(kind, i, to)
		if end < 0 {
			without += string(rune(kind))
			continue
		}
		s.found = append(s.found, span{open: i, close: end, kind: kind})
		s.emphasis(i+1, end, active+string(rune(kind)))
		i = end
	}
}

func (s *scanner) closing(kind byte, open, to int) int {
	for i := open + 2; i < to; i++ {
		if s.line[i] == kind && !s.masked[i] && closes(s.line, i) {
			return i
		}
	}
	return -1
}

func isEmphasis(c byte) bool { return c == bold || c == italic || c == strike }

// opens tells whether a marker at the offset may open: no word before it, and neither a space nor itself after it.
func opens(line string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(line[:at])
	after, size := utf8.DecodeRuneInString(line[at+1:])
	return size > 0 && !isWord(before) && !unicode.IsSpace(after) && after != rune(line[at])
}

// closes tells whether a marker at the offset may close: no space before it, and no word after it.
func closes(line string, at int) bool {
	before, size := utf8.DecodeLastRuneInString(line[:at])
	after, _ := utf8.DecodeRuneInString(line[at+1:])
	return size > 0 && !unicode.IsSpace(before) && !isWord(after)
}

func isWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}
