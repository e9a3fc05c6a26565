package richtext

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/matrixhtml"
)

// full is a network that has everything.
func full() Dialect {
	return Dialect{
		Styles: map[Style]bool{
			Bold: true, Italic: true, Underline: true, Strike: true, Spoiler: true, Code: true, Pre: true, Quote: true,
			Link: true, Mention: true,
		},
		NestCode: true,
		Overlap:  true,
		Mention: func(userID id.UserID, shown string) (value, text string, ok bool) {
			value, ok = strings.CutPrefix(userID.Localpart(), "net_")
			return value, shown, ok
		},
	}
}

// telegramLike is a network whose code is alone and whose spans nest.
func telegramLike() Dialect {
	d := full()
	d.NestCode, d.Overlap, d.Schemes = false, false, []string{"http", "https", "tg"}
	return d
}

// signalLike is a network with few styles and placeholders for mentions.
func signalLike() Dialect {
	return Dialect{
		Styles:   map[Style]bool{Bold: true, Italic: true, Strike: true, Spoiler: true, Code: true, Mention: true},
		NestCode: true,
		Overlap:  true,
		Mention: func(userID id.UserID, _ string) (value, text string, ok bool) {
			value, ok = strings.CutPrefix(userID.Localpart(), "net_")
			return value, Placeholder, ok
		},
	}
}

// describe writes spans with what they stand on, so that a test can be read: `bold(a b) link(x -> https://…)`.
func describe(t Text) string {
	var parts []string
	at := byteOffsets(t.Body)
	for _, s := range t.Spans {
		part := fmt.Sprintf("%s(%s", s.Style, t.Body[at[s.Offset]:at[s.end()]])
		if s.Value != "" {
			part += " -> " + s.Value
		}
		parts = append(parts, part+")")
	}
	return strings.Join(parts, " ")
}

