package webhook

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"maunium.net/go/mautrix/id"
)

// FuzzOwnID: the ID that Puente gives to what an agent did leads back to it, and no other does.
func FuzzOwnID(f *testing.F) {
	f.Add("$abc:example.org")
	f.Add("puente_JGFiYw")
	f.Add("puente_")
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := eventOf(ownID(id.EventID("$" + text))); text != "" && (!ok || got != id.EventID("$"+text)) {
			t.Fatalf("%q comes back as %q, %v", text, got, ok)
		}
		if got, ok := eventOf(text); ok && (!strings.HasPrefix(text, ownPrefix) || len(got) < 2 || got[0] != '$') {
			t.Fatalf("%q is the event %q", text, got)
		}
		if got := plainType(text); strings.ContainsAny(got, " \n<>*[]@") {
			t.Fatalf("the type %q stands in a log as %q", text, got)
		}
	})
}

// FuzzRefusal: what a system says in a refusal is one short line, and never makes Puente wait for long.
func FuzzRefusal(f *testing.F) {
	f.Add([]byte(`{"detail":"out of\nstock","title":"Conflict"}`), "120")
	f.Add([]byte(`{"title":"\u202e`+strings.Repeat("é", 300)+`"}`), "Fri, 27 Nov 2026 12:00:00 GMT")
	f.Add([]byte("<html>"), "-99999999999999999999")
	now := time.Unix(1_800_000_000, 0)
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		got := reasonIn(body)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t\x00\u202e") || utf8.RuneCountInString(got) > maxReason+1 {
			t.Fatalf("%q", got)
		}
		if oneLine(got) != got {
			t.Fatalf("%q becomes %q", got, oneLine(got))
		}
		if wait := retryAfter(header, now); wait < 0 || wait > mostPatient {
			t.Fatalf("%q is %v", header, wait)
		}
	})
}

// FuzzTicket: an address of a file cannot be made up.
func FuzzTicket(f *testing.F) {
	shop := &Client{system: "shop", meta: LoginMeta{Secret: "whsec_one"}}
	stock := &Client{system: "stock", meta: LoginMeta{Secret: "whsec_one"}}
	f.Add("AAAA", "mxc://example.org/a", "a.pdf")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, text, address, name string) {
		if _, err := shop.unseal(text); err == nil {
			t.Fatalf("%q opens a file", text)
		}
		if !utf8.ValidString(address) || !utf8.ValidString(name) {
			return
		}
		sealed, err := shop.seal(ticket{URL: id.ContentURIString(address), Name: name})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := shop.unseal(sealed); err != nil || string(got.URL) != address || got.Name != name {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err = stock.unseal(sealed); err == nil {
			t.Fatal("another system opens it")
		}
	})
}

// FuzzClean: the HTML of a system becomes HTML that agents' clients may show.
func FuzzClean(f *testing.F) {
	f.Add("x", `<b>x</b><script>alert(1)</script><a href="javascript:x" onclick=x>y</a><img src=x onerror=y>`)
	f.Add("@room", `<mx-reply>a</mx-reply><a href="https://matrix.to/#/@a:b">@a</a><font color=red data-mx-bg-color=x>c`)
	f.Add("\x00", "<svg><style><img title=\"</style><script>x\">")
	f.Fuzz(func(t *testing.T, body, markup string) {
		text, formatted := clean(body, markup)
		if !utf8.ValidString(text) || !utf8.ValidString(formatted) {
			t.Fatalf("%q, %q", text, formatted)
		}
		tokens := html.NewTokenizer(strings.NewReader(formatted))
		for tokens.Next() != html.ErrorToken {
			checkToken(t, tokens.Token(), formatted)
		}
	})
}

func checkToken(t *testing.T, token html.Token, markup string) {
	t.Helper()
	switch token.Data {
	case "script", "style", "img", "svg", "iframe", "mx-reply", "font", "form", "input":
		if token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken {
			t.Fatalf("<%s> in %q", token.Data, markup)
		}
	}
	for _, attribute := range token.Attr {
		scheme, _, _ := strings.Cut(attribute.Val, ":")
		if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" || attribute.Key == "href" && !strings.Contains(" http https mailto tel ", " "+scheme+" ") {
			t.Fatalf("%s=%q in %q", attribute.Key, attribute.Val, markup)
		}
	}
}

// FuzzLogin: a callback that is taken is called by TLS or within this machine, and a secret is one of Standard Webhooks'.
func FuzzLogin(f *testing.F) {
	for _, text := range []string{
		"https://shop.example/puente", "http://127.0.0.1:1/", "http://localhost", "http://127.0.0.1.evil.example", "http://u:p@x", "//x", "https://", "HTTPS://X",
		"http://[::1]:9", "http://localhost.evil", "whsec_" + strings.Repeat("A", 32), "whsec_", "http://2130706433/",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if address, err := validCallback(text); err == nil {
			parsed, err := url.Parse(address)
			if err != nil || parsed.Host == "" || parsed.User != nil {
				t.Fatalf("%q is taken", text)
			}
			ip, err := netip.ParseAddr(parsed.Hostname())
			if parsed.Scheme != "https" && parsed.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
				t.Fatalf("%q is called without TLS", text)
			}
		}
		if secret, err := validSecret(text); err == nil && secret != freshSecret && (len(secret) < len(secretPrefix)+32 || len(secret) > 100) {
			t.Fatalf("%q is a secret", text)
		}
		if name, err := validName(text); err == nil && (name == "" || strings.ContainsAny(name, "\n\x00")) {
			t.Fatalf("%q is a name", text)
		}
	})
}
