package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is text of one line in one style: the kinds that it is inside of, outermost first.
type piece struct {
	text, style string
}

// part is a stretch of a line that is never cut: a word, a literal marker, or a marker that is meant.
type part struct {
	text    string
	pair    int  // joins the two markers of a span that is meant; 0 for text
	literal bool // a marker character that is text
}

// writeLine writes the pieces of one line as WhatsApp markup and makes sure that WhatsApp reads it as it is meant.
func writeLine(pieces []piece) string {
	atoms := atomize(tokenize(codeStyle(merge(pieces))))
	// Each pass that changes something deals with one fault at least, so most lines take two passes. The bound is
	// for lines made to take many; those lose their formatting.
	const passes = 12
	for range passes {
		line, settled := settle(atoms)
		if settled {
			return line
		}
	}
	for i := range atoms {
		switch {
		case atoms[i].pair != 0:
			atoms[i].text = ""
		case atoms[i].literal:
			atoms[i].text = plainMarker.Replace(atoms[i].text)
		}
	}
	line, _ := joinAtoms(atoms)
	return line
}

// plainMarker replaces the markers by signs that look alike, for lines that cannot be kept right in another way.
var plainMarker = strings.NewReplacer("*", "\u2217", "_", "\uff3f", "~", "\u223c", "`", graveLike, hairSpace, "")

// settle reads the line as WhatsApp does. It takes the force from markers that are not meant and drops meant ones
// that do not count; settled is true if there were none of either.
func settle(atoms []part) (line string, settled bool) {
	line, at := joinAtoms(atoms)
	counted := map[int]bool{}
	settled = true
	for _, found := range spans(line) {
		open, end := at[found.open], at[found.close]
		if open == nil || end == nil {
			return line, false
		}
		if open.pair != 0 && open.pair == end.pair {
			counted[open.pair] = true
			continue
		}
		settled = false
		weaken(atoms, open, end)
	}
	if !settled {
		return line, false
	}
	for i := range atoms {
		if atoms[i].pair != 0 && atoms[i].text != "" && !counted[atoms[i].pair] {
			atoms[i].text, settled = "", false
		}
	}
	return line, settled
}

// weaken takes the force from one of the two markers of a span that is not meant.
func weaken(atoms []part, open, end *part) {
	switch {
	case open.literal && open.text == string(rune(code)):
		open.text = graveLike
	case end.literal && end.text == string(rune(code)):
		end.text = graveLike
	case open.literal:
		open.text += hairSpace
	case end.literal:
		end.text = hairSpace + end.text
	default: // two meant ones that do not belong together
		for i := range atoms {
			if atoms[i].pair == open.pair {
				atoms[i].text = ""
			}
		}
	}
}

// joinAtoms returns the line and, by the byte offset of each marker, the part that it comes from.
func joinAtoms(atoms []part) (string, map[int]*part) {
	var b strings.Builder
	at := map[int]*part{}
	for i := range atoms {
		if a := &atoms[i]; a.literal {
			at[b.Len()+strings.IndexAny(a.text, "*_~`"+graveLike)] = a
		} else if a.pair != 0 {
			at[b.Len()] = a
		}
		b.WriteString(atoms[i].text)
	}
	return b.String(), at
}

// merge joins neighbours of the same style and drops empty pieces.
func merge(pieces []piece) []piece {
	var merged []piece
	for _, p := range pieces {
		switch n := len(merged); {
		case p.text == "":
		case n > 0 && merged[n-1].style == p.style:
			merged[n-1].text += p.text
		default:
			merged = append(merged, p)
		}
	}
	return merged
}

// codeStyle makes code with backticks in it a fence, whose markers it cannot close, or replaces the backticks.
func codeStyle(pieces []piece) []piece {
	for i, p := range pieces {
		tick := string(rune(code))
		outer, isCode := strings.CutSuffix(p.style, tick)
		if !isCode || !strings.Contains(p.text, tick) {
			continue
		}
		text := strings.TrimSpace(p.text)
		if strings.HasPrefix(text, tick) || strings.HasSuffix(text, tick) || strings.Contains(text, fenceMarker) {
			pieces[i].text = strings.ReplaceAll(p.text, tick, graveLike)
		} else {
			pieces[i].style = outer + string(rune(fence))
		}
	}
	return pieces
}

// tokenize cuts pieces into words and white space. White space keeps only the style that the words on both of its
// sides have too, since WhatsApp allows none directly inside a marker.
func tokenize(pieces []piece) []piece {
	var tokens []piece
	for _, p := range pieces {
		text := strings.ReplaceAll(p.text, "\u00a0", " ")
		for text != "" {
			first, _ := utf8.DecodeRuneInString(text)
			space := unicode.IsSpace(first)
			end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) != space })
			if end < 0 {
				end = len(text)
			}
			tokens = append(tokens, piece{text: text[:end], style: p.style})
			text = text[end:]
		}
	}
	before := ""
	for i := range tokens {
		if isSpace(tokens[i]) {
			tokens[i].style = common(tokens[i].style, before)
		} else {
			before = tokens[i].style
		}
	}
	after := ""
	for i := len(tokens) - 1; i >= 0; i-- {
		if isSpace(tokens[i]) {
			tokens[i].style = common(tokens[i].style, after)
		} else {
			after = tokens[i].style
		}
	}
	return tokens
}

func isSpace(p piece) bool { return strings.TrimSpace(p.text) == "" }

// common returns the common beginning of two styles.
func common(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// atomize puts markers around the tokens of one style and sets literal marker characters apart.
func atomize(tokens []piece) []part {
	var atoms []part
	var inside []part // the opening markers that are not closed yet
	pair := 0
	change := func(inStyle, to string) {
		keep := len(common(inStyle, to))
		for n := len(inside) - 1; n >= keep; n-- {
			atoms = append(atoms, inside[n])
		}
		inside = inside[:keep]
		for i := keep; i < len(to); i++ {
			pair++
			inside = append(inside, part{text: marker(to[i]), pair: pair})
			atoms = append(atoms, inside[i])
		}
	}
	style := ""
	for _, token := range tokens {
		change(style, token.style)
		style = token.style
		atoms = append(atoms, literals(token)...)
	}
	change(style, "")
	return atoms
}

// literals cuts a token at its marker characters. Three backticks in a row could open a fence that goes on past the
// line; they are replaced, but for those in inline code, of which codeStyle has taken care.
func literals(token piece) []part {
	text := strings.ReplaceAll(token.text, fenceMarker, graveLike+graveLike+graveLike)
	var atoms []part
	for text != "" {
		at := strings.IndexAny(text, "*_~`")
		if at < 0 {
			at = len(text)
		}
		if at > 0 {
			atoms = append(atoms, part{text: text[:at]})
		}
		if text = text[at:]; text != "" {
			atoms = append(atoms, part{text: text[:1], literal: true})
			text = text[1:]
		}
	}
	return atoms
}
