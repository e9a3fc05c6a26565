package emulator

import "testing"

func TestRender(t *testing.T) {
	for name, test := range map[string]struct {
		text     string
		entities []Entity
		want     string
	}{
		"Plain":     {"a<b\nc", nil, "a&lt;b<br>c"},
		"Nested":    {"🌱 ab", []Entity{{Type: "bold", Length: 5}, {Type: "italic", Offset: 3, Length: 2}}, "<b>🌱 </b><i><b>ab</b></i>"},
		"Overlap":   {"abc", []Entity{{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 2}}, "<b>a</b><i><b>b</b></i><i>c</i>"},
		"Link":      {"x", []Entity{{Type: "text_link", Length: 1, URL: `https://e.x/"`}}, `<a href="https://e.x/&#34;" rel="noreferrer">x</a>`},
		"BadLink":   {"x", []Entity{{Type: "text_link", Length: 1, URL: "javascript:alert(1)"}}, "x"},
		"OutOfText": {"x", []Entity{{Type: "bold", Offset: 5, Length: 9}}, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(render(test.text, test.entities)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
