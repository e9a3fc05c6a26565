package markup

import (
	"strings"
	"testing"

	"puente/bridges/bridgekit/matrixhtml"
)

func TestFromMatrix(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"Bold", "<b>a</b> <strong>b</strong>", "*a* *b*"},
		{"Italic", "<i>a</i>, <em>b</em>", "_a_, _b_"},
		{"Strike", "<del>a</del> <s>b</s> <strike>c</strike>", "~a~ ~b~ ~c~"},
		{"UnderlineHasNoForm", "<u>a</u>", "a"},
		{"Code", "<code>a_b_c *d*</code>", "`a_b_c *d*`"},
		{"CodeWithBacktick", "<code>a `b` c</code>", "```a `b` c```"},
		{"CodeEndsWithBacktick", "<code>`a`</code>", "`ˋaˋ`"},
		{"NothingCountsInCode", "<code><b>a</b></code>", "`a`"},
		{"Nested", "<b><i>x</i></b> <i><b>y</b></i>", "*_x_* _*y*_"},
		{"TwiceTheSame", "<b><strong>x</strong></b>", "*x*"},
		{"Neighbours", "<b>a</b><b>b</b><i>c</i>", "*ab*_c_"},
		{"SpaceMovesOut", "a<b> x </b>b", "a *x* b"},
		{"SpaceMovesOutOfNested", "a <b><i> x </i></b>b", "a *_x_* b"},
		{"NoBreakSpaceMovesOut", "a<b>&nbsp;x</b>", "a *x*"},
		{"OnlySpaceInside", "a<b> </b>b", "a b"},
		{"InsideAWord", "un<b>believ</b>able", "unbelievable"},
		{"InsideAWordElsewhereKept", "<b>un</b>do <b>it</b>", "undo *it*"},
		{"OverLineBreaks", "<b>a<br>b</b>", "*a*\n*b*"},
		{"LiteralMarkersThatDoNotCount", "2*3*4 snake_case_word 2 * 3 * 4", "2*3*4 snake_case_word 2 * 3 * 4"},
		{"LiteralMarkers", "*a* _b_ ~c~", "*\u200aa* _\u200ab_ ~\u200ac~"},
		{"LiteralDunder", "__init__", "__\u200ainit__"},
		{"LiteralMarkerInMarkup", "<b>a* b</b>", "*a\u200a* b*"},
		{"LiteralBackticks", "`a` ```b```", "ˋa` ˋˋˋbˋˋˋ"},
		{"LiteralFenceOverLines", "```<br>a<br>```", "ˋˋˋ\na\nˋˋˋ"},
		{"Paragraphs", "<p>a</p>\n<p>b</p>", "a\n\nb"},
		{"ParagraphAndText", "<p>a</p>b", "a\nb"},
		{"Breaks", "a<br>b<br/><br>c", "a\nb\n\nc"},
		{"WhiteSpaceCollapses", "a\n  b\t c", "a b c"},
		{"Headings", "<h1>One</h1><p>a</p><h3>Two <i>x</i></h3><p>b</p>", "*One*\na\n\n*Two _x_*\nb"},
		{"Bullets", "<p>x:</p>\n<ul>\n<li>a</li>\n<li><p>b</p></li>\n</ul>\n<p>y</p>", "x:\n- a\n- b\ny"},
		{"Numbers", `<ol start="3"><li>a</li><li>b</li></ol>`, "3. a\n4. b"},
		{"WrongStart", `<ol start="-5"><li>a</li></ol>`, "1. a"},
		{"NestedLists", "<ul><li>a<ol><li>b<ul><li>c</li></ul></li><li>d</li></ol></li><li>e</li></ul>", "- a\n  1. b\n    - c\n  2. d\n- e"},
		{"ItemWithTwoLines", "<ul><li>a<br>b</li></ul>", "- a\n  b"},
		{"ItemOutsideOfList", "<li>a</li>", "- a"},
		{"Quote", "<blockquote><p>a</p><p><b>b</b></p></blockquote>c", "> a\n>\n> *b*\nc"},
		{"QuoteInQuote", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n> > b"},
		{"ListInQuote", "<blockquote><ul><li>a</li></ul></blockquote>", "> - a"},
		{"Pre", "x<pre><code class=\"language-go\">a  b\n\tc &lt;d&gt;\n</code></pre>y", "x\n```a  b\n\tc <d>```\ny"},
		{"PreWithFence", "<pre>a```b</pre>", "```aˋˋˋb```"},
		{"PreWithBackticksAtTheEnds", "<pre>`a`</pre>", "```\n`a`\n```"},
		{"PreInQuote", "<blockquote><pre>a\nb</pre></blockquote>", "> `a`\n> `b`"},
		{"PreInList", "<ul><li><pre>a</pre></li></ul>", "- `a`"},
		{"Link", `<a href="https://example.org/x">here</a>`, "here (https://example.org/x)"},
		{"LinkOfItself", `<a href="https://example.org/x_y_">https://example.org/x_y_</a>`, "https://example.org/x_y_"},
		{"LinkWithoutScheme", `<a href="https://example.org/">example.org</a>`, "example.org"},
		{"LinkMail", `<a href="mailto:a@example.org">a@example.org</a>`, "a@example.org"},
		{"LinkWithoutText", `<a href="https://example.org"></a>`, "https://example.org"},
		{"LinkInBold", `<b><a href="https://example.org">x</a></b>`, "*x (https://example.org)*"},
		{"LinkThatIsNone", `<a href="javascript:alert(1)">x</a> <a>y</a> <a href="%zz">z</a>`, "x y z"},
		{"LinkCannotAddLines", "<a href=\"https://example.org/a b\nc\">x</a>", "x (https://example.org/a%20bc)"},
		{"Mention", `<a href="https://matrix.to/#/@ann:example.org">Ann</a>: hi`, "Ann: hi"},
		{"RoomMention", `<a href="https://matrix.to/#/%23shop:example.org">#shop</a>`, "#shop"},
		{"MatrixURI", `<a href="matrix:u/ann:example.org">Ann</a>`, "Ann"},
		{"Spoiler", `<span data-mx-spoiler="film">He dies</span> <span data-mx-spoiler>x</span>`, "(film) He dies x"},
		{"Image", `<img src="mxc://a/b" alt=":cat:" title="Cat"> <img title="Dog"> <img>`, ":cat: Dog"},
		{"Rule", "a<hr>b", "a\n———\nb"},
		{"Table", "<table><caption>T</caption><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr>\n<td>1</td>\n<td>2</td></tr></tbody></table>z", "*T*\n*a* | *b*\n1 | 2\nz"},
		{"Details", "<details><summary>More</summary>text</details>", "*More*\ntext"},
		{"ReplyFallback", `<mx-reply><blockquote>old</blockquote></mx-reply>new`, "new"},
		{"Script", "a<script>alert(1)</script><style>b{}</style><!-- c -->d", "ad"},
		{"Entities", "&lt;b&gt; &amp; &euro; &#x1F600;", "<b> & € 😀"},
		{"UnknownTags", "<blink>a</blink><x-y>b</x-y>", "ab"},
		{"UnclosedTags", "<b>a <i>b", "*a _b_*"},
		{"MisnestedTags", "<b>a <i>b</b> c</i>", "*a _b_* _c_"},
		{"RightToLeft", "<b>שלום</b> <i>مرحبا</i>", "*שלום* _مرحبا_"},
		{"Emoji", "<b>👩‍👩‍👧</b>", "*👩‍👩‍👧*"},
		{"BrokenUTF8", "<b>a\xff</b>", "*a\uFFFD*"},
		{"NothingToRead", "<p> </p><img>", "the body"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := FromMatrix("the body", tc.in)
			if got != tc.want {
				t.Errorf("FromMatrix(%q)\n got %q\nwant %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestFromMatrixWithoutHTMLKeepsTheBody(t *testing.T) {
	for _, body := range []string{"", "plain", "*written by hand* 2*3*4", " spaces \n"} {
		if got := FromMatrix(body, ""); got != body {
			t.Errorf("FromMatrix(%q, no HTML) = %q", body, got)
		}
	}
}

func TestFromMatrixIsBounded(t *testing.T) {
	t.Run("TooMuchHTMLGivesTheBody", func(t *testing.T) {
		if got := FromMatrix("body", strings.Repeat("a", matrixhtml.MaxBytes+1)); got != "body" {
			t.Errorf("got %d bytes", len(got))
		}
	})
	t.Run("DeepFormattingGivesItsText", func(t *testing.T) {
		if got := FromMatrix("body", strings.Repeat("<i><b>", 100)+"x"+strings.Repeat("</b></i>", 100)); got != "_*x*_" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("DeeperThanTheParserGoesGivesTheBody", func(t *testing.T) {
		if got := FromMatrix("body", strings.Repeat("<div>", 20000)+"x"); got != "body" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("NestedQuotesDoNotMultiply", func(t *testing.T) {
		in := strings.Repeat("<blockquote>", 90) + strings.Repeat("a<br>", 10000)
		if got := FromMatrix("body", in); len(got) > 4*len(in) {
			t.Errorf("%d bytes became %d", len(in), len(got))
		}
	})
	t.Run("NestedListsDoNotMultiply", func(t *testing.T) {
		in := strings.Repeat("<ul><li>", 45) + strings.Repeat("a<br>", 10000)
		if got := FromMatrix("body", in); len(got) > 4*len(in) {
			t.Errorf("%d bytes became %d", len(in), len(got))
		}
	})
	t.Run("ManyLiteralMarkersStayReadable", func(t *testing.T) {
		in := strings.Repeat("*a* _b_ `c` ~d~ ", 4000)
		if _, html := ToMatrix(FromMatrix("body", in)); html != "" {
			t.Errorf("literal markers became markup")
		}
	})
}

// What FromMatrix writes, WhatsApp must read as it was meant.
func TestLiteralTextNeverBecomesMarkup(t *testing.T) {
	for _, in := range []string{
		"*a*", "**a**", "***a***", "_*~a~*_", "*a* *b* *c*", "`a`", "``a``", "```a```", "````a````", "*a `b* c`",
		"(*a*)", "_a_*b*~c~", "*a _b* c_", "~~a~~", "a `*b*` c", "* a *b*", "“*a*”", "*a*\u200a*b*", "_`*a*`_",
	} {
		got := FromMatrix("", in+" ")
		if found := spans(got); len(found) > 0 {
			t.Errorf("FromMatrix(%q) = %q holds markup", in, got)
		}
	}
}
