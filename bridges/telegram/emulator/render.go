package emulator

import (
	"html/template"
	"sort"
	"strings"
	"unicode/utf16"
)

// render makes safe HTML of a text and its entities, which may nest and overlap: each stretch between two of their ends
// is wrapped in the tags of all that cover it.
func render(text string, entities []Entity) template.HTML {
	units := utf16.Encode([]rune(text))
	cuts := map[int]bool{0: true, len(units): true}
	for _, n := range entities {
		for _, at := range []int{n.Offset, n.Offset + n.Length} {
			if at > 0 && at < len(units) {
				cuts[at] = true
			}
		}
	}
	var ends []int
	for at := range cuts {
		ends = append(ends, at)
	}
	sort.Ints(ends)
	var out strings.Builder
	for i := 1; i < len(ends); i++ {
		from, to := ends[i-1], ends[i]
		inner := strings.ReplaceAll(template.HTMLEscapeString(string(utf16.Decode(units[from:to]))), "\n", "<br>")
		for _, n := range entities {
			if n.Offset <= from && to <= n.Offset+n.Length {
				inner = n.wrap(inner)
			}
		}
		out.WriteString(inner)
	}
	return template.HTML(out.String()) // #nosec G203 -- every text is escaped above, every address in wrap
}

// wrap puts the tags of an entity around what is HTML already.
func (n Entity) wrap(inner string) string {
	tag := map[string]string{
		"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre",
		"blockquote": "blockquote", "expandable_blockquote": "blockquote",
	}[n.Type]
	switch {
	case tag != "":
		return "<" + tag + ">" + inner + "</" + tag + ">"
	case n.Type == "spoiler":
		return `<span class="spoiler">` + inner + "</span>"
	case n.Type == "text_link" && (strings.HasPrefix(n.URL, "https://") || strings.HasPrefix(n.URL, "http://")):
		return `<a href="` + template.HTMLEscapeString(n.URL) + `" rel="noreferrer">` + inner + "</a>"
	case n.Type == "mention", n.Type == "text_mention", n.Type == "hashtag", n.Type == "bot_command":
		return `<span class="mention">` + inner + "</span>"
	}
	return inner
}
