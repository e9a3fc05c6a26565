package richtext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// checkSpans checks what FromMatrix promises of its result.
func checkSpans(t *testing.T, text Text, d Dialect) {
	t.Helper()
	if !utf8.ValidString(text.Body) {
		t.Fatalf("%q is no UTF-8", text.Body)
	}
	at := byteOffsets(text.Body)
	ends := make(map[Style]int)
	values := make(map[Style]string)
	var open []Span
	last := Span{}
	for i, s := range text.Spans {
		if s.Offset < 0 || s.Length <= 0 || s.end() > len(at)-1 {
			t.Fatalf("%+v is empty or outside of %q", s, text.Body)
		}
		if floor(at, s.Offset) != s.Offset || floor(at, s.end()) != s.end() {
			t.Fatalf("%+v cuts a surrogate pair of %q", s, text.Body)
		}
		if i > 0 && (s.Offset < last.Offset || (s.Offset == last.Offset && s.Length > last.Length)) {
			t.Fatalf("%+v comes after %+v", s, last)
		}
		if !d.Styles[s.Style] {
			t.Fatalf("the dialect has no %s", s.Style)
		}
		part := text.Body[at[s.Offset]:at[s.end()]]
		if strings.TrimSpace(part) == "" || (!isBlock(s.Style) && strings.TrimSpace(part) != part) {
			t.Fatalf("%+v stands on %q", s, part)
		}
		if end, found := ends[s.Style]; found {
			joined := d.Overlap && s.Offset == end && values[s.Style] == s.Value && s.Style != Mention && !isBlock(s.Style)
			if s.Offset < end || joined {
				t.Fatalf("%+v is no span of its own after one that ends at %d", s, end)
			}
		}
		ends[s.Style], values[s.Style] = s.end(), s.Value
		last = s
		open = checkNesting(t, open, s, d)
	}
}

// checkNesting checks the spans that are open where s begins, and returns those that are open in it.
func checkNesting(t *testing.T, open []Span, s Span, d Dialect) []Span {
	t.Helper()
	still := open[:0]
	for _, o := range open {
		if o.end() <= s.Offset {
			continue
		}
		still = append(still, o)
		if !d.Overlap && s.end() > o.end() {
			t.Fatalf("%+v goes out of %+v", s, o)
		}
		if isAnchor(o.Style) && isAnchor(s.Style) {
			t.Fatalf("%+v is in %+v", s, o)
		}
		alone := func(x, other Style) bool { return (x == Code || x == Pre) && other != Quote }
		if !d.NestCode && (alone(o.Style, s.Style) || alone(s.Style, o.Style)) {
			t.Fatalf("%+v and %+v share letters", s, o)
		}
	}
	return append(still, s)
}

// checkHTML checks that HTML is well formed, holds only what ToMatrix may write, and returns its text.
func checkHTML(t *testing.T, in string) string {
	t.Helper()
	var open []string
	var text strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(in))
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Fatalf("%q leaves %v open", in, open)
			}
			return text.String()
		case html.TextToken:
			text.WriteString(tokens.Token().Data)
		case html.StartTagToken:
			token := tokens.Token()
			checkElement(t, token, open)
			if token.Data == "br" {
				text.WriteByte('\n')
			} else {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			token := tokens.Token()
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%q closes %s in %v", in, token.Data, open)
			}
			open = open[:len(open)-1]
		default:
			t.Fatalf("%q holds a token of kind %v", in, kind)
		}
	}
}

// checkElement checks an element and its attributes, inside of the open ones.
func checkElement(t *testing.T, token html.Token, open []string) {
	t.Helper()
	if !strings.Contains(" strong em u del span code pre blockquote a br ", " "+token.Data+" ") {
		t.Fatalf("there is a <%s>", token.Data)
	}
	if len(open) > len(spanStyles())+1 {
		t.Fatalf("too deep: %v", open)
	}
	for _, outer := range open {
		if outer == token.Data || ((token.Data == "blockquote" || token.Data == "pre") && outer != "blockquote") {
			if outer != "code" || token.Data != "code" {
				t.Fatalf("<%s> in %v", token.Data, open)
			}
		}
	}
	for _, a := range token.Attr {
		good := false
		switch token.Data {
		case "a":
			good = a.Key == "href" && schemeOf(a.Val) != ""
		case "span":
			good = a.Key == "data-mx-spoiler" && a.Val == ""
		case "code":
			name, found := strings.CutPrefix(a.Val, "language-")
			good = a.Key == "class" && found && name != "" && language(name) == name
		}
		if !good {
			t.Fatalf("<%s> has %s=%q", token.Data, a.Key, a.Val)
		}
	}
	if count := len(token.Attr); count > 1 || (count == 0 && (token.Data == "a" || token.Data == "span")) {
		t.Fatalf("<%s> has %d attributes", token.Data, count)
	}
}

// visible leaves white space and what HTML cannot hold out of a text.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, string([]rune(text)))
}
