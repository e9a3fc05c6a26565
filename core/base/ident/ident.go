// Package ident makes the IDs of Puente's own things.
package ident

import (
	"crypto/rand"
	"strings"
)

// New returns a new ID such as "cus_5tmr2jd7wxqkq4gyb3ahn6zpvc": the prefix says what it is the ID of, the rest is 130
// random bits.
func New(prefix string) string { return prefix + "_" + strings.ToLower(rand.Text()) }
