package emulator

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The states of a template that the emulator gives. ref: reference/whatsapp-cloud.md §4.4
const (
	templateApproved = "APPROVED"
	templatePending  = "PENDING"
	templateRejected = "REJECTED"
	templatePaused   = "PAUSED"
	templateDisabled = "DISABLED"
)

// template is one message template in one language.
type template struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Language   string      `json:"language"`
	Category   string      `json:"category"`
	Status     string      `json:"status"`
	Reason     string      `json:"reason,omitempty"`
	Named      bool        `json:"named,omitempty"` // parameter_format NAMED
	Components []component `json:"components"`
	Created    time.Time   `json:"created"`
}

// component is one part of a template, as Graph lists it.
type component struct {
	Type    string           `json:"type"` // HEADER BODY FOOTER BUTTONS
	Format  string           `json:"format,omitempty"`
	Text    string           `json:"text,omitempty"`
	Example object           `json:"example,omitempty"`
	Buttons []templateButton `json:"buttons,omitempty"`
}

// templateButton is one button of a template.
type templateButton struct {
	Type        string   `json:"type"` // QUICK_REPLY URL PHONE_NUMBER COPY_CODE REQUEST_CONTACT_INFO
	Text        string   `json:"text,omitempty"`
	URL         string   `json:"url,omitempty"`
	PhoneNumber string   `json:"phone_number,omitempty"`
	Example     []string `json:"example,omitempty"`
}

func (s *state) template(id string) *template {
	for _, t := range s.Templates {
		if t.ID == id {
			return t
		}
	}
	return nil
}

func (s *state) templateNamed(name, language string) *template {
	for _, t := range s.Templates {
		if t.Name == name && t.Language == language {
			return t
		}
	}
	return nil
}

func (t *template) part(kind string) *component {
	for i := range t.Components {
		if t.Components[i].Type == kind {
			return &t.Components[i]
		}
	}
	return nil
}

// variables returns the names in {{…}}, in order of first appearance, each once.
func variables(text string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\{\{\s*([0-9a-z_]+)\s*\}\}`).FindAllStringSubmatch(text, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			out = append(out, m[1])
		}
	}
	return out
}

// fillVariables puts values in the place of a text's variables.
func fillVariables(text string, values map[string]string) string {
	return regexp.MustCompile(`\{\{\s*([0-9a-z_]+)\s*\}\}`).ReplaceAllStringFunc(text, func(found string) string {
		return values[strings.Trim(found, "{} ")]
	})
}

// wire is the template as Graph lists it.
func (t *template) wire() object {
	format := "POSITIONAL"
	if t.Named {
		format = "NAMED"
	}
	reason := t.Reason
	if reason == "" {
		reason = "NONE"
	}
	return object{
		"id": t.ID, "name": t.Name, "language": t.Language, "category": t.Category, "status": t.Status,
		"parameter_format": format, "components": t.Components, "rejected_reason": reason,
		"quality_score": object{"score": "GREEN", "date": t.Created.Unix()},
	}
}

// seedTemplates returns the templates that a new account has.
func seedTemplates() []*template {
	made := time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)
	body := func(text string, examples ...string) component {
		c := component{Type: "BODY", Text: text}
		if len(examples) > 0 {
			c.Example = object{"body_text": [][]string{examples}}
		}
		return c
	}
	quick := func(texts ...string) component {
		c := component{Type: "BUTTONS"}
		for _, text := range texts {
			c.Buttons = append(c.Buttons, templateButton{Type: "QUICK_REPLY", Text: text})
		}
		return c
	}
	list := []*template{
		{Name: "hello_world", Category: "UTILITY", Status: templateApproved, Components: []component{
			{Type: "HEADER", Format: "TEXT", Text: "Hello World"},
			body("Welcome and congratulations!! This message demonstrates your ability to send a WhatsApp message notification."),
			{Type: "FOOTER", Text: "WhatsApp Business Platform sample message"},
		}},
		{Name: "order_update", Category: "UTILITY", Status: templateApproved, Components: []component{
			body("Hello {{1}}, your order {{2}} is on its way to you.", "Ana", "A-1042"),
			{Type: "FOOTER", Text: "Reply here if anything is wrong."},
			quick("Where is it?"),
		}},
		{Name: "appointment_reminder", Category: "UTILITY", Status: templateApproved, Components: []component{
			{Type: "HEADER", Format: "IMAGE", Example: object{"header_handle": []string{"4::aW1hZ2UvcG5n:emulated"}}},
			body("Hello {{1}}, we expect you on {{2}} at {{3}}. Will you come?", "Ana", "12 March", "10:30"),
			quick("Confirm", "Cancel"),
		}},
		{Name: "spring_offer", Category: "MARKETING", Status: templateApproved, Components: []component{
			{Type: "HEADER", Format: "TEXT", Text: "Spring is here"},
			body("Dear {{1}}, this week everything in the garden shop is 20% off.", "Ana"),
			{Type: "FOOTER", Text: "Reply STOP to hear no more offers."},
			{Type: "BUTTONS", Buttons: []templateButton{
				{Type: "URL", Text: "See the offer", URL: "https://shop.example/spring"},
			}},
		}},
		{Name: "winter_offer", Category: "MARKETING", Status: templatePaused, Components: []component{
			body("Dear {{1}}, warm coats are 30% off until Sunday.", "Ana"),
		}},
		{Name: "pickup_place", Category: "UTILITY", Status: templateApproved, Components: []component{
			{Type: "HEADER", Format: "LOCATION"},
			body("Hello {{1}}, your order waits for you here.", "Ana"),
		}},
	}
	for i, t := range list {
		t.ID = fmt.Sprintf("59416%011d", i+1)
		t.Language, t.Created = "en_US", made
	}
	return list
}
