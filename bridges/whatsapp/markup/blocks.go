package markup

import (
	"regexp"
	"strconv"
	"strings"
)

// blockKind is what a run of lines is.
type blockKind int

const (
	textBlock blockKind = iota
	quoteBlock
	bulletBlock
	numberBlock
	preBlock
)

// block is a run of lines of one kind, without the signs that mark the kind. A preBlock has one element, which may
// hold line breaks.
type block struct {
	kind  blockKind
	lines []string
	start int // the first number of a numberBlock
}

// numbered matches what WhatsApp shows as a numbered line. Nine digits are what an HTML list can count surely.
var numbered = regexp.MustCompile(`^([0-9]{1,9})\. +(\S.*)$`)

// blocks cuts a text into its blocks.
func blocks(text string) []block {
	var found blockList
	fences := true
	for more := true; more; {
		if fences {
			var cut fenceCut
			if cut, fences = cutFence(text); cut.found {
				if cut.before != "" {
					found.line(cut.before)
				}
				found = append(found, block{kind: preBlock, lines: []string{cut.inner}})
				more = cut.after != ""
				text = strings.TrimPrefix(cut.after, "\n")
				continue
			}
		}
		var line string
		line, text, more = strings.Cut(text, "\n")
		found.line(line)
	}
	return found
}

// fenceCut is a text around its first fence.
type fenceCut struct {
	before, inner, after string
	found                bool
}

// cutFence looks for a fence that begins in the first line of text and that is a block of its own: it goes on past
// the line, or the line holds nothing else. Fences inside one line are inline markup and left to spans. more is
// false if an opening fence is not closed anywhere, so that nobody has to look again.
func cutFence(text string) (cut fenceCut, more bool) {
	lineEnd := strings.IndexByte(text, '\n')
	if lineEnd < 0 {
		lineEnd = len(text)
	}
	for from := 0; from <= lineEnd; {
		open := strings.Index(text[from:lineEnd], fenceMarker)
		if open < 0 {
			return fenceCut{}, true
		}
		open += from
		start := open + len(fenceMarker)
		length := strings.Index(text[start:], fenceMarker)
		if length < 0 {
			return fenceCut{}, false
		}
		end := start + length
		inner, after := text[start:end], text[end+len(fenceMarker):]
		alone := open == 0 && (after == "" || after[0] == '\n')
		if strings.TrimSpace(inner) != "" && (alone || end > lineEnd) {
			inner = strings.TrimSuffix(strings.TrimPrefix(inner, "\n"), "\n")
			return fenceCut{before: text[:open], inner: inner, after: after, found: true}, true
		}
		from = end + len(fenceMarker)
	}
	return fenceCut{}, true
}

type blockList []block

// line adds one line to the last block if it is of the same kind, or else begins a new one.
func (l *blockList) line(line string) {
	var last *block
	if len(*l) > 0 {
		last = &(*l)[len(*l)-1]
	}
	next := readLine(line)
	if last != nil && last.kind == quoteBlock && strings.TrimRight(line, " ") == ">" {
		next = block{kind: quoteBlock, lines: []string{""}}
	}
	continues := last != nil && last.kind == next.kind &&
		(next.kind != numberBlock || next.start == last.start+len(last.lines))
	if !continues {
		*l = append(*l, next)
		return
	}
	last.lines = append(last.lines, next.lines...)
}

// readLine says what one line is by itself.
func readLine(line string) block {
	if rest, ok := cutSign(line, "> "); ok {
		return block{kind: quoteBlock, lines: []string{rest}}
	}
	for _, sign := range []string{"- ", "* "} {
		if rest, ok := cutSign(line, sign); ok {
			return block{kind: bulletBlock, lines: []string{rest}}
		}
	}
	if match := numbered.FindStringSubmatch(line); match != nil {
		if start, err := strconv.Atoi(match[1]); err == nil {
			return block{kind: numberBlock, lines: []string{match[2]}, start: start}
		}
	}
	return block{kind: textBlock, lines: []string{line}}
}

// cutSign removes a sign from the start of the line; what is left must not be blank.
func cutSign(line, sign string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(line, sign)
	rest = strings.TrimLeft(rest, " ")
	return rest, ok && strings.TrimSpace(rest) != ""
}
