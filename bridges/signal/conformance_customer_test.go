package signal_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"puente/bridges/bridgetest"
	"puente/bridges/signal/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// customer is somebody with Signal.
type customer struct {
	emulator.Customer
	provider *provider
	chat     *emulator.Chat
}

// Secrets implements bridgetest.Customer.
func (c *customer) Secrets() []string { return []string{c.Number, c.Number[1:]} }

// named is a message's ID in the suite: its author and timestamp.
func named(ref emulator.Ref, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return ref.Author + "/" + strconv.FormatInt(ref.Timestamp, 10), nil
}

func refOf(messageID string) emulator.Ref {
	author, timestamp, _ := strings.Cut(messageID, "/")
	at, _ := strconv.ParseInt(timestamp, 10, 64)
	return emulator.Ref{Author: author, Timestamp: at}
}

// in is the chat that an act happens in.
func (c *customer) in(where bridgetest.Where) (*emulator.Chat, []emulator.SendOption, error) {
	var opts []emulator.SendOption
	if where.ReplyTo != "" && where.ReplyTo != bridgetest.Unseen {
		opts = append(opts, emulator.ReplyTo(refOf(where.ReplyTo)))
	}
	if where.Group == "" {
		return c.chat, opts, nil
	}
	chat, err := c.provider.emulator.GroupChat(c.ACI, where.Group)
	return chat, opts, err
}

// Do implements bridgetest.Customer.
func (c *customer) Do(_ context.Context, act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.Say:
		return c.say(act)
	case bridgetest.Send:
		return c.send(act)
	case bridgetest.SendAlbum:
		return c.album(act)
	case bridgetest.SendContact:
		card := emulator.Card{Given: act.Name, Phones: []string{act.Phone}}
		if act.Email != "" {
			card.Emails = []string{act.Email}
		}
		return c.with(act.Where, func(chat *emulator.Chat, opts []emulator.SendOption) (emulator.Ref, error) {
			return chat.SendContact(card, opts...)
		})
	case bridgetest.SendPoll:
		return c.with(act.Where, func(chat *emulator.Chat, opts []emulator.SendOption) (emulator.Ref, error) {
			return chat.SendPoll(act.Question, act.Options, act.Multiple, opts...)
		})
	case bridgetest.SendTooLarge:
		return c.raw(map[string]any{"attachments": []any{map[string]any{"id": "huge.bin", "contentType": "application/zip", "filename": "huge.zip", "size": 500 << 20}}})
	case bridgetest.SayUnknown:
		return c.raw(map[string]any{"hologram": map[string]any{"id": "1"}})
	case bridgetest.Call:
		return "", c.chat.Call(false)
	case bridgetest.Own:
		own, err := c.provider.emulator.Own(ownNumber, c.ACI)
		if err != nil {
			return "", err
		}
		return named(own.SendText(act.Text))
	}
	return c.change(act)
}

func (c *customer) with(where bridgetest.Where, do func(*emulator.Chat, []emulator.SendOption) (emulator.Ref, error)) (string, error) {
	chat, opts, err := c.in(where)
	if err != nil {
		return "", err
	}
	return named(do(chat, opts))
}

// change is what the customer does to a message that is there.
func (c *customer) change(act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.React:
		switch {
		case act.Message == bridgetest.Unseen:
			return c.raw(map[string]any{"reaction": map[string]any{
				"emoji": act.Emoji, "isRemove": false, "targetAuthorUuid": c.provider.aci, "targetSentTimestamp": unseen,
			}})
		case act.Emoji == "":
			return "", c.chat.Unreact(refOf(act.Message))
		}
		return "", c.chat.React(refOf(act.Message), act.Emoji)
	case bridgetest.Edit:
		if act.Message == bridgetest.Unseen {
			return c.envelope("editMessage", map[string]any{"targetSentTimestamp": unseen, "dataMessage": map[string]any{"message": act.Text}})
		}
		text, opts, err := styled(act.Text, act.Spans, c.provider.aci)
		if err != nil {
			return "", err
		}
		return named(c.chat.Edit(refOf(act.Message), text, opts...))
	case bridgetest.Delete:
		if act.Message == bridgetest.Unseen {
			return c.raw(map[string]any{"remoteDelete": map[string]any{"timestamp": unseen}})
		}
		return "", c.chat.Delete(refOf(act.Message))
	case bridgetest.Vote:
		return "", c.chat.Vote(refOf(act.Poll), act.Options...)
	case bridgetest.Type:
		chat, _, err := c.in(act.Where)
		if err != nil {
			return "", err
		}
		return "", chat.Typing(act.On)
	case bridgetest.Read:
		chat, _, err := c.in(act.Where)
		if err != nil {
			return "", err
		}
		return "", chat.Read(refOf(act.Message))
	}
	return "", fmt.Errorf("%T on Signal: %w", act, errs.ErrUnsupported)
}

