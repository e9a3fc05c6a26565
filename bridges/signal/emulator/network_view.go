package emulator

import (
	"fmt"
	"html"
	htmltemplate "html/template"
	"sort"
	"strings"
	"time"
	"unicode/utf16"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
)

// Messages lists what somebody's phone shows in a chat. A message with several files is shown as one bubble per file.
func (n phones) Messages(id, chatID string) ([]phone.Message, error) {
	e := n.e
	e.mu.Lock()
	defer e.mu.Unlock()
	who, t := e.st.party(id), e.st.Threads[chatID]
	if who == nil || t == nil {
		return nil, fmt.Errorf("chat of the emulator: %w", errs.ErrNotFound)
	}
	var out []phone.Message
	for _, m := range t.Messages {
		if m.seenBy(who.aci) || who.business != nil && m.State(who.aci) != "" {
			out = append(out, e.bubbles(who, t, m)...)
		}
	}
	return out, nil
}

func (e *Emulator) bubbles(who *party, t *thread, m *Message) []phone.Message {
	author := e.known(m.Author)
	b := phone.Message{
		ID: m.ID, Mine: m.Author == who.aci, At: time.UnixMilli(m.Timestamp).UTC(), Line: m.Line,
		Text: e.bare(m), HTML: e.formatted(m), Edited: len(m.Edits) > 0, Deleted: m.Deleted,
	}
	if !b.Mine && author.business == nil && (t.GroupID != "" || who.business != nil) {
		b.From = author.name()
	}
	if b.Line != "" {
		return []phone.Message{b}
	}
	if b.Mine {
		b.State = m.progress()
		fresh := e.clock.Now().Sub(b.At) < editWindow && !m.Deleted
		b.CanDelete, b.CanEdit = fresh, fresh && m.Kind == "text" && len(m.Edits) < maxEdits
	}
	if m.Quote != nil {
		b.Quote = messageID(m.Quote.Author, m.Quote.Timestamp)
	}
	for _, r := range m.Reactions {
		b.Reactions = append(b.Reactions, r.Emoji)
	}
	b.Poll = pollView(m.Poll, who.aci)
	b.Footer = footer(m)
	return withFiles(b, filesOf(m))
}

// withFiles spreads files over bubbles: the first one has the text.
func withFiles(b phone.Message, files []phone.File) []phone.Message {
	if len(files) > 0 {
		b.File = &files[0]
	}
	out := []phone.Message{b}
	for i := 1; i < len(files); i++ {
		out = append(out, phone.Message{
			ID: fmt.Sprintf("%s#%d", b.ID, i), Mine: b.Mine, From: b.From, At: b.At, File: &files[i], State: b.State,
		})
	}
	return out
}

// footer is what a bubble says below its text.
func footer(m *Message) string {
	var parts []string
	for _, p := range m.Previews {
		parts = append(parts, "Link: "+p.Title)
	}
	if m.Pinned {
		parts = append(parts, "Pinned")
	}
	if m.Story != nil {
		parts = append(parts, "Answer to a story")
	}
	if m.ExpiresIn > 0 {
		parts = append(parts, "Disappears after "+(time.Duration(m.ExpiresIn)*time.Second).String())
	}
	return strings.Join(parts, " · ")
}

// progress is how far a message has come with all its recipients: as far as with the slowest.
func (m *Message) progress() string {
	state := ""
	for _, c := range m.To {
		if state == "" || rank(c.State) < rank(state) {
			state = c.State
		}
	}
	if state == Viewed {
		state = Read
	}
	if state == "" {
		state = Sent
	}
	return state
}

func pollView(p *Poll, me string) *phone.Poll {
	if p == nil {
		return nil
	}
	out := &phone.Poll{Question: p.Question, Multiple: p.Multiple, Closed: p.Closed}
	for i, text := range p.Options {
		option := phone.Option{Text: text}
		for _, v := range p.Votes {
			for _, chosen := range v.Options {
				if chosen == i {
					option.Votes++
					option.Mine = option.Mine || v.By == me
				}
			}
		}
		out.Options = append(out.Options, option)
	}
	return out
}

// filesOf are a message's files as the page shows them.
func filesOf(m *Message) []phone.File {
	var out []phone.File
	if m.Sticker != nil {
		if f, ok := sticker(m.Sticker.PackID, int64(m.Sticker.StickerID)); ok {
			out = append(out, phone.File{ID: stickerFile(m.Sticker.StickerID), Kind: "sticker", Mime: f.Mime, Size: int64(len(f.Data))})
		}
	}
	for _, f := range m.Files {
		family, _, _ := strings.Cut(f.Mime, "/")
		kind := "file"
		switch {
		case f.Voice:
			kind = "voice"
		case family == "image" || family == "video" || family == "audio":
			kind = family
		}
		out = append(out, phone.File{
			ID: f.ID, Kind: kind, Mime: f.Mime, Name: f.Name, Size: f.Size, Width: f.Width, Height: f.Height, Once: m.ViewOnce,
		})
	}
	return out
}

// bare is a message's text without markup: mentions are names, cards are lines.
func (e *Emulator) bare(m *Message) string {
	text := m.Text
	for _, one := range m.Mentions {
		text = strings.Replace(text, "\ufffc", "@"+e.known(one.ACI).name(), 1)
	}
	for _, c := range m.Contacts {
		text += strings.TrimSpace(strings.Join(append(append([]string{joinName(c.Given, c.Family), c.Organization}, c.Phones...), c.Emails...), "\n"))
	}
	return text
}

// formatted is a message's text with its styles as HTML.
func (e *Emulator) formatted(m *Message) htmltemplate.HTML {
	if len(m.Contacts) > 0 || len(m.Styles) == 0 && len(m.Mentions) == 0 {
		return htmltemplate.HTML(strings.ReplaceAll(html.EscapeString(e.bare(m)), "\n", "<br>")) // #nosec G203 -- escaped
	}
	all := utf16.Encode([]rune(m.Text))
	cuts := map[int]bool{0: true, len(all): true}
	for _, s := range m.Styles {
		cuts[min(s.Start, len(all))], cuts[min(s.Start+s.Length, len(all))] = true, true
	}
	for _, one := range m.Mentions {
		cuts[min(one.Start, len(all))], cuts[min(one.Start+one.Length, len(all))] = true, true
	}
	var order []int
	for at := range cuts {
		order = append(order, at)
	}
	sort.Ints(order)
	var out strings.Builder
	for i := 0; i+1 < len(order); i++ {
		out.WriteString(e.piece(m, order[i], string(utf16.Decode(all[order[i]:order[i+1]]))))
	}
	return htmltemplate.HTML(out.String()) // #nosec G203 -- every piece is escaped, and the tags are piece's own
}

// piece is a part of a text in which the same styles hold.
func (e *Emulator) piece(m *Message, at int, text string) string {
	out := strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
	for _, one := range m.Mentions {
		if one.Start == at {
			out = "<b>@" + html.EscapeString(e.known(one.ACI).name()) + "</b>"
		}
	}
	tags := map[string]string{"BOLD": "strong", "ITALIC": "em", "STRIKETHROUGH": "s", "MONOSPACE": "code", "SPOILER": "mark"}
	for _, s := range m.Styles {
		if tag := tags[s.Name]; tag != "" && at >= s.Start && at < s.Start+s.Length {
			out = "<" + tag + ">" + out + "</" + tag + ">"
		}
	}
	return out
}
