package emulator

import "strings"

// Magic is one ending of a customer's ID that makes sending to them fail in a given way.
type Magic struct {
	Digits string // the last four characters
	Effect string // for people
}

// MagicEndings lists the endings that choose a failure. "Once" is counted per webhook-id.
func MagicEndings() []Magic {
	return []Magic{
		{"0299", "taken, but the first answer is half of a JSON"},
		{"0400", "refused with 400 and a reason: the customer has blocked the shop"},
		{"0408", "taken, but the connection is cut before the first answer"},
		{"0410", "refused with 410: the callback is gone"},
		{"0429", "429 once per message: too fast"},
		{"0500", "500, always"},
		{"0501", "500 once per message"},
	}
}

// magicOf returns the ending of the customer's ID if it is one of MagicEndings, or "".
func magicOf(customerID string) string {
	for _, m := range MagicEndings() {
		if strings.HasSuffix(customerID, m.Digits) {
			return m.Digits
		}
	}
	return ""
}
