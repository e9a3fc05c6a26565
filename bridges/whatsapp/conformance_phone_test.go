package whatsapp_test

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"puente/bridges/bridgetest"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// shown is a phone in the suite's words.
func (p *provider) shown(phone emulator.Phone) (bridgetest.Phone, error) {
	out := bridgetest.Phone{Typing: len(phone.Typing) > 0}
	for _, m := range phone.Messages {
		one := bridgetest.Message{
			ID: m.ID, Group: m.GroupID, FromBusiness: m.FromBusiness, Kind: kindOf(m), ReplyTo: m.Quote, Edited: m.Edited, Deleted: m.Deleted,
			Read: !m.FromBusiness && m.Status == emulator.Read,
		}
		one.Text, one.Spans = unmarked(m.Text)
		if m.Media != nil {
			data, err := p.fetch(context.Background(), m.Media.ID)
			if err != nil {
				return out, err
			}
			one.File = &bridgetest.File{Kind: one.Kind, Data: data, MIME: m.Media.Mime, Name: m.Media.Name}
		}
		if m.Location != nil {
			one.Location = &bridgetest.Location{Latitude: m.Location.Latitude, Longitude: m.Location.Longitude, Name: m.Location.Name, Address: m.Location.Address}
		}
		for _, button := range m.Buttons {
			one.Choices = append(one.Choices, button.Title)
		}
		for _, reaction := range m.React {
			one.Reactions = append(one.Reactions, bridgetest.Reaction{FromBusiness: reaction.By == "", Emoji: reaction.Emoji})
		}
		out.Messages = append(out.Messages, one)
	}
	return out, nil
}

func kindOf(m emulator.Message) network.Feature {
	switch {
	case m.Media != nil && m.Media.Voice:
		return network.FeatureVoice
	case m.Media != nil && m.Media.Animated:
		return network.FeatureAnimatedSticker
	}
	kinds := map[string]network.Feature{
		"image": network.FeatureImage, "video": network.FeatureVideo, "audio": network.FeatureAudio, "document": network.FeatureFile,
		"sticker": network.FeatureSticker, "location": network.FeatureLocation, "contacts": network.FeatureContact,
	}
	if kind, ok := kinds[m.Kind]; ok {
		return kind
	}
	return network.FeatureText
}

// signs are the marks that WhatsApp's customers type around words. ref: reference/whatsapp-cloud.md §5.1
func signs() map[bridgetest.Style]string {
	return map[bridgetest.Style]string{
		bridgetest.Bold: "*", bridgetest.Italic: "_", bridgetest.Strikethrough: "~", bridgetest.Code: "`", bridgetest.CodeBlock: "```",
	}
}

// marked is a text with its styles as a customer types them.
func marked(text string, spans []bridgetest.Span) (string, error) {
	units := utf16.Encode([]rune(text))
	before, after := map[int]string{}, map[int]string{}
	for _, span := range spans { // outer ones come first
		if span.Style == bridgetest.Quote {
			before[span.Start] += "> "
			continue
		}
		sign, known := signs()[span.Style]
		if !known {
			return "", fmt.Errorf("%s: %w", span.Style, errs.ErrUnsupported)
		}
		before[span.Start] += sign
		after[span.Start+span.Length] = sign + after[span.Start+span.Length]
	}
	var out []uint16
	for at := range len(units) + 1 {
		out = append(out, utf16.Encode([]rune(after[at]+before[at]))...)
		if at < len(units) {
			out = append(out, units[at])
		}
	}
	return string(utf16.Decode(out)), nil
}

// unmarked is a text as the phone shows it: without the marks, and styled. It reads the marks by itself, not by the
// code that is tested.
func unmarked(text string) (string, []bridgetest.Span) {
	r := &reader{}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		if n > 0 {
			r.put("\n")
		}
		start := r.at
		quoted := strings.HasPrefix(line, "> ")
		r.line([]rune(strings.TrimPrefix(line, "> ")))
		if quoted {
			r.spans = append(r.spans, bridgetest.Span{Start: start, Length: r.at - start, Style: bridgetest.Quote})
		}
	}
	return r.text.String(), r.spans
}

// reader collects the text that the marks leave.
type reader struct {
	text  strings.Builder
	at    int // in UTF-16 code units
	spans []bridgetest.Span
}

func (r *reader) put(text string) {
	r.text.WriteString(text)
	r.at += len(utf16.Encode([]rune(text)))
}

// line reads one line, or what stands between two marks of it.
func (r *reader) line(line []rune) {
	for at := 0; at < len(line); {
		style, width, end := r.marks(line, at)
		if end < 0 {
			r.put(string(line[at]))
			at++
			continue
		}
		start, inner := r.at, line[at+width:end]
		if style == bridgetest.Code || style == bridgetest.CodeBlock {
			r.put(string(inner))
		} else {
			r.line(inner)
		}
		r.spans = append(r.spans, bridgetest.Span{Start: start, Length: r.at - start, Style: style})
		at = end + width
	}
}

// marks finds the mark that opens here and where it is closed; end is negative if none does.
func (r *reader) marks(line []rune, at int) (style bridgetest.Style, width, end int) {
	for _, style := range []bridgetest.Style{bridgetest.CodeBlock, bridgetest.Code, bridgetest.Bold, bridgetest.Italic, bridgetest.Strikethrough} {
		sign := []rune(signs()[style])
		if !is(line, at, sign) || at > 0 && isWord(line[at-1]) || at+len(sign) >= len(line) || unicode.IsSpace(line[at+len(sign)]) {
			continue
		}
		for end := at + len(sign) + 1; end+len(sign) <= len(line); end++ {
			behind := end + len(sign)
			if is(line, end, sign) && !unicode.IsSpace(line[end-1]) && (behind == len(line) || !isWord(line[behind])) {
				return style, len(sign), end
			}
		}
	}
	return "", 0, -1
}

func is(line []rune, at int, sign []rune) bool {
	return at+len(sign) <= len(line) && string(line[at:at+len(sign)]) == string(sign)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
