package richtext

import (
	"slices"

	"maunium.net/go/mautrix/id"
)

// Dialect is what a network can show. What it lacks, FromMatrix writes in a way that people can still read.
type Dialect struct {
	// Styles are those that the network has. A network with only one of Code and Pre gets it for both.
	Styles map[Style]bool
	// NestCode says that Code and Pre may hold and be part of other styles. Without it they lose them, but for the
	// Quote around them; a link in Code loses the Code, and one in Pre is written as text.
	NestCode bool
	// Overlap says that spans may overlap without one lying in the other. Without it they are split where they do.
	Overlap bool
	// Schemes are those of the addresses that a Link may have, in lower case; nil for all that a message may hold:
	// http, https, mailto, tel, tg, matrix and geo.
	Schemes []string
	// Mention says how the network names a Matrix user: by the text, which is usually the shown one or a
	// Placeholder, with a Mention span of the value over it; an empty value means that the text alone does it, as an
	// @username may. Without ok, or without this function, the shown text stays.
	Mention func(userID id.UserID, shown string) (value, text string, ok bool)
}

// has tells whether the network has the style itself.
func (d Dialect) has(s Style) bool { return d.Styles[s] }

// monospace is what the network has for Code or Pre: that style, or the other one, or "".
func (d Dialect) monospace(want Style) Style {
	other := Pre
	if want == Pre {
		other = Code
	}
	switch {
	case d.has(want):
		return want
	case d.has(other):
		return other
	default:
		return ""
	}
}

// links tells whether the network can link to an address with the scheme.
func (d Dialect) links(scheme string) bool {
	return d.has(Link) && (d.Schemes == nil || slices.Contains(d.Schemes, scheme))
}
