package phone

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Look is how a network's phone is told from the others'.
type Look struct {
	// Colour is the network's own, "#rrggbb"; under white text it is darkened as far as that needs.
	Colour string
	// Address tells what an address looks like, for whoever adds a customer: "+1 650 555 0100, or @name".
	Address string
}

// Looker is implemented by a Network that has a Look; one without gets a colour by its place on the page.
type Looker interface {
	Look() Look
}

// contrast is what white needs on a network's colour. Text needs 4.5 by WCAG 2.2, success criterion 1.4.3; the rest is
// for text of that colour on light tints of it, such as the name over a quote.
const contrast = 6

// lookOf returns a network's look, and for one without a colour that its neighbours do not have.
func lookOf(n Network, index int) Look {
	look := Look{}
	if l, ok := n.(Looker); ok {
		look = l.Look()
	}
	if _, ok := parseColour(look.Colour); !ok {
		some := []string{"#00796b", "#2b6cb0", "#6b46c1", "#b7791f", "#b83280", "#4a5568"}
		look.Colour = some[index%len(some)]
	}
	return look
}

// stylesheet gives each phone its colour. It is a file of its own because the page's policy forbids styles inside it.
func stylesheet(networks []Network) string {
	var out strings.Builder
	for i, n := range networks {
		c, _ := parseColour(lookOf(n, i).Colour)
		fmt.Fprintf(&out, ".n%d { --tone: %s; --accent: %s; }\n", i, c, c.readable())
	}
	return out.String()
}

// colour is red, green and blue between 0 and 1.
type colour [3]float64

func parseColour(text string) (colour, bool) {
	digits, ok := strings.CutPrefix(text, "#")
	n, err := strconv.ParseUint(digits, 16, 24)
	if !ok || len(digits) != 6 || err != nil {
		return colour{}, false
	}
	return colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, true
}

// readable darkens a colour until white text can be read on it.
func (c colour) readable() colour {
	for 1.05/(c.luminance()+0.05) < contrast {
		c = colour{c[0] * 0.97, c[1] * 0.97, c[2] * 0.97}
	}
	return c
}

// luminance follows the definition of "relative luminance" in WCAG 2.2.
func (c colour) luminance() float64 {
	var linear colour
	for i, v := range c {
		if v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(c[0]*255), int(c[1]*255), int(c[2]*255))
}
