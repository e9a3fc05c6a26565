package channel

import (
	"slices"
	"strings"
	"testing"
)

// FuzzTemplate: a template wants each of its variables once, and shows the values in their places and nothing else.
func FuzzTemplate(f *testing.F) {
	f.Add("Hello {{1}}, your {{2}}", "Ana")
	f.Add("{{name}} {{ name }} {{101}} {{0}} {{-1}}", "{{1}}")
	f.Add("{{{{1}}}}", "}}")
	f.Add("no variable", "")
	f.Fuzz(func(t *testing.T, body, value string) {
		template := Template{Body: body, Buttons: []TemplateButton{{Kind: "URL", URL: body}, {Kind: "COPY_CODE"}}}
		names := template.Variables()
		if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) || len(names) > 100+strings.Count(body, "{{") {
			t.Fatalf("%q wants %q", body, names)
		}
		values := make([]string, len(names))
		for i := range values {
			values[i] = value
		}
		got, _, _ := strings.Cut(template.Render(nil, values), "\n\n[")
		if len(names) == 0 && !strings.HasPrefix(body+"\n\n[", got) {
			t.Fatalf("%q is shown as %q", body, got)
		}
		if len(got) > len(body)+strings.Count(body, "{{")*len(value) {
			t.Fatalf("%q is shown as %q", body, got)
		}
		for _, place := range template.ButtonVariables() {
			if place < 0 || place > 1 {
				t.Fatalf("there is no button %d", place)
			}
		}
	})
}
