package main

import (
	"strings"
	"testing"
)

// found is what govulncheck writes, shortened: one that is called in a module, one that is only there, and two that are
// called in the standard library.
const found = `
{"config": {"protocol_version": "v1.0.0"}}
{"osv": {"id": "GO-1", "summary": "Endless loop"}}
{"finding": {"osv": "GO-1", "fixed_version": "v0.60.0", "trace": [{"module": "golang.org/x/net", "package": "golang.org/x/net/html"}]}}
{"finding": {"osv": "GO-1", "fixed_version": "v0.60.0", "trace": [{"module": "golang.org/x/net", "package": "golang.org/x/net/html", "function": "Parse"},
	{"module": "puente", "package": "puente/a", "function": "B", "position": {"filename": "a/b.go", "line": 7}}]}}
{"finding": {"osv": "GO-2", "trace": [{"module": "golang.org/x/crypto"}]}}
{"finding": {"osv": "GO-3", "fixed_version": "v1.26.9", "trace": [{"module": "stdlib", "package": "net/http", "function": "Get"}, {"position": {"filename": "c.go", "line": 1}}]}}
{"finding": {"osv": "GO-4", "fixed_version": "v1.26.10", "trace": [{"module": "stdlib", "package": "net/http", "function": "Get"}, {"position": {"filename": "c.go", "line": 1}}]}}
`

func TestReport(t *testing.T) {
	r, err := read(strings.NewReader(found))
	if err != nil {
		t.Fatal(err)
	}
	if bad := r.bad(); len(bad) != 1 || bad[0] != "GO-1 in golang.org/x/net" {
		t.Errorf("bad: %q", bad)
	}
	if got, want := r.summary(), "1 vulnerabilities of modules are called, 2 of the standard library; 1 are there and not called"; got != want {
		t.Errorf("got %q", got)
	}
	text := strings.Join(r.lines(), "\n")
	for _, want := range []string{"GO-1 in golang.org/x/net, fixed in v0.60.0, called from a/b.go:7: Endless loop", "Go 1.26.10 or newer"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if _, err = read(strings.NewReader(found + "{")); err == nil {
		t.Error("half of a report is taken for a whole one")
	}
}