func (c *customer) say(act bridgetest.Say) (string, error) {
	text, more, err := styled(act.Text, act.Spans, c.provider.aci)
	if err != nil {
		return "", err
	}
	if act.ReplyTo == bridgetest.Unseen {
		return c.raw(map[string]any{"message": text, "quote": map[string]any{"id": unseen, "authorUuid": c.provider.aci, "text": "from long ago", "attachments": []any{}}})
	}
	return c.with(act.Where, func(chat *emulator.Chat, opts []emulator.SendOption) (emulator.Ref, error) {
		return chat.SendText(text, append(opts, more...)...)
	})
}

// styleNames are Signal's styles. ref: reference/signal-cli.md §3, formats
func styleNames() map[bridgetest.Style]string {
	return map[bridgetest.Style]string{
		bridgetest.Bold: "BOLD", bridgetest.Italic: "ITALIC", bridgetest.Strikethrough: "STRIKETHROUGH", bridgetest.Spoiler: "SPOILER",
		bridgetest.Code: "MONOSPACE",
	}
}

// styled is a text with its styles as a customer's app sends it: U+FFFC stands where the business is mentioned.
func styled(text string, spans []bridgetest.Span, business string) (string, []emulator.SendOption, error) {
	var list []emulator.Style
	var mentions []string
	units := utf16.Encode([]rune(text))
	for _, span := range spans {
		if span.Style == bridgetest.Mention {
			units = append(append(append([]uint16(nil), units[:span.Start]...), 0xfffc), units[span.Start+span.Length:]...)
			mentions = append(mentions, business)
			continue
		}
		name, known := styleNames()[span.Style]
		if !known {
			return "", nil, fmt.Errorf("%s: %w", span.Style, errs.ErrUnsupported)
		}
		list = append(list, emulator.Style{Start: span.Start, Length: span.Length, Name: name})
	}
	return string(utf16.Decode(units)), []emulator.SendOption{emulator.WithStyles(list...), emulator.WithMentions(mentions...)}, nil
}

func (c *customer) send(act bridgetest.Send) (string, error) {
	text, more, err := styled(act.Caption, act.Spans, c.provider.aci)
	if err != nil {
		return "", err
	}
	file := emulator.File{Data: act.Data, Mime: act.MIME, Name: act.Name}
	chat, opts, err := c.in(act.Where)
	if err != nil {
		return "", err
	}
	opts = append(opts, more...)
	switch act.Kind {
	case network.FeatureImage, network.FeatureVideo, network.FeatureAudio, network.FeatureFile:
		return named(chat.SendFiles(text, []emulator.File{file}, opts...))
	}
	if text != "" || strings.HasPrefix(string(act.Data), "this is no picture") {
		return "", fmt.Errorf("words under a %s, or a broken one: %w", act.Kind, errs.ErrUnsupported)
	}
	switch act.Kind {
	case network.FeatureVoice:
		return named(chat.SendVoice(file, opts...))
	case network.FeatureSticker:
		return named(chat.SendSticker(0, opts...))
	case network.FeatureAnimatedSticker:
		return named(chat.SendSticker(1, opts...))
	}
	return "", fmt.Errorf("a %s: %w", act.Kind, errs.ErrUnsupported)
}

func (c *customer) album(act bridgetest.SendAlbum) (string, error) {
	files := make([]emulator.File, len(act.Files))
	for i, file := range act.Files {
		files[i] = emulator.File{Data: file.Data, Mime: file.MIME, Name: file.Name}
	}
	return c.with(act.Where, func(chat *emulator.Chat, opts []emulator.SendOption) (emulator.Ref, error) {
		return chat.SendFiles(act.Caption, files, opts...)
	})
}

