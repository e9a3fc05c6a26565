package whatsapp

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"puente/bridges/whatsapp/graph"
	"puente/core/hub/network"
)

const checkedToken = "the-word"

// checked is a bridge whose public URL is that of a server.
func checked(publicURL string, transport http.RoundTripper) *Connector {
	return &Connector{
		env: network.Env{PublicURL: publicURL}, http: &http.Client{Transport: transport},
		config: Config{GraphURL: graph.DefaultBaseURL, VerifyToken: checkedToken},
	}
}

// behindProxy serves a bridge's webhooks as the hub does.
func behindProxy(verifyToken string) http.Handler {
	c := &Connector{config: Config{VerifyToken: verifyToken}}
	return http.StripPrefix("/whatsapp", c.Webhooks())
}

func TestCheckOfTheWebhook(t *testing.T) {
	answer := func(status int, text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		})
	}
	for name, tc := range map[string]struct {
		handler http.Handler
		mend    string // "": it works
	}{
		"Works":          {behindProxy(checkedToken), ""},
		"OtherToken":     {behindProxy("another"), "another networks.whatsapp.verify_token"},
		"SomethingElse":  {answer(http.StatusOK, "Welcome to nginx!"), "something else than Puente answers there (200)"},
		"NothingThere":   {http.NotFoundHandler(), "something else than Puente answers there (404)"},
		"Redirect":       {http.RedirectHandler("/login", http.StatusFound), "something else than Puente answers there (302)"},
		"PuenteStopped":  {answer(http.StatusBadGateway, "Bad Gateway"), "is Puente running"},
		"FixedChallenge": {answer(http.StatusOK, "1158201444"), "something else"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewTLSServer(tc.handler)
			defer server.Close()
			found := checked(server.URL, server.Client().Transport).checkWebhook(t.Context())
			judge(t, found, tc.mend)
		})
	}
}

func judge(t *testing.T, found network.Finding, mend string) {
	t.Helper()
	if found.OK != (mend == "") || !strings.Contains(found.Mend, mend) || !strings.HasPrefix(found.About, "whatsapp: ") {
		t.Errorf("finding: %+v, want a mend with %q", found, mend)
	}
	if strings.Contains(found.Mend, checkedToken) || strings.Contains(found.About, checkedToken) {
		t.Errorf("the verify token is told: %+v", found)
	}
}

func TestCheckOfAWebhookThatCannotBeReached(t *testing.T) {
	silent := log.New(io.Discard, "", 0)
	t.Run("NoPublicURL", func(t *testing.T) {
		judge(t, checked("", http.DefaultTransport).checkWebhook(t.Context()), "set public_url")
	})
	t.Run("PlainHTTP", func(t *testing.T) {
		judge(t, checked("http://puente.example.com", http.DefaultTransport).checkWebhook(t.Context()), "https only")
	})
	t.Run("PlainHTTPIsGoodEnoughForAnEmulator", func(t *testing.T) {
		server := httptest.NewServer(behindProxy(checkedToken))
		defer server.Close()
		c := checked(server.URL, server.Client().Transport)
		c.config.GraphURL = "http://127.0.0.1:1"
		judge(t, c.checkWebhook(t.Context()), "")
	})
	t.Run("NobodyListens", func(t *testing.T) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		server.Close()
		judge(t, checked(server.URL, &http.Transport{}).checkWebhook(t.Context()), "cannot be reached from here")
	})
	t.Run("SelfSignedCertificate", func(t *testing.T) {
		server := httptest.NewUnstartedServer(behindProxy(checkedToken))
		server.Config.ErrorLog = silent
		server.StartTLS()
		defer server.Close()
		judge(t, checked(server.URL, &http.Transport{}).checkWebhook(t.Context()), "certificate")
	})
	t.Run("CertificateForAnotherName", func(t *testing.T) {
		server := httptest.NewUnstartedServer(behindProxy(checkedToken))
		server.Config.ErrorLog = silent
		server.StartTLS()
		defer server.Close()
		transport := server.Client().Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.ServerName = "puente.invalid"
		judge(t, checked(server.URL, transport).checkWebhook(t.Context()), "for this very name")
		transport.CloseIdleConnections()
	})
	t.Run("NoTLSAtThePort", func(t *testing.T) {
		server := httptest.NewServer(behindProxy(checkedToken))
		defer server.Close()
		judge(t, checked(strings.Replace(server.URL, "http:", "https:", 1), &http.Transport{}).checkWebhook(t.Context()), "TLS does not work")
	})
	t.Run("NoAnswer", func(t *testing.T) {
		asked := make(chan struct{})
		server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(asked)
			<-r.Context().Done()
		}))
		defer server.Close()
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-asked
			cancel(context.DeadlineExceeded)
		}()
		judge(t, checked(server.URL, server.Client().Transport).checkWebhook(ctx), "does not answer within 10s")
	})
}
