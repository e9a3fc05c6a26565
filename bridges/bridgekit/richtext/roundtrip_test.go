package richtext

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
)

// cover lists for each UTF-16 code unit that can be seen what styles it has.
func cover(text Text) []string {
	units := utf16.Encode([]rune(text.Body))
	sets := make([]map[string]bool, len(units))
	for _, s := range text.Spans {
		for i := s.Offset; i < s.end(); i++ {
			if sets[i] == nil {
				sets[i] = make(map[string]bool)
			}
			sets[i][strings.TrimSuffix(string(s.Style)+"="+s.Value, "=")] = true
		}
	}
	out := make([]string, len(units))
	for i, set := range sets {
		if !unicode.IsSpace(rune(units[i])) {
			out[i] = strings.Join(slices.Sorted(maps.Keys(set)), " ")
		}
	}
	return out
}

// randomText makes lines of text, some of which are in quotes and blocks of code, and spans that nest and cross.
func randomText(r *rand.Rand, lines int) Text {
	words := []string{
		"a", "word", "😀", "👩‍👩‍👧‍👦", "🇪🇸", "👋🏽", "שלום", "مرحبا", "e\u0301", "नि", "你好", "\u200f", "\uFEFF", "<b>", "&amp;", "*x*", "`y`",
		"> z", "https://x.y", "@room", "\"", "'", "]]>", "-", "1.", "Bonjour\u00a0!",
	}
	g := generator{r: r}
	for i := range lines {
		if i > 0 {
			g.body.WriteByte('\n')
		}
		g.line(words)
	}
	g.text.Body = g.body.String()
	g.blocks()
	g.crossing()
	return g.text
}

type generator struct {
	r     *rand.Rand
	body  strings.Builder
	text  Text
	lines [][2]int // the offsets of each line
}

// line adds words, and sometimes a link or a mention over some of them. No line is blank.
func (g *generator) line(words []string) {
	start := Len(g.body.String())
	if g.r.IntN(6) == 0 && start > 0 {
		g.body.WriteString(strings.Repeat(" ", 1+g.r.IntN(3)))
	}
	count := 1 + g.r.IntN(6)
	for i := range count {
		from := Len(g.body.String())
		g.body.WriteString(words[g.r.IntN(len(words))] + "w")
		span := Span{Offset: from, Length: Len(g.body.String()) - from}
		switch g.r.IntN(8) {
		case 0:
			span.Style, span.Value = Link, fmt.Sprintf("https://example.org/?a=%d&b=\"", from)
			g.text.Spans = append(g.text.Spans, span)
		case 1:
			span.Style, span.Value = Mention, fmt.Sprint(g.r.IntN(3))
			g.text.Spans = append(g.text.Spans, span)
		}
		if i+1 < count {
			g.body.WriteString(strings.Repeat(" ", g.r.IntN(3)))
		}
	}
	g.lines = append(g.lines, [2]int{start, Len(g.body.String())})
}

// blocks makes some lines quotes, and some of them or of others code.
func (g *generator) blocks() {
	for i := 0; i < len(g.lines); {
		count := 1 + g.r.IntN(3)
		last := min(i+count, len(g.lines)) - 1
		from, to := g.lines[i][0], g.lines[last][1]
		kind := g.r.IntN(6)
		if kind == 0 || kind == 1 {
			g.text.Spans = append(g.text.Spans, Span{Style: Quote, Offset: from, Length: to - from})
		}
		if kind == 1 || kind == 2 {
			line := g.lines[i+g.r.IntN(last-i+1)]
			g.text.Spans = append(g.text.Spans, Span{Style: Pre, Offset: line[0], Length: line[1] - line[0], Value: "go"})
		}
		i = last + 1
	}
}

