package graph_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
)

func TestVerify(t *testing.T) {
	query := func(mode, token, challenge string) url.Values {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge}}
	}
	for name, c := range map[string]struct {
		query url.Values
		token string
		want  string
	}{
		"RightTokenGetsTheChallenge":    {query("subscribe", "s3cret", "1158201444"), "s3cret", "1158201444"},
		"WrongTokenIsRefused":           {query("subscribe", "other", "1"), "s3cret", ""},
		"LongerTokenIsRefused":          {query("subscribe", "s3cret2", "1"), "s3cret", ""},
		"OtherModeIsRefused":            {query("unsubscribe", "s3cret", "1"), "s3cret", ""},
		"NoConfiguredTokenRefusesAll":   {query("subscribe", "", "1"), "", ""},
		"MissingChallengeIsRefused":     {query("subscribe", "s3cret", ""), "s3cret", ""},
		"EmptyQueryIsRefused":           {url.Values{}, "s3cret", ""},
		"ChallengeNeedNotBeANumber":     {query("subscribe", "s3cret", "a<b>"), "s3cret", "a<b>"},
		"KeysWithoutTheHubAreNotEnough": {url.Values{"mode": {"subscribe"}, "verify_token": {"s3cret"}}, "s3cret", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := graph.Verify(c.query, c.token)
			if got != c.want || ok != (c.want != "") {
				t.Fatalf("Verify = %q, %v; want %q", got, ok, c.want)
			}
		})
	}
}

func TestValidSignature(t *testing.T) {
	const secret = "app-secret"
	escaped := []byte(`{"body":"Z\u00fcrich \ud83d\udeb2"}`)

	t.Run("KnownVectorMatches", func(t *testing.T) {
		// HMAC-SHA256 of RFC 4231, test case 2.
		const header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
		if !graph.ValidSignature("Jefe", []byte("what do ya want for nothing?"), header) {
			t.Fatal("a right signature was refused")
		}
	})
	t.Run("EscapedBodyMatchesOnlyAsItCame", func(t *testing.T) {
		header := graph.Sign(secret, escaped)
		if !graph.ValidSignature(secret, escaped, header) {
			t.Fatal("the raw body was refused")
		}
		var value any
		if err := json.Unmarshal(escaped, &value); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(again, escaped) || graph.ValidSignature(secret, again, header) {
			t.Fatal("a re-serialised body passed")
		}
	})
	t.Run("ThreeMegabytesMatch", func(t *testing.T) {
		body := bytes.Repeat([]byte("x"), graph.MaxWebhookBody)
		if !graph.ValidSignature(secret, body, graph.Sign(secret, body)) {
			t.Fatal("a large body was refused")
		}
	})
	right := graph.Sign(secret, escaped)
	for name, header := range map[string]string{
		"MissingHeaderIsRefused":      "",
		"HeaderWithoutPrefixRefused":  strings.TrimPrefix(right, "sha256="),
		"Sha1PrefixIsRefused":         "sha1=" + strings.TrimPrefix(right, "sha256="),
		"ShortenedDigestIsRefused":    right[:len(right)-2],
		"LengthenedDigestIsRefused":   right + "00",
		"NoHexIsRefused":              "sha256=" + strings.Repeat("z", 64),
		"EmptyDigestIsRefused":        "sha256=",
		"DigestOfOtherSecretRefused":  graph.Sign("other", escaped),
		"DigestOfOtherBodyIsRefused":  graph.Sign(secret, []byte("{}")),
		"SpaceBeforeDigestIsRefused":  strings.Replace(right, "=", "= ", 1),
		"TwoDigestsInOneHeaderRefuse": right + "," + right,
	} {
		t.Run(name, func(t *testing.T) {
			if graph.ValidSignature(secret, escaped, header) {
				t.Fatal("accepted")
			}
		})
	}
	t.Run("EmptySecretRefusesEvenItsOwnSignature", func(t *testing.T) {
		if graph.ValidSignature("", escaped, graph.Sign("", escaped)) {
			t.Fatal("accepted")
		}
	})
}

func FuzzValidSignature(f *testing.F) {
	f.Add("secret", []byte(`{"a":"\u00fc"}`), "sha256=00")
	f.Add("", []byte(nil), "")
	f.Fuzz(func(t *testing.T, secret string, body []byte, header string) {
		right := secret != "" && strings.EqualFold(header, graph.Sign(secret, body))
		if graph.ValidSignature(secret, body, header) && !right {
			t.Fatalf("accepted a foreign header %q", header)
		}
		if secret != "" && !graph.ValidSignature(secret, body, graph.Sign(secret, body)) {
			t.Fatal("refused its own signature")
		}
	})
}