func TestFromMatrix(t *testing.T) {
	for _, tc := range []struct{ name, in, body, spans string }{
		{"Bold", "<b>a</b> <strong>b</strong>", "a b", "bold(a) bold(b)"},
		{"Italic", "<i>a</i>, <em>b</em>", "a, b", "italic(a) italic(b)"},
		{"Underline", "<u>a</u>", "a", "underline(a)"},
		{"Strike", "<del>a</del> <s>b</s> <strike>c</strike>", "a b c", "strike(a) strike(b) strike(c)"},
		{"Code", "<code>a_b  c</code>", "a_b c", "code(a_b c)"},
		{"Spoiler", "<span data-mx-spoiler>He dies</span>", "He dies", "spoiler(He dies)"},
		{"SpoilerWithReason", `<span data-mx-spoiler="film">He dies</span>`, "(film) He dies", "spoiler(He dies)"},
		{"OtherSpan", `<span data-mx-color="#f00">a</span><font color="red">b</font>`, "ab", ""},
		{"Nested", "<b>a<i>b</i></b>", "ab", "bold(ab) italic(b)"},
		{"TwiceTheSame", "<b><strong>x</strong></b>", "x", "bold(x)"},
		{"Neighbours", "<b>a</b><b>b</b><i>c</i>", "abc", "bold(ab) italic(c)"},
		{"NeighboursOfNested", "<b>a<i>b</i></b><i>c</i>", "abc", "bold(ab) italic(bc)"},
		{"SpaceMovesOut", "a<b> x </b>b", "a x b", "bold(x)"},
		{"NoBreakSpaceMovesOut", "a<b>&nbsp;x</b>", "a\u00a0x", "bold(x)"},
		{"OnlySpaceInside", "a<b> </b>b", "a b", ""},
		{"NothingInside", "a<b></b>b", "ab", ""},
		{"InsideAWord", "un<b>believ</b>able", "unbelievable", "bold(believ)"},
		{"OverLineBreaks", "<b>a<br>b</b>", "a\nb", "bold(a\nb)"},
		{"MarkdownIsText", "*a* `b` &gt; c", "*a* `b` > c", ""},
		{"Paragraphs", "<p>a</p>\n<p>b</p>", "a\n\nb", ""},
		{"ParagraphAndText", "<p>a</p>b", "a\nb", ""},
		{"Divisions", "<div>a</div><div>b</div>", "a\nb", ""},
		{"Breaks", "a<br>b<br/><br>c<br>", "a\nb\n\nc", ""},
		{"BreakAtTheEndOfAParagraph", "<p>a<br></p><p>b</p>", "a\n\nb", ""},
		{"WhiteSpaceCollapses", " a\n  b\t c ", "a b c", ""},
		{"WhiteSpaceCollapsesOverTags", "a <b> b </b> c", "a b c", "bold(b)"},
		{"WhiteSpaceAroundBreaks", "a <br> b", "a\nb", ""},
		{"NoBreakSpacesOfEditors", "a&nbsp; b&nbsp;&nbsp;c<br>&nbsp;d", "a  b  c\n d", ""},
		{"NoBreakSpaceOfFrenchStays", "Bonjour&nbsp;!", "Bonjour\u00a0!", ""},
		{"Headings", "<h1>One</h1><p>a</p><h3>Two <i>x</i></h3><p>b</p>", "One\na\n\nTwo x\nb", "bold(One) bold(Two x) italic(x)"},
		{"Bullets", "<p>x:</p>\n<ul>\n<li>a</li>\n<li><p>b</p></li>\n</ul>\n<p>y</p>", "x:\n• a\n• b\ny", ""},
		{"Numbers", `<ol start="3"><li>a</li><li value="9">b</li><li>c</li></ol>`, "3. a\n9. b\n10. c", ""},
		{"WrongStart", `<ol start="-5"><li>a</li></ol><ol start="99999999999999999999"><li>b</li></ol>`, "1. a\n1. b", ""},
		{"NestedLists", "<ul><li>a<ol><li>b<ul><li>c</li></ul></li><li>d</li></ol></li><li>e</li></ul>", "• a\n  1. b\n    • c\n  2. d\n• e", ""},
		{"ItemWithTwoLines", "<ul><li>a<br>b</li></ul>", "• a\n  b", ""},
		{"ItemOutsideOfList", "<li>a</li>", "• a", ""},
		{"EmptyItem", "<ul><li></li><li>a</li></ul>", "• a", ""},
		{"BoldItems", "<ul><li><b>a</b></li><li><b>b</b></li></ul>", "• a\n• b", "bold(a) bold(b)"},
		{"Quote", "x<blockquote><p>a</p><p><b>b</b></p></blockquote>c", "x\na\n\nb\nc", "quote(a\n\nb) bold(b)"},
		{"QuotesSideBySide", "<blockquote>a</blockquote><blockquote>b</blockquote>", "a\nb", "quote(a) quote(b)"},
		{"QuoteInQuote", "<blockquote>a<blockquote>b<br>c</blockquote></blockquote>d", "a\n> b\n> c\nd", "quote(a\n> b\n> c)"},
		{"ListInQuote", "<blockquote><ul><li>a</li><li>b</li></ul></blockquote>", "• a\n• b", "quote(• a\n• b)"},
		{"Pre", "x<pre><code class=\"language-go\">a  b\n\tc &lt;d&gt;\n</code></pre>y", "x\na  b\n\tc <d>\ny", "pre(a  b\n\tc <d> -> go)"},
		{"PreKeepsItsIndent", "<pre>\n\n  a\n\n b \n\n</pre>", "  a\n\n b ", "pre(  a\n\n b )"},
		{"PreWithoutLanguage", `<pre class="x language-"><code class="y">a</code></pre>`, "a", "pre(a)"},
		{"PreWithABadLanguage", `<pre><code class="language-&quot;&gt;<b>">a</code></pre>`, "a", "pre(a)"},
		{"PresSideBySide", "<pre>a</pre><pre>b</pre>", "a\nb", "pre(a) pre(b)"},
		{"PreInQuote", "<blockquote><pre>a\nb</pre></blockquote>", "a\nb", "quote(a\nb) pre(a\nb)"},
		{"PreInList", "<ul><li><pre>a\nb</pre></li></ul>", "• a\nb", "pre(a\nb)"},
		{"EmptyPre", "a<pre> \n</pre>b", "a\nb", ""},
		{"Link", `<a href="https://example.org/x">here</a>`, "here", "link(here -> https://example.org/x)"},
		{"LinkWithoutText", `<a href="https://example.org"></a>`, "https://example.org", "link(https://example.org -> https://example.org)"},
		{"LinkOfAPicture", `<a href="https://a.org"><img alt="A"></a> <a href="https://b.org"><img></a>`, "A https://b.org", "link(A -> https://a.org) link(https://b.org -> https://b.org)"},
		{"LinkInBold", `<b>a <a href="https://example.org">x</a></b>`, "a x", "bold(a x) link(x -> https://example.org)"},
		{"LinksSideBySide", `<a href="https://a.org">x</a><a href="https://b.org">y</a>`, "xy", "link(x -> https://a.org) link(y -> https://b.org)"},
		{"LinkThatIsNone", `<a href="javascript:alert(1)">x</a> <a>y</a> <a href="%zz">z</a> <a href="/a">w</a>`, "x y z w", ""},
		{"LinkWithSpace", "<a href=\"https://example.org/a b\nc\">x</a>", "x", "link(x -> https://example.org/a%20bc)"},
		{"Mention", `<a href="https://matrix.to/#/@net_7:example.org">Ann</a>: hi`, "Ann: hi", "mention(Ann -> 7)"},
		{"MentionEscaped", `<a href="https://matrix.to/#/%40net_7%3Aexample.org">Ann</a>`, "Ann", "mention(Ann -> 7)"},
		{"MentionsSideBySide", `<a href="https://matrix.to/#/@net_7:h">A</a><a href="https://matrix.to/#/@net_7:h">A</a>`, "AA", "mention(A -> 7) mention(A -> 7)"},
		{"MentionByURI", `<a href="matrix:u/net_7:example.org">Ann</a>`, "Ann", "mention(Ann -> 7)"},
		{"MentionOfAnUnknownPerson", `<a href="https://matrix.to/#/@ann:example.org">Ann</a>`, "Ann", ""},
		{"MentionWithStyles", `<a href="https://matrix.to/#/@net_7:example.org"><b>Ann</b> B</a>`, "Ann B", "mention(Ann B -> 7) bold(Ann)"},
		{"MentionInBold", `<b>a <a href="https://matrix.to/#/@net_7:example.org">Ann</a></b>`, "a Ann", "bold(a Ann) mention(Ann -> 7)"},
		{"OtherHostThatEndsLikeMatrixTo", `<a href="https://evilmatrix.to/#/@net_7:example.org">Ann</a>`, "Ann", "link(Ann -> https://evilmatrix.to/#/@net_7:example.org)"},
		{"Room", `<a href="https://matrix.to/#/%23shop:example.org">#shop</a>`, "#shop", ""},
		{"Event", `<a href="https://matrix.to/#/!r:example.org/$e?via=example.org">this</a>`, "this", ""},
		{"BadMatrixTo", `<a href="https://matrix.to/#/">x</a> <a href="https://matrix.to/#/@ann">y</a>`, "x y", ""},
		{"Image", `<img src="mxc://a/b" alt=":cat:" title="Cat"> <img title="Dog"> <img>`, ":cat: Dog", ""},
		{"Rule", "a<hr>b", "a\n———\nb", ""},
		{"Table", "<table><caption>T</caption><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr>\n<td>1</td>\n<td>2</td></tr></tbody></table>z", "T\na | b\n1 | 2\nz", "bold(T) bold(a) bold(b)"},
		{"Details", "<details><summary>More</summary>text</details>", "More\ntext", "bold(More)"},
		{"ReplyFallback", `<mx-reply><blockquote>old</blockquote></mx-reply>new`, "new", ""},
		{"Script", "a<script>alert(1)</script><style>b{}</style><!-- c -->d", "ad", ""},
		{"Entities", "&lt;b&gt; &amp; &euro; &#x1F600;", "<b> & € 😀", ""},
		{"UnknownTags", "<blink>a</blink><x-y>b</x-y>", "ab", ""},
		{"UnclosedTags", "<b>a <i>b", "a b", "bold(a b) italic(b)"},
		{"MisnestedTags", "<b>a <i>b</b> c</i>", "a b c", "bold(a b) italic(b c)"},
		{"RightToLeft", "<b>שלום</b> <i>مرحبا</i>", "שלום مرحبا", "bold(שלום) italic(مرحبا)"},
		{"Emoji", "😀 <b>👩‍👩‍👧</b>", "😀 👩‍👩‍👧", "bold(👩‍👩‍👧)"},
		{"CombiningMarks", "<b>e\u0301</b>x", "e\u0301x", "bold(e\u0301)"},
		{"BrokenUTF8", "<b>a\xff</b>", "a\uFFFD", "bold(a\uFFFD)"},
		{"NothingToRead", "<p> </p><img>", "the body", ""},
		{"TrimmedAtBothEnds", "<p>&nbsp;</p><b>a</b><p>&nbsp;</p>", "a", "bold(a)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := FromMatrix("the body", tc.in, full())
			if got.Body != tc.body || describe(got) != tc.spans {
				t.Errorf("FromMatrix(%q)\n got %q %q\nwant %q %q", tc.in, got.Body, describe(got), tc.body, tc.spans)
			}
		})
	}
}

