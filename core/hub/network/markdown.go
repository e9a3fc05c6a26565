package network

import (
	"strings"
	"unicode"
)

// Plain lets words of somebody else's, such as the name of an account, stand in Markdown as they are: on one line,
// without formatting, links or mentions.
func Plain(words string) string {
	var text strings.Builder
	for _, r := range OneLine(words) {
		// Source: CommonMark, "Backslash escapes": they may stand before any ASCII punctuation.
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			text.WriteByte('\\')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// OneLine is a name as it can be shown: without line breaks, and without what cannot be seen or turns the reading
// direction of what stands beside it.
func OneLine(name string) string {
	return strings.Join(strings.Fields(strings.Map(visible, strings.ToValidUTF8(name, "\uFFFD"))), " ")
}

// visible drops what cannot be seen, and what turns the reading direction.
func visible(r rune) rune {
	const joiner = '\u200d' // stands inside emoji
	if !unicode.IsSpace(r) && r != joiner && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
		return -1
	}
	return r
}
