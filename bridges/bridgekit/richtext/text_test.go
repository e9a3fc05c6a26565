package richtext

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestLen(t *testing.T) {
	for _, s := range []string{"", "abc", "é", "😀", "👩‍👩‍👧", "שלום", "e\u0301", "\uFFFC", "a\U0010FFFF"} {
		if got, want := Len(s), len(utf16.Encode([]rune(s))); got != want {
			t.Errorf("Len(%q) = %d, want %d", s, got, want)
		}
	}
	if got := Len("a\xff\xfe"); got != 3 {
		t.Errorf("Len of broken UTF-8 = %d, want one for each byte", got)
	}
}

func TestSlice(t *testing.T) {
	text := Text{Body: "ab😀cd", Spans: []Span{{Bold, 1, 4, ""}, {Link, 0, 6, "https://x.y"}, {Italic, 5, 99, ""}, {Code, 0, 1, ""}, {Strike, 3, 1, ""}}}
	for _, tc := range []struct {
		name     string
		from, to int
		body     string
		spans    []Span
	}{
		{"All", 0, 6, "ab😀cd", []Span{{Bold, 1, 4, ""}, {Link, 0, 6, "https://x.y"}, {Italic, 5, 1, ""}, {Code, 0, 1, ""}, {Strike, 3, 1, ""}}},
		{"Start", 0, 2, "ab", []Span{{Bold, 1, 1, ""}, {Link, 0, 2, "https://x.y"}, {Code, 0, 1, ""}}},
		{"End", 4, 6, "cd", []Span{{Bold, 0, 1, ""}, {Link, 0, 2, "https://x.y"}, {Italic, 1, 1, ""}}},
		{"EndsInsideAPair", 0, 3, "ab", []Span{{Bold, 1, 1, ""}, {Link, 0, 2, "https://x.y"}, {Code, 0, 1, ""}}},
		{"BeginsInsideAPair", 3, 6, "😀cd", []Span{{Bold, 0, 3, ""}, {Link, 0, 4, "https://x.y"}, {Italic, 3, 1, ""}, {Strike, 1, 1, ""}}},
		{"Nothing", 3, 3, "", nil},
		{"Backwards", 4, 1, "", nil},
		{"OutOfRange", -7, 99, "ab😀cd", []Span{{Bold, 1, 4, ""}, {Link, 0, 6, "https://x.y"}, {Italic, 5, 1, ""}, {Code, 0, 1, ""}, {Strike, 3, 1, ""}}},
		{"FarOutOfRange", math.MaxInt, math.MaxInt, "", nil},
		{"FarBelow", math.MinInt, math.MinInt, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := text.Slice(tc.from, tc.to)
			if got.Body != tc.body || !slices.Equal(got.Spans, tc.spans) {
				t.Errorf("Slice(%d, %d) = %+v", tc.from, tc.to, got)
			}
		})
	}
	t.Run("PartsAreTheWhole", func(t *testing.T) {
		body := strings.Repeat("a😀b👩‍👧 ש", 20)
		whole := Text{Body: body}
		for n := range Len(body) + 1 {
			if got := whole.Slice(0, n).Body + whole.Slice(n, Len(body)).Body; got != body {
				t.Fatalf("cut at %d: %q", n, got)
			}
		}
	})
}
