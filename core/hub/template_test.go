package hub

import (
	"slices"
	"testing"

	"puente/core/desk/channel"
)

func TestFillTemplate(t *testing.T) {
	template := channel.Template{
		Name: "ticket", Language: "en", Status: "APPROVED", Body: "{{1}}, your ticket is {{2}}",
		Header:  channel.TemplateHeader{Kind: "TEXT", Text: "For {{1}}"},
		Buttons: []channel.TemplateButton{{Kind: "QUICK_REPLY", Text: "Thanks"}, {Kind: "URL", Text: "Open", URL: "https://shop.example/{{1}}"}},
	}
	found, values, err := pickTemplate([]channel.Template{template}, "ticket en you | Ana | T-1 | t1")
	if err != nil {
		t.Fatal(err)
	}
	content := fillTemplate(found, values)
	if !slices.Equal(content.Header, []string{"you"}) || !slices.Equal(content.Variables, []string{"Ana", "T-1"}) || !slices.Equal(content.Buttons, []string{"", "t1"}) {
		t.Errorf("header %q, body %q, buttons %q", content.Header, content.Variables, content.Buttons)
	}
	if _, _, err = pickTemplate([]channel.Template{template}, "ticket en you | Ana | T-1"); err == nil {
		t.Error("a template with a value too few was taken")
	}
}
