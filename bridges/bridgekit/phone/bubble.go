package phone

import (
	"fmt"
	"html/template"
	"mime"
	"net/url"
	"slices"
	"strings"
	"time"
)

// bubble is one message as the page shows it.
type bubble struct {
	Message
	P       *phoneView
	Clock   string // "15:04"
	Stamp   string // RFC 3339
	Day     string // set on the first message of a day
	First   bool   // of several of one sender
	Tint    int    // of the sender's name in a group
	Quoted  *quoteView
	Shown   *fileView
	Poll    *pollView
	Emojis  []emoji
	Buttons []buttonView
}

type fileView struct {
	File
	Link, Alt, Size, Length string
	As                      string // image, animation, video, audio or download
}

type pollView struct {
	Poll
	Total int
	Voted bool
}

type emoji struct {
	Text  string
	Count int
}

type buttonView struct {
	Button
	Href template.URL // empty: no link
	Dead bool         // neither link nor choice
}

// quoteView is a message that another one answers.
type quoteView struct {
	ID, Who string
	HTML    template.HTML // one short line
	Full    string
}

// fill puts the messages of the open chat into the view.
func (s *server) fill(v *phoneView, messages []Message) {
	byID := make(map[string]*Message, len(messages))
	for i := range messages {
		byID[messages[i].ID] = &messages[i]
	}
	v.Reply, v.Edit = v.quote(byID, v.place.Reply), v.quote(byID, v.place.Edit)
	if v.Edit != nil {
		v.Draft = v.Edit.Full
	}
	if !v.place.All && len(messages) > shownMessages {
		v.Earlier = len(messages) - shownMessages
		messages = messages[v.Earlier:]
	}
	day, from := "", ""
	for _, m := range messages {
		at := m.At.In(s.Zone)
		b := bubble{Message: m, P: v, Clock: at.Format("15:04"), Stamp: at.Format(time.RFC3339), Quoted: v.quote(byID, m.Quote)}
		if date := at.Format("2 January 2006"); date != day {
			day, from, b.Day = date, "", s.dayName(at)
		}
		sender := fmt.Sprintf("%t %s %s", m.Mine, m.From, m.Line)
		b.First, from = sender != from, sender
		b.show()
		v.Bubbles = append(v.Bubbles, b)
	}
}

// show prepares the parts of a message that need more than the template can do.
func (b *bubble) show() {
	for _, r := range b.From {
		b.Tint = (b.Tint + int(r)) % 6
	}
	if b.File != nil {
		b.Shown = b.file()
	}
	if b.Message.Poll != nil {
		b.Poll = &pollView{Poll: *b.Message.Poll}
		for _, o := range b.Poll.Options {
			b.Poll.Total += o.Votes
			b.Poll.Voted = b.Poll.Voted || o.Mine
		}
	}
	for _, text := range b.Reactions {
		i := slices.IndexFunc(b.Emojis, func(e emoji) bool { return e.Text == text })
		if i < 0 {
			b.Emojis = append(b.Emojis, emoji{Text: text, Count: 1})
		} else {
			b.Emojis[i].Count++
		}
	}
	for _, button := range b.Message.Buttons {
		view := buttonView{Button: button, Href: link(button.URL)}
		view.Dead = view.Href == "" && button.ID == ""
		b.Buttons = append(b.Buttons, view)
	}
}

// link is an address that a button may open: of the web or a phone number, never a script.
func link(address string) template.URL {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"http", "https", "mailto", "tel"}, u.Scheme) {
		return ""
	}
	return template.URL(address) // #nosec G203 -- the scheme is one that runs nothing, and the template escapes the rest
}

func (b *bubble) file() *fileView {
	f := &fileView{File: *b.File, Size: sizeText(b.File.Size), Link: fileAddress(b.P.ID, b.P.Customer.ID, b.File.ID)}
	if d := b.File.Duration.Round(time.Second); d > 0 {
		f.Length = fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
	}
	who := "The business's "
	if b.Mine {
		who = "The customer's "
	}
	f.Alt = who + strings.ToLower(kindName(f.Kind))
	if b.Text != "" {
		f.Alt += ": " + b.Text
	}
	f.As = "download"
	if base, _, err := mime.ParseMediaType(f.Mime); err == nil && harmless(base) && f.Kind != "file" {
		f.As, _, _ = strings.Cut(base, "/")
		if f.Kind == "sticker" && f.As == "video" {
			f.As = "animation"
		}
	}
	return f
}

func (v *phoneView) quote(byID map[string]*Message, id string) *quoteView {
	if id == "" {
		return nil
	}
	m := byID[id]
	if m == nil {
		return &quoteView{ID: id, Who: "A message", HTML: "that is not in this chat"}
	}
	who := v.Chat.Name
	switch {
	case m.Mine:
		who = "You"
	case m.From != "":
		who = m.From
	}
	return &quoteView{ID: id, Who: who, HTML: template.HTML(template.HTMLEscapeString(summary(*m))), Full: m.Text} // #nosec G203 -- escaped
}

// summary is a message in one short line.
func summary(m Message) string {
	text := strings.Join(strings.Fields(m.Text), " ")
	if runes := []rune(text); len(runes) > 70 {
		text = string(runes[:70]) + "…"
	}
	switch {
	case m.Line != "":
		return m.Line
	case m.Deleted:
		return "🚫 Deleted"
	case m.Poll != nil:
		return "📊 " + m.Poll.Question
	case text != "":
		return text
	case m.File != nil:
		return kindName(m.File.Kind)
	case m.Place != nil:
		return "📍 Location"
	case len(m.Cards) > 0:
		return "👤 " + m.Cards[0].Name
	}
	return m.Header
}

// kindName is a kind of file for people.
func kindName(kind string) string {
	name := map[string]string{
		"image": "Photo", "video": "Video", "audio": "Audio", "voice": "Voice message", "sticker": "Sticker", "video_note": "Video message",
	}[kind]
	if name == "" {
		return "File"
	}
	return name
}

func (s *server) dayName(at time.Time) string {
	now := s.Clock.Now().In(s.Zone)
	switch at.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return "Today"
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return "Yesterday"
	}
	return at.Format("Monday, 2 January 2006")
}
