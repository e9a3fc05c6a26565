package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/webhook/emulator"
)

const (
	token  = "token-of-the-tests"
	secret = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0yNC1ieXRlcw=="
)

// puente is a Puente that takes whatever is posted.
type puente struct {
	*httptest.Server
	mu     sync.Mutex
	posts  [][]map[string]any
	status []int // what the next posts get
	files  int
}

func newPuente(t *testing.T) *puente {
	p := &puente{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *puente) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		w.WriteHeader(http.StatusUnauthorized)
	case strings.HasSuffix(r.URL.Path, "/uploads"):
		p.files++
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"upload_id":"upl_`+strconv.Itoa(p.files)+`"}`)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "an agent's file")
	case len(p.status) > 0:
		w.WriteHeader(p.status[0])
		p.status = p.status[1:]
	default:
		var events []map[string]any
		if json.Unmarshal(body, &events) != nil {
			events = []map[string]any{{}}
			_ = json.Unmarshal(body, &events[0])
		}
		p.posts = append(p.posts, events)
		w.WriteHeader(http.StatusAccepted)
	}
}

// got are all events that came, in their order.
func (p *puente) got() (all []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.posts {
		all = append(all, one...)
	}
	return all
}

// world is an emulator with a Puente that knows it.
type world struct {
	*testing.T
	ctx    context.Context
	puente *puente
	e      *emulator.Emulator
	base   string
}

func newWorld(t *testing.T, change func(*emulator.Options)) *world {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		goleak.VerifyNone(t, before)
	})
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	w := &world{T: t, ctx: ctx, puente: newPuente(t)}
	opt := emulator.Options{System: "shop", PuenteURL: w.puente.URL, Token: token, Secret: secret, RetryMin: time.Millisecond, RetryMax: time.Millisecond}
	if change != nil {
		change(&opt)
	}
	w.e = emulator.New(opt)
	base, err := w.e.Start(ctx, "127.0.0.1:0")
	w.must(err)
	w.base = base
	t.Cleanup(w.e.Stop)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) chat(id string) (*emulator.Chat, emulator.Customer) {
	w.Helper()
	who, err := w.e.AddCustomer(emulator.Customer{ID: id, Name: "Ana"})
	w.must(err)
	chat, err := w.e.Chat(who.ID, "")
	w.must(err)
	return chat, who
}

// calls sends a callback, signed with a secret, and returns the status; 0 if the connection was cut.
func (w *world) calls(key, id, body string) (int, string) {
	w.Helper()
	signer, err := standardwebhooks.NewWebhook(key)
	w.must(err)
	now := time.Now()
	signature, err := signer.Sign(id, now, []byte(body))
	w.must(err)
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.e.CallbackURL(), strings.NewReader(body))
	w.must(err)
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer)
}

func says(id, chatID, text string) string {
	return `{"id":"` + id + `","type":"message.created","conversation":{"id":"` + chatID + `"},"message":{"id":"` + id + `","text":"` + text + `"}}`
}

func TestACustomersDeedsArePosted(t *testing.T) {
	w := newWorld(t, nil)
	chat, ana := w.chat("")
	messageID, err := chat.Say("hello", "<b>hello</b>", "")
	w.must(err)
	_, err = chat.SendFiles("two", "", "", emulator.Upload{Kind: "image", Mime: "image/png", Data: []byte("1")}, emulator.Upload{Kind: "file", Mime: "text/plain", Name: "b.txt", Data: []byte("2")})
	w.must(err)
	w.must(chat.Edit(messageID, "hallo", ""))
	w.must(chat.React(messageID, "👍"))
	w.must(chat.Type(true))
	w.must(chat.Delete(messageID))
	w.must(w.e.WaitDelivered(w.ctx))
	var types []string
	for _, evt := range w.puente.got() {
		types = append(types, evt["type"].(string))
		if evt["conversation"].(map[string]any)["id"] != "con-"+ana.ID || evt["from"].(map[string]any)["name"] != "Ana" {
			t.Errorf("the event is %v", evt)
		}
	}
	if got := strings.Join(types, " "); got != "message.created message.created message.edited reaction.added typing message.deleted" {
		t.Errorf("posted: %s", got)
	}
	media := w.puente.got()[1]["message"].(map[string]any)["media"].([]any)
	byUpload, byURL := 0, 0
	for _, one := range media {
		if one.(map[string]any)["upload_id"] != nil {
			byUpload++
		} else if address, ok := one.(map[string]any)["url"].(string); ok && strings.HasPrefix(address, w.base+"/files/") {
			byURL++
		}
	}
	if byUpload != 1 || byURL != 1 {
		t.Errorf("the files came as %v", media)
	}
}

func TestWhatPuenteDoesNotTakeIsPostedAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.puente.status = []int{503, 401, 429}
	chat, _ := w.chat("")
	_, err := chat.Say("hello", "", "")
	w.must(err)
	w.must(w.e.WaitDelivered(w.ctx))
	if got := w.puente.got(); len(got) != 1 {
		t.Errorf("posted: %v", got)
	}
}

func TestDeliveryAtWill(t *testing.T) {
	w := newWorld(t, nil)
	chat, _ := w.chat("")
	w.e.Hold()
	for _, text := range []string{"1", "2", "3"} {
		_, err := chat.Say(text, "", "")
		w.must(err)
	}
	w.e.SetBatch(100, emulator.Reversed, true)
	w.e.Release()
	w.must(w.e.WaitDelivered(w.ctx))
	order := ""
	for _, evt := range w.puente.got() {
		order += evt["message"].(map[string]any)["text"].(string)
	}
	if order != "321321" {
		t.Errorf("posted in the order %s", order)
	}
}

func TestCallbacksAreVerifiedAndTakenOnce(t *testing.T) {
	w := newWorld(t, nil)
	_, ana := w.chat("")
	body := says("p1", "con-"+ana.ID, "hi")
	if status, _ := w.calls("whsec_"+strings.Repeat("QUFB", 8), "p1", body); status != http.StatusUnauthorized {
		t.Errorf("another secret is answered by %d", status)
	}
	if status, _ := w.calls(secret, "p2", body); status != http.StatusBadRequest {
		t.Errorf("another webhook-id is answered by %d", status)
	}
	_, first := w.calls(secret, "p1", body)
	status, second := w.calls(secret, "p1", body)
	if status != http.StatusOK || first != second || !strings.Contains(first, `"id":"msg-`) {
		t.Errorf("answered by %q, then by %d %q", first, status, second)
	}
	seen, err := w.e.Phone(ana.ID)
	w.must(err)
	if len(seen.Messages) != 1 || seen.Messages[0].Text != "hi" || !seen.Messages[0].FromBusiness || w.e.Repeats() != 1 {
		t.Errorf("the phone shows %+v, repeats %d", seen.Messages, w.e.Repeats())
	}
	w.must(w.e.WaitDelivered(w.ctx))
	if got := w.puente.got(); len(got) != 1 || got[0]["status"] != "delivered" {
		t.Errorf("reported: %v", got)
	}
}

