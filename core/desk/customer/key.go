package customer

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The kinds of keys: what two customers have alike if they may be the same person. Two of them are attributes.
const (
	keyName  = "name"
	keyPhone = "phone"
	keyEmail = "email"
)

const (
	// Beyond this PostgreSQL could not index it, and no honest name or address is as long.
	longestKey = 500
	// Fewer digits are an extension or a placeholder, not somebody's number.
	leastDigits = 6
)

// folded is a text without case, accents and superfluous spaces, so that "José  Núñez" is found as "jose nunez". Both
// databases' own lower() know ASCII alone, or what their locale says.
func folded(text string) string {
	text = norm.NFKD.String(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == 0 {
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(norm.NFC.String(cases.Fold().String(text))), " ")
}

// NamesMatch tells whether two names are one for a search.
func NamesMatch(one, other string) bool { return folded(one) == folded(other) }

// searchText is what Find looks in: the name first, each part in a line of its own.
func (c Customer) searchText() string {
	parts := []string{folded(c.Name)}
	for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
		parts = append(parts, folded(c.Attributes[key]))
	}
	for _, label := range c.Labels {
		parts = append(parts, folded(label))
	}
	return strings.Join(parts, "\n")
}

// keys returns the customer's keys by their kind. One that is merged has none: it is not to be suggested.
func (c Customer) keys() map[string]string {
	keys := map[string]string{}
	if c.MergedInto != "" {
		return keys
	}
	for kind, value := range map[string]string{
		keyName: folded(c.Name), keyPhone: phoneKey(c.Attributes[keyPhone]), keyEmail: emailKey(c.Attributes[keyEmail]),
	} {
		if value != "" && len(value) <= longestKey {
			keys[kind] = value
		}
	}
	return keys
}

// phoneKey is a phone number with nothing but its digits and the + of an international one.
func phoneKey(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	international := strings.HasPrefix(strings.TrimSpace(text), "+")
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !international {
		digits, international = rest, true
	}
	if len(digits) < leastDigits {
		return ""
	}
	if international {
		return "+" + digits
	}
	return digits
}

func emailKey(text string) string {
	address := strings.ToLower(strings.TrimSpace(text))
	if at := strings.IndexByte(address, '@'); at < 1 || at == len(address)-1 {
		return ""
	}
	return address
}
