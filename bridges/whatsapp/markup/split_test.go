package markup

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSplit(t *testing.T) {
	ten := strings.Repeat("abcdefghi ", 3) // 30 characters, three words
	for _, tc := range []struct {
		name  string
		in    string
		limit int
		want  []string
	}{
		{"Empty", "", 10, nil},
		{"Fits", "0123456789", 10, []string{"0123456789"}},
		{"NoLimit", ten, 0, []string{ten}},
		{"AtParagraph", ten + "\n\nsecond line\nthird", 48, []string{strings.TrimSpace(ten), "second line\nthird"}},
		{"AtLine", ten + "\nsecond third", 40, []string{strings.TrimSpace(ten), "second third"}},
		{"AtWordIfLinesAreTooShort", "a\n\nb\n" + ten, 33, []string{"a\n\nb\nabcdefghi abcdefghi", "abcdefghi "}},
		{"AtWord", "hello world", 8, []string{"hello", "world"}},
		{"AtWordThatFitsExactly", "hello world", 5, []string{"hello", "world"}},
		{"AtRune", "0123456789", 4, []string{"0123", "4567", "89"}},
		{"RunesNotBytes", "ñññññ", 3, []string{"ñññ", "ññ"}},
		{"KeepsEmojiSequence", "aaa👩‍👩‍👧b", 6, []string{"aaa", "👩‍👩‍👧b"}},
		{"KeepsFlags", "🇪🇸🇫🇷🇩🇪", 3, []string{"🇪🇸", "🇫🇷", "🇩🇪"}},
		{"KeepsSkinTone", "ab👋🏽", 3, []string{"ab", "👋🏽"}},
		{"KeepsAccents", "abe\u0301", 3, []string{"ab", "e\u0301"}},
		{"KeepsHangul", "a\u1112\u1161\u11ab", 3, []string{"a", "\u1112\u1161\u11ab"}},
		{"CutsASequenceThatIsTooLong", "👩‍👩‍👧", 2, []string{"👩‍", "👩‍", "👧"}},
		{"NoBreakSpaceHolds", "aaa b\u00a0c", 5, []string{"aaa", "b\u00a0c"}},
		{"ClosesBold", "*" + strings.Repeat("word ", 8) + "end*", 32, []string{"*word word word word word word*", "*word word end*"}},
		{"ClosesNested", "*_" + strings.Repeat("word ", 8) + "end_*", 32, []string{"*_word word word word word_*", "*_word word word end_*"}},
		{"ClosesFence", "```" + strings.Repeat("line\n", 8) + "end```", 32, []string{"```line\nline\nline\nline\nline```", "```line\nline\nline\nend```"}},
		{"QuoteGoesOn", "> " + strings.Repeat("word ", 8) + "end", 32, []string{"> word word word word word word", "> word word end"}},
		{"DoesNotPartMarkers", strings.Repeat("a", 31) + "*b*", 32, []string{strings.Repeat("a", 32-1) + "*", "b*"}},
		{"DoesNotPartMarkersThatCount", strings.Repeat(".", 31) + "*b*", 32, []string{strings.Repeat(".", 31), "*b*"}},
		{"IndentStays", strings.Repeat("a", 30) + "\n  - b", 32, []string{strings.Repeat("a", 30), "  - b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Split(tc.in, tc.limit); !slices.Equal(got, tc.want) {
				t.Errorf("Split(%q, %d)\n got %q\nwant %q", tc.in, tc.limit, got, tc.want)
			}
		})
	}
}

func TestSplitLongTexts(t *testing.T) {
	for name, unit := range map[string]string{
		"Words":       "word *bold words here* _x_\n\n> quote of `code` here\n- item\n",
		"NoSpaces":    "abcdefghij",
		"Emoji":       "👩‍👩‍👧🇪🇸",
		"RightToLeft": "*שלום עולם* ",
		"Marks":       "a\u0301\u0302\u0303",
		"OneMark":     "\u0301",
		"Markers":     "*_~`",
		"Nested":      "*_~a~_* ",
		"Fence":       "```a\nb c``` ",
	} {
		t.Run(name, func(t *testing.T) {
			in := strings.Repeat(unit, 65536/len(unit))
			for _, limit := range []int{1, 31, 32, 1024, 4096} {
				checkParts(t, in, limit)
			}
		})
	}
}

// checkParts checks what holds for every text: no part over the limit, none empty, no text lost or changed.
func checkParts(t *testing.T, in string, limit int) {
	t.Helper()
	parts := Split(in, limit)
	for _, part := range parts {
		if n := utf8.RuneCountInString(part); n > limit {
			t.Errorf("limit %d: a part has %d characters", limit, n)
		}
		if part == "" {
			t.Errorf("limit %d: an empty part", limit)
		}
	}
	if got, want := bare(strings.Join(parts, "")), bare(in); got != want {
		t.Errorf("limit %d: the text changed: %.100q, want %.100q", limit, got, want)
	}
}

// bare leaves out what Split and ToMatrix may add or take away: markers, signs and white space.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_~`>-.0123456789\x00", r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
