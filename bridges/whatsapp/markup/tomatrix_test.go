package markup

import (
	"strings"
	"testing"
)

func TestToMatrix(t *testing.T) {
	for _, tc := range []struct{ name, in, html string }{
		{"PlainTextHasNoHTML", "Hello, is the shop open?", ""},
		{"Empty", "", ""},
		{"Bold", "*bold*", "<strong>bold</strong>"},
		{"Italic", "an _italic_ word", "an <em>italic</em> word"},
		{"Strike", "~old~ new", "<del>old</del> new"},
		{"Code", "run `make test`.", "run <code>make test</code>."},
		{"MonoInALine", "see ```a  b``` there", "see <code>a\u00a0 b</code> there"},
		{"MonoAlone", "```x```", "<pre><code>x</code></pre>"},
		{"MonoOverLines", "a\n```\nx *y*\n  z\n```\nb", "a<pre><code>x *y*\n  z</code></pre>b"},
		{"MonoBeginsInALine", "a ```x\ny``` b", "a <pre><code>x\ny</code></pre>\u00a0b"},
		{"Nested", "*_x_*", "<strong><em>x</em></strong>"},
		{"NestedThree", "*a _b ~c~_*", "<strong>a <em>b <del>c</del></em></strong>"},
		{"TwoOnALine", "*a* and *b*", "<strong>a</strong> and <strong>b</strong>"},
		{"PunctuationAround", "(*a*), *b*!", "(<strong>a</strong>), <strong>b</strong>!"},
		{"DoubledMarkers", "**a**", "*<strong>a</strong>*"},
		{"NotInsideWords", "2*3*4 snake_case_word a~b~c", ""},
		{"SpaceInside", "* a* *b * 2 * 3 * 4", "<ul><li>a* *b * 2 * 3 * 4</li></ul>"},
		{"SpaceInsideMidLine", "x * a* *b *", ""},
		{"NotAcrossLines", "*a\nb*", ""},
		{"UnclosedMarkers", "*a _b ~c `d", ""},
		{"NoMarkupInCode", "`*a*` *b*", "<code>*a*</code> <strong>b</strong>"},
		{"CodeHidesClosingMarker", "*a `b*` c*", "<strong>a <code>b*</code> c</strong>"},
		{"EmptyMarkers", "** __ ~~ `` ``````", ""},
		{"NotInAddresses", "https://example.org/_a_/*b* _c_", "https://example.org/_a_/*b* <em>c</em>"},
		{"AddressInBold", "*https://example.org/a_b*", "<strong>https://example.org/a_b</strong>"},
		{"Quote", "> a *b*\n> c\nd", "<blockquote>a <strong>b</strong><br>c</blockquote>d"},
		{"QuoteWithBlankLine", "> a\n>\n> b", "<blockquote>a<br><br>b</blockquote>"},
		{"QuoteNeedsText", ">\n> \n>x", ""},
		{"Bullets", "- a\n* b\nc", "<ul><li>a</li><li>b</li></ul>c"},
		{"Numbers", "1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"},
		{"NumbersKeepTheirValue", "7. a\n9. b", `<ol start="7"><li>a</li></ol><ol start="9"><li>b</li></ol>`},
		{"HugeNumberIsText", "12345678901. a", ""},
		{"BlankLinesAroundBlocks", "a\n\n- b\n\nc", "a<br><br><ul><li>b</li></ul><br>c"},
		{"SpacesStay", " a  b *c*", "\u00a0a\u00a0 b <strong>c</strong>"},
		{"TagsStayText", "*<script>alert(1)</script>*", "<strong>&lt;script&gt;alert(1)&lt;/script&gt;</strong>"},
		{"LinksStayText", `<a href="x">*y*</a>`, "&lt;a href=&#34;x&#34;&gt;<strong>y</strong>&lt;/a&gt;"},
		{"EntitiesStayText", "&amp; *a*", "&amp;amp; <strong>a</strong>"},
		{"MentionsStayText", "*@room* @ann:example.org", "<strong>@room</strong> @ann:example.org"},
		{"RightToLeft", "*שלום* _مرحبا_", "<strong>שלום</strong> <em>مرحبا</em>"},
		{"Emoji", "*👩‍👩‍👧* 🇪🇸", "<strong>👩‍👩‍👧</strong> 🇪🇸"},
		{"WindowsLineEnds", "*a*\r\nb", "<strong>a</strong><br>b"},
		{"ZeroByte", "*a\x00b*", "<strong>ab</strong>"},
		{"BrokenUTF8", "*a\xff*", "<strong>a\uFFFD</strong>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			plain, html := ToMatrix(tc.in)
			if plain != tc.in {
				t.Errorf("plain = %q, want the original", plain)
			}
			if html != tc.html {
				t.Errorf("ToMatrix(%q)\n got %q\nwant %q", tc.in, html, tc.html)
			}
		})
	}
}

func TestTextSurvivesBothWays(t *testing.T) {
	for _, in := range []string{
		"*bold*", "_italic_ and ~strike~", "`code` here", "*_both_* _*both*_", "*a _b_ ~c~ d*",
		"```one line```", "before\n```two\n  lines```\nafter", "> quote *b*\n> more\nanswer", "> a\n>\n> b",
		"> > twice", "- a\n- _b_\n- c", "- a\n  - b\n- c", "1. a\n2. b", "3. c\n4. d", "a\n\n- b\n\nc", "a\n- b\n\n\n1. c\nd",
		"*a*  two  spaces\n  indented", "*a*\n\n\nb", "(*a*): https://example.org/_x_/*y*?z=1_2 *b*",
		"**a** 2*3*4 snake_case *x*", "*&* <b>x</b> &amp; \"quotes\" 'too'",
		"*שלום עולם* ו _עוד_", "*مرحبا* 👋🏽 ~🇪🇸🇫🇷~ _👩‍👩‍👧_ *é*", "*你好* _世界_",
		strings.Repeat("*word* _other_ ", 4096/15) + "x", strings.Repeat("*ñandú* línea `x`\n> cita\n- 1\n", 65536/30) + "x",
	} {
		_, html := ToMatrix(in)
		if html == "" {
			t.Errorf("ToMatrix(%.60q) found no formatting", in)
		}
		if got := FromMatrix(in, html); got != in {
			t.Errorf("round trip\n got %.200q\nwant %.200q\nhtml %.200q", got, in, html)
		}
	}
}

func TestToMatrixManyMarkersIsLinear(t *testing.T) {
	// A quadratic search would not end within the test's time limit on texts of this size.
	for _, unit := range []string{"*a ", "*_~", "`a", "```\n", "*a*", "_a*b ", "> *", "https://_a ", "1. *", "```a", "``` ", "*_a_"} {
		in := strings.Repeat(unit, (1<<20)/len(unit))
		if plain, _ := ToMatrix(in); plain != in {
			t.Errorf("plain text of %q changed", unit)
		}
	}
}
