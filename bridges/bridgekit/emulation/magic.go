package emulation

import (
	"strings"

	"puente/bridges/bridgekit/phone"
)

// Magic is one ending of a customer's address that makes sending to them fail in a given way.
type Magic struct {
	Digits string // the last four characters
	Effect string // for people
}

// MagicOf returns the ending of an address if it is one of those listed, or "".
func MagicOf(address string, list []Magic) string {
	for _, m := range list {
		if strings.HasSuffix(address, m.Digits) {
			return m.Digits
		}
	}
	return ""
}

// Failures are endings as the phone page lists them.
func Failures(list []Magic) []phone.Failure {
	var out []phone.Failure
	for _, m := range list {
		out = append(out, phone.Failure{Ending: m.Digits, Effect: m.Effect})
	}
	return out
}