// crossing adds styles of words that begin and end anywhere between runes.
func (g *generator) crossing() {
	at := byteOffsets(g.text.Body)
	for range 2 * len(g.lines) {
		from := floor(at, g.r.IntN(len(at)-1))
		to := ceil(at, min(from+1+g.r.IntN(20), len(at)-1))
		style := []Style{Bold, Italic, Underline, Strike, Spoiler, Code}[g.r.IntN(6)]
		g.text.Spans = append(g.text.Spans, Span{Style: style, Offset: from, Length: to - from})
	}
	g.r.Shuffle(len(g.text.Spans), func(i, j int) {
		g.text.Spans[i], g.text.Spans[j] = g.text.Spans[j], g.text.Spans[i]
	})
}

// checkRoundTrip sends a text through Matrix and back.
func checkRoundTrip(t *testing.T, in Text) {
	t.Helper()
	plain, formatted := in.ToMatrix(anyone)
	if plain != in.Body {
		t.Fatalf("plain = %q, want %q", plain, in.Body)
	}
	checkHTML(t, formatted)
	for _, d := range []Dialect{full(), {Styles: full().Styles, NestCode: true, Mention: full().Mention}} {
		got := FromMatrix(plain, formatted, d)
		checkSpans(t, got, d)
		if got.Body != in.Body {
			t.Fatalf("round trip\n got %q\nwant %q\nhtml %q", got.Body, in.Body, formatted)
		}
		want := in
		want.Spans = outsidePre(slices.Clone(in.Spans)) // Pre is code already
		found := cover(got)
		for i, styles := range cover(want) {
			if found[i] != styles {
				t.Fatalf("round trip: unit %d of %q has %q, want %q\nhtml %q", i, in.Body, found[i], styles, formatted)
			}
		}
	}
}

func TestTextSurvivesBothWays(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		checkRoundTrip(t, randomText(r, 1+r.IntN(8)))
	}
}

func TestSimpleTextSurvivesBothWays(t *testing.T) {
	for _, in := range []Text{
		{Body: "a\n\n\nb", Spans: []Span{{Bold, 0, 1, ""}}},
		{Body: "a\nq\n\nq\nb", Spans: []Span{{Quote, 2, 4, ""}}},
		{Body: "a\n\nq\n\nb", Spans: []Span{{Quote, 3, 1, ""}}},
		{Body: "q\n\nr\n\n\ns", Spans: []Span{{Quote, 0, 1, ""}, {Quote, 3, 1, ""}, {Quote, 7, 1, ""}}},
		{Body: "  x\n\n\t y\nb", Spans: []Span{{Pre, 0, 8, "c++"}}},
		{Body: "a\nx\n\ny\nb", Spans: []Span{{Quote, 0, 8, ""}, {Pre, 2, 4, ""}, {Bold, 5, 3, ""}}},
		{Body: "a\n \nb", Spans: []Span{{Italic, 4, 1, ""}}},
		{Body: "un😀believable", Spans: []Span{{Spoiler, 2, 2, ""}, {Bold, 1, 4, ""}}},
	} {
		plain, formatted := in.ToMatrix(anyone)
		got := FromMatrix(plain, formatted, full())
		if got.Body != in.Body || !slices.Equal(cover(got), cover(in)) {
			t.Errorf("%q %q\n got %q %q\nhtml %q", in.Body, describe(in), got.Body, describe(got), formatted)
		}
	}
}

func TestLongTextSurvivesBothWays(t *testing.T) {
	for _, size := range []int{4096, 65536} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			unit := "*word* 😀 שלום e\u0301\n"
			in := Text{Body: strings.Repeat(unit, size/Len(unit))}
			in.Body += strings.Repeat("x", size-Len(in.Body))
			for i := 0; i < size-8; i += 64 {
				in.Spans = append(in.Spans, Span{Style: []Style{Bold, Italic, Strike}[i/64%3], Offset: i / 18 * 18, Length: 6})
			}
			plain, formatted := in.ToMatrix(anyone)
			if plain != in.Body || Len(plain) != size {
				t.Fatalf("plain has %d units, want %d", Len(plain), size)
			}
			got := FromMatrix(plain, formatted, full())
			if got.Body != in.Body || !slices.Equal(cover(got), cover(in)) {
				t.Errorf("%d units came back as %d", size, Len(got.Body))
			}
		})
	}
}