func TestFromMatrixCountsUTF16(t *testing.T) {
	got := FromMatrix("", "<p></p>😀 <b>👩‍👧</b> <i>é</i>", full())
	want := []Span{{Style: Bold, Offset: 3, Length: 5}, {Style: Italic, Offset: 9, Length: 1}}
	if !slices.Equal(got.Spans, want) {
		t.Errorf("got %v, want %v", got.Spans, want)
	}
}

func TestFromMatrixForPoorerNetworks(t *testing.T) {
	plain := Dialect{}
	preOnly := Dialect{Styles: map[Style]bool{Pre: true}}
	username := telegramLike()
	username.Mention = func(id.UserID, string) (value, text string, ok bool) { return "", "@ann", true }
	for _, tc := range []struct {
		name, in, body, spans string
		d                     Dialect
	}{
		{"Styles", "<b>a</b> <i>b</i> <u>c</u> <s>d</s> <span data-mx-spoiler>e</span>", "a b c d e", "", plain},
		{"Heading", "<h1>One</h1>a", "One\na", "", plain},
		{"Link", `<a href="https://example.org/x">here</a>, now`, "here (https://example.org/x), now", "", plain},
		{"LinkOfItself", `<a href="https://example.org/x_y_">https://example.org/x_y_</a>`, "https://example.org/x_y_", "", plain},
		{"LinkWithoutScheme", `<a href="https://example.org/">Example.org</a>`, "Example.org", "", plain},
		{"LinkMail", `<a href="mailto:a@example.org">a@example.org</a> <a href="mailto:a@example.org">mail</a>`, "a@example.org mail (a@example.org)", "", plain},
		{"LinkWithoutText", `<a href="tel:+34911"></a>`, "+34911", "", plain},
		{"LinkOfAPicture", `<a href="https://a.org"><img alt="A"></a> <a href="https://b.org"><img></a>`, "A (https://a.org) https://b.org", "", plain},
		{"LinkOfAnotherScheme", `<a href="tg://resolve?domain=x">a</a> <a href="geo:1,2">b</a>`, "a b (geo:1,2)", "link(a -> tg://resolve?domain=x)", telegramLike()},
		{"Quote", "<blockquote>a<br><br>b</blockquote>c", "> a\n>\n> b\nc", "", plain},
		{"QuoteInQuote", "<blockquote>a<blockquote>b</blockquote>c</blockquote>d", "> a\n> > b\n> c\nd", "", plain},
		{"QuotesSideBySide", "<blockquote>a</blockquote><br><blockquote>b</blockquote>", "> a\n\n> b", "", plain},
		{"ListInQuote", "<blockquote><ul><li>a<br>b</li></ul></blockquote>", "> • a\n>   b", "", plain},
		{"QuoteInList", "<ul><li><blockquote>a<br>b</blockquote></li></ul>", "• > a\n  > b", "", plain},
		{"StyledQuote", "<blockquote><b>a</b><br><b>b</b></blockquote>", "> a\n> b", "bold(a) bold(b)", signalLike()},
		{"Code", "a <code> b  c </code> d", "a `b c` d", "", plain},
		{"EmptyCode", "a<code> </code>b", "ab", "", plain},
		{"Pre", "a<pre><code class=\"language-go\">b\n\n  c\n</code></pre>d", "a\n```go\nb\n\n  c\n```\nd", "", plain},
		{"PreInQuote", "<blockquote><pre>b\n\nc</pre></blockquote>", "> ```\n> b\n>\n> c\n> ```", "", plain},
		{"CodeIsPre", "a <code>b</code>", "a b", "pre(b)", preOnly},
		{"PreIsCode", "a<pre><code>b\n  c</code></pre>d", "a\nb\n  c\nd", "code(b\n  c)", signalLike()},
		{"PreIsCodeInQuote", "<blockquote><pre>b\nc</pre></blockquote>", "> b\n> c", "code(b\n> c)", signalLike()},
		{"CodeAlone", "<b>a <code>b</code> c</b>", "a b c", "bold(a) code(b) bold(c)", telegramLike()},
		{"PreAlone", "<b>a<pre>b<i>c</i></pre></b>", "a\nbc", "bold(a) pre(bc)", telegramLike()},
		{"PreInQuoteAlone", "<blockquote><b>a<pre>b</pre></b></blockquote>", "a\nb", "quote(a\nb) bold(a) pre(b)", telegramLike()},
		{"LinkIsMoreThanCode", `<code>a <a href="https://example.org">b</a></code> <a href="https://example.org"><code>c</code></a>`, "a b c",
			"code(a) link(b -> https://example.org) link(c -> https://example.org)", telegramLike()},
		{"LinkInPre", `<pre>a <a href="https://example.org">b</a></pre>`, "a b (https://example.org)", "pre(a b (https://example.org))", telegramLike()},
		{"MentionInPre", `<pre>a <a href="https://matrix.to/#/@net_7:h">b</a></pre>`, "a b", "pre(a b)", telegramLike()},
		{"OverlapIsSplit", "<b>a<i>b</i></b><i>c</i>", "abc", "bold(ab) italic(b) italic(c)", telegramLike()},
		{"Placeholder", `<b>Hi <a href="https://matrix.to/#/@net_7:h">Ann</a></b>!`, "Hi \uFFFC!", "bold(Hi \uFFFC) mention(\uFFFC -> 7)", signalLike()},
		{"MentionByUsername", `Hi <a href="https://matrix.to/#/@net_7:h">Ann</a>!`, "Hi @ann!", "", username},
		{"MentionWithoutTheStyle", `Hi <a href="https://matrix.to/#/@net_7:h">Ann</a>!`, "Hi Ann!", "", plain},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := FromMatrix("the body", tc.in, tc.d)
			if got.Body != tc.body || describe(got) != tc.spans {
				t.Errorf("FromMatrix(%q)\n got %q %q\nwant %q %q", tc.in, got.Body, describe(got), tc.body, tc.spans)
			}
		})
	}
}

