// Package markup turns WhatsApp's text markup into Matrix HTML and back, and cuts long texts.
//
// WhatsApp knows *bold*, _italic_, ~strike~, ```mono``` (may span lines), `code`, "> " quotes, "- " and "* "
// bullets and "1. " numbers (reference/whatsapp-cloud.md, section 5.1). Three rules decide whether an inline
// marker counts, and this package applies them in both directions through one parser, spans:
//
//   - the character before the opening and after the closing marker is no letter, digit or combining mark,
//   - there is no white space directly inside the markers and something between them,
//   - both markers stand on one line, outside of code and outside of a web address.
//
// WhatsApp has no escape character. What FromMatrix writes is therefore read again with spans: a marker that would
// count although nobody meant it gets a hair space (U+200A) on its inner side, which by the second rule makes it
// plain text and can hardly be seen; an unmeant backtick becomes U+02CB. A marker that is meant but would not count,
// such as one inside a word, is left out, so that the reader sees clean text without emphasis rather than stray
// signs. Quote and list signs at the start of a line stay, since they mean the same to a reader.
package markup

// The kinds of inline markup. The value is the marker itself, but for fence, whose marker is three backticks.
const (
	bold   = '*'
	italic = '_'
	strike = '~'
	code   = '`'
	fence  = 'F'
)

const (
	fenceMarker = "```"
	hairSpace   = "\u200a"
	// graveLike looks like a backtick and is none.
	graveLike = "\u02cb"
)

// marker returns the text that opens and closes the kind.
func marker(kind byte) string {
	if kind == fence {
		return fenceMarker
	}
	return string(rune(kind))
}
