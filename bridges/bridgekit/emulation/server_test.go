package emulation_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

// serve starts a server that answers with handler and keeps nothing, and returns its base URL.
func serve(t *testing.T, server *emulation.Server, handler http.HandlerFunc) (baseURL string) {
	t.Helper()
	baseURL, err := server.Start(t.Context(), "127.0.0.1:0", handler, &emulation.Keeper{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return baseURL
}

// get asks for a page and returns what it says.
func get(t *testing.T, address string) (string, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func TestServerAnswersUntilStop(t *testing.T) {
	var server emulation.Server
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }
	baseURL := serve(t, &server, hello)
	if body, err := get(t, baseURL); err != nil || body != "hello" {
		t.Errorf("while it runs: %q, %v", body, err)
	}
	if _, err := server.Start(t.Context(), "", nil, &emulation.Keeper{}); !errors.Is(err, errs.ErrConflict) {
		t.Errorf("a second start: %v", err)
	}
	server.Stop()
	if body, err := get(t, baseURL); err == nil {
		t.Errorf("after Stop it answers %q", body)
	}
	if body, err := get(t, serve(t, &server, hello)); err != nil || body != "hello" {
		t.Errorf("in its second run: %q, %v", body, err)
	}
}

func TestServerStopEndsRequestsUnderWay(t *testing.T) {
	var server emulation.Server
	entered := make(chan struct{})
	baseURL := serve(t, &server, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		_, _ = w.Write([]byte("interrupted"))
	})
	answered := make(chan string, 1)
	go func() {
		body, err := get(t, baseURL)
		answered <- body + map[bool]string{true: " and failed"}[err != nil]
	}()
	<-entered
	server.Stop()
	if got := <-answered; got != "interrupted" {
		t.Errorf("the request got %q", got)
	}
}

func TestServerBaseURL(t *testing.T) {
	tests := map[string]struct{ public, address, want string }{
		"WhereItListens":       {"", "127.0.0.1:0", "http://127.0.0.1:"},
		"AsOthersKnowIt":       {"https://example.org/x", "127.0.0.1:0", "https://example.org/x"},
		"NobodyKnows":          {"", "", ""},
		"KnownWithoutAnything": {"https://example.org", "", "https://example.org"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := &emulation.Server{PublicURL: test.public}
			seen := make(chan string, 1)
			baseURL, err := server.Start(t.Context(), test.address, http.NotFoundHandler(), &emulation.Keeper{},
				func(context.Context) { seen <- server.BaseURL() })
			if err != nil {
				t.Fatal(err)
			}
			defer server.Stop()
			if !strings.HasPrefix(baseURL, test.want) || (test.want == "") != (baseURL == "") {
				t.Errorf("Start returns %q", baseURL)
			}
			if worker := <-seen; worker != baseURL || server.BaseURL() != baseURL {
				t.Errorf("a worker sees %q, others %q", worker, server.BaseURL())
			}
		})
	}
}

func TestServerTakenAddressIsAnError(t *testing.T) {
	var first, second emulation.Server
	address := strings.TrimPrefix(serve(t, &first, http.NotFound), "http://")
	_, err := second.Start(t.Context(), address, http.NotFoundHandler(), &emulation.Keeper{},
		func(context.Context) { t.Error("a worker began") })
	if err == nil {
		second.Stop()
		t.Error("two listen at one address")
	}
}
