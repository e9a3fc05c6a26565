package phone_test

import (
	"net/http"
	"strings"
	"testing"

	"puente/bridges/bridgekit/phone"
)

func TestWhatOthersWriteIsNeverMarkup(t *testing.T) {
	const evil = `<script>alert(1)</script>"'><img src=x onerror=y>`
	n := newMemory("net", evil, evil)
	n.says("c1", phone.Message{ID: evil, From: evil, Text: evil, Header: evil, Footer: evil, Quote: evil, State: evil, Reactions: []string{evil},
		Place: &phone.Place{Name: evil, Address: evil}, Cards: []phone.Card{{Name: evil, Lines: []string{evil}}}, List: evil,
		Buttons: []phone.Button{{ID: evil, Text: evil, Description: evil, Section: evil}, {Text: "link", URL: "javascript:alert(1)"}, {Text: "link", URL: `https://example.com/"onclick=x`}},
		File:    &phone.File{ID: evil, Kind: evil, Mime: evil, Name: evil}, Poll: &phone.Poll{Question: evil, Options: []phone.Option{{Text: evil}}}})
	n.says("c1", phone.Message{Line: evil})
	n.alter("c1", func(c *memoryChat) { c.Name, c.Note, c.Settings[0].Name = evil, evil, evil })
	n.offers = append(n.offers, phone.Offer{Kind: evil, Name: evil})
	p := serve(t, n)
	a := p.get("/?net.reply=" + "%3Cscript%3Ealert%281%29%3C%2Fscript%3E%22%27%3E%3Cimg+src%3Dx+onerror%3Dy%3E")
	p.want(a, http.StatusOK, "&lt;script&gt;alert(1)")
	p.wantNot(a, "<script>alert", "<img src=x", "javascript:", `"onclick=x`)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	p := serve(t, n)
	for name, test := range map[string]struct {
		header, value string
		status        int
	}{
		"CrossSite":     {"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		"SameSite":      {"Sec-Fetch-Site", "same-site", http.StatusForbidden},
		"ForeignOrigin": {"Origin", "https://evil.example", http.StatusForbidden},
		"SameOrigin":    {"Sec-Fetch-Site", "same-origin", http.StatusSeeOther},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/phone/do/net/text", "/phone/add/net"} {
				req := p.request(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader("text=x&name=x"))
				req.Header.Set(test.header, test.value)
				p.want(p.do(req), test.status)
			}
		})
	}
}

func TestPolicyForbidsEverythingFromElsewhere(t *testing.T) {
	p := serve(t, newMemory("net", "Net", "Ana"))
	for _, path := range []string{"/", "/phone/web/page.js", "/phone/look.css", "/nowhere"} {
		h := p.get(path).header
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has the headers %v", path, h)
		}
	}
}

func TestFilesAreServedByType(t *testing.T) {
	n := newMemory("net", "Net", "Ana", "Bruno")
	p := serve(t, n)
	for _, test := range []struct {
		mime, shown string
		inline      bool
	}{
		{"image/png", "image/png", true},
		{"audio/ogg; codecs=opus", "audio/ogg; codecs=opus", true},
		{"video/webm", "video/webm", true},
		{"text/html", "application/octet-stream", false},
		{"image/svg+xml", "application/octet-stream", false},
		{"application/pdf", "application/octet-stream", false},
		{"video/x+xml", "application/octet-stream", false},
		{"nonsense", "application/octet-stream", false},
	} {
		n.says("c1", phone.Message{File: &phone.File{ID: test.mime, Kind: "file", Mime: test.mime, Name: "ä\"\r\n.html"}}, []byte("<script>")...)
		a := p.get("/phone/file/net?customer=c1&file=" + strings.NewReplacer("+", "%2B", " ", "%20", ";", "%3B").Replace(test.mime))
		p.want(a, http.StatusOK, "<script>")
		disposition := a.header.Get("Content-Disposition")
		if a.header.Get("Content-Type") != test.shown || strings.HasPrefix(disposition, "inline") != test.inline || strings.Contains(disposition, "\n") {
			t.Errorf("%s is served as %s, %s", test.mime, a.header.Get("Content-Type"), disposition)
		}
		if a.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || a.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s has the policy %s", test.mime, a.header.Get("Content-Security-Policy"))
		}
	}
	for _, path := range []string{"/phone/file/net?customer=c2&file=image/png", "/phone/file/net?customer=c1&file=zzz", "/phone/file/zzz?customer=c1&file=image/png", "/phone/file/net"} {
		p.want(p.get(path), http.StatusNotFound)
	}
}

func TestUnknownPathsAre404(t *testing.T) {
	p := serve(t, newMemory("net", "Net", "Ana"))
	p.want(p.get("/phone/web/nothing.css"), http.StatusNotFound)
	p.want(p.get("/phone/web/"), http.StatusNotFound)
	p.want(p.get("/phone/web/page.html"), http.StatusNotFound)
	p.want(p.get("/phone/zzz"), http.StatusNotFound)
	p.want(p.post("/phone/do/zzz/text", "text", "x"), http.StatusNotFound)
	p.want(p.post("/phone/add/zzz", "name", "x"), http.StatusNotFound)
}

func TestHugeUploadsMeetAClearLimit(t *testing.T) {
	n := newMemory("net", "Net", "Ana")
	p := serve(t, n)
	const words = "That file is too large: this page takes files of up to 64 kB."
	t.Run("ALittleTooLarge", func(t *testing.T) {
		p.want(p.upload("/phone/do/net/file", "a.bin", "image/png", make([]byte, 64<<10+1)), http.StatusRequestEntityTooLarge, words)
	})
	t.Run("FarTooLarge", func(t *testing.T) {
		p.want(p.upload("/phone/do/net/file", "a.bin", "image/png", make([]byte, 3<<20)), http.StatusRequestEntityTooLarge, words)
	})
	t.Run("JustRight", func(t *testing.T) {
		p.want(p.upload("/phone/do/net/file", "a.bin", "image/png", make([]byte, 64<<10)), http.StatusSeeOther)
	})
	t.Run("Empty", func(t *testing.T) {
		p.want(p.upload("/phone/do/net/file", "a.bin", "image/png", nil), http.StatusUnprocessableEntity, "That file is empty.")
	})
	if len(n.did) != 1 {
		t.Errorf("%d gestures reached the network", len(n.did))
	}
}
