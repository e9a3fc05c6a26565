package graph

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzReadError: whatever a refusal looks like, it is told in words, quotes nothing that may be a message, and makes
// nobody wait for longer than a day.
func FuzzReadError(f *testing.F) {
	for _, body := range []string{
		`{"error":{"message":"(#131047) Re-engagement message","code":131047,"error_data":{"details":"more than 24 hours"},"fbtrace_id":"AbC_1"}}`,
		`{"error":{"code":"4","is_transient":"1","error_user_title":"x","error_user_msg":"y"}}`, `{"error":{}}`, `<html>`, ``, `{"error":{"code":-9e99,"fbtrace_id":"a b"}}`,
	} {
		f.Add(400, []byte(body), "30")
		f.Add(503, []byte(body), "Fri, 27 Nov 2026 12:00:00 GMT")
	}
	now := time.Unix(1_795_000_000, 0)
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		err := readError(status, http.Header{"Retry-After": {after}}, body, now)
		if err.RetryAfter < 0 || err.RetryAfter > 24*time.Hour {
			t.Fatalf("wait for %v", err.RetryAfter)
		}
		if err.Explain().Message() == "" {
			t.Fatalf("%+v has no words", err)
		}
		if strings.ContainsAny(err.FBTraceID, " \n<") || len(err.FBTraceID) > 64 {
			t.Fatalf("trace ID %q", err.FBTraceID)
		}
	})
}

// FuzzScalars: a value of any kind is read, and never holds up the message around it.
func FuzzScalars(f *testing.F) {
	for _, raw := range []string{`"12"`, `12`, `1.5e3`, `true`, `null`, `{}`, `[1]`, `"\u0000"`, `-9223372036854775809`, `1e999`, `" 7 "`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		var all struct {
			A Seconds
			B Number
			C Decimal
			D Flag
			E Literal
			F changed
		}
		whole := `{"A":` + string(raw) + `,"B":` + string(raw) + `,"C":` + string(raw) + `,"D":` + string(raw) + `,"E":` + string(raw) + `,"F":` + string(raw) + `}`
		if err := json.Unmarshal([]byte(whole), &all); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if encoded, err := json.Marshal([]any{all.A, all.B, all.C, all.D, all.E}); err != nil || !json.Valid(encoded) {
			t.Fatalf("%s became %+v: %v", raw, all, err)
		}
		if all.A != Seconds(all.B) {
			t.Fatalf("%s is %d and %d", raw, all.A, all.B)
		}
	})
}

// FuzzVerify: the challenge comes back only to who shows the token, and as it was.
func FuzzVerify(f *testing.F) {
	f.Add("hub.mode=subscribe&hub.challenge=1&hub.verify_token=t", "t")
	f.Add("hub.mode=subscribe&hub.challenge=<script>&hub.verify_token=", "")
	f.Add("hub.mode=subscribe&hub.verify_token=t&hub.verify_token=u", "u")
	f.Fuzz(func(t *testing.T, text, token string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		challenge, ok := Verify(query, token)
		right := token != "" && query.Get("hub.verify_token") == token && query.Get("hub.mode") == "subscribe" && query.Get("hub.challenge") != ""
		if ok != right || ok && challenge != query.Get("hub.challenge") || !ok && challenge != "" {
			t.Fatalf("%q with %q: %q, %v", text, token, challenge, ok)
		}
	})
}

// FuzzIDs: what becomes part of a path leads nowhere else, and a number is the same however it is written.
func FuzzIDs(f *testing.F) {
	f.Add("../123", "+1 555-0100")
	f.Add("12?x=1#y", "")
	f.Add("..", "٣")
	f.Fuzz(func(t *testing.T, text, number string) {
		if escaped, err := id("media ID", text); err == nil {
			if strings.ContainsAny(escaped, "/?#\\ \n") || escaped == ".." || escaped == "." || escaped == "" {
				t.Fatalf("%q became %q", text, escaped)
			}
			if back, err := url.PathUnescape(escaped); err != nil || back != text {
				t.Fatalf("%q came back as %q, %v", text, back, err)
			}
		}
		if only := digits(number); digits(only) != only || strings.Trim(only, "0123456789") != "" {
			t.Fatalf("%q has the digits %q", number, only)
		}
		if rule, listed := RuleFor(text); rule.Max <= 0 || rule.Kind == "" || listed && plainType(text) == "" {
			t.Fatalf("%q: %+v", text, rule)
		}
	})
}
