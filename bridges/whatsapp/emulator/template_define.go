package emulator

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// parseTemplate checks a template's definition. ref: reference/whatsapp-cloud.md §5.5
func parseTemplate(f *fields) (*template, *graphError) {
	t := &template{Status: templatePending, Name: f.str("name", 512), Language: f.str("language", 10)}
	if !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(t.Name) {
		f.fail(100, "Param name can only have lowercase letters, digits and underscores.")
	}
	t.Category = strings.ToUpper(f.str("category", 0))
	switch t.Category {
	case "UTILITY", "MARKETING", "AUTHENTICATION":
	default:
		f.fail(100, "Param category must be one of UTILITY, MARKETING, AUTHENTICATION.")
	}
	t.Named = strings.EqualFold(f.optStr("parameter_format", 0), "named")
	f.optBool("allow_category_change")
	for _, c := range f.list("components", 1, 5) {
		part := component{Type: strings.ToUpper(c.str("type", 0))}
		if t.part(part.Type) != nil {
			c.fail(100, "A template may have one %s.", part.Type)
		}
		part.parse(c)
		c.end()
		t.Components = append(t.Components, part)
	}
	f.end()
	if g := f.failed(); g != nil {
		return nil, g
	}
	if t.part("BODY") == nil {
		return nil, refuseTemplate(2388072, "A template needs a BODY.")
	}
	return t, t.checkTexts()
}

func (part *component) parse(c *fields) {
	switch part.Type {
	case "HEADER":
		part.Format = strings.ToUpper(c.oneOf("format", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "text", "image", "video", "document", "location"))
		if part.Format == "TEXT" {
			part.Text = c.str("text", 0)
		}
	case "BODY", "FOOTER":
		part.Text = c.str("text", 0)
	case "BUTTONS":
		for _, b := range c.list("buttons", 1, 10) {
			part.Buttons = append(part.Buttons, parseTemplateButton(b))
		}
	default:
		c.fail(100, "Component type %q is not supported.", part.Type)
	}
	if example := c.optObj("example"); example != nil {
		part.Example = example.m
	}
}

func parseTemplateButton(b *fields) templateButton {
	button := templateButton{Type: strings.ToUpper(b.str("type", 0))}
	switch button.Type {
	case "QUICK_REPLY":
		button.Text = b.str("text", 25)
	case "REQUEST_CONTACT_INFO":
		button.Text = b.optStr("text", 25)
	case "URL":
		button.Text, button.URL = b.str("text", 25), b.str("url", 2000)
	case "PHONE_NUMBER":
		button.Text, button.PhoneNumber = b.str("text", 25), b.str("phone_number", 20)
	case "COPY_CODE":
		button.Text = "Copy code"
	default:
		b.fail(100, "Button type %q is not supported.", button.Type)
	}
	switch v, _ := b.get("example"); v := v.(type) {
	case string:
		button.Example = []string{v}
	case []any:
		for _, item := range v {
			if s, ok := item.(string); ok {
				button.Example = append(button.Example, s)
			}
		}
	}
	if len(variables(button.URL)) > 0 && len(button.Example) == 0 {
		b.fail(100, "Param %s is missing for the URL's variable.", b.name("example"))
	}
	b.end()
	return button
}

// checkTexts applies the limits that have subcodes of their own.
func (t *template) checkTexts() *graphError {
	for _, c := range t.Components {
		length := utf8.RuneCountInString(c.Text)
		vars := variables(c.Text)
		switch {
		case c.Type == "HEADER" && (length > 60 || len(vars) > 1 || strings.Contains(c.Text, "\n")):
			return refuseTemplate(2388047, "A text header has at most 60 characters, one line and one variable.")
		case c.Type == "BODY" && length > 1024:
			return refuseTemplate(2388040, "A body has at most 1024 characters.")
		case c.Type == "FOOTER" && (length > 60 || len(vars) > 0):
			return refuseTemplate(2388073, "A footer has at most 60 characters and no variable.")
		}
		if c.Type != "BODY" {
			continue
		}
		if edge := strings.TrimSpace(c.Text); strings.HasPrefix(edge, "{{") || strings.HasSuffix(edge, "}}") {
			return refuseTemplate(2388299, "Variables can't be at the start or end of the template.")
		}
		if words := len(strings.Fields(c.Text)); len(vars) > 0 && words < 2*len(vars)+1 {
			return refuseTemplate(2388293, "This template has too many variables for its length.")
		}
		_, positional := c.Example["body_text"]
		_, named := c.Example["body_text_named_params"]
		if len(vars) > 0 && !positional && !named {
			return refuse(100, "Param components: the body has variables and needs an example.")
		}
	}
	return nil
}
