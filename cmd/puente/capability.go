package main

import (
	"fmt"
	"strings"

	"maunium.net/go/mautrix/event"

	"puente/core/hub/network"
)

const capabilitiesHead = `# What each network can do

This page is made from what the bridges declare (` + "`make generate`" + `); the conformance suite holds each of them to it. A
Matrix client reads the same of every room, in the state event ` + "`com.beeper.room_features`" + `.

`

// capabilityPage is the documentation's page of what the networks can do.
func capabilityPage(list []network.Network) string {
	var page strings.Builder
	page.WriteString(capabilitiesHead)
	page.WriteString("## What agents can send\n\n")
	page.WriteString("**✓** as it is · **~** in another form, or with a loss that the customer hardly notices · **dropped**: the message goes out without it · " +
		"**no**: the agent is told why, nothing is sent.\n\n")
	writeOut(&page, list)
	page.WriteString("\n## What comes from customers and their networks\n\n")
	writeIn(&page, list)
	return page.String()
}

// outRow is one line of the table of what agents can send.
type outRow struct {
	name string
	cell func(network.ChatKind) string
}

func outRows() []outRow {
	level := func(of func(*event.RoomFeatures) event.CapabilitySupportLevel) func(network.ChatKind) string {
		return func(c network.ChatKind) string { return levelMark(of(c.Features)) }
	}
	yes := func(of func(*event.RoomFeatures) bool) func(network.ChatKind) string {
		return func(c network.ChatKind) string {
			if of(c.Features) {
				return "✓"
			}
			return "no"
		}
	}
	rows := []outRow{{"text, characters", func(c network.ChatKind) string { return most(int64(c.Features.MaxTextLength), "%d") }}}
	for _, f := range formats {
		rows = append(rows, outRow{f.name, func(c network.ChatKind) string { return levelMark(formatLevel(c.Features, f.feature)) }})
	}
	for _, f := range files {
		rows = append(rows, outRow{f.name, func(c network.ChatKind) string { return fileCell(c.Features.File[f.kind]) }})
	}
	return append(rows,
		outRow{"location", level(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.LocationMessage })},
		outRow{"poll", level(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Poll })},
		outRow{"question with buttons or a list", func(c network.ChatKind) string { return levelMark(c.Choices) }},
		outRow{"reply", level(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Reply })},
		outRow{"reaction", reactionCell},
		outRow{"edit", level(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Edit })},
		outRow{"deletion", level(func(f *event.RoomFeatures) event.CapabilitySupportLevel { return f.Delete })},
		outRow{"read receipt", yes(func(f *event.RoomFeatures) bool { return f.ReadReceipts })},
		outRow{"typing", yes(func(f *event.RoomFeatures) bool { return f.TypingNotifications })},
	)
}

var formats = []struct {
	name    string
	feature event.FormattingFeature
}{
	{"bold", event.FmtBold}, {"italic", event.FmtItalic}, {"underline", event.FmtUnderline}, {"strikethrough", event.FmtStrikethrough},
	{"code", event.FmtInlineCode}, {"code block", event.FmtCodeBlock}, {"quote", event.FmtBlockquote}, {"link with other words", event.FmtInlineLink},
	{"mention", event.FmtUserLink}, {"spoiler", event.FmtSpoiler}, {"list", event.FmtUnorderedList},
}

var files = []struct {
	name string
	kind event.CapabilityMsgType
}{
	{"picture", event.MsgImage}, {"animation (GIF)", event.CapMsgGIF}, {"video", event.MsgVideo}, {"audio", event.MsgAudio},
	{"voice message", event.CapMsgVoice}, {"file", event.MsgFile}, {"sticker", event.CapMsgSticker},
}

// levelMark is a level as the table shows it.
func levelMark(level event.CapabilitySupportLevel) string {
	switch level {
	case event.CapLevelFullySupported:
		return "✓"
	case event.CapLevelPartialSupport:
		return "~"
	case event.CapLevelDropped:
		return "dropped"
	}
	return "no"
}

// formatLevel is how a style fares; one that is not declared is dropped, and its words stay.
func formatLevel(f *event.RoomFeatures, style event.FormattingFeature) event.CapabilitySupportLevel {
	if level, declared := f.Formatting[style]; declared {
		return level
	}
	return event.CapLevelDropped
}

func fileCell(f *event.FileFeatures) string {
	if f == nil {
		return "no"
	}
	best := event.CapLevelRejected
	for _, level := range f.MimeTypes {
		best = max(best, level)
	}
	text := levelMark(best)
	if best < event.CapLevelPartialSupport {
		return text
	}
	if size := most(f.MaxSize>>20, "≤ %d MB"); size != "" {
		text += " " + size
	}
	if f.Caption > 0 {
		text += ", caption"
	}
	return text
}

func reactionCell(c network.ChatKind) string {
	mark := levelMark(c.Features.Reaction)
	if n := len(c.Features.AllowedReactions); n > 0 && c.Features.Reaction > 0 {
		return fmt.Sprintf("%s of %d emoji", mark, n)
	}
	return mark
}

// most is a limit; nothing stands for none.
func most(limit int64, format string) string {
	if limit <= 0 {
		return ""
	}
	return fmt.Sprintf(format, limit)
}

func writeOut(page *strings.Builder, list []network.Network) {
	head, line := []string{""}, []string{"---"}
	var chats []network.ChatKind
	for _, n := range list {
		for _, chat := range n.Capabilities.Chats {
			chats = append(chats, chat)
			head, line = append(head, n.DisplayName+", "+chat.Name), append(line, "---")
		}
	}
	writeRow(page, head)
	writeRow(page, line)
	for _, row := range outRows() {
		cells := []string{row.name}
		for _, chat := range chats {
			cells = append(cells, row.cell(chat))
		}
		writeRow(page, cells)
	}
}

func writeIn(page *strings.Builder, list []network.Network) {
	head, line := []string{""}, []string{"---"}
	for _, n := range list {
		head, line = append(head, n.DisplayName), append(line, "---")
	}
	writeRow(page, head)
	writeRow(page, line)
	for _, feature := range network.Features() {
		cells := []string{string(feature)}
		for _, n := range list {
			mark := "–"
			for _, has := range n.Capabilities.Receives {
				if has == feature {
					mark = "✓"
				}
			}
			cells = append(cells, mark)
		}
		writeRow(page, cells)
	}
}

func writeRow(page *strings.Builder, cells []string) {
	page.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
