package markup

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"puente/bridges/bridgekit/matrixhtml"
)

// link writes an <a>: its text, and the address in brackets unless the text is the address already. A mention of a
// user or a room is its text alone, and so is a link that a phone could not follow.
func (w *lineWriter) link(n *html.Node, style string, depth int) {
	address := matrixhtml.Address(n)
	shown := strings.TrimSpace(matrixhtml.Text(n))
	if !followable(address) {
		w.children(n, style, depth)
		return
	}
	if shown == "" && n.FirstChild == nil {
		w.text(address, style)
		return
	}
	w.children(n, style, depth)
	if !matrixhtml.SameAddress(shown, address) {
		w.text(" ("+address+")", style)
	}
}

// followable tells whether the address means something outside of Matrix.
func followable(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch strings.ToLower(parsed.Scheme) {
	case "http", "https":
		return parsed.Host != "" && !strings.EqualFold(parsed.Hostname(), "matrix.to")
	case "mailto", "tel":
		return true
	default:
		return false
	}
}
