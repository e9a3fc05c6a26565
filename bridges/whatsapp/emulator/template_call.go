package emulator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// templateCall is the use of a template in a message.
type templateCall struct {
	name, language string
	header, body   []param
	buttons        map[int]buttonCall
	hasHeader      bool
}

// param is one value for a template.
type param struct {
	kind  string // text currency date_time image video document location payload coupon_code
	name  string // parameter_name
	text  string // what a reader sees
	media *mediaRef
	place *Location
}

type buttonCall struct {
	subType string
	param   param
}

// parseTemplateCall checks the template object of a message. ref: reference/whatsapp-cloud.md §5.5
func parseTemplateCall(f *fields) *templateCall {
	call := &templateCall{name: f.str("name", 512), buttons: map[int]buttonCall{}}
	language := f.obj("language")
	call.language = language.str("code", 0)
	language.optStr("policy", 0)
	language.end()
	for _, c := range f.optList("components", 0, 20) {
		switch kind := strings.ToLower(c.str("type", 0)); kind {
		case "header":
			call.hasHeader, call.header = true, parseParams(c, 1)
		case "body":
			call.body = parseParams(c, 100)
		case "button":
			call.parseButton(c)
		default:
			c.fail(131009, "Param %s must be one of header, body, button.", c.name("type"))
		}
		c.end()
	}
	f.end()
	return call
}

func (call *templateCall) parseButton(c *fields) {
	sub := strings.ToLower(c.oneOf("sub_type", "quick_reply", "url", "copy_code", "QUICK_REPLY", "URL", "COPY_CODE"))
	var index int
	switch v, _ := c.get("index"); v := v.(type) {
	case string:
		n, err := strconv.Atoi(v)
		if err != nil {
			c.fail(131009, "Param %s must be a number.", c.name("index"))
		}
		index = n
	case float64:
		index = int(v)
	default:
		c.missing("index")
	}
	params := parseParams(c, 1)
	if len(params) == 1 {
		call.buttons[index] = buttonCall{subType: sub, param: params[0]}
	}
}

func parseParams(c *fields, most int) []param {
	var out []param
	for _, p := range c.list("parameters", 0, most) {
		v := param{kind: p.str("type", 0), name: p.optStr("parameter_name", 0)}
		switch v.kind {
		case "text":
			v.text = p.str("text", 4096)
		case "payload":
			v.text = p.str("payload", 128)
		case "coupon_code":
			v.text = p.str("coupon_code", 20)
		case "currency":
			o := p.obj("currency")
			v.text = o.str("fallback_value", 0)
			o.str("code", 3)
			o.num("amount_1000", -1e15, 1e15)
			o.end()
		case "date_time":
			o := p.obj("date_time")
			v.text = o.str("fallback_value", 0)
			o.end()
		case "image", "video", "document":
			o := p.obj(v.kind)
			v.media = parseMediaRef(o, v.kind)
			if v.kind == "document" {
				v.media.name = o.optStr("filename", 240)
			}
			o.end()
		case "location":
			v.place = parseHeaderPlace(p.obj("location"))
		default:
			p.fail(131009, "Param %s %q is not supported.", p.name("type"), v.kind)
		}
		p.end()
		out = append(out, v)
	}
	return out
}

// parseHeaderPlace reads the place of a header, which must have a name and an address.
func parseHeaderPlace(l *fields) *Location {
	l.str("name", 0)
	l.str("address", 0)
	return parseLocation(l)
}

// render fills a template with a call's values, or tells what does not fit. It returns the message and the file of
// its header, if it has one.
func (t *template) render(call *templateCall) (Message, *mediaRef, *graphError) {
	m := Message{Kind: "template", Template: t.Name, Language: t.Language, Category: strings.ToLower(t.Category)}
	media, g := t.renderHeader(call, &m)
	if g != nil {
		return m, nil, g
	}
	if body := t.part("BODY"); body != nil {
		if m.Text, g = t.renderText("body", body.Text, call.body); g != nil {
			return m, nil, g
		}
		if len([]rune(m.Text)) > 1024 {
			return m, nil, refuse(132005, "body: the text with its values may have at most 1024 characters")
		}
	}
	if footer := t.part("FOOTER"); footer != nil {
		m.Footer = footer.Text
	}
	m.Buttons, g = t.renderButtons(call)
	return m, media, g
}

