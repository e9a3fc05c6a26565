package main

import (
	"cmp"
	"fmt"
	"slices"
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
	rows := []outRow{{"text, characters", func(c network.ChatKind) string {
		return cmp.Or(most(int64(c.Features.MaxTextLength), "%d"), "any length")
	}}}
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

// outColumn is one column of the table of what agents can send.
type outColumn struct {
	network string
	chats   []string // kinds of chat that take the same
	cells   []string
}

// head names the network, and the kinds of chat if they are not all of the network's.
func (c outColumn) head(all int) string {
	if len(c.chats) == all {
		return c.network
	}
	return c.network + ", " + strings.Join(c.chats, " and ")
}

// outColumns are the networks, each with a column for those of its chats that take the same.
func outColumns(n network.Network) []*outColumn {
	var columns []*outColumn
	for _, chat := range n.Capabilities.Chats {
		var cells []string
		for _, row := range outRows() {
			cells = append(cells, row.cell(chat))
		}
		if at := slices.IndexFunc(columns, func(c *outColumn) bool { return slices.Equal(c.cells, cells) }); at >= 0 {
			columns[at].chats = append(columns[at].chats, chat.Name)
			continue
		}
		columns = append(columns, &outColumn{network: n.DisplayName, chats: []string{chat.Name}, cells: cells})
	}
	return columns
}

func writeOut(page *strings.Builder, list []network.Network) {
	head, line := []string{""}, []string{"---"}
	rows := outRows()
	cells := make([][]string, len(rows))
	for i, row := range rows {
		cells[i] = []string{row.name}
	}
	for _, n := range list {
		for _, column := range outColumns(n) {
			head, line = append(head, column.head(len(n.Capabilities.Chats))), append(line, "---")
			for i, cell := range column.cells {
				cells[i] = append(cells[i], cell)
			}
		}
	}
	writeRow(page, head)
	writeRow(page, line)
	for _, row := range cells {
		writeRow(page, row)
	}
}

// inColumn is one column of the table of what comes from customers.
type inColumn struct {
	head     string
	receives []network.Feature
}

// inColumns are the networks, and those of their chats that differ.
func inColumns(list []network.Network) []inColumn {
	var columns []inColumn
	for _, n := range list {
		columns = append(columns, inColumn{n.DisplayName, n.Capabilities.Receives})
		for _, chat := range n.Capabilities.Chats {
			if chat.Receives != nil {
				columns = append(columns, inColumn{n.DisplayName + ", " + chat.Name, chat.Receives})
			}
		}
	}
	return columns
}

func writeIn(page *strings.Builder, list []network.Network) {
	head, line := []string{""}, []string{"---"}
	columns := inColumns(list)
	for _, column := range columns {
		head, line = append(head, column.head), append(line, "---")
	}
	writeRow(page, head)
	writeRow(page, line)
	for _, feature := range network.Features() {
		cells := []string{string(feature)}
		for _, column := range columns {
			mark := "–"
			if slices.Contains(column.receives, feature) {
				mark = "✓"
			}
			cells = append(cells, mark)
		}
		writeRow(page, cells)
	}
}

func writeRow(page *strings.Builder, cells []string) {
	page.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