func TestFromMatrixWithoutHTMLKeepsTheBody(t *testing.T) {
	for _, body := range []string{"", "plain", "*written by hand* 2*3*4", " spaces \n"} {
		if got := FromMatrix(body, "", full()); got.Body != body || got.Spans != nil {
			t.Errorf("FromMatrix(%q, no HTML) = %v", body, got)
		}
	}
}

func TestFromMatrixIsBounded(t *testing.T) {
	t.Run("TooMuchHTMLGivesTheBody", func(t *testing.T) {
		if got := FromMatrix("body", strings.Repeat("a", matrixhtml.MaxBytes+1), full()); got.Body != "body" {
			t.Errorf("got %d bytes", len(got.Body))
		}
	})
	t.Run("DeepFormattingGivesItsText", func(t *testing.T) {
		in := strings.Repeat("<i><b>", 100) + "x" + strings.Repeat("</b></i>", 100)
		if got := FromMatrix("body", in, full()); got.Body != "x" || describe(got) != "bold(x) italic(x)" {
			t.Errorf("got %q %q", got.Body, describe(got))
		}
	})
	t.Run("DeeperThanTheParserGoesGivesTheBody", func(t *testing.T) {
		if got := FromMatrix("body", strings.Repeat("<div>", 20000)+"x", full()); got.Body != "body" {
			t.Errorf("got %q", got.Body)
		}
	})
	for _, open := range []string{"<blockquote>", "<ul><li>", "<ol start=99999999><li>", "<blockquote><ul><li>"} {
		t.Run("NestedBlocksDoNotMultiply", func(t *testing.T) {
			in := strings.Repeat(open, 40) + strings.Repeat("a<br>", 10000)
			for _, d := range []Dialect{full(), {}} {
				if got := FromMatrix("body", in, d); len(got.Body) > 5*len(in) {
					t.Errorf("%d bytes became %d", len(in), len(got.Body))
				}
			}
		})
	}
	for _, unit := range []string{
		"<b>", "<i>a</i>", "<b>a<i>b</b>", "<a href=https://x.y>", "<p>", "<li>", "<ul>", "<br>", "&", "<table>", "<td>", "<code>a",
		"<pre>\n", " ", "<b> </b>", "<blockquote>a</blockquote>", "<span data-mx-spoiler>a", "<a href=https://matrix.to/#/@net_1:h>a</a>",
	} {
		t.Run("ManyOfOne", func(t *testing.T) {
			in := strings.Repeat(unit, matrixhtml.MaxBytes/len(unit))
			for _, d := range []Dialect{full(), telegramLike(), {}} {
				checkSpans(t, FromMatrix("body", in, d), d)
			}
		})
	}
}
