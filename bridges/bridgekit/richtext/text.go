// Package richtext is a text with styled parts, as Telegram and Signal have it, and its way to and from Matrix'
// body and formatted_body (org.matrix.custom.html).
//
// Offsets and lengths count UTF-16 code units, which is what both networks count: a letter outside of the Basic
// Multilingual Plane, such as most emoji, is two units. ref: reference/telegram-bot.md §3 "Entities",
// reference/signal-cli.md §3 "Formats"
//
// Nothing here trusts its input. Spans may be out of range, cross each other or be thousands; HTML may be nested,
// broken or huge. The work is about linear in the size of what comes in.
package richtext

// Style is what a Span makes of its text.
type Style string

// The styles that a text can have. A network has some of them; its Dialect says which.
const (
	Bold      Style = "bold"
	Italic    Style = "italic"
	Underline Style = "underline"
	Strike    Style = "strike"
	Spoiler   Style = "spoiler" // hidden until the reader asks for it
	Code      Style = "code"    // monospaced, in the line
	Pre       Style = "pre"     // monospaced, a block of lines; Value is the language or ""
	Quote     Style = "quote"   // a block of lines
	Link      Style = "link"    // Value is the address
	Mention   Style = "mention" // Value is the person's ID
	// CustomEmoji is a picture that stands for the emoji in the text. Matrix gets the text.
	CustomEmoji Style = "custom_emoji"
)

// Placeholder is the character that Signal puts where a mention stands, instead of a name.
// ref: reference/signal-cli.md §5, "mentions"
const Placeholder = "\uFFFC"

// Span styles a part of a text. Offset and Length are in UTF-16 code units.
type Span struct {
	Style          Style
	Offset, Length int
	// Value is the address of a Link, the language of a Pre, or the ID of the person of a Mention: the network's ID
	// in a text from the network and in one for it. Other styles have none.
	Value string
}

// end is the offset after the span's last unit.
func (s Span) end() int { return s.Offset + s.Length }

// Text is a text and its styles. Spans from a network may be in any order and of any shape; those that FromMatrix
// makes are sorted, and lie inside the Body.
type Text struct {
	Body  string
	Spans []Span
}

// Len counts the UTF-16 code units of s. A byte that is no UTF-8 counts as one.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// width is how many UTF-16 code units a rune takes.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// Slice returns the part of the text between two offsets in UTF-16 code units, with the spans cut to it. Offsets
// outside of the text are moved to its ends, and one inside of a surrogate pair is moved before the pair, so that
// Slice(0, n) and Slice(n, Len) together are always the whole text.
func (t Text) Slice(from, to int) Text {
	at := byteOffsets(t.Body)
	units := len(at) - 1
	from, to = floor(at, min(max(from, 0), units)), floor(at, min(max(to, 0), units))
	if from >= to {
		return Text{}
	}
	part := Text{Body: t.Body[at[from]:at[to]]}
	for _, s := range t.Spans {
		start, end, ok := bounds(s, units)
		start, end = max(start, from), min(end, to)
		if !ok || start >= end {
			continue
		}
		s.Offset, s.Length = start-from, end-start
		part.Spans = append(part.Spans, s)
	}
	return part
}

// byteOffsets maps offsets in UTF-16 code units, the text's end included, to byte offsets. Both units of a surrogate
// pair have the same one.
func byteOffsets(s string) []int {
	at := make([]int, 0, len(s)+1)
	for i, r := range s {
		at = append(at, i)
		if width(r) == 2 {
			at = append(at, i)
		}
	}
	return append(at, len(s))
}

// floor moves an offset that is inside of a surrogate pair before the pair.
func floor(at []int, unit int) int {
	if unit > 0 && at[unit] == at[unit-1] {
		return unit - 1
	}
	return unit
}

// ceil moves an offset that is inside of a surrogate pair behind the pair.
func ceil(at []int, unit int) int {
	if unit > 0 && at[unit] == at[unit-1] {
		return unit + 1
	}
	return unit
}

// bounds cuts a span to a text of so many units; false if nothing is left. No sum of what the network says can
// overflow.
func bounds(s Span, units int) (start, end int, ok bool) {
	if s.Length <= 0 || s.Offset >= units {
		return 0, 0, false
	}
	if s.Offset >= 0 && s.Length > units-s.Offset {
		end = units
	} else {
		end = min(s.end(), units)
	}
	start = max(s.Offset, 0)
	return start, end, start < end
}
