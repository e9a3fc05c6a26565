package telegram_test

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"puente/bridges/bridgetest"
	"puente/bridges/telegram/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// shown is a phone in the suite's words.
func (c *customer) shown(phone emulator.Phone) (bridgetest.Phone, error) {
	var out bridgetest.Phone
	for _, chat := range phone.Chats {
		group := ""
		if chat.Kind == "group" || chat.Kind == "supergroup" {
			group = strconv.FormatInt(chat.ID, 10)
		} else if chat.Key == c.chat.Key() {
			out.Typing = chat.Typing != ""
		}
		for _, message := range chat.Messages {
			if message.Service {
				continue
			}
			one, err := c.message(chat, message)
			if err != nil {
				return out, err
			}
			one.Group = group
			out.Messages = append(out.Messages, one)
		}
	}
	return out, nil
}

func (c *customer) message(chat emulator.View, m emulator.Message) (bridgetest.Message, error) {
	id := func(message int64) string {
		return strconv.FormatInt(chat.ID, 10) + "." + strconv.FormatInt(message, 10)
	}
	one := bridgetest.Message{
		ID: id(m.ID), FromBusiness: c.provider.isBusiness(m), Kind: kindOf(m), Text: m.Text, Spans: spansOf(m.Entities),
		Choices: m.Buttons, Edited: !m.Edited.IsZero(), Deleted: m.Deleted, Read: m.Read,
	}
	if m.ReplyTo != 0 {
		one.ReplyTo = id(m.ReplyTo)
	}
	for _, reaction := range m.Reactions {
		one.Reactions = append(one.Reactions, bridgetest.Reaction{FromBusiness: reaction.By == botID, Emoji: reaction.Emoji})
	}
	if m.Poll != nil {
		one.Poll = &bridgetest.Poll{Question: m.Poll.Question, Options: m.Poll.Options, Multiple: m.Poll.Multiple}
		one.Votes = m.Poll.Votes
	}
	if place, ok := m.Content["location"].(map[string]any); ok {
		one.Location = &bridgetest.Location{Latitude: degrees(place["latitude"]), Longitude: degrees(place["longitude"])}
	}
	var err error
	one.File, err = c.provider.file(one.Kind, m)
	return one, err
}

func (p *provider) isBusiness(m emulator.Message) bool {
	if p.business {
		return m.From == p.owner.ID || m.Bot != 0
	}
	return m.From == botID
}

func degrees(v any) float64 {
	f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return 0
	}
	return f
}

func kindOf(m emulator.Message) network.Feature {
	switch m.Kind {
	case emulator.Animation:
		return network.FeatureVideo
	case "location", "venue":
		return network.FeatureLocation
	case "contact":
		return network.FeatureContact
	case "poll":
		return network.FeaturePoll
	}
	for feature, kind := range kinds() {
		if kind == m.Kind {
			return feature
		}
	}
	return network.FeatureText
}

// file is what a message's file is for the phone; nil if it has none.
func (p *provider) file(kind network.Feature, m emulator.Message) (*bridgetest.File, error) {
	content := m.Content[m.Kind]
	if sizes, ok := content.([]any); ok && len(sizes) > 0 {
		content = sizes[len(sizes)-1]
	}
	facts, _ := content.(map[string]any)
	key, _ := facts["file_id"].(string)
	if key == "" || m.Deleted {
		return nil, nil
	}
	opened, err := p.emulator.OpenFile(key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	data, err := io.ReadAll(opened)
	if err != nil {
		return nil, err
	}
	name, _ := facts["file_name"].(string)
	mime, _ := facts["mime_type"].(string)
	return &bridgetest.File{Kind: kind, Data: data, MIME: mime, Name: name}, nil
}

// types are the suite's styles as Telegram names them. ref: reference/telegram-bot.md §3, Entities
func types() map[bridgetest.Style]string {
	return map[bridgetest.Style]string{
		bridgetest.Bold: "bold", bridgetest.Italic: "italic", bridgetest.Underline: "underline", bridgetest.Strikethrough: "strikethrough",
		bridgetest.Spoiler: "spoiler", bridgetest.Code: "code", bridgetest.CodeBlock: "pre", bridgetest.Quote: "blockquote",
		bridgetest.Link: "text_link", bridgetest.Mention: "text_mention",
	}
}

// entities are styles as a customer's app sends them.
func entities(spans []bridgetest.Span) ([]emulator.Entity, error) {
	var list []emulator.Entity
	for _, span := range spans {
		kind, ok := types()[span.Style]
		if !ok {
			return nil, fmt.Errorf("%s: %w", span.Style, errs.ErrUnsupported)
		}
		entity := emulator.Entity{Type: kind, Offset: span.Start, Length: span.Length, URL: span.URL}
		if span.Style == bridgetest.Mention {
			entity.User = botID
		}
		list = append(list, entity)
	}
	return list, nil
}

func spansOf(list []emulator.Entity) []bridgetest.Span {
	var spans []bridgetest.Span
	for _, entity := range list {
		for style, kind := range types() {
			if kind == entity.Type {
				spans = append(spans, bridgetest.Span{Start: entity.Offset, Length: entity.Length, Style: style, URL: entity.URL})
			}
		}
	}
	slices.SortFunc(spans, func(a, b bridgetest.Span) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return strings.Compare(string(a.Style), string(b.Style))
	})
	return spans
}
