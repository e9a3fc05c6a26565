package phone

import (
	"strings"
	"testing"
)

func TestColoursCarryWhiteText(t *testing.T) {
	for _, text := range []string{"#25d366", "#2aabee", "#ffffff", "#ffff00", "#000000", "#3a76f0"} {
		c, ok := parseColour(text)
		if !ok || c.String() != text {
			t.Fatalf("%s is read as %s, %v", text, c, ok)
		}
		dark, ok := parseColour(c.readable().String())
		if ratio := 1.05 / (dark.luminance() + 0.05); !ok || ratio < contrast {
			t.Errorf("white on %s has the contrast %.2f", dark, ratio)
		}
	}
}

func TestWhatIsNoColourIsNotTaken(t *testing.T) {
	for _, text := range []string{"", "red", "#fff", "#12345g", "#1234567", "#+12345", "#fff}*{x:y", "25d366a"} {
		if c, ok := parseColour(text); ok {
			t.Errorf("%q is read as %s", text, c)
		}
	}
	sheet := stylesheet([]Network{nil, painted{colour: "} evil {"}, painted{colour: "#2aabee"}})
	if strings.Contains(sheet, "evil") || !strings.Contains(sheet, ".n2 { --tone: #2aabee;") || strings.Count(sheet, "\n") != 3 {
		t.Errorf("the stylesheet is %s", sheet)
	}
}

// painted is a network of which only the look is asked for.
type painted struct {
	Network
	colour string
}

func (p painted) Look() Look { return Look{Colour: p.colour} }
