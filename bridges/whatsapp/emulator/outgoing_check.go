package emulator

import (
	"net/url"
	"regexp"
	"strings"
)

// outgoing is one message that the business asks to be sent, checked as far as that needs no memory.
type outgoing struct {
	raw          []byte
	to           string // phone number or group ID, as given
	recipient    string // business-scoped user ID
	group        bool
	callbackData string
	identityHash string
	msg          Message // the content
	media        *mediaRef
	reactionTo   string
	emoji        string
	template     *templateCall
}

// mediaRef names a file that a message uses.
type mediaRef struct {
	kind     string
	id, link string
	voice    bool
	name     string
}

// parseOutgoing checks the body of POST /{pnid}/messages. ref: reference/whatsapp-cloud.md §5
func parseOutgoing(f *fields) (*outgoing, *graphError) {
	out := &outgoing{}
	if f.str("messaging_product", 0) != "whatsapp" {
		f.fail(131009, "Param messaging_product must be whatsapp.")
	}
	out.parseRecipient(f)
	if c := f.optObj("context"); c != nil {
		out.msg.Quote = c.str("message_id", 0)
		c.end()
	}
	out.callbackData = f.optStr("biz_opaque_callback_data", 512)
	out.identityHash = f.optStr("recipient_identity_key_hash", 0)
	kind := f.optStr("type", 0)
	if kind == "" {
		kind = "text"
	}
	out.msg.Kind = kind
	out.parseContent(f, kind)
	f.end()
	return out, f.failed()
}

func (out *outgoing) parseRecipient(f *fields) {
	switch kind := f.optStr("recipient_type", 0); kind {
	case "", "individual":
	case "group":
		out.group = true
	default:
		f.fail(131009, "Param recipient_type must be one of individual, group.")
	}
	out.to, out.recipient = f.optStr("to", 256), f.optStr("recipient", 256)
	if out.to == "" && (out.recipient == "" || out.group) {
		f.missing("to")
	}
	if out.recipient != "" && !regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$`).MatchString(out.recipient) {
		f.fail(131009, "Param recipient is not a business-scoped user ID.")
	}
}

// parseContent reads the object that stands under the type's name.
func (out *outgoing) parseContent(f *fields, kind string) {
	switch kind {
	case "text":
		t := f.obj("text")
		out.msg.Text, out.msg.Preview = t.str("body", 4096), t.optBool("preview_url")
		t.end()
	case "image", "video", "audio", "document", "sticker":
		out.parseMedia(f.obj(kind), kind)
	case "location":
		out.msg.Location = parseLocation(f.obj("location"))
	case "contacts":
		out.msg.Contacts = parseContacts(f)
	case "reaction":
		r := f.obj("reaction")
		out.reactionTo = r.str("message_id", 0)
		if !r.has("emoji") {
			r.missing("emoji")
		}
		out.emoji = r.optStr("emoji", 32)
		r.end()
	case "interactive":
		out.parseInteractive(f.obj("interactive"))
	case "template":
		out.template = parseTemplateCall(f.obj("template"))
	default:
		f.fail(131051, "Message type %q is not supported.", kind)
	}
}

// parseMedia reads {id|link, caption, filename, voice}, of which each kind takes its own.
func (out *outgoing) parseMedia(m *fields, kind string) {
	out.media = parseMediaRef(m, kind)
	if kind == "image" || kind == "video" || kind == "document" {
		out.msg.Text = m.optStr("caption", 1024)
	}
	switch kind {
	case "document":
		out.media.name = m.optStr("filename", 240)
	case "audio":
		out.media.voice = m.optBool("voice")
	}
	m.end()
}

func parseMediaRef(m *fields, kind string) *mediaRef {
	ref := &mediaRef{kind: kind, id: m.optStr("id", 64), link: m.optStr("link", 2048)}
	switch {
	case ref.id == "" && ref.link == "":
		m.fail(131008, "One of %s and %s is required.", m.name("id"), m.name("link"))
	case ref.id != "" && ref.link != "":
		m.fail(131009, "Only one of %s and %s may be given.", m.name("id"), m.name("link"))
	case ref.link != "" && !isWebURL(ref.link):
		m.fail(131009, "Param %s is not a valid URL.", m.name("link"))
	}
	return ref
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func parseLocation(l *fields) *Location {
	out := &Location{
		Latitude: l.num("latitude", -90, 90), Longitude: l.num("longitude", -180, 180),
		Name: l.optStr("name", 1000), Address: l.optStr("address", 1000),
	}
	l.end()
	return out
}

// parseContacts reads contact cards; each needs name.formatted_name and one more part of a name.
func parseContacts(f *fields) []Contact {
	var out []Contact
	for _, c := range f.list("contacts", 1, 257) {
		name := c.obj("name")
		card := Contact{Name: name.str("formatted_name", 0)}
		parts := 0
		for _, part := range []string{"first_name", "last_name", "middle_name", "prefix", "suffix"} {
			if name.optStr(part, 0) != "" {
				parts++
			}
		}
		if parts == 0 {
			name.fail(131009, "Param %s needs one more part of the name beside formatted_name.", name.path)
		}
		name.end()
		for _, p := range c.optList("phones", 0, 50) {
			card.Phones = append(card.Phones, p.optStr("phone", 0))
			p.optStr("wa_id", 0)
			p.optStr("type", 0)
			p.end()
		}
		for _, m := range c.optList("emails", 0, 50) {
			card.Emails = append(card.Emails, m.optStr("email", 0))
			m.optStr("type", 0)
			m.end()
		}
		if org := c.optObj("org"); org != nil {
			card.Org = org.optStr("company", 0)
			org.optStr("department", 0)
			org.optStr("title", 0)
			org.end()
		}
		parseContactRest(c)
		out = append(out, card)
	}
	return out
}

// parseContactRest checks the members that the phone page does not show.
func parseContactRest(c *fields) {
	if day := c.optStr("birthday", 0); day != "" && !regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`).MatchString(day) {
		c.fail(131009, "Param %s must look like YYYY-MM-DD.", c.name("birthday"))
	}
	for key, members := range map[string]string{
		"addresses": "street city state zip country country_code type",
		"urls":      "url type",
	} {
		for _, item := range c.optList(key, 0, 50) {
			for member := range strings.FieldsSeq(members) {
				item.optStr(member, 0)
			}
			item.end()
		}
	}
	c.end()
}