func (t *template) renderHeader(call *templateCall, m *Message) (*mediaRef, *graphError) {
	header := t.part("HEADER")
	if header == nil {
		if len(call.header) > 0 {
			return nil, refuse(132000, "header: number of localizable_params (1) does not match the expected number of params (0)")
		}
		return nil, nil
	}
	if header.Format == "TEXT" {
		var g *graphError
		m.Header, g = t.renderText("header", header.Text, call.header)
		return nil, g
	}
	received := "UNKNOWN"
	if len(call.header) == 1 {
		received = strings.ToUpper(call.header[0].kind)
	}
	if received != header.Format {
		return nil, refuse(132012, fmt.Sprintf("header: Format mismatch, expected %s, received %s", header.Format, received))
	}
	m.Location = call.header[0].place
	return call.header[0].media, nil
}

// renderText fills one text and checks number, names and form of the values.
func (t *template) renderText(where, text string, params []param) (string, *graphError) {
	want := variables(text)
	if len(want) != len(params) {
		return "", refuse(132000, fmt.Sprintf("%s: number of localizable_params (%d) does not match the expected number of params (%d)", where, len(params), len(want)))
	}
	values := map[string]string{}
	for i, p := range params {
		if p.kind != "text" && p.kind != "currency" && p.kind != "date_time" {
			return "", refuse(132012, fmt.Sprintf("%s: Format mismatch, expected TEXT, received %s", where, strings.ToUpper(p.kind)))
		}
		if regexp.MustCompile(`[\n\t]| {5,}`).MatchString(p.text) {
			return "", refuse(132018, fmt.Sprintf("%s: Param text cannot have new-line/tab characters or more than 4 consecutive spaces", where))
		}
		name := want[i]
		if t.Named {
			name = p.name
		}
		values[name] = p.text
	}
	for _, name := range want {
		if _, ok := values[name]; !ok {
			return "", refuse(132000, fmt.Sprintf("%s: Parameter name is missing or empty: %s", where, name))
		}
	}
	return fillVariables(text, values), nil
}

// renderButtons makes the buttons; a quick reply without a payload answers with its own text.
func (t *template) renderButtons(call *templateCall) ([]Button, *graphError) {
	var defined []templateButton
	if c := t.part("BUTTONS"); c != nil {
		defined = c.Buttons
	}
	for index := range call.buttons {
		if index < 0 || index >= len(defined) {
			return nil, refuse(132012, fmt.Sprintf("buttons: Template has no button at index %d", index))
		}
	}
	var out []Button
	for i, b := range defined {
		given, isGiven := call.buttons[i]
		if isGiven && !strings.EqualFold(given.subType, b.Type) {
			return nil, refuse(132012, fmt.Sprintf("buttons: Button at index %d is of type %s", i, b.Type))
		}
		button := Button{Kind: strings.ToLower(b.Type), Title: b.Text}
		switch b.Type {
		case "QUICK_REPLY":
			button.ID = b.Text
			if isGiven {
				button.ID = given.param.text
			}
		case "URL":
			dynamic := len(variables(b.URL)) > 0
			if dynamic != isGiven {
				return nil, refuse(131008, fmt.Sprintf("buttons: Button at index %d of type Url requires a parameter only if its URL has a variable", i))
			}
			button.URL = fillVariables(b.URL, map[string]string{"1": given.param.text})
		case "COPY_CODE":
			if !isGiven {
				return nil, refuse(131008, fmt.Sprintf("buttons: Button at index %d of type CopyCode requires a parameter", i))
			}
			button.URL = given.param.text
		case "PHONE_NUMBER":
			button.URL = b.PhoneNumber
		case "REQUEST_CONTACT_INFO":
			button.Kind, button.ID = "contact", "contact"
		}
		out = append(out, button)
	}
	return out, nil
}
