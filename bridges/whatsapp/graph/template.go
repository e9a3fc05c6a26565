package graph

import (
	"fmt"
	"strconv"
)

// OutTemplate sends an approved template with its variables filled in. ref: whatsapp-cloud.md §5.5
type OutTemplate struct {
	Name       string
	Language   string // en, en_US, pt_BR
	Components []Component
}

// Component fills the variables of one part of a template. Make it with HeaderPart, BodyPart or
// ButtonPart.
type Component struct {
	Type       string      `json:"type"` // header, body, button
	SubType    string      `json:"sub_type,omitempty"`
	Index      string      `json:"index,omitempty"` // of a button, from "0"
	Parameters []Parameter `json:"parameters,omitempty"`
}

// HeaderPart fills the header.
func HeaderPart(parameters ...Parameter) Component {
	return Component{Type: "header", Parameters: parameters}
}

// BodyPart fills the body.
func BodyPart(parameters ...Parameter) Component {
	return Component{Type: "body", Parameters: parameters}
}

// ButtonPart fills a button; subType is quick_reply, url, copy_code, flow, catalog…, index counts from 0.
func ButtonPart(subType string, index int, parameters ...Parameter) Component {
	return Component{Type: "button", SubType: subType, Index: strconv.Itoa(index), Parameters: parameters}
}

// Parameter is the value of one variable. Make it with the functions below.
type Parameter struct {
	Type       string         `json:"type"`
	Name       string         `json:"parameter_name,omitempty"` // of a template with named variables
	Text       *string        `json:"text,omitempty"`
	Currency   *Currency      `json:"currency,omitempty"`
	DateTime   *DateTime      `json:"date_time,omitempty"`
	Image      *MediaRef      `json:"image,omitempty"`
	Video      *MediaRef      `json:"video,omitempty"`
	Document   *OutDocument   `json:"document,omitempty"`
	Location   *OutLocation   `json:"location,omitempty"`
	Payload    string         `json:"payload,omitempty"`
	CouponCode string         `json:"coupon_code,omitempty"`
	Action     map[string]any `json:"action,omitempty"` // of flow and catalog buttons
}

// Currency is an amount of money: Amount1000 is a thousand times the amount.
type Currency struct {
	FallbackValue string `json:"fallback_value"`
	Code          string `json:"code"` // ISO 4217
	Amount1000    int64  `json:"amount_1000"`
}

// DateTime is a date as it is to be shown.
type DateTime struct {
	FallbackValue string `json:"fallback_value"`
}

// TextValue fills a variable (or the end of a URL button) with text.
func TextValue(text string) Parameter { return Parameter{Type: "text", Text: &text} }

// NamedText fills a named variable with text.
func NamedText(name, text string) Parameter { return Parameter{Type: "text", Name: name, Text: &text} }

// CurrencyValue fills a variable with money.
func CurrencyValue(c Currency) Parameter { return Parameter{Type: "currency", Currency: &c} }

// DateValue fills a variable with a date.
func DateValue(shown string) Parameter {
	return Parameter{Type: "date_time", DateTime: &DateTime{FallbackValue: shown}}
}

// ImageValue fills a header with a picture.
func ImageValue(file MediaRef) Parameter { return Parameter{Type: "image", Image: &file} }

// VideoValue fills a header with a video.
func VideoValue(file MediaRef) Parameter { return Parameter{Type: "video", Video: &file} }

// DocumentValue fills a header with a file.
func DocumentValue(file MediaRef, filename string) Parameter {
	return Parameter{Type: "document", Document: &OutDocument{MediaRef: file, Filename: filename}}
}

// LocationValue fills a header with a place.
func LocationValue(place OutLocation) Parameter { return Parameter{Type: "location", Location: &place} }

// PayloadValue is what the press of a quick-reply button sends back.
func PayloadValue(payload string) Parameter { return Parameter{Type: "payload", Payload: payload} }

// CouponValue is the code that a copy-code button copies, at most 20 characters.
func CouponValue(code string) Parameter { return Parameter{Type: "coupon_code", CouponCode: code} }

func (OutTemplate) kind() string { return "template" }

func (t OutTemplate) wire() any {
	wire := map[string]any{"name": t.Name, "language": map[string]string{"code": t.Language}}
	if len(t.Components) > 0 {
		wire["components"] = t.Components
	}
	return wire
}

func (t OutTemplate) check(p *problems) {
	p.filled("template.name", t.Name, 512)
	p.filled("template.language.code", t.Language, 16)
	for i, c := range t.Components {
		c.check(p, fmt.Sprintf("template.components[%d]", i))
	}
}

func (c Component) check(p *problems, member string) {
	switch c.Type {
	case "header", "body":
	case "button":
		if c.SubType == "" || c.Index == "" {
			p.invalid(member, "is a button without sub_type or index")
		}
	default:
		p.invalid(member+".type", "must be header, body or button")
	}
	for i, value := range c.Parameters {
		value.check(p, fmt.Sprintf("%s.parameters[%d]", member, i))
	}
}

// check looks for the value that Type promises. An empty text is refused by Meta (131008).
func (v Parameter) check(p *problems, member string) {
	missing := false
	switch v.Type {
	case "text":
		if missing = v.Text == nil || *v.Text == ""; !missing {
			p.atMost(member+".text", *v.Text, 32768)
		}
	case "currency":
		missing = v.Currency == nil || v.Currency.FallbackValue == "" || len(v.Currency.Code) != 3
	case "date_time":
		missing = v.DateTime == nil || v.DateTime.FallbackValue == ""
	case "image":
		checkFile(p, member+".image", v.Image)
	case "video":
		checkFile(p, member+".video", v.Video)
	case "document":
		if missing = v.Document == nil; !missing {
			checkFile(p, member+".document", &v.Document.MediaRef)
		}
	case "location":
		if missing = v.Location == nil || v.Location.Name == "" || v.Location.Address == ""; !missing {
			v.Location.check(p)
		}
	case "payload":
		missing = v.Payload == ""
	case "coupon_code":
		p.filled(member+".coupon_code", v.CouponCode, 20)
	case "action":
		missing = v.Action == nil
	default:
		p.invalid(member+".type", "is not a type of parameter")
	}
	if missing {
		p.invalid(member, "lacks the value that its type promises")
	}
}

func checkFile(p *problems, member string, file *MediaRef) {
	if file == nil {
		p.invalid(member, "is missing")
		return
	}
	file.check(p, member)
}
