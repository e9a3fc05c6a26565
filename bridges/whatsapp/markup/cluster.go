package markup

import (
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthJoiner = '\u200d'
	keycap          = '\u20e3'
)

// joined tells whether the characters before and after the offset belong together for a reader. It follows the
// parts of Unicode's extended grapheme clusters (UAX 29) that matter in chats: line ends, combining marks, emoji
// with modifiers, joiners and tags, flags, and Hangul in separate letters.
func joined(text string, at int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:at])
	after, next := utf8.DecodeRuneInString(text[at:])
	if size == 0 || next == 0 {
		return false
	}
	switch {
	case before == '\r' && after == '\n':
		return true
	case unicode.IsSpace(before) || unicode.IsControl(before):
		return false
	case before == zeroWidthJoiner, extends(after):
		return true
	case isRegional(before) && isRegional(after):
		return regionalsBefore(text[:at])%2 == 1
	default:
		return hangul(before, after)
	}
}

// extends tells whether the character only changes the one before it.
func extends(r rune) bool {
	return unicode.IsMark(r) || r == zeroWidthJoiner || r == keycap ||
		(r >= 0x1F3FB && r <= 0x1F3FF) || // skin tones
		(r >= 0xE0020 && r <= 0xE007F) // tags, as in the flag of Wales
}

// isRegional tells whether the character is half of a flag.
func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// regionalsBefore counts the flag halves that end the text.
func regionalsBefore(text string) int {
	n := 0
	for {
		r, size := utf8.DecodeLastRuneInString(text)
		if size == 0 || !isRegional(r) {
			return n
		}
		text = text[:len(text)-size]
		n++
	}
}

// hangul tells whether two letters of the Hangul alphabet are parts of one syllable.
func hangul(before, after rune) bool {
	leading := before >= 0x1100 && before <= 0x115F
	vowel := before >= 0x1160 && before <= 0x11A7
	trailing := before >= 0x11A8 && before <= 0x11FF
	syllable := before >= 0xAC00 && before <= 0xD7A3
	switch {
	case after >= 0x1100 && after <= 0x115F, after >= 0xAC00 && after <= 0xD7A3:
		return leading
	case after >= 0x1160 && after <= 0x11A7:
		return leading || vowel || (syllable && (before-0xAC00)%28 == 0)
	case after >= 0x11A8 && after <= 0x11FF:
		return vowel || trailing || syllable
	default:
		return false
	}
}
