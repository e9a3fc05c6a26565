package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"maunium.net/go/mautrix/bridgev2/status"

	"puente/bridges/bridgekit/delivery"
	"puente/core/base/errs"
)

// calls has the shop called back and returns what came of it.
func (w *world) calls(answer http.HandlerFunc) (messageID string, err error) {
	w.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	w.shop.meta.CallbackURL = server.URL + "/hook?key=in-the-address"
	return w.shop.call(context.Background(), &Event{ID: "puente_1", Type: typeMessageDeleted, MessageID: "m1"})
}

func TestCallbacksAreSigned(t *testing.T) {
	w := newWorld(t)
	signer, err := standardwebhooks.NewWebhook(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	given, err := w.calls(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := signer.Verify(body, r.Header); err != nil {
			t.Errorf("the signature: %v", err)
		}
		if r.Header.Get("webhook-id") != "puente_1" || !strings.Contains(string(body), `"id":"puente_1"`) || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("came with %v: %s", r.Header, body)
		}
		_, _ = io.WriteString(rw, `{"id":"their-1"}`)
	})
	if err != nil || given != "their-1" {
		t.Errorf("it is called %q, %v", given, err)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	problem := func(status int, detail string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"detail": detail})
		}
	}
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	for name, test := range map[string]struct {
		answer  http.HandlerFunc
		given   string
		taken   bool
		after   time.Duration // of a temporary error
		unclear bool
		words   string
		state   status.BridgeStateEvent
	}{
		"NoContent":           {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, taken: true},
		"HTML":                {answer: text("<html>ok</html>"), taken: true},
		"HalfOfAJSON":         {answer: text(`{"id":"their-`), taken: true},
		"AnIDOfPuentes":       {answer: text(`{"id":"puente_x"}`), taken: true},
		"AnIDThatIsTooLong":   {answer: text(`{"id":"` + strings.Repeat("x", 300) + `"}`), taken: true},
		"AnEndlessBody":       {answer: text(`{"id":"their-1","x":"` + strings.Repeat("x", maxAnswer) + `"}`), taken: true},
		"Refused":             {answer: problem(400, "No\nsuch\u0007 chat"), words: "The shop refused it: No such chat"},
		"RefusedAtLength":     {answer: problem(422, strings.Repeat("é", 500)), words: "The shop refused it: " + strings.Repeat("é", maxReason) + "…"},
		"RefusedWithoutWords": {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) }, words: "The shop refused it without a reason (409)."},
		"Redirected": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
		}, words: "The shop redirects (307)"},
		"Gone":           {answer: problem(410, ""), words: "The shop says that its callback is gone (410)", state: status.StateBadCredentials},
		"WrongSignature": {answer: problem(401, ""), words: "The shop does not accept Puente's signature (401)", state: status.StateBadCredentials},
		"TooFast":        {answer: problem(429, ""), after: 7 * time.Second, words: "The shop has a fault (429)"},
		"Fault":          {answer: problem(500, ""), after: 7 * time.Second, words: "The shop has a fault (500)"},
		"Away":           {answer: problem(503, ""), after: 7 * time.Second, words: "The shop has a fault (503)"},
		"Cut": {unclear: true, answer: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.Close()
		}},
		"Nonsense": {unclear: true, answer: func(w http.ResponseWriter, _ *http.Request) {
			conn, buffer, _ := http.NewResponseController(w).Hijack()
			_, _ = buffer.WriteString("nonsense\r\n\r\n")
			_ = buffer.Flush()
			_ = conn.Close()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if test.state != "" {
				w.shop.state = test.state
			}
			given, err := w.calls(test.answer)
			after, again := errs.IsTemporary(err)
			switch {
			case (err == nil) != test.taken || given != test.given:
				t.Errorf("%q, %v", given, err)
			case delivery.IsUnclear(err) != test.unclear:
				t.Errorf("unclear: %v", err)
			case again != (test.after > 0) || after != test.after:
				t.Errorf("again: %v after %s", again, after)
			case !strings.HasPrefix(errs.Message(err), test.words):
				t.Errorf("words: %q", errs.Message(err))
			case err != nil && !test.unclear && !again && !errs.IsFinal(err):
				t.Errorf("not final: %v", err)
			case err != nil && strings.Contains(err.Error()+errs.Message(err), "in-the-address"):
				t.Errorf("the error holds the address: %v", err)
			}
		})
	}
}

func TestACallbackThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	w.shop.meta.CallbackURL = server.URL
	_, err := w.shop.call(context.Background(), &Event{ID: "x", Type: typeTyping})
	if _, again := errs.IsTemporary(err); !again || delivery.IsUnclear(err) || errs.Message(err) != "The shop cannot be reached." {
		t.Errorf("got %v, %q", err, errs.Message(err))
	}
}

func TestOnlyALastingSilenceIsToldOfASystem(t *testing.T) {
	w := newWorld(t)
	for range silentCalls - 1 {
		w.shop.noteCallback(callbackAway, false) // would fail: nobody hears the state
	}
	w.shop.noteCallback(callbackAnswers, false)
	w.shop.noteCallback(callbackAway, false)
	if w.shop.silent != 1 {
		t.Errorf("%d silent calls in a row", w.shop.silent)
	}
}

func TestAnotherFaultOfACallbackIsNews(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct {
		how  verdict
		news bool
	}{
		{callbackAnswers, false}, {callbackGone, true}, {callbackGone, false}, {callbackForbids, true}, {callbackForbids, false}, {callbackAway, true}, {callbackAnswers, true},
	} {
		if got := w.shop.isNews(w.shop.stateOf(step.how)); got != step.news {
			t.Errorf("verdict %d is news: %v", step.how, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, " 5 ": 5 * time.Second, "-5": 0, "soon": 0, "99999999999999999999": 0, "86400": mostPatient,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q is %s", header, got)
		}
	}
}

func TestAFaultOfTheSystemIsTriedOftenButNotForEver(t *testing.T) {
	if got := tries(fmt.Errorf("x: %w", &refusal{status: 500})); got != faultTries {
		t.Errorf("%d tries", got)
	}
	for _, err := range []error{errors.New("x"), &refusal{status: 429}} {
		if got := tries(err); got != 0 {
			t.Errorf("%v is tried %d times", err, got)
		}
	}
}
