package bridgetest

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestChecksAreNamedAndExplained(t *testing.T) {
	known := map[string]bool{}
	for _, check := range Checks() {
		if check.Group == "" || check.Name == "" || !strings.HasSuffix(check.Says, ".") || check.run == nil {
			t.Errorf("%+v is not complete", check)
		}
		if known[check.Name] {
			t.Errorf("two checks are called %s", check.Name)
		}
		known[check.Name] = true
	}
}

func TestTableCountsWhatItShows(t *testing.T) {
	table := Results{
		{Check: Check{Group: "g", Name: "A"}, Verdict: Passed}, {Check: Check{Group: "g", Name: "B"}, Verdict: Refused, Note: "why"},
		{Check: Check{Group: "g", Name: "C"}, Verdict: Failed},
	}.Table()
	for _, want := range []string{"| g | A | passed |", "| g | B | refused as declared: why |", "3 checks: 1 passed, 1 refused as declared, 0 not applicable, 1 failed"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q: %s", want, table)
		}
	}
}

func TestStyleInHTML(t *testing.T) {
	for _, test := range []struct {
		html  string
		style Style
		want  bool
	}{
		{"a <strong>word</strong> b", Bold, true},
		{"a <b>word</b>", Bold, true},
		{"a <em>word</em>", Bold, false},
		{"a <strong>wo</strong>rd", Bold, false},
		{"<strong>x <em>word</em></strong>", Bold, true},
		{"<strong>x <em>word</em></strong>", Italic, true},
		{"<strong>word</strong> and word", Bold, false},
		{"<pre><code>word</code></pre>", CodeBlock, true},
		{"<pre><code>word</code></pre>", Code, false},
		{"<span data-mx-spoiler>word</span>", Spoiler, true},
		{"<span>word</span>", Spoiler, false},
		{`<a href="https://example.org/lamp?a=1&amp;b=2">word</a>`, Link, true},
		{`<a href="https://example.org/">word</a>`, Link, false},
	} {
		if got := htmlHas(test.html, test.style, "word"); got != test.want {
			t.Errorf("%q has %s: %v", test.html, test.style, got)
		}
	}
}

func TestStyleOnThePhone(t *testing.T) {
	message := Message{Text: "👨‍👩‍👧 a word", Spans: []Span{{Start: 9 + 2, Length: 2, Style: Bold}, {Start: 9 + 4, Length: 2, Style: Bold}}}
	if !message.has(Bold, "word") {
		t.Error("two spans that meet do not cover the word")
	}
	if message.has(Bold, "a word") || message.has(Italic, "word") || message.has(Bold, "other") {
		t.Error("a style is seen where it is not")
	}
	if got := (styled{style: Bold}).span(message.Text, "word"); got.Start != 11 || got.Length != 4 {
		t.Errorf("the span over the word is %+v", got)
	}
}

func TestLimitsAreFoundInTexts(t *testing.T) {
	for text, want := range map[string]bool{
		"at most 100.0 MiB": true, "at most 100 MB": true, "at most 104857600 bytes": true, "too large": false, "at most 50 MB": false,
	} {
		if namesSize(text, 100<<20) != want {
			t.Errorf("%q names 100 MiB: %v", text, !want)
		}
	}
	for text, want := range map[string]bool{"up to 4096 characters": true, "up to 4,096": true, "up to 4095": false} {
		if namesNumber(text, 4096) != want {
			t.Errorf("%q names 4096: %v", text, !want)
		}
	}
}

func TestLogbookFindsWhatIsLogged(t *testing.T) {
	book, words := &logbook{}, newWords()
	log, secret := zerolog.New(book), words.phrase("a secret")
	log.Info().Str("text", secret).Msg("One")
	log.Info().Msg("Two")
	log.Info().Str("text", secret).Msg("Three")
	if first, count := book.holding(words.said()[0]); count != 2 || !strings.Contains(first, "One") {
		t.Errorf("found %d lines, the first is %q", count, first)
	}
	if _, count := book.holding(words.tag()); count != 0 {
		t.Errorf("found what nobody logged %d times", count)
	}
}

func TestLongTextsHaveTheirLength(t *testing.T) {
	for _, length := range []int{100, 4096, 65536} {
		if got := newWords().long(length); len(got) != length || strings.HasSuffix(got, " ") && unspaced(got) == got {
			t.Errorf("a text of %d has %d characters", length, len(got))
		}
	}
}
