package richtext

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// spansOf reads spans from the bytes of a fuzzer: eight bytes each.
func spansOf(raw []byte) []Span {
	styles := append(spanStyles(), CustomEmoji, "blink")
	values := []string{"", "go", "7", "bob", "https://example.org/?a=\"<b>&c", "javascript:alert(1)", "x\"><b>", "tel:+34 911", "matrix:u/a:b", "\xff\x00"}
	var spans []Span
	for ; len(raw) >= 8; raw = raw[8:] {
		s := Span{Style: styles[int(raw[0])%len(styles)], Value: values[int(raw[1])%len(values)]}
		s.Offset = int(int16(binary.BigEndian.Uint16(raw[2:])))
		s.Length = int(int32(binary.BigEndian.Uint32(raw[4:])))
		if s.Length > 0 && raw[4] == 0 && raw[5] == 0 && raw[6] == 0 {
			s.Length = int(raw[7])
		}
		spans = append(spans, s)
	}
	return spans
}

func FuzzToMatrix(f *testing.F) {
	f.Add("a b\nc 😀 <b>&amp;", []byte{0, 0, 0, 0, 0, 0, 0, 3, 5, 0, 0, 1, 0, 0, 0, 7})
	f.Add("x\n\n  y\r\nz\x00\xff", []byte{1, 1, 0, 2, 0, 0, 0, 5, 9, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 99})
	f.Add("\uFFFC and \uFFFC", []byte{3, 2, 0, 0, 0, 0, 0, 1, 3, 3, 0, 6, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, body string, raw []byte) {
		in := Text{Body: body, Spans: spansOf(raw)}
		plain, formatted := in.ToMatrix(anyone)
		if !utf8.ValidString(plain) || strings.ContainsAny(plain, "\x00\r") {
			t.Fatalf("plain = %q", plain)
		}
		if !strings.Contains(body, Placeholder) && visible(plain) != visible(body) {
			t.Fatalf("plain = %q, want %q", plain, body)
		}
		if formatted != "" {
			if got := checkHTML(t, formatted); visible(got) != visible(plain) {
				t.Fatalf("the HTML's text is %q, want %q", got, plain)
			}
		}
		for _, d := range []Dialect{full(), telegramLike(), signalLike(), {}} {
			checkSpans(t, FromMatrix(plain, formatted, d), d)
		}
		cut := Len(body) / 2
		if in.Slice(0, cut).Body+in.Slice(cut, Len(body)).Body != body {
			t.Fatal("the parts are not the whole")
		}
	})
}

func FuzzFromMatrix(f *testing.F) {
	for _, seed := range []string{
		"<b>a</b><i>*b*</i> <code>c</code>", "<ul><li><blockquote><pre>a\n```b</pre></blockquote></li></ul>", "<a href='https://x/_y_'><b> z</b></a>",
		"<table><tr><td>a<td>b</table>", "<b>a<i>b</b>c</i><code>``</code>", "<ul><li><ul><li></ul><p>x<p>y", "&nbsp;<code>`</code>",
		"<a href=https://matrix.to/#/@net_1:h>a<blockquote>b</blockquote></a>", "<u>a<pre class=language-x> b\n</pre></u><span data-mx-spoiler=q>😀",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, d := range []Dialect{full(), telegramLike(), signalLike(), {}} {
			got := FromMatrix("", in, d)
			checkSpans(t, got, d)
			if len(got.Body) > 64*len(in)+64 {
				t.Fatalf("%d bytes became %d", len(in), len(got.Body))
			}
			pre := strings.Contains(describe(got), string(Pre)+"(")
			if trimmed := strings.TrimFunc(got.Body, unicode.IsSpace); trimmed != got.Body && !pre {
				t.Fatalf("%q has white space at its ends", got.Body)
			}
		}
		once := FromMatrix("", in, full())
		plain, formatted := once.ToMatrix(anyone)
		checkHTML(t, formatted)
		if again := FromMatrix(plain, formatted, full()); visible(again.Body) != visible(once.Body) {
			t.Fatalf("%q became %q by %q", once.Body, again.Body, formatted)
		}
	})
}