// unseen is the timestamp of a message from long ago.
const unseen = 1_500_000_000_000

// raw delivers a message that the customer's phone does not show.
func (c *customer) raw(data map[string]any) (string, error) {
	if _, says := data["message"]; !says {
		data["message"] = nil
	}
	return c.envelope("dataMessage", data)
}

func (c *customer) envelope(kind string, content map[string]any) (string, error) {
	c.provider.mu.Lock()
	c.provider.people++
	// A time of its own: an author's timestamp names one message alone.
	now := time.Now().Add(-time.Hour).UnixMilli() + int64(c.provider.people)
	c.provider.mu.Unlock()
	return "", c.provider.emulator.Enqueue(ownNumber, map[string]any{
		"source": c.ACI, "sourceNumber": nil, "sourceUuid": c.ACI, "sourceName": c.Name, "sourceDevice": 1, "timestamp": now,
		"serverReceivedTimestamp": now, "serverDeliveredTimestamp": now, kind: content,
	}, nil)
}

// Wait implements bridgetest.Customer.
func (c *customer) Wait(ctx context.Context, fact func(bridgetest.Phone) bool) (bridgetest.Phone, error) {
	var shown bridgetest.Phone
	_, err := c.provider.emulator.Wait(ctx, c.ACI, func(phone emulator.Phone) bool {
		shown = c.provider.shown(phone)
		return fact(shown)
	})
	return shown, err
}

// shown is a phone in the suite's words.
func (p *provider) shown(phone emulator.Phone) bridgetest.Phone {
	out := bridgetest.Phone{}
	for _, typist := range phone.Typing {
		out.Typing = out.Typing || typist.ACI == p.aci && typist.GroupID == ""
	}
	for _, m := range phone.Messages {
		if m.Kind == "line" {
			continue
		}
		id, _ := named(m.Ref(), nil)
		one := bridgetest.Message{
			ID: id, Group: m.GroupID, FromBusiness: m.Author == p.aci, Kind: kindOf(m), Edited: len(m.Edits) > 0, Deleted: m.Deleted,
			Text: m.Text, Read: m.Author != p.aci && m.State(p.aci) == emulator.Read,
		}
		for _, style := range m.Styles {
			for known, name := range styleNames() {
				if name == style.Name {
					one.Spans = append(one.Spans, bridgetest.Span{Start: style.Start, Length: style.Length, Style: known})
				}
			}
		}
		if m.Quote != nil {
			one.ReplyTo, _ = named(m.Quote.Ref, nil)
		}
		if len(m.Files) > 0 {
			one.File = &bridgetest.File{Kind: one.Kind, MIME: m.Files[0].Mime, Name: m.Files[0].Name}
		}
		if m.Poll != nil {
			one.Poll = &bridgetest.Poll{Question: m.Poll.Question, Options: m.Poll.Options, Multiple: m.Poll.Multiple}
			one.Votes = make([]int, len(m.Poll.Options))
			for _, vote := range m.Poll.Votes {
				for _, option := range vote.Options {
					one.Votes[option]++
				}
			}
		}
		for _, reaction := range m.Reactions {
			one.Reactions = append(one.Reactions, bridgetest.Reaction{FromBusiness: reaction.By == p.aci, Emoji: reaction.Emoji})
		}
		out.Messages = append(out.Messages, one)
	}
	return out
}

func kindOf(m emulator.Message) network.Feature {
	switch {
	case m.Sticker != nil:
		return network.FeatureSticker
	case m.Poll != nil:
		return network.FeaturePoll
	case len(m.Contacts) > 0:
		return network.FeatureContact
	case len(m.Files) == 0:
		return network.FeatureText
	case m.Files[0].Voice:
		return network.FeatureVoice
	}
	switch kind, _, _ := strings.Cut(m.Files[0].Mime, "/"); kind {
	case "image":
		return network.FeatureImage
	case "video":
		return network.FeatureVideo
	case "audio":
		return network.FeatureAudio
	}
	return network.FeatureFile
}
