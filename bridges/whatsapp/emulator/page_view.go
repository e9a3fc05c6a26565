package emulator

import (
	"fmt"
	"html"
	htmltemplate "html/template"
	"regexp"
	"strings"
)

// pageView is what the templates show.
type pageView struct {
	Customers []customerView
	Numbers   []Number
	Magic     []Magic
	Chat      *chatView // nil: no customer is chosen
	Problem   string
}

type customerView struct {
	Customer
	Initial  string
	Tint     int // one of six colours
	Selected bool
	Unread   int
	Last     string
}

type chatView struct {
	Customer customerView
	Number   Number
	Bubbles  []bubble
	Typing   bool
	Window   string // for people
	Open     bool   // the 24-hour window
	Receipts bool
	Online   bool
	Stopped  bool
	Reply    *quoteView
	Edit     *quoteView
}

// bubble is one message as the page shows it.
type bubble struct {
	Message
	Mine     bool
	System   string // shown in the middle instead of as a bubble
	HTML     htmltemplate.HTML
	Clock    string
	Day      string // set on the first message of a day
	Ticks    string // of own messages: sent, delivered, read
	Media    *mediaView
	Quoted   *quoteView
	Emojis   string
	Editable bool
}

type mediaView struct {
	Media
	URL, Alt, Size string
}

type quoteView struct {
	ID, Who string
	HTML    htmltemplate.HTML // one short line
	Full    string
}

// view collects what the page of a customer and a number shows; unknown ones leave Chat nil.
func (p *pageServer) view(userID, pnid, reply, edit string) pageView {
	if pnid == "" {
		pnid = p.e.opt.Numbers[0].PhoneNumberID
	}
	out := pageView{Numbers: p.e.Numbers(), Magic: MagicNumbers()}
	for i, c := range p.e.Customers() {
		cv := customerView{Customer: c, Tint: i % 6, Selected: c.UserID == userID, Initial: string([]rune(c.Name)[:1])}
		messages := p.e.Inbox(c.UserID)
		for _, m := range messages {
			if m.FromBusiness && rank(m.Status) < rank(Read) {
				cv.Unread++
			}
		}
		if len(messages) > 0 {
			cv.Last = summary(messages[len(messages)-1])
		}
		out.Customers = append(out.Customers, cv)
		if cv.Selected {
			out.Chat = p.chat(cv, pnid, reply, edit)
		}
	}
	return out
}

func (p *pageServer) chat(c customerView, pnid, reply, edit string) *chatView {
	number, ok := p.e.number(pnid)
	phone, err := p.e.Phone(c.UserID)
	if !ok || err != nil {
		return nil
	}
	out := &chatView{Customer: c, Number: number, Receipts: phone.ReadReceipts, Online: phone.Online}
	for _, id := range phone.Typing {
		out.Typing = out.Typing || id == pnid
	}
	now := p.e.clock.Now()
	p.e.mu.Lock()
	chat := *p.e.st.chat(c.UserID, pnid)
	p.e.mu.Unlock()
	out.Stopped = chat.Stopped
	if left := chat.LastInbound.Add(serviceWindow).Sub(now); left > 0 && !chat.LastInbound.IsZero() {
		out.Open, out.Window = true, fmt.Sprintf("window open, %d h %02d min left", int(left.Hours()), int(left.Minutes())%60)
	} else {
		out.Window = "window closed: templates only"
	}
	day := ""
	for _, m := range phone.Messages {
		if m.Number != pnid {
			continue
		}
		b := p.bubble(m, c, number, phone)
		if today := m.At.Format("2 January 2006"); today != day {
			day, b.Day = today, today
		}
		b.Editable = b.Mine && !m.Deleted && m.Kind == "text" && now.Sub(m.At) < editableFor
		out.Bubbles = append(out.Bubbles, b)
	}
	out.Reply, out.Edit = quote(phone, reply, c, number), quote(phone, edit, c, number)
	return out
}

func (p *pageServer) bubble(m Message, c customerView, n Number, phone Phone) bubble {
	b := bubble{
		Message: m, Mine: !m.FromBusiness && m.Author == c.UserID, HTML: formatText(m.Text), Clock: m.At.Format("15:04"),
		Quoted: quote(phone, m.Quote, c, n),
	}
	switch m.Kind {
	case "call":
		b.System = "Voice call, not answered"
	case "unsupported":
		b.System = strings.TrimSpace("Sent something that the business cannot see (" + m.Subtype + ")")
		if m.Subtype == "" {
			b.System = "Sent a file that is too large"
		}
	}
	if b.Mine {
		b.Ticks = m.Status
	}
	if m.Media != nil {
		b.Media = &mediaView{Media: *m.Media, URL: "/phone/" + c.UserID + "/media/" + m.Media.ID, Alt: altText(m), Size: sizeText(m.Media.Size)}
	}
	for _, r := range m.React {
		b.Emojis += r.Emoji
	}
	return b
}

func altText(m Message) string {
	who := "Customer's "
	if m.FromBusiness {
		who = "Business's "
	}
	alt := who + m.Media.Kind
	if m.Text != "" {
		alt += ": " + m.Text
	}
	return alt
}

func sizeText(size int64) string {
	if size < mib {
		return fmt.Sprintf("%d kB", (size+1023)/1024)
	}
	return fmt.Sprintf("%.1f MB", float64(size)/mib)
}

func quote(phone Phone, id string, c customerView, n Number) *quoteView {
	m, ok := phone.Message(id)
	if !ok {
		return nil
	}
	who := n.VerifiedName
	if m.Author == c.UserID {
		who = "You"
	} else if m.Author != "" {
		who = "Member"
	}
	return &quoteView{ID: id, Who: who, HTML: formatText(summary(m)), Full: m.Text}
}

// summary is a message in one short line.
func summary(m Message) string {
	text := strings.Join(strings.Fields(m.Text), " ")
	if runes := []rune(text); len(runes) > 70 {
		text = string(runes[:70]) + "…"
	}
	icons := map[string]string{
		"image": "📷 Photo", "video": "🎥 Video", "audio": "🎵 Audio", "document": "📄 Document", "sticker": "🙂 Sticker",
		"location": "📍 Location", "contacts": "👤 Contact", "order": "🛒 Order", "call": "📞 Call", "unsupported": "Unsupported",
	}
	switch {
	case m.Deleted:
		return "🚫 Deleted"
	case m.Media != nil && m.Media.Voice:
		return "🎤 Voice message"
	case text != "":
		return text
	}
	return icons[m.Kind]
}

// formatText shows WhatsApp's markup: *bold* _italic_ ~strike~ ```mono``` and `code`.
func formatText(text string) htmltemplate.HTML {
	out := html.EscapeString(text)
	for _, rule := range []struct{ pattern, with string }{
		{"```([^`]+)```", "<code>$1</code>"},
		{"`([^`\n]+)`", "<code>$1</code>"},
		{`(^|[\s(_~])\*([^\s*][^*\n]*)\*`, "$1<strong>$2</strong>"},
		{`(^|[\s(~>])_([^\s_][^_\n]*)_`, "$1<em>$2</em>"},
		{`(^|[\s(>])~([^\s~][^~\n]*)~`, "$1<s>$2</s>"},
	} {
		out = regexp.MustCompile(rule.pattern).ReplaceAllString(out, rule.with)
	}
	return htmltemplate.HTML(out) // #nosec G203 -- the text was escaped before the five tags were put in
}
