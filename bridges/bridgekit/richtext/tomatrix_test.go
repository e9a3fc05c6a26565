package richtext

import (
	"math"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

// anyone knows everybody whose ID is a number, and the name of "nameless".
func anyone(value string) (userID id.UserID, name string, ok bool) {
	switch {
	case value == "":
		return "", "", false
	case strings.Trim(value, "0123456789") == "":
		return id.NewUserID("net_"+value, "example.org"), "Ann " + value, true
	case value == "bob":
		return "", "@Bob", false
	case value == "broken":
		return `no"id`, "", true
	default:
		return "", "", false
	}
}

func TestToMatrix(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		spans    []Span
		html     string
	}{
		{"PlainTextHasNoHTML", "Hello <b>", nil, ""},
		{"Bold", "a b", []Span{{Bold, 2, 1, ""}}, "a <strong>b</strong>"},
		{"EachStyle", "abcdef", []Span{{Bold, 0, 1, ""}, {Italic, 1, 1, ""}, {Underline, 2, 1, ""}, {Strike, 3, 1, ""}, {Spoiler, 4, 1, ""}, {Code, 5, 1, ""}},
			"<strong>a</strong><em>b</em><u>c</u><del>d</del><span data-mx-spoiler>e</span><code>f</code>"},
		{"Nested", "abc", []Span{{Bold, 0, 3, ""}, {Italic, 1, 1, ""}}, "<strong>a<em>b</em>c</strong>"},
		{"NestedInAnyOrder", "abc", []Span{{Italic, 1, 1, ""}, {Bold, 0, 3, ""}}, "<strong>a<em>b</em>c</strong>"},
		{"SamePlace", "a", []Span{{Italic, 0, 1, ""}, {Bold, 0, 1, ""}, {Italic, 0, 1, ""}}, "<strong><em>a</em></strong>"},
		{"Overlapping", "abc", []Span{{Bold, 0, 2, ""}, {Italic, 1, 2, ""}}, "<strong>a<em>b</em></strong><em>c</em>"},
		{"OverlappingThemselves", "abc", []Span{{Bold, 0, 2, ""}, {Bold, 1, 2, ""}}, "<strong>abc</strong>"},
		{"SideBySide", "ab", []Span{{Bold, 0, 1, ""}, {Bold, 1, 1, ""}}, "<strong>ab</strong>"},
		{"LinkStaysWhole", "abcde", []Span{{Bold, 0, 2, ""}, {Link, 1, 3, "https://x.y"}, {Italic, 2, 1, ""}, {Strike, 0, 5, ""}, {Code, 3, 2, ""}},
			`<del><strong>a</strong><a href="https://x.y"><strong>b</strong><em>c</em><code>d</code></a><code>e</code></del>`},
		{"MentionStaysWhole", "abc", []Span{{Bold, 0, 2, ""}, {Mention, 1, 2, "7"}}, `<strong>a</strong><a href="https://matrix.to/#/@net_7:example.org"><strong>b</strong>c</a>`},
		{"LinksDoNotNest", "abc", []Span{{Link, 0, 2, "https://x.y"}, {Link, 1, 2, "https://z.y"}}, `<a href="https://x.y">ab</a><a href="https://z.y">c</a>`},
		{"LinkEndsAtABlock", "ab\nc", []Span{{Link, 0, 4, "https://x.y"}, {Quote, 3, 1, ""}}, `<a href="https://x.y">ab</a><blockquote>c</blockquote>`},
		{"OutOfRange", "abc", []Span{{Bold, -5, 6, ""}, {Italic, 2, 99, ""}, {Code, 3, 1, ""}, {Code, -2, 2, ""}, {Code, 1, 0, ""}, {Code, 1, -1, ""}},
			"<strong>a</strong>b<em>c</em>"},
		{"Overflowing", "abc", []Span{{Bold, 1, math.MaxInt, ""}, {Code, math.MinInt, math.MaxInt, ""}, {Code, math.MaxInt, math.MaxInt, ""}, {Code, math.MinInt, math.MinInt, ""}},
			"a<strong>bc</strong>"},
		{"InsideASurrogatePair", "😀😀x", []Span{{Bold, 1, 2, ""}}, "<strong>😀😀</strong>x"},
		{"AfterEmoji", "😀 👩‍👧b", []Span{{Bold, 3, 5, ""}, {Italic, 8, 1, ""}}, "😀 <strong>👩‍👧</strong><em>b</em>"},
		{"TagsStayText", "<b>&amp;\"'", []Span{{Bold, 0, 3, ""}}, "<strong>&lt;b&gt;</strong>&amp;amp;&#34;&#39;"},
		{"LineBreaks", "a\nb\n\nc", []Span{{Bold, 0, 3, ""}}, "<strong>a<br>b</strong><br><br>c"},
		{"WindowsLineBreaks", "a\r\nb\rc", []Span{{Bold, 3, 1, ""}}, "a<br><strong>b</strong><br>c"},
		{"SpacesStay", " a  b \n c", []Span{{Bold, 1, 1, ""}}, "\u00a0<strong>a</strong>\u00a0 b\u00a0<br>\u00a0c"},
		{"TabsStay", "a\tb", []Span{{Bold, 0, 1, ""}}, "<strong>a</strong>\u00a0\u00a0\u00a0\u00a0b"},
		{"ZeroByte", "a\x00b", []Span{{Bold, 2, 1, ""}}, "a<strong>b</strong>"},
		{"BrokenUTF8", "a\xff\xfeb", []Span{{Bold, 3, 1, ""}}, "a\uFFFD\uFFFD<strong>b</strong>"},
		{"RightToLeft", "שלום עולם", []Span{{Bold, 5, 4, ""}}, "שלום <strong>עולם</strong>"},
		{"Pre", "a\nx  y\n z\nb", []Span{{Pre, 2, 7, "go"}}, `a<pre><code class="language-go">x  y` + "\n" + ` z</code></pre>b`},
		{"PreWithoutLanguage", "a", []Span{{Pre, 0, 1, ""}}, "<pre><code>a</code></pre>"},
		{"PreWithABadLanguage", "a", []Span{{Pre, 0, 1, `"><script>`}}, "<pre><code>a</code></pre>"},
		{"PreWithALongLanguage", "a", []Span{{Pre, 0, 1, strings.Repeat("x", 41)}}, "<pre><code>a</code></pre>"},
		{"PreWithALineBreakAtItsEnd", "a\nx\nb", []Span{{Pre, 1, 3, ""}}, "a<pre><code>x</code></pre>b"},
		{"CodeInPre", "abc", []Span{{Pre, 1, 1, ""}, {Code, 0, 3, ""}}, "<code>a</code><pre><code>b</code></pre><code>c</code>"},
		{"Quote", "a\n\nb\nc\n\nd", []Span{{Quote, 3, 3, ""}}, "a<br><br><blockquote>b<br>c</blockquote><br>d"},
		{"QuotesSideBySide", "a\nb\n\nc", []Span{{Quote, 0, 1, ""}, {Quote, 2, 1, ""}, {Quote, 5, 1, ""}}, "<blockquote>a</blockquote><blockquote>b</blockquote><br><blockquote>c</blockquote>"},
		{"QuoteOfPre", "a\nb\nc", []Span{{Pre, 2, 1, ""}, {Quote, 0, 5, ""}}, "<blockquote>a<pre><code>b</code></pre>c</blockquote>"},
		{"QuoteInBold", "a\nb\nc", []Span{{Bold, 0, 5, ""}, {Quote, 2, 1, ""}}, "<strong>a</strong><blockquote><strong>b</strong></blockquote><strong>c</strong>"},
		{"QuoteOfLineBreaks", "a\n\n\nb", []Span{{Quote, 1, 2, ""}}, ""},
		{"Link", "a b", []Span{{Link, 2, 1, "https://example.org/?a=1&b=\"2\""}}, `a <a href="https://example.org/?a=1&amp;b=&#34;2&#34;">b</a>`},
		{"LinkSchemes", "abcdefg", []Span{
			{Link, 0, 1, "http://x"}, {Link, 1, 1, "mailto:a@b"}, {Link, 2, 1, "tel:+34"}, {Link, 3, 1, "tg://user?id=1"}, {Link, 4, 1, "matrix:r/a:b"},
			{Link, 5, 1, "geo:1,2"}, {Link, 6, 1, "HTTPS://X"},
		}, `<a href="http://x">a</a><a href="mailto:a@b">b</a><a href="tel:+34">c</a><a href="tg://user?id=1">d</a>` +
			`<a href="matrix:r/a:b">e</a><a href="geo:1,2">f</a><a href="HTTPS://X">g</a>`},
		{"LinksThatAreNone", "abcdefg", []Span{
			{Link, 0, 1, "javascript:alert(1)"}, {Link, 1, 1, "data:text/html,x"}, {Link, 2, 1, "/x"}, {Link, 3, 1, "example.org"}, {Link, 4, 1, "https://"},
			{Link, 5, 1, "java\nscript:x"}, {Link, 6, 1, "https://x/" + strings.Repeat("a", 5000)},
		}, ""},
		{"LinksOfWhiteSpace", "a b\nc", []Span{{Link, 1, 1, "https://x.y"}, {Link, 3, 2, "https://x.y"}, {Pre, 4, 1, ""}}, "a b<pre><code>c</code></pre>"},
		{"Mention", "Hi @ann!", []Span{{Mention, 3, 4, "7"}}, `Hi <a href="https://matrix.to/#/@net_7:example.org">@ann</a>!`},
		{"MentionOfAnUnknownPerson", "Hi @ann!", []Span{{Mention, 3, 4, "x"}, {Mention, 0, 1, "bob"}}, ""},
		{"MentionWithABadID", "Hi @ann!", []Span{{Mention, 3, 4, "broken"}}, ""},
		{"CustomEmoji", "a😀", []Span{{CustomEmoji, 1, 2, "5368"}}, ""},
		{"UnknownStyle", "a", []Span{{"blink", 0, 1, ""}, {"", 0, 1, ""}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := Text{Body: tc.in, Spans: tc.spans}
			plain, html := in.ToMatrix(anyone)
			if visible(plain) != visible(tc.in) {
				t.Errorf("plain = %q, want the original", plain)
			}
			if html != tc.html {
				t.Errorf("ToMatrix(%q %v)\n got %q\nwant %q", tc.in, tc.spans, html, tc.html)
			}
			checkHTML(t, html)
		})
	}
}

