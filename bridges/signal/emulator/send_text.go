package emulator

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// parseText reads message, mention and textStyle.
func (e *Emulator) parseText(b *business, p params, m *Message) (err error) {
	m.Text = p.textOr("message")
	if m.Mentions, err = e.parseMentions(b, p.texts("mention")); err != nil {
		return err
	}
	if m.Styles, err = parseStyles(p.texts("textStyle")); err != nil {
		return err
	}
	for _, s := range m.Styles {
		if inText(m.Text, s.Start, s.Length) != nil {
			e.ignore("text style outside the text")
		}
	}
	for _, one := range m.Mentions {
		if slice(m.Text, one.Start, one.Length) != "\ufffc" {
			e.ignore("mention that does not stand at U+FFFC")
		}
	}
	return nil
}

// parseMentions reads "start:length:recipient".
func (e *Emulator) parseMentions(b *business, all []string) ([]Mention, error) {
	var out []Mention
	for _, s := range all {
		start, length, who, ok := cutRange(s)
		if !ok {
			return nil, userError("Invalid mention syntax (" + s + ") expected 'start:length:recipientNumber'")
		}
		whom, err := e.resolveFor(b, who)
		if err != nil {
			return nil, err
		}
		out = append(out, Mention{Start: start, Length: length, ACI: whom.aci})
	}
	return out, nil
}

// parseStyles reads "start:length:STYLE".
func parseStyles(all []string) ([]Style, error) {
	var out []Style
	for _, s := range all {
		start, length, name, ok := cutRange(s)
		if !ok {
			return nil, userError("Invalid textStyle syntax (" + s + ") expected 'start:length:STYLE'")
		}
		if !slices.Contains(styles(), name) {
			return nil, userError("Invalid style: " + name)
		}
		out = append(out, Style{Start: start, Length: length, Name: name})
	}
	return out, nil
}

// parseQuote reads quoteTimestamp and what belongs to it.
func (e *Emulator) parseQuote(b *business, p params, m *Message) error {
	at, name := p.number("quoteTimestamp"), p.textOr("quoteAuthor")
	if at == nil {
		return nil
	}
	if name == "" {
		return userError("Quote author parameter is missing")
	}
	author, err := e.resolveFor(b, name)
	if err != nil {
		return err
	}
	q := &Quote{Ref: Ref{Author: author.aci, Timestamp: *at}, Text: p.textOr("quoteMessage")}
	if q.Mentions, err = e.parseMentions(b, p.texts("quoteMention")); err != nil {
		return err
	}
	if q.Styles, err = parseStyles(p.texts("quoteTextStyle")); err != nil {
		return err
	}
	for _, s := range p.texts("quoteAttachment") {
		parts := strings.SplitN(s+"::", ":", 3)
		if parts[0] == "" {
			return userError("Invalid attachment syntax (" + s + ") expected 'contentType[:filename[:previewFile]]'")
		}
		q.Files = append(q.Files, QuotedMedia{Mime: parts[0], Name: parts[1]})
	}
	m.Quote = q
	return nil
}

// cutRange reads "start:length:rest".
func cutRange(s string) (start, length int, rest string, ok bool) {
	parts := strings.SplitN(s, ":", 3)
	if len(parts) != 3 || parts[2] == "" {
		return 0, 0, "", false
	}
	start, err := strconv.Atoi(parts[0])
	length, err2 := strconv.Atoi(parts[1])
	return start, length, parts[2], err == nil && err2 == nil && start >= 0 && length >= 0
}

// slice takes a part of a text by UTF-16 code units.
func slice(text string, start, length int) string {
	all := utf16.Encode([]rune(text))
	start = min(max(start, 0), len(all))
	return string(utf16.Decode(all[start:min(start+max(length, 0), len(all))]))
}
