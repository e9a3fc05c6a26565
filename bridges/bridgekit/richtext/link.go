package richtext

import (
	"strings"

	"golang.org/x/net/html"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/matrixhtml"
)

// link writes an <a>: a mention, a link, or its text followed by the address in brackets if the network cannot link
// there, unless the text is the address already. What leads into Matrix, but for people, is its text alone.
func (r *reader) link(n *html.Node, f format, depth int) {
	address := matrixhtml.Address(n)
	userID, matrix := inMatrix(address)
	scheme := schemeOf(address)
	shown := strings.Join(strings.Fields(matrixhtml.Text(n)), " ")
	switch {
	case matrix:
		if userID == "" || !r.mention(n, userID, shown, f, depth) {
			r.children(n, f, depth)
		}
	case scheme == "":
		r.children(n, f, depth)
	case r.canLink(f) && r.dialect.links(scheme):
		r.shown(n, address, f.withLink(address, r.dialect), depth)
	default:
		if r.shown(n, address, f, depth) && !matrixhtml.SameAddress(shown, address) {
			r.lines.text(" ("+readAddress(address)+")", f)
		}
	}
}

// canLink tells whether there can be a link or a mention where the format is.
func (r *reader) canLink(f format) bool { return r.dialect.NestCode || !f.has(Pre) }

// mention writes a person as the network names them; false if the network does not know them.
func (r *reader) mention(n *html.Node, userID id.UserID, shown string, f format, depth int) bool {
	if r.dialect.Mention == nil {
		return false
	}
	value, text, ok := r.dialect.Mention(userID, shown)
	if !ok || strings.TrimSpace(text) == "" {
		return false
	}
	if value != "" && r.dialect.has(Mention) && r.canLink(f) {
		f = f.withMention(value, r.number(), r.dialect)
	}
	if text == shown {
		r.children(n, f, depth) // with the styles in it
	} else {
		r.lines.text(strings.ToValidUTF8(text, "\uFFFD"), f)
	}
	return true
}

// shown writes what a link shows; false if that is nothing. One without any text, such as a picture without a
// description, shows its address instead; white space may be a part of a link that another style has cut.
func (r *reader) shown(n *html.Node, address string, f format, depth int) bool {
	before := r.lines.unit
	r.children(n, f, depth)
	if r.lines.unit > before {
		return true
	}
	if matrixhtml.Text(n) == "" {
		r.lines.text(readAddress(address), f)
	}
	return false
}