func TestFailuresAtWill(t *testing.T) {
	for ending, want := range map[string][]int{
		"0400": {400, 400}, "0410": {410, 410}, "0429": {429, 200, 200}, "0500": {500, 500}, "0501": {500, 200}, "0408": {0, 200}, "7000": {200},
	} {
		t.Run(ending, func(t *testing.T) {
			w := newWorld(t, nil)
			_, ana := w.chat("user-" + ending)
			for try, status := range want {
				if got, _ := w.calls(secret, "p1", says("p1", "con-"+ana.ID, "hi")); got != status {
					t.Errorf("try %d: %d", try, got)
				}
			}
		})
	}
	t.Run("Next", func(t *testing.T) {
		w := newWorld(t, nil)
		w.e.FailNext(1, 503)
		for _, want := range []int{503, 204} {
			if got, _ := w.calls(secret, "p", `{"id":"p","type":"ping"}`); got != want {
				t.Errorf("answered %d, not %d", got, want)
			}
		}
		w.e.Revoke(true)
		if got, _ := w.calls(secret, "p", `{"id":"p","type":"ping"}`); got != http.StatusGone {
			t.Errorf("revoked: %d", got)
		}
	})
}

func TestARestartKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, func(o *emulator.Options) { o.DataDir = dir })
	chat, ana := w.chat("")
	w.calls(secret, "p1", says("p1", "con-"+ana.ID, "hi"))
	w.must(w.e.WaitDelivered(w.ctx))
	w.e.Hold()
	_, err := chat.Say("waiting", "", "")
	w.must(err)
	w.e.Stop()
	before := len(w.puente.got())
	w.e = emulator.New(emulator.Options{System: "shop", PuenteURL: w.puente.URL, DataDir: dir, Token: token, Secret: secret})
	_, err = w.e.Start(w.ctx, "127.0.0.1:0")
	w.must(err)
	t.Cleanup(w.e.Stop)
	w.must(w.e.WaitDelivered(w.ctx))
	if got := w.puente.got(); len(got) <= before || got[len(got)-1]["message"].(map[string]any)["text"] != "waiting" {
		t.Errorf("posted: %v", got)
	}
	w.calls(secret, "p1", says("p1", "con-"+ana.ID, "hi"))
	seen, err := w.e.Phone(ana.ID)
	w.must(err)
	if len(seen.Messages) != 2 || w.e.Repeats() != 1 {
		t.Errorf("the phone shows %+v, repeats %d", seen.Messages, w.e.Repeats())
	}
}

