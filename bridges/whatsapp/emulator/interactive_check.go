package emulator

// parseInteractive checks an interactive message. ref: reference/whatsapp-cloud.md §5.2
func (out *outgoing) parseInteractive(f *fields) {
	kind := f.str("type", 0)
	out.msg.Subtype = kind
	limit := 1024
	if kind == "list" {
		limit = 4096
	}
	body := f.obj("body")
	out.msg.Text = body.str("text", limit)
	body.end()
	if footer := f.optObj("footer"); footer != nil {
		out.msg.Footer = footer.str("text", 60)
		footer.end()
	}
	if header := f.optObj("header"); header != nil {
		out.parseHeader(header, kind)
	}
	action := f.obj("action")
	switch kind {
	case "button":
		out.msg.Buttons = parseReplyButtons(action)
	case "list":
		out.msg.List = parseListAction(action)
	case "cta_url":
		out.msg.Buttons = parseURLAction(action)
	case "location_request_message":
		action.named("send_location")
		out.msg.Buttons = []Button{{Kind: "location", ID: "location", Title: "Send location"}}
	case "contact_request":
		action.named("request_contact_info")
		out.msg.Buttons = []Button{{Kind: "contact", ID: "contact", Title: "Share my number"}}
	default:
		f.fail(131009, "Param interactive['type'] %q is not supported.", kind)
	}
	action.end()
	f.end()
}

// named checks action.name, which some kinds of action carry.
func (f *fields) named(want string) {
	f.oneOf("name", want)
}

// parseHeader reads an interactive header: text anywhere it is allowed, media on buttons and cta_url.
func (out *outgoing) parseHeader(h *fields, interactive string) {
	kind := h.str("type", 0)
	switch {
	case interactive == "location_request_message" || interactive == "contact_request":
		h.fail(131009, "An interactive message of type %s takes no header.", interactive)
	case kind == "text":
		out.msg.Header = h.str("text", 60)
	case interactive == "list":
		h.fail(131009, "The header of a list must be text.")
	case kind == "image" || kind == "video" || kind == "document":
		m := h.obj(kind)
		out.media = parseMediaRef(m, kind)
		if kind == "document" {
			out.media.name = m.optStr("filename", 240)
		}
		m.end()
	default:
		h.fail(131009, "Param %s must be one of text, image, video, document.", h.name("type"))
	}
	h.end()
}

func parseReplyButtons(action *fields) []Button {
	var out []Button
	ids, titles := map[string]bool{}, map[string]bool{}
	for _, b := range action.list("buttons", 1, 3) {
		b.oneOf("type", "reply")
		reply := b.obj("reply")
		button := Button{Kind: "reply", ID: reply.str("id", 256), Title: reply.str("title", 20)}
		if ids[button.ID] || titles[button.Title] {
			b.fail(131009, "Buttons need IDs and titles that differ.")
		}
		ids[button.ID], titles[button.Title] = true, true
		reply.end()
		b.end()
		out = append(out, button)
	}
	return out
}

func parseListAction(action *fields) *List {
	list := &List{Button: action.str("button", 20)}
	sections := action.list("sections", 1, 10)
	ids, rows := map[string]bool{}, 0
	for _, s := range sections {
		var section Section
		if len(sections) > 1 {
			section.Title = s.str("title", 24)
		} else {
			section.Title = s.optStr("title", 24)
		}
		for _, r := range s.list("rows", 1, 10) {
			row := Row{ID: r.str("id", 200), Title: r.str("title", 24), Description: r.optStr("description", 72)}
			if ids[row.ID] {
				r.fail(131009, "Rows need IDs that differ.")
			}
			ids[row.ID] = true
			r.end()
			section.Rows = append(section.Rows, row)
			rows++
		}
		s.end()
		list.Sections = append(list.Sections, section)
	}
	if rows > 10 {
		action.fail(131009, "A list may have at most 10 rows in total.")
	}
	return list
}

func parseURLAction(action *fields) []Button {
	action.named("cta_url")
	p := action.obj("parameters")
	button := Button{Kind: "url", Title: p.str("display_text", 20), URL: p.str("url", 2000)}
	if !isWebURL(button.URL) {
		p.fail(131009, "Param %s is not a valid URL.", p.name("url"))
	}
	p.end()
	return []Button{button}
}
