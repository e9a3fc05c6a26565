package consent

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are written in several ways that no accent tells apart, or that phones put in by themselves.
var letters = strings.NewReplacer(
	"ß", "ss", "ł", "l", "ø", "o", "đ", "d", "æ", "ae", "œ", "oe", "ς", "σ",
	"ı", "i", // what is left of a Turkish I in small letters
	"ى", "ي", "ة", "ه", // Arabic keyboards differ
	"ـ", "", // makes Arabic words longer on screen
	"’", "'", "‘", "'", "ʼ", "'", "`", "'", "‐", "-", "–", "-", "—", "-",
)

// Fold is the form in which customers' words are compared: it returns what is left of a message when writing it louder,
// politer or on another keyboard makes no difference:
// without what stands around it (spaces, punctuation, emoji), in small letters, without accents, with single spaces.
func Fold(text string) string {
	// Signs that only change how an emoji looks would hide it from trim.
	text = trim(strings.Map(withoutSelectors, strings.ToValidUTF8(text, " ")))
	text = strings.Map(withoutAccents, norm.NFKD.String(text))
	text = letters.Replace(strings.ToLower(text))
	return strings.Join(strings.Fields(trim(text)), " ")
}

// trim takes away all that is no word at both ends. A word may end with a mark, as many do in Hindi, but not begin with one.
func trim(text string) string {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.Nd) })
	return strings.TrimRightFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.Nd, unicode.M) })
}

// withoutSelectors drops what cannot be seen by itself: joiners, directions, and variants of emoji.
func withoutSelectors(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Me, unicode.Variation_Selector) {
		return -1
	}
	return r
}

// withoutAccents drops the accents of Latin, Greek and Cyrillic letters, the vowel signs of Arabic that hardly anybody
// writes, and the dot that many leave out in Hindi. Other marks are letters in all but name.
func withoutAccents(r rune) rune {
	switch {
	case r >= 0x0300 && r <= 0x036F, r >= 0x064B && r <= 0x065F, r == 0x0670, r == 0x093C:
		return -1
	}
	return r
}
