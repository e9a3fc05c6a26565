package emulator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"puente/bridges/telegram/emulator"
)

// hook is a server that webhooks come to.
type hook struct {
	mu     sync.Mutex
	got    []object
	secret []string
	answer func(u object) (status int, retryAfter string) // nil: 200
	news   chan struct{}
}

func (w *world) withHook(fields object) *hook {
	w.t.Helper()
	h := &hook{news: make(chan struct{}, 1000)}
	server := httptest.NewServer(http.HandlerFunc(h.serve))
	w.t.Cleanup(server.Close)
	given := object{"url": server.URL + "/hook", "secret_token": "s3cret"}
	for name, v := range fields {
		given[name] = v
	}
	w.result("setWebhook", given)
	return h
}

func (h *hook) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var u object
	_ = json.Unmarshal(raw, &u)
	h.mu.Lock()
	h.got = append(h.got, u)
	h.secret = append(h.secret, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
	answer := h.answer
	h.mu.Unlock()
	status, retryAfter := http.StatusOK, ""
	if answer != nil {
		status, retryAfter = answer(u)
	}
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	h.news <- struct{}{}
}

// wait returns all that came once there are n.
func (h *hook) wait(ctx context.Context, t *testing.T, n int) []object {
	t.Helper()
	for {
		h.mu.Lock()
		got := append([]object(nil), h.got...)
		h.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-h.news:
		case <-ctx.Done():
			t.Fatalf("%d updates came, want %d", len(got), n)
		}
	}
}

func loose(o *emulator.Options) { o.AnyWebhook, o.Clock = true, nil }

func TestWebhook(t *testing.T) {
	w := newWorld(t, loose).withAna()
	h := w.withHook(nil)
	w.say("a", "b")
	got := h.wait(w.ctx, t, 2)
	w.want(at(got[0], "message", "text"), "a")
	w.want(at(got[1], "message", "text"), "b")
	w.want(h.secret[0], "s3cret")
	out := w.call("getUpdates", nil)
	w.want(out["error_code"], 409)
	info := w.result("getWebhookInfo", nil)
	w.want(at(info, "max_connections"), 40)
	w.result("deleteWebhook", nil)
	w.want(at(w.result("getWebhookInfo", nil), "url"), "")
	w.result("getUpdates", nil)
}

func TestWebhookRetries(t *testing.T) {
	w := newWorld(t, loose).withAna()
	bea := w.person("Bea", "")
	h := w.withHook(nil)
	failures := 3
	h.mu.Lock()
	h.answer = func(u object) (int, string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if failures > 0 && at(u, "message", "text") == "a" {
			failures--
			return http.StatusInternalServerError, ""
		}
		return http.StatusNoContent, ""
	}
	h.mu.Unlock()
	w.say("a", "b")
	w.id(bea.SendText("from Bea"))
	var order []string
	for _, u := range h.wait(w.ctx, t, 6) {
		if at(u, "message", "from", "id") == float64(w.ana) {
			order = append(order, at(u, "message", "text").(string))
		}
	}
	w.want(strings.Join(order, " "), "a a a a b") // of one chat in order
	w.until(func() bool { return w.e.Waiting(botID) == 0 })
	w.want(at(w.result("getWebhookInfo", nil), "last_error_message"), "wrong response from the webhook: 500 Internal Server Error")
}

func TestWebhookIsLost(t *testing.T) {
	w := newWorld(t, loose).withAna()
	h := w.withHook(nil)
	w.e.CutAnswers(1)
	w.say("a")
	got := h.wait(w.ctx, t, 2)
	w.want(got[0]["update_id"], got[1]["update_id"])
}

func TestWebhookComesTwice(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { loose(o); o.Duplicate = true })
	h := w.withHook(nil)
	c, err := w.e.AddCustomer(emulator.Customer{FirstName: "Ana"})
	w.ok(err)
	w.chat, err = w.e.Chat(c.ID, 0)
	w.ok(err)
	w.say("a")
	got := h.wait(w.ctx, t, 2)
	w.want(got[0]["update_id"], got[1]["update_id"])
}

func TestWebhookWaitsAsTold(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.AnyWebhook = true }).withAna() // the clock is moved by hand
	h := w.withHook(nil)
	h.mu.Lock()
	h.answer = func(object) (int, string) { return http.StatusTooManyRequests, "60" }
	h.mu.Unlock()
	w.say("a")
	h.wait(w.ctx, t, 1)
	w.until(w.failedNow)
	h.mu.Lock()
	h.answer = nil
	h.mu.Unlock()
	w.clock.Advance(time.Minute)
	h.wait(w.ctx, t, 2)
}

func TestWebhookThatIsGoneIsSwitchedOff(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.AnyWebhook = true }).withAna()
	h := w.withHook(nil)
	h.mu.Lock()
	h.answer = func(object) (int, string) { return http.StatusGone, "3600" }
	h.mu.Unlock()
	w.say("a")
	for i := range 25 {
		h.wait(w.ctx, t, i+1)
		w.until(func() bool { return w.address() == "" || w.failedNow() })
		if w.address() == "" {
			w.want(i > 22, true)
			return
		}
		w.clock.Advance(time.Hour)
	}
	t.Error("25 hours of 410 did not switch the webhook off")
}

// failedNow tells whether the server has noted a failure of the webhook since the clock was moved.
func (w *world) failedNow() bool {
	return at(w.result("getWebhookInfo", nil), "last_error_date") == float64(w.clock.Now().Unix())
}

func (w *world) address() string { return at(w.result("getWebhookInfo", nil), "url").(string) }

func TestWebhookAddress(t *testing.T) {
	w := newWorld(t, nil)
	for address, why := range map[string]string{
		"http://example.com/":        "Bad Request: bad webhook: An HTTPS URL must be provided",
		"https://example.com:8080/x": "Bad Request: bad webhook: Webhook can be set up only on ports",
		"nonsense":                   "Bad Request: invalid webhook URL specified",
	} {
		w.refused("setWebhook", object{"url": address}, why)
	}
	w.refused("setWebhook", object{"url": "https://example.com", "secret_token": "no spaces"}, "Bad Request: secret token contains")
	w.result("setWebhook", object{"url": "https://example.com:8443/x", "max_connections": 1000})
	w.want(at(w.result("getWebhookInfo", nil), "max_connections"), 100)
}
