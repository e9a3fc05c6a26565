package bridgetest

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf16"

	parse "golang.org/x/net/html"
	"maunium.net/go/mautrix/event"
)

// styled is one style in Matrix's words.
type styled struct {
	style   Style
	feature event.FormattingFeature
	open    string // what an agent's client writes
	shut    string
	line    bool // it takes whole lines
}

// target is where links lead.
const target = "https://example.org/lamp?a=1&b=2"

func styles() []styled {
	return []styled{
		{style: Bold, feature: event.FmtBold, open: "<strong>", shut: "</strong>"},
		{style: Italic, feature: event.FmtItalic, open: "<em>", shut: "</em>"},
		{style: Underline, feature: event.FmtUnderline, open: "<u>", shut: "</u>"},
		{style: Strikethrough, feature: event.FmtStrikethrough, open: "<del>", shut: "</del>"},
		{style: Spoiler, feature: event.FmtSpoiler, open: "<span data-mx-spoiler>", shut: "</span>"},
		{style: Code, feature: event.FmtInlineCode, open: "<code>", shut: "</code>"},
		{style: CodeBlock, feature: event.FmtCodeBlock, open: "<pre><code>", shut: "</code></pre>", line: true},
		{style: Quote, feature: event.FmtBlockquote, open: "<blockquote>", shut: "</blockquote>", line: true},
		{style: Link, feature: event.FmtInlineLink, open: `<a href="` + html.EscapeString(target) + `">`, shut: "</a>"},
	}
}

// declared tells whether the network carries the style as it is.
func (w *world) declared(s styled) bool { return w.features().Formatting[s.feature].Full() }

// utf16Len is how long a text is in UTF-16 code units, as networks count.
func utf16Len(text string) int { return len(utf16.Encode([]rune(text))) }

// span is the style over the first occurrence of words in a text.
func (s styled) span(text, words string) Span {
	before, _, found := strings.Cut(text, words)
	if !found {
		panic(fmt.Sprintf("the suite's own text %q does not hold %q", text, words))
	}
	made := Span{Start: utf16Len(before), Length: utf16Len(words), Style: s.style}
	if s.style == Link {
		made.URL = target
	}
	return made
}

// has tells whether the message shows the words, every character of them, in the style.
func (m Message) has(style Style, words string) bool {
	before, _, found := strings.Cut(m.Text, words)
	if !found {
		return false
	}
	start, end := utf16Len(before), utf16Len(before)+utf16Len(words)
	for at := start; at < end; at++ {
		if !m.inStyle(style, at) {
			return false
		}
	}
	return true
}

func (m Message) inStyle(style Style, at int) bool {
	for _, span := range m.Spans {
		if span.Style == style && span.Start <= at && at < span.Start+span.Length {
			return true
		}
	}
	return false
}

// htmlHas tells whether the HTML shows the words, all of them, in the style.
func htmlHas(formatted string, style Style, words string) bool {
	inside, outside := "", ""
	root, err := parse.Parse(strings.NewReader(formatted))
	if err != nil {
		return false
	}
	var walk func(node *parse.Node, styled bool)
	walk = func(node *parse.Node, styled bool) {
		if node.Type == parse.TextNode {
			if styled {
				inside += node.Data
			} else {
				outside += node.Data
			}
		}
		styled = styled || isStyle(node, style)
		for child := node.FirstChild; child != nil; child = child.NextSibling {
			walk(child, styled)
		}
	}
	walk(root, false)
	return strings.Contains(inside, words) && !strings.Contains(outside, words)
}

func isStyle(node *parse.Node, style Style) bool {
	if node.Type != parse.ElementNode {
		return false
	}
	switch style {
	case Bold:
		return node.Data == "strong" || node.Data == "b"
	case Italic:
		return node.Data == "em" || node.Data == "i"
	case Underline:
		return node.Data == "u" || node.Data == "ins"
	case Strikethrough:
		return node.Data == "del" || node.Data == "s" || node.Data == "strike"
	case Spoiler:
		_, spoiler := attribute(node, "data-mx-spoiler")
		return node.Data == "span" && spoiler
	case Code:
		return node.Data == "code" && (node.Parent == nil || node.Parent.Data != "pre")
	case CodeBlock:
		return node.Data == "pre"
	case Quote:
		return node.Data == "blockquote"
	case Link:
		href, _ := attribute(node, "href")
		return node.Data == "a" && href == target
	case Mention:
		return node.Data == "a"
	}
	return false
}

func attribute(node *parse.Node, name string) (value string, found bool) {
	for _, one := range node.Attr {
		if one.Key == name {
			return one.Val, true
		}
	}
	return "", false
}
