package channel

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Template is a message that the network has approved for being sent outside of a conversation's window.
type Template struct {
	Name     string
	Language string // as the network names it: "en_US"
	Category string // MARKETING, UTILITY, AUTHENTICATION
	Status   string // APPROVED, PENDING, REJECTED, PAUSED, DISABLED
	Header   TemplateHeader
	Body     string // with {{1}} or {{name}} where a variable stands
	Footer   string
	Buttons  []TemplateButton
}

// TemplateHeader stands above the body.
type TemplateHeader struct {
	Kind string // "", TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION
	Text string
}

// attachments are what each kind of header that takes no text shows.
var attachments = map[string]string{"IMAGE": "picture", "VIDEO": "video", "DOCUMENT": "document", "LOCATION": "location"}

// Attachment is what must be given for the header beside the variables' values, in a word for people; "" if nothing must.
func (h TemplateHeader) Attachment() string { return attachments[h.Kind] }

// TemplateButton stands below the footer.
type TemplateButton struct {
	Kind string // QUICK_REPLY, URL, PHONE_NUMBER, …
	Text string
	URL  string // may end with a variable
}

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// Variables returns the names of the body's variables in the order in which they are to be given: numbers by their
// size, names as they come.
func (t Template) Variables() []string { return placeholders(t.Body) }

// HeaderVariables returns those of a text header.
func (t Template) HeaderVariables() []string { return placeholders(t.Header.Text) }

// ButtonVariables returns which of the buttons want a value, by their place: the end of an address, or a code.
func (t Template) ButtonVariables() []int {
	var places []int
	for i, button := range t.Buttons {
		if button.Kind == "COPY_CODE" || len(placeholders(button.URL)) > 0 {
			places = append(places, i)
		}
	}
	return places
}

func placeholders(text string) []string {
	var names []string
	highest := 0
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(match[1]); err == nil {
			highest = max(highest, min(n, 100))
		} else if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	for n := 1; n <= highest; n++ {
		names = append(names, strconv.Itoa(n))
	}
	return names
}

// Render is how the template reads with its variables filled in, buttons and all, for people who see only text.
func (t Template) Render(header, variables []string) string {
	var parts []string
	if t.Header.Text != "" {
		parts = append(parts, fill(t.Header.Text, header))
	}
	parts = append(parts, fill(t.Body, variables))
	if t.Footer != "" {
		parts = append(parts, t.Footer)
	}
	var buttons []string
	for _, button := range t.Buttons {
		buttons = append(buttons, fmt.Sprintf("[%s]", button.Text))
	}
	if len(buttons) > 0 {
		parts = append(parts, strings.Join(buttons, " "))
	}
	return strings.Join(parts, "\n\n")
}

func fill(text string, values []string) string {
	names := placeholders(text)
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		for i, candidate := range names {
			if candidate == name && i < len(values) {
				return values[i]
			}
		}
		return found
	})
}