func TestThePhonePage(t *testing.T) {
	w := newWorld(t, nil)
	page := w.e.Phones()
	if _, err := page.AddCustomer(w.ctx, "Ana", "no spaces"); err == nil {
		t.Error("an ID with a space was taken")
	}
	ana, err := page.AddCustomer(w.ctx, "Ana", "ana-1")
	w.must(err)
	chats, err := page.Chats(ana.ID)
	w.must(err)
	chatID := chats[0].ID
	place := &phone.Place{Latitude: 1, Longitude: 2, Name: "Here"}
	w.calls(secret, "p1", says("p1", chatID, "a <script>alert(1)</script>"))
	messages, err := page.Messages(ana.ID, chatID)
	w.must(err)
	first := messages[0].ID
	for _, offer := range page.Gestures() {
		gesture := phone.Gesture{Kind: offer.Kind, Text: "👍", Place: place, On: true}
		switch offer.Kind {
		case phone.React, phone.Unreact:
			gesture.Message = first
		case phone.Edit, phone.Delete, phone.Press:
			continue
		}
		if err = page.Do(w.ctx, ana.ID, chatID, gesture); err != nil {
			t.Errorf("%s: %v", offer.Kind, err)
		}
	}
	messages, err = page.Messages(ana.ID, chatID)
	w.must(err)
	files := 0
	for _, m := range messages {
		if m.File == nil {
			continue
		}
		files++
		content, about, err := page.Open(ana.ID, m.File.ID)
		w.must(err)
		data, err := io.ReadAll(content)
		if err != nil || int64(len(data)) != about.Size || bytes.Equal(data, nil) {
			t.Errorf("the file is %d bytes of %d, %v", len(data), about.Size, err)
		}
	}
	if files != 3 {
		t.Errorf("%d files are shown", files)
	}
	if err = page.Do(w.ctx, ana.ID, chatID, phone.Gesture{Kind: phone.Edit, Message: first, Text: "x"}); err == nil {
		t.Error("a customer changed the business's message")
	}
	if err = page.Do(w.ctx, ana.ID, chatID, phone.Gesture{Kind: phone.Call}); err == nil {
		t.Error("the widget can call")
	}
}
