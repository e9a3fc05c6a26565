package richtext

import (
	"slices"
	"strings"

	"maunium.net/go/mautrix/id"
)

// ToMatrix turns a text from a network into a Matrix message's body and formatted_body (org.matrix.custom.html).
// formatted is empty if nothing in the text is styled.
//
// who tells who the person of a Mention is: their Matrix ID, which is linked to if ok, and a name, which is shown
// instead of a Placeholder, ok or not. It may be nil, is asked once for each person, and people that it does not know
// stay as the text that the network showed. The link alone must not ping: set the event's m.mentions, even if empty.
//
// plain is the Body, but for names in the place of placeholders, "\n" for other line ends, and zero bytes left out.
// The HTML holds only strong, em, u, del, span, code, pre, blockquote, a and br. What cannot be shown is text: a
// CustomEmoji, a link with a dubious address, a span outside of the text. Spans that cross each other are split.
func (t Text) ToMatrix(who func(id string) (userID id.UserID, name string, ok bool)) (plain, formatted string) {
	clean, spans := t.resolve(&directory{who: who, known: make(map[string]person)})
	spans = dropBlankLinks(clean, nest(apart(spans)))
	if len(spans) == 0 {
		return clean, ""
	}
	w := newHTMLWriter(clean, spans)
	w.write(spans)
	return clean, w.out.String()
}

// person is an answer of who.
type person struct{ link, name string }

// directory remembers who is who.
type directory struct {
	who   func(id string) (userID id.UserID, name string, ok bool)
	known map[string]person
}

func (d *directory) find(value string) person {
	found, asked := d.known[value]
	if asked || d.who == nil {
		return found
	}
	userID, name, ok := d.who(value)
	found.name = strings.TrimSpace(name)
	if ok {
		found.link = profileLink(userID)
	}
	d.known[value] = found
	return found
}

// dropBlankLinks drops the links of white space, which is all that the edge of a block may leave of one.
func dropBlankLinks(body string, spans []Span) []Span {
	at := byteOffsets(body)
	return slices.DeleteFunc(spans, func(s Span) bool {
		return isAnchor(s.Style) && strings.TrimSpace(body[at[s.Offset]:at[s.end()]]) == ""
	})
}
