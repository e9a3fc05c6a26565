package graph

import "fmt"

// Header stands above an interactive message: a text of at most 60 characters, or a file of the type
// that Media names (image, video, document). ref: whatsapp-cloud.md §5.2
type Header struct {
	Text  string
	Media string
	File  MediaRef
}

func (h *Header) wire() any {
	if h.Media != "" {
		return map[string]any{"type": h.Media, h.Media: h.File}
	}
	return map[string]any{"type": "text", "text": h.Text}
}

func (h *Header) check(p *problems, textOnly bool) {
	const member = "interactive.header"
	switch {
	case h == nil:
	case h.Media == "":
		p.filled(member+".text", h.Text, 60)
	case textOnly:
		p.invalid(member, "must be a text")
	case h.Media != "image" && h.Media != "video" && h.Media != "document":
		p.invalid(member+".type", "must be text, image, video or document")
	default:
		h.File.check(p, member+"."+h.Media)
	}
}

// frame is what all interactive messages share.
func frame(kind string, header *Header, body, footer string, action any) any {
	wire := map[string]any{"type": kind, "body": map[string]string{"text": body}, "action": action}
	if header != nil {
		wire["header"] = header.wire()
	}
	if footer != "" {
		wire["footer"] = map[string]string{"text": footer}
	}
	return wire
}

func checkFrame(p *problems, body string, bodyLimit int, footer string) {
	p.filled("interactive.body.text", body, bodyLimit)
	p.atMost("interactive.footer.text", footer, 60)
}

// OutButtons is a text with up to three buttons.
type OutButtons struct {
	Header  *Header
	Body    string // at most 1,024 characters
	Footer  string // at most 60
	Buttons []ReplyButton
}

// ReplyButton can be pressed; its ID comes back as Choice.ID.
type ReplyButton struct {
	ID    string `json:"id"`    // at most 256 characters, unique in the message
	Title string `json:"title"` // at most 20, unique in the message
}

func (OutButtons) kind() string { return "interactive" }
func (b OutButtons) wire() any {
	buttons := make([]any, len(b.Buttons))
	for i, one := range b.Buttons {
		buttons[i] = map[string]any{"type": "reply", "reply": one}
	}
	return frame("button", b.Header, b.Body, b.Footer, map[string]any{"buttons": buttons})
}

func (b OutButtons) check(p *problems) {
	b.Header.check(p, false)
	checkFrame(p, b.Body, 1024, b.Footer)
	p.count("interactive.action.buttons", len(b.Buttons), 1, 3)
	ids, titles := distinct{}, distinct{}
	for i, one := range b.Buttons {
		member := fmt.Sprintf("interactive.action.buttons[%d].reply", i)
		p.filled(member+".id", one.ID, 256)
		p.filled(member+".title", one.Title, 20)
		ids.check(p, member+".id", one.ID)
		titles.check(p, member+".title", one.Title)
	}
}

// distinct finds values that come twice.
type distinct map[string]bool

func (d distinct) check(p *problems, member, value string) {
	if d[value] {
		p.invalid(member, "comes twice")
	}
	d[value] = true
}

// OutList is a text with a button that opens a list of up to ten rows in all.
type OutList struct {
	Header   *Header // text only
	Body     string  // at most 4,096 characters
	Footer   string
	Button   string // what opens the list, at most 20 characters
	Sections []Section
}

// Section is a part of a list. Title is needed when there are several.
type Section struct {
	Title string `json:"title,omitempty"` // at most 24 characters
	Rows  []Row  `json:"rows"`
}

// Row can be chosen; its ID comes back as Choice.ID.
type Row struct {
	ID          string `json:"id"`                    // at most 200 characters, unique in the message
	Title       string `json:"title"`                 // at most 24
	Description string `json:"description,omitempty"` // at most 72
}

func (OutList) kind() string { return "interactive" }
func (l OutList) wire() any {
	return frame("list", l.Header, l.Body, l.Footer, map[string]any{"button": l.Button, "sections": l.Sections})
}

func (l OutList) check(p *problems) {
	const action = "interactive.action"
	l.Header.check(p, true)
	checkFrame(p, l.Body, 4096, l.Footer)
	p.filled(action+".button", l.Button, 20)
	p.count(action+".sections", len(l.Sections), 1, 10)
	ids, rows := distinct{}, 0
	for i, s := range l.Sections {
		member := fmt.Sprintf("%s.sections[%d]", action, i)
		p.atMost(member+".title", s.Title, 24)
		if len(l.Sections) > 1 && s.Title == "" {
			p.invalid(member+".title", "is empty, although there are several sections")
		}
		rows += len(s.Rows)
		for j, r := range s.Rows {
			r.check(p, fmt.Sprintf("%s.rows[%d]", member, j), ids)
		}
	}
	p.count(action+".sections[].rows in all", rows, 1, 10)
}

func (r Row) check(p *problems, member string, ids distinct) {
	p.filled(member+".id", r.ID, 200)
	p.filled(member+".title", r.Title, 24)
	p.atMost(member+".description", r.Description, 72)
	ids.check(p, member+".id", r.ID)
}

// OutLink is a text with a button that opens a web page.
type OutLink struct {
	Header  *Header
	Body    string // at most 1,024 characters
	Footer  string
	Display string // the button's text, at most 20 characters
	URL     string
}

func (OutLink) kind() string { return "interactive" }
func (l OutLink) wire() any {
	return frame("cta_url", l.Header, l.Body, l.Footer, map[string]any{"name": "cta_url",
		"parameters": map[string]string{"display_text": l.Display, "url": l.URL}})
}

func (l OutLink) check(p *problems) {
	l.Header.check(p, false)
	checkFrame(p, l.Body, 1024, l.Footer)
	p.filled("interactive.action.parameters.display_text", l.Display, 20)
	p.webURL("interactive.action.parameters.url", l.URL)
}

// OutLocationRequest asks the customer for a location. It has no header and no footer.
type OutLocationRequest struct {
	Body string // at most 1,024 characters
}

func (OutLocationRequest) kind() string { return "interactive" }
func (r OutLocationRequest) wire() any {
	return frame("location_request_message", nil, r.Body, "", map[string]string{"name": "send_location"})
}
func (r OutLocationRequest) check(p *problems) { checkFrame(p, r.Body, 1024, "") }

// OutContactRequest asks the customer for the phone number that WhatsApp hides. The answer is a contacts
// message whose Card.Origin is contact_request.
type OutContactRequest struct {
	Body string // at most 1,024 characters
}

func (OutContactRequest) kind() string { return "interactive" }
func (r OutContactRequest) wire() any {
	return frame("contact_request", nil, r.Body, "", map[string]string{"name": "request_contact_info"})
}
func (r OutContactRequest) check(p *problems) { checkFrame(p, r.Body, 1024, "") }
