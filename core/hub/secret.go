package hub

import (
	"crypto/sha256"
	"crypto/subtle"
)

// sameSecret tells whether somebody showed the secret, in a time that says nothing about it, not even how long it is. An
// empty secret is nobody's.
func sameSecret(shown, secret string) bool {
	got, want := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && secret != ""
}
