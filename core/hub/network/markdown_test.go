package network_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"maunium.net/go/mautrix/format"

	"puente/core/hub/network"
)

// FuzzPlain: whatever somebody is called, in Markdown it stays the same words, and no more than words.
func FuzzPlain(f *testing.F) {
	for _, words := range []string{
		"Corner Shop", "**bold**", "[x](https://matrix.to/#/@alice:example.org)", "<b>x</b>", "a_b_c", "`code`", "- list", "# heading", "1. one",
		"line\nbreak", "https://example.org/a_b", "<https://example.org>", "&amp; &#64;", `\`, "a\u202eb", "@room", "~~gone~~", "||", "![](x)", "\x00\xff", "a  b\t\rc", "👩\u200d🌾",
	} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, words string) {
		escaped := network.Plain(words)
		if !utf8.ValidString(escaped) || strings.ContainsAny(escaped, "\n\r\x00") {
			t.Fatalf("%q became %q", words, escaped)
		}
		content := format.RenderMarkdown("The account **"+escaped+"** is ("+escaped+")", true, false)
		if content.Mentions != nil && (content.Mentions.Room || len(content.Mentions.UserIDs) > 0) {
			t.Errorf("%q mentions %+v", words, content.Mentions)
		}
		plain := strings.NewReplacer(`\\`, `\`, `\`, "").Replace(escaped)
		got, tags := shown(content.FormattedBody)
		if want := "The account " + plain + " is (" + plain + ")"; strings.TrimSpace(plain) != "" && content.FormattedBody != "" && got != want {
			t.Errorf("%q is shown as %q, want %q", words, got, want)
		}
		if len(tags) > 1 { // ours
			t.Errorf("%q makes the tags %q", words, tags)
		}
	})
}

func TestOneLine(t *testing.T) {
	for name, want := range map[string]string{
		"Ana": "Ana", " Ana \n\tB ": "Ana B", "moc.live\u202e.x": "moc.live.x", "a\x00b\x1b[31m": "ab[31m", "\xffA": "\uFFFDA", "👩\u200d🌾": "👩\u200d🌾", "\u2066x\u2069": "x", "": "",
	} {
		if got := network.OneLine(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// shown returns the text of HTML and the names of its tags.
func shown(markup string) (text string, tags []string) {
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return text, tags
		case html.TextToken:
			text += tokens.Token().Data
		case html.StartTagToken, html.SelfClosingTagToken:
			tags = append(tags, tokens.Token().Data)
		case html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}
