package emulator

import (
	"fmt"
	"html"
	htmltemplate "html/template"
	"regexp"
	"strings"

	"puente/bridges/bridgekit/phone"
)

// message is a message as the phone page shows it. names holds the customers' by user ID.
func (p phones) message(m Message, customerID string, names map[string]string) phone.Message {
	age := p.e.clock.Now().Sub(m.At)
	out := phone.Message{
		ID: m.ID, Mine: !m.FromBusiness && m.Author == customerID, At: m.At, Line: m.line(), Text: m.Text, HTML: formatText(m.Text),
		Header: m.Header, Footer: m.Footer, Quote: m.Quote, Forwarded: m.Forwarded, Edited: m.Edited, Deleted: m.Deleted,
	}
	switch {
	case m.Echo:
		out.From = "From the business app"
	case out.Mine:
		out.State = m.Status
		out.CanDelete = !m.Deleted && age <= deletableFor
		out.CanEdit = !m.Deleted && age <= editableFor && m.Text != "" && (m.Kind == "text" || m.Media != nil)
	case !m.FromBusiness:
		out.From = names[m.Author]
	}
	if m.Media != nil {
		out.File = shownFile(m.Media)
	}
	if l := m.Location; l != nil {
		out.Place = &phone.Place{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Address: l.Address}
	}
	for _, c := range m.Contacts {
		card := phone.Card{Name: c.Name, Lines: append(append([]string(nil), c.Phones...), c.Emails...)}
		if c.Org != "" {
			card.Lines = append(card.Lines, c.Org)
		}
		out.Cards = append(out.Cards, card)
	}
	if m.Order != nil {
		out.HTML = m.Order.html() + out.HTML
	}
	for _, r := range m.React {
		out.Reactions = append(out.Reactions, r.Emoji)
	}
	if m.FromBusiness {
		out.List, out.Buttons = m.choices()
	}
	return out
}

// line is what stands in the middle instead of a bubble.
func (m *Message) line() string {
	switch {
	case m.Kind == "call":
		return "Voice call, not answered"
	case m.Kind == "unsupported" && m.Subtype == "":
		return "Sent a file that is too large"
	case m.Kind == "unsupported":
		return "Sent something that the business cannot see (" + m.Subtype + ")"
	}
	return ""
}

func shownFile(m *Media) *phone.File {
	kind := m.Kind
	switch {
	case m.Voice:
		kind = "voice"
	case kind == "document":
		kind = "file"
	}
	return &phone.File{ID: m.ID, Kind: kind, Mime: m.Mime, Name: m.Name, Size: m.Size}
}

func (o *Purchase) html() htmltemplate.HTML {
	lines := []string{"<strong>🛒 Order</strong>"}
	for _, i := range o.Items {
		lines = append(lines, fmt.Sprintf("%d × %s, %.2f %s", i.Quantity, html.EscapeString(i.ProductID), i.Price, html.EscapeString(i.Currency)))
	}
	return htmltemplate.HTML(strings.Join(lines, "<br>") + "<br>") // #nosec G203 -- what others wrote was escaped
}

// choices lists what can be pressed, and the words on the list if it is one. Buttons that only open something on the
// phone have no ID; the page shows them or follows their link.
func (m *Message) choices() (list string, buttons []phone.Button) {
	for _, b := range m.Buttons {
		shown := phone.Button{ID: b.ID, Text: b.Title}
		switch b.Kind {
		case "url":
			shown.ID, shown.URL = "", b.URL
		case "phone_number", "copy_code":
			shown.ID, shown.Description = "", b.URL
		default:
			if shown.ID == "" {
				shown.ID = b.Title
			}
		}
		shown.Pressed = m.Chosen != "" && shown.ID == m.Chosen
		buttons = append(buttons, shown)
	}
	if m.List == nil {
		return "", buttons
	}
	for _, s := range m.List.Sections {
		for i, r := range s.Rows {
			row := phone.Button{ID: r.ID, Text: r.Title, Description: r.Description, Pressed: m.Chosen != "" && r.ID == m.Chosen}
			if i == 0 {
				row.Section = s.Title
			}
			buttons = append(buttons, row)
		}
	}
	return m.List.Button, buttons
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
