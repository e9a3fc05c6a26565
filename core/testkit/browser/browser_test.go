package browser_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"

	"puente/core/testkit/browser"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPageRunsItsScript(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<button onclick="document.title = 'pressed'">Press</button>`)
	}))
	defer page.Close()
	tab, stop, err := browser.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err = chromedp.Do(tab, chromedp.Navigate(page.URL), chromedp.Click("button")); err != nil {
		t.Fatal(err)
	}
	title, err := chromedp.Run(tab, chromedp.Title())
	if err != nil || title != "pressed" {
		t.Fatalf("the title is %q, %v", title, err)
	}
}

func TestMissingBrowserGetsOneLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, _, err := browser.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "apt-get install chromium") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %v", err)
	}
}
