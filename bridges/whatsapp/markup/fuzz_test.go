package markup

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func FuzzToMatrix(f *testing.F) {
	for _, seed := range []string{
		"*a* _b_ ~c~ `d` ```e```", "> a\n>\n- b\n1. c\n```x\ny```", "*_~a~_* <b>&amp;", "https://a_b_ *www.x*", "\r\n\x00\xff *a*",
	} {
		f.Add(seed)
	}
	allowed := "strong em del code pre blockquote ul ol li br "
	f.Fuzz(func(t *testing.T, in string) {
		plain, out := ToMatrix(in)
		if plain != in {
			t.Fatalf("plain text changed")
		}
		if out == "" {
			return
		}
		nodes, err := html.ParseFragment(strings.NewReader(out), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
		if err != nil {
			t.Fatalf("HTML does not parse: %v", err)
		}
		var text strings.Builder
		root := &html.Node{Type: html.ElementNode}
		for _, n := range nodes {
			root.AppendChild(n)
		}
		for n := range root.Descendants() {
			switch {
			case n.Type == html.TextNode:
				text.WriteString(n.Data)
			case n.Type != html.ElementNode || !strings.Contains(allowed, n.Data+" "):
				t.Fatalf("%q holds the node %q", out, n.Data)
			}
			if len(n.Attr) > 0 && (n.Data != "ol" || n.Attr[0].Key != "start") {
				t.Fatalf("%q holds the attribute %q", out, n.Attr[0].Key)
			}
		}
		if got, want := bare(text.String()), bare(strings.ToValidUTF8(in, "\uFFFD")); got != want {
			t.Fatalf("text content %q, want %q", got, want)
		}
		FromMatrix(in, out)
	})
}

func FuzzFromMatrix(f *testing.F) {
	for _, seed := range []string{
		"<b>a</b><i>*b*</i> `c`", "<ul><li><blockquote><pre>a\n```b</pre></blockquote></li></ul>", "<a href='https://x/_y_'><b> z</b></a>",
		"<table><tr><td>a<td>b</table>", "<b>a<i>b</b>c</i><code>``</code>", "<ul><li><ul><li></ul><p>x<p>y", "&nbsp;<code>`</code>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := FromMatrix("", in)
		if len(out) > 64*len(in)+64 {
			t.Fatalf("%d bytes became %d", len(in), len(out))
		}
		if !utf8.ValidString(out) {
			t.Fatalf("%q is no UTF-8", out)
		}
		ToMatrix(out)
	})
}

// bare leaves out what ToMatrix may add or take away: markers, signs and white space.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_~`>-.0123456789\x00", r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