func TestToMatrixPutsNamesForPlaceholders(t *testing.T) {
	in := Text{Body: "😀 \uFFFC and \uFFFC, \uFFFC: \uFFFC bold", Spans: []Span{
		{Mention, 3, 1, "7"}, {Mention, 9, 1, "bob"}, {Mention, 12, 1, "nobody"}, {Bold, 17, 4, ""}, {Italic, 9, 1, ""},
	}}
	plain, html := in.ToMatrix(anyone)
	if want := "😀 @Ann 7 and @Bob, \uFFFC: \uFFFC bold"; plain != want {
		t.Errorf("plain = %q, want %q", plain, want)
	}
	if want := `😀 <a href="https://matrix.to/#/@net_7:example.org">@Ann 7</a> and <em>@Bob</em>, ` + "\uFFFC: \uFFFC <strong>bold</strong>"; html != want {
		t.Errorf("html = %q, want %q", html, want)
	}
}

func TestToMatrixAsksOnceForEachPerson(t *testing.T) {
	asked := make(map[string]int)
	in := Text{Body: strings.Repeat("a", 100)}
	for i := range 100 {
		in.Spans = append(in.Spans, Span{Mention, i, 1, string(rune('0' + i%2))})
	}
	in.ToMatrix(func(value string) (id.UserID, string, bool) {
		asked[value]++
		return "", "", false
	})
	if len(asked) != 2 || asked["0"] != 1 || asked["1"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

func TestToMatrixWithoutAnyoneToAsk(t *testing.T) {
	in := Text{Body: "\uFFFC a", Spans: []Span{{Mention, 0, 1, "7"}}}
	if plain, html := in.ToMatrix(nil); plain != in.Body || html != "" {
		t.Errorf("got %q %q", plain, html)
	}
}

// A quadratic way would not end within the test's time limit on texts of this size.
func TestToMatrixIsLinear(t *testing.T) {
	const size = 1 << 16
	long := "https://example.org/" + strings.Repeat("x", 2000)
	body := strings.Repeat("ab\n😀", size/5+1)
	for _, tc := range []struct {
		name  string
		style func(i int) []Span
	}{
		{"EachCharacter", func(i int) []Span { return []Span{{Bold, i, 1, ""}, {Italic, i, 1, ""}} }},
		{"EachSecond", func(i int) []Span { return []Span{{Bold, i * 2, 1, ""}, {Link, i, 1, "https://x.y"}} }},
		{"AllTheWay", func(i int) []Span {
			return []Span{{spanStyles()[i%len(spanStyles())], i, size, "https://x.y"}}
		}},
		{"FromTheStart", func(i int) []Span { return []Span{{spanStyles()[i%len(spanStyles())], 0, i, "https://x.y"}} }},
		{"Crossing", func(i int) []Span {
			return []Span{{spanStyles()[i%len(spanStyles())], i, i % 100, "https://x.y"}}
		}},
		{"QuotesInALink", func(i int) []Span { return []Span{{Link, 0, size, long}, {Quote, i * 5, 2, ""}} }},
		{"CodesInPre", func(i int) []Span { return []Span{{Pre, i * 3, 1, ""}, {Code, i, size, ""}} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := Text{Body: body}
			for i := range size {
				in.Spans = append(in.Spans, tc.style(i)...)
			}
			plain, html := in.ToMatrix(anyone)
			if plain != body {
				t.Error("the plain text changed")
			}
			if got := checkHTML(t, html); visible(got) != visible(body) {
				t.Error("the text of the HTML is another")
			}
			if len(html) > 200*size {
				t.Errorf("%d characters became %d bytes", size, len(html))
			}
		})
	}
}
