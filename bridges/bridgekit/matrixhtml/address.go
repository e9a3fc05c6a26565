package matrixhtml

import (
	"strings"

	"golang.org/x/net/html"
)

// Address returns where an <a> leads, as browsers read it, or "".
func Address(a *html.Node) string {
	href := strings.TrimSpace(Attribute(a, "href"))
	return strings.NewReplacer(" ", "%20", "\n", "", "\t", "", "\r", "").Replace(href)
}

// SameAddress tells whether two addresses are the same as far as people care, so that who reads the one need not be
// told the other: "https://example.org/" and "example.org" are.
func SameAddress(a, b string) bool { return bare(a) == bare(b) }

func bare(address string) string {
	rest := strings.ToLower(address)
	for _, scheme := range []string{"http://", "https://", "mailto:", "tel:"} {
		rest = strings.TrimPrefix(rest, scheme)
	}
	return strings.TrimSuffix(rest, "/")
}
