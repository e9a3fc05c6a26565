package network

import (
	"strings"
	"unicode"
)

// Plain lets words of somebody else's, such as the name of an account, stand in Markdown as they are: on one line,
// without formatting, links or mentions.
func Plain(words string) string {
	words = strings.Map(visible, strings.ToValidUTF8(words, "\uFFFD"))
	var text strings.Builder
	for _, r := range strings.Join(strings.Fields(words), " ") {
		// Source: CommonMark, "Backslash escapes": they may stand before any ASCII punctuation.
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			text.WriteByte('\\')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// visible drops what cannot be seen, and what turns the reading direction.
func visible(r rune) rune {
	const joiner = '\u200d' // stands inside emoji
	if !unicode.IsSpace(r) && r != joiner && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
		return -1
	}
	return r
}
