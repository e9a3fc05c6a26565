package customer

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"puente/core/base/errs"
)

// What a customer may have, in characters and in numbers.
const (
	longestName      = 200
	longestLabel     = 50
	longestAttribute = 1000
	longestPerson    = 500
	mostAttributes   = 100
	mostLabels       = 100
)

var (
	attributeKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,49}$`)
	networkID    = regexp.MustCompile(`^[a-z]{2,20}$`)
	customerID   = regexp.MustCompile(`^cus_[a-z2-7]{26}$`)
)

// invalid is a person's mistake: what was wrong for the log, and what to do for whoever made it. Neither says what they
// wrote, which may be a customer's name or number.
func invalid(what, mend string) error {
	return errs.Tell(fmt.Errorf("%s: %w", what, errs.ErrInvalid), mend)
}

// CheckLabel tells whether a label may be one: 1 to 50 characters in lower case, without spaces, commas and semicolons.
// The errs.Message of the errs.ErrInvalid says what to write.
func CheckLabel(label string) error {
	switch {
	case label == "" || utf8.RuneCountInString(label) > longestLabel:
		return invalid("label of a wrong length", "A label has 1 to 50 characters.")
	case !storable(label) || strings.ContainsFunc(label, notInLabels):
		return invalid("label with a wrong character", "A label has no spaces, commas and semicolons; write late-payer.")
	case label != strings.ToLower(label):
		return invalid("label with capitals", "Write labels in lower case.")
	}
	return nil
}

func notInLabels(r rune) bool {
	return r == ',' || r == ';' || unicode.IsSpace(r) || unicode.IsControl(r)
}

// CheckAttribute tells whether an attribute may have this key and value. The errs.Message of the errs.ErrInvalid says
// what to write.
func CheckAttribute(key, value string) error {
	switch {
	case !attributeKey.MatchString(key):
		return invalid("attribute key", "The name of an attribute is written with a to z, 0 to 9 and _, begins with a letter and has at most 50 characters; write customer_number.")
	case utf8.RuneCountInString(value) > longestAttribute:
		return invalid("value of attribute "+key+" is too long", "The value of an attribute has at most 1,000 characters.")
	case !storable(value):
		return invalid("value of attribute "+key, "The value of an attribute is a text; there are characters in it that are none.")
	}
	return nil
}

// ParseLanguage returns a language's BCP 47 tag in its usual spelling: "de-AT" for "de_at". "" is no language.
func ParseLanguage(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	tag, err := language.Parse(text)
	if err != nil || tag == language.Und {
		return "", invalid("language", "Write a language as its code: de, en-GB, pt-BR.")
	}
	return tag.String(), nil
}

// checkNetwork tells whether a text may be a network's ID.
func checkNetwork(network string) error {
	if !networkID.MatchString(network) {
		return invalid("network ID", "Write a channel as it is named in the config: whatsapp, telegram, signal.")
	}
	return nil
}

func checkContact(network, person string) error {
	if err := checkNetwork(network); err != nil {
		return err
	}
	if person == "" || len(person) > longestPerson || !storable(person) {
		return invalid("contact on "+network, "A contact is written as channel:person, as an export has it.")
	}
	return nil
}

// cleanName is a name in one line; "" if the text is none.
func cleanName(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// parseName is cleanName for what a person wrote, who can make it shorter.
func parseName(text string) (string, error) {
	name := cleanName(text)
	if utf8.RuneCountInString(name) > longestName {
		return "", invalid("name is too long", "A name has at most 200 characters.")
	}
	return name, nil
}

// networkName is cleanName for what a network says, which nobody can mend.
func networkName(text string) string {
	name := []rune(cleanName(text))
	return strings.TrimSpace(string(name[:min(len(name), longestName)]))
}

// cleanValue is an attribute's value as it is kept: CSV cannot tell one kind of line end from another.
func cleanValue(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}

// storable tells whether both databases take the text. PostgreSQL takes no NUL and nothing that is not UTF-8.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
