package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"strings"
)

// SignatureHeader is the header in which Meta signs each webhook.
const SignatureHeader = "X-Hub-Signature-256"

// MaxWebhookBody is the most that Meta puts into one POST, in bytes. ref: whatsapp-cloud.md §2
const MaxWebhookBody = 3 << 20

const signaturePrefix = "sha256="

// Verify answers the GET by which Meta checks a callback address. When ok, the challenge is the whole
// body of the answer; otherwise answer 403. An empty token never matches. ref: whatsapp-cloud.md §2
func Verify(query url.Values, token string) (challenge string, ok bool) {
	// The digests are compared, so that neither content nor length shows in the time taken.
	want, got := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(query.Get("hub.verify_token")))
	same := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	challenge = query.Get("hub.challenge")
	if token == "" || !same || query.Get("hub.mode") != "subscribe" || challenge == "" {
		return "", false
	}
	return challenge, true
}

// ValidSignature tells whether header (X-Hub-Signature-256) signs body with the app secret. body must be
// the bytes as they came: Meta escapes non-ASCII, so a re-serialised body does not match.
func ValidSignature(appSecret string, body []byte, header string) bool {
	digits, found := strings.CutPrefix(header, signaturePrefix)
	if appSecret == "" || !found {
		return false
	}
	got, err := hex.DecodeString(digits)
	return err == nil && hmac.Equal(got, mac(appSecret, body))
}

// Sign returns the header value that Meta would send with body.
func Sign(appSecret string, body []byte) string {
	return signaturePrefix + hex.EncodeToString(mac(appSecret, body))
}

func mac(appSecret string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(appSecret))
	h.Write(body)
	return h.Sum(nil)
}
