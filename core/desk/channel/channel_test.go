package channel

import (
	"slices"
	"testing"
	"time"
)

func TestAdvances(t *testing.T) {
	order := []State{"", Pending, Sent, Delivered, Read}
	for i, before := range order {
		for j, after := range order {
			if before.Advances(after) != (j > i) {
				t.Errorf("from %q to %q: %v", before, after, before.Advances(after))
			}
		}
	}
	for before, fails := range map[State]bool{"": true, Pending: true, Sent: true, Delivered: false, Read: false, Failed: false} {
		if before.Advances(Failed) != fails {
			t.Errorf("from %q to failed: %v", before, before.Advances(Failed))
		}
	}
	for after, news := range map[State]bool{Pending: false, Sent: false, Delivered: true, Read: true, "nonsense": false} {
		if Failed.Advances(after) != news {
			t.Errorf("from failed to %q: %v", after, Failed.Advances(after))
		}
	}
}

func TestAllowsFreeText(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	day := Rules{FreeTextWindow: 24 * time.Hour}
	for name, test := range map[string]struct {
		rules Rules
		last  time.Time
		want  bool
	}{
		"NoWindow":         {Rules{}, time.Time{}, true},
		"NeverWrote":       {day, time.Time{}, false},
		"JustWrote":        {day, now, true},
		"LastMoment":       {day, now.Add(-24*time.Hour + time.Nanosecond), true},
		"Over":             {day, now.Add(-24 * time.Hour), false},
		"ClockRunsBehind":  {day, now.Add(time.Minute), true},
		"LongerThanNeeded": {Rules{FreeTextWindow: time.Hour}, now.Add(-2 * time.Hour), false},
	} {
		if got := test.rules.AllowsFreeText(now, test.last); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTemplateVariables(t *testing.T) {
	for body, want := range map[string][]string{
		"":                              nil,
		"no variables, {{ }} or {1}":    nil,
		"Hi {{1}}":                      {"1"},
		"{{2}} before {{1}}":            {"1", "2"},
		"{{3}} alone":                   {"1", "2", "3"},
		"{{name}} and {{ place }}":      {"name", "place"},
		"{{name}} twice: {{name}}":      {"name"},
		"{{9999999999999999999999999}}": {"9999999999999999999999999"},
	} {
		if got := (Template{Body: body}).Variables(); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", body, got, want)
		}
	}
	if got := (Template{Body: "{{5000}}"}).Variables(); len(got) != 100 {
		t.Errorf("a huge number made %d variables", len(got))
	}
}

func TestRender(t *testing.T) {
	template := Template{
		Header: TemplateHeader{Kind: "TEXT", Text: "Order {{1}}"}, Body: "Hello {{1}}, {{2}} is ready; {{1}}, come by {{3}}.", Footer: "The shop",
		Buttons: []TemplateButton{{Text: "Yes"}, {Text: "No"}},
	}
	want := "Order 7\n\nHello Ana, {{1}} is ready; Ana, come by {{3}}.\n\nThe shop\n\n[Yes] [No]"
	if got := template.Render([]string{"7"}, []string{"Ana", "{{1}}"}); got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if got := template.HeaderVariables(); !slices.Equal(got, []string{"1"}) {
		t.Errorf("header variables %q", got)
	}
	if got := (Template{Body: "plain"}).Render(nil, nil); got != "plain" {
		t.Errorf("%q", got)
	}
}

func TestEventsNameTheirConversation(t *testing.T) {
	base := Base{Ref: Ref{Network: "red", Chat: "c1"}, Key: "k"}
	for _, evt := range []Event{PortalOpened{Base: base}, MessageIn{Base: base}, MessageOut{Base: base}, StatusChanged{Base: base}} {
		if evt.Conversation() != base.Ref || evt.EventKey() != "k" {
			t.Errorf("%T: %v %s", evt, evt.Conversation(), evt.EventKey())
		}
	}
}

func TestTemplateButtonVariables(t *testing.T) {
	template := Template{Buttons: []TemplateButton{
		{Kind: "QUICK_REPLY", Text: "Yes"}, {Kind: "URL", URL: "https://shop.example/{{1}}"}, {Kind: "URL", URL: "https://shop.example"}, {Kind: "COPY_CODE"},
	}}
	if got := template.ButtonVariables(); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("the buttons that want a value are %v, want [1 3]", got)
	}
}
