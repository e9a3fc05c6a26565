package emulator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

var (
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	numberForm = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	userForm   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{2,31}\.[0-9]{2,9}$`)
)

func isUUID(s string) bool   { return uuidForm.MatchString(s) }
func isNumber(s string) bool { return numberForm.MatchString(s) }

// newUUID makes a random UUID, as ACIs and PNIs are.
func newUUID() string {
	b := random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// newGroupID makes the base64 of a 32-byte group ID. ref: reference/signal-cli.md §3
func newGroupID() string { return base64.StdEncoding.EncodeToString(random(32)) }

// newFileID makes the part of an attachment's ID before its extension.
func newFileID() string { return base64.RawURLEncoding.EncodeToString(random(15)) }

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand does not fail on a working system
	}
	return b
}

// safetyNumber is what two people compare: sixty digits in groups of five, the same seen from either side.
func safetyNumber(a, b string, versionA, versionB int) string {
	halves := []string{digitsOf(a, versionA), digitsOf(b, versionB)}
	if a > b {
		halves[0], halves[1] = halves[1], halves[0]
	}
	all := halves[0] + halves[1]
	var groups []string
	for i := 0; i < len(all); i += 5 {
		groups = append(groups, all[i:i+5])
	}
	return strings.Join(groups, " ")
}

func digitsOf(aci string, version int) string {
	sum := sha256.Sum256(keyOf(aci, version))
	var out strings.Builder
	for _, b := range sum[:30] {
		out.WriteByte('0' + b%10)
	}
	return out.String()
}

// keyOf is somebody's public identity key: 33 bytes that begin with 5, another one after each reinstallation.
func keyOf(aci string, version int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "identity key %s %d", aci, version))
	return append([]byte{5}, sum[:]...)
}

// fingerprint is an identity key as listIdentities shows it: pairs of hex digits.
func fingerprint(aci string, version int) string {
	key := keyOf(aci, version)
	pairs := make([]string, len(key))
	for i, b := range key {
		pairs[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(pairs, " ")
}

// stamp gives an author the timestamp of the next message: the clock's milliseconds, and never the same twice. The
// caller holds mu.
func (e *Emulator) stamp(aci string) int64 {
	now := max(e.clock.Now().UnixMilli(), e.st.Stamps[aci]+1)
	e.st.Stamps[aci] = now
	return now
}
