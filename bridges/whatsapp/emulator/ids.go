package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
)

// newWamid makes a message ID as WhatsApp's look: "wamid." and base64 of a small binary record that names the
// other side and a random part. Clients must treat it as opaque.
func newWamid(party string) string {
	random := make([]byte, 9)
	fill(random)
	record := append([]byte{0x1c, 0x18, byte(len(party) % 256)}, party...)
	record = append(record, 0x15, 0x02, 0x00, 0x11, 0x18, 0x12)
	record = append(record, strings.ToUpper(hex.EncodeToString(random))...)
	record = append(record, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(record)
}

// newDecimalID makes an ID of sixteen decimal digits, as media and templates have.
func newDecimalID() string {
	n, err := rand.Int(rand.Reader, big.NewInt(9_000_000_000_000_000))
	if err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand does not fail on a working system
	}
	return n.Add(n, big.NewInt(1_000_000_000_000_000)).String()
}

// newTraceID makes an fbtrace_id.
func newTraceID() string {
	b := make([]byte, 17)
	fill(b)
	return "A" + base64.RawURLEncoding.EncodeToString(b)
}

func fill(b []byte) {
	if _, err := rand.Read(b); err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand does not fail on a working system
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
