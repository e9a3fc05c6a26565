package phone_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// page is a served page and a client of it that follows no redirect.
type page struct {
	t      *testing.T
	base   string
	client *http.Client
	clock  *clock.Manual
}

func serve(t *testing.T, networks ...phone.Network) *page {
	t.Helper()
	p := &page{t: t, clock: clock.NewManual(time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC))}
	server := httptest.NewServer(phone.Page{Clock: p.clock, Zone: time.UTC, MaxUpload: 64 << 10}.Handler(networks...))
	transport := &http.Transport{}
	p.base, p.client = server.URL, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	})
	return p
}

// answer is what the page answered.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *page) do(req *http.Request) answer {
	p.t.Helper()
	res, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (p *page) request(method, path, contentType string, body io.Reader) *http.Request {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

func (p *page) get(path string) answer {
	p.t.Helper()
	return p.do(p.request(http.MethodGet, path, "", nil))
}

// post sends a form; pairs are names and values.
func (p *page) post(path string, pairs ...string) answer {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return p.do(p.request(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())))
}

// upload sends a form with a file, as a browser does.
func (p *page) upload(path, name, mimeType string, content []byte, pairs ...string) answer {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {mimeType},
	})
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(p.request(http.MethodPost, path, form.FormDataContentType(), &body))
}

// want fails unless the page answered with a status, and with all texts somewhere in it.
func (p *page) want(a answer, status int, texts ...string) {
	p.t.Helper()
	if a.status != status {
		p.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			p.t.Errorf("the page lacks %q", text)
		}
	}
}

func (p *page) wantNot(a answer, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			p.t.Errorf("the page has %q", text)
		}
	}
}
