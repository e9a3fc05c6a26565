package emulator_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"puente/bridges/whatsapp/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secret = "app secret"
	token  = "EAAtoken"
	waba   = "102290129340398"
	plain  = "106540352242922" // phone number ID of an ordinary number
	coex   = "106540352242923" // of one in coexistence
	ana    = "US.13491208655302741918"
)

type object = map[string]any

// world is an emulator, the callback that it delivers to, and a client of its Graph API.
type world struct {
	t    *testing.T
	ctx  context.Context
	e    *emulator.Emulator
	base string

	mu           sync.Mutex
	posts        []post
	callbackBase string
	status       []int // what the next posts are answered with; then 200
	news         chan struct{}
}

// post is one delivered webhook.
type post struct {
	raw       []byte
	signature string
	body      object
}

func newWorld(t *testing.T, change func(*emulator.Options)) *world {
	t.Helper()
	w := &world{t: t, news: make(chan struct{}, 10000)}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	w.ctx = ctx
	callback := httptest.NewServer(http.HandlerFunc(w.callback))
	w.callbackBase = callback.URL
	opt := emulator.Options{
		AppSecret: secret, VerifyToken: "verify", AccessToken: token, WABAID: waba, CallbackURL: callback.URL + "/hook",
		Numbers: []emulator.Number{
			{PhoneNumberID: plain, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Lucky Shrub"},
			{PhoneNumberID: coex, DisplayPhoneNumber: "+1 555-078-3882", VerifiedName: "Lucky Shrub Shop", Coexistence: true},
		},
		RetryMin: time.Millisecond, RetryMax: 2 * time.Millisecond,
	}
	if change != nil {
		change(&opt)
	}
	w.e = emulator.New(opt)
	base, err := w.e.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.base = base
	t.Cleanup(func() {
		w.e.Stop()
		callback.Close()
		cancel()
		http.DefaultClient.CloseIdleConnections()
	})
	return w
}

// withAna adds a customer with an open window at both numbers and drops the webhooks of that.
func (w *world) withAna() *world {
	w.t.Helper()
	w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana Ñandú 🌱"})
	w.must(w.chat(ana, plain).SendText("hello"))
	w.must(w.chat(ana, coex).SendText("hello"))
	w.settle()
	return w
}

func (w *world) customer(c emulator.Customer) emulator.Customer {
	w.t.Helper()
	added, err := w.e.AddCustomer(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

// opened adds a customer whose number ends as given and who has just written.
func (w *world) opened(ending string) string {
	w.t.Helper()
	c := w.customer(emulator.Customer{WaID: "1650556" + ending, Name: "Customer " + ending})
	w.must(w.chat(c.UserID, plain).SendText("hello"))
	w.settle()
	return c.WaID
}

func (w *world) chat(userID, pnid string) *emulator.Chat {
	w.t.Helper()
	c, err := w.e.Chat(userID, pnid)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) must(id string, err error) string {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// settle waits until all webhooks are delivered and forgets them.
func (w *world) settle() []post {
	w.t.Helper()
	w.ok(w.e.WaitDelivered(w.ctx))
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.posts
	w.posts = nil
	return got
}

// values returns the values of all changes of a field in the webhooks so far.
func (w *world) values(field string) []object {
	w.t.Helper()
	var out []object
	for _, p := range w.settle() {
		for _, entry := range list(p.body, "entry") {
			for _, change := range list(entry, "changes") {
				if change["field"] == field {
					out = append(out, change["value"].(object))
				}
			}
		}
	}
	return out
}

// message returns the one message that came in.
func (w *world) message() (message, value object) {
	w.t.Helper()
	values := w.values("messages")
	if len(values) != 1 || len(list(values[0], "messages")) != 1 {
		w.t.Fatalf("want one message, got %v", values)
	}
	return list(values[0], "messages")[0], values[0]
}

// statuses returns all statuses so far, in order.
func (w *world) statuses() []object {
	w.t.Helper()
	var out []object
	for _, v := range w.values("messages") {
		out = append(out, list(v, "statuses")...)
	}
	return out
}

func names(statuses []object) string {
	var out []string
	for _, s := range statuses {
		out = append(out, s["status"].(string))
	}
	return strings.Join(out, " ")
}

func list(o object, key string) []object {
	var out []object
	items, _ := o[key].([]any)
	for _, item := range items {
		out = append(out, item.(object))
	}
	return out
}

// at walks objects and arrays: at(v, "errors", 0, "code").
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(object)
			v = o[step]
		case int:
			a, _ := v.([]any)
			if step >= len(a) {
				return nil
			}
			v = a[step]
		}
	}
	return v
}

func (w *world) want(got, want any) {
	w.t.Helper()
	if n, ok := got.(float64); ok && n == float64(int(n)) {
		got = int(n) // a JSON number
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("got %v, want %v", got, want)
	}
}

func (w *world) callback(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		if q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != "verify" {
			rw.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(rw, q.Get("hub.challenge"))
		return
	}
	raw, _ := io.ReadAll(r.Body)
	p := post{raw: raw, signature: r.Header.Get("X-Hub-Signature-256")}
	_ = json.Unmarshal(raw, &p.body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.posts = append(w.posts, p)
	select {
	case w.news <- struct{}{}:
	default:
	}
	if len(w.status) > 0 {
		rw.WriteHeader(w.status[0])
		w.status = w.status[1:]
	}
}

func (p post) signedWith(key string) bool {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(p.raw)
	return p.signature == "sha256="+hex.EncodeToString(mac.Sum(nil))
}

// call makes a Graph call; body may be nil, an object or a reader.
func (w *world) call(method, path string, body any) (int, object) {
	w.t.Helper()
	status, answer, err := w.try(method, path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return status, answer
}

func (w *world) try(method, path string, body any) (int, object, error) {
	w.t.Helper()
	raw, err := json.Marshal(body)
	w.ok(err)
	req, err := http.NewRequestWithContext(w.ctx, method, w.base+"/v25.0/"+path, bytes.NewReader(raw))
	w.ok(err)
	if body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	return w.do(req)
}

func (w *world) do(req *http.Request) (int, object, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("call: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer object
	if err = json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return res.StatusCode, nil, fmt.Errorf("answer: %w", err)
	}
	return res.StatusCode, answer, nil
}

// send sends a message of a type and returns its ID.
func (w *world) send(to, kind string, content any, more ...object) string {
	w.t.Helper()
	status, answer := w.call(http.MethodPost, plain+"/messages", outgoing(to, kind, content, more...))
	id, _ := at(answer, "messages", 0, "id").(string)
	if status != http.StatusOK || id == "" {
		w.t.Fatalf("send %s: %d %v", kind, status, answer)
	}
	return id
}

func outgoing(to, kind string, content any, more ...object) object {
	body := object{"messaging_product": "whatsapp", "to": to, "type": kind, kind: content}
	for _, m := range more {
		for key, v := range m {
			body[key] = v
		}
	}
	return body
}

// refused sends a body and returns HTTP status, code and details.
func (w *world) refused(body object) (int, int, string) {
	w.t.Helper()
	status, answer := w.call(http.MethodPost, plain+"/messages", body)
	code, _ := at(answer, "error", "code").(float64)
	details, _ := at(answer, "error", "error_data", "details").(string)
	return status, int(code), details
}

// upload uploads a file and returns the HTTP status and the answer.
func (w *world) upload(mimeType string, data []byte, form ...string) (int, object) {
	w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	if len(form) == 0 {
		form = []string{"messaging_product", "whatsapp", "type", mimeType}
	}
	for i := 0; i+1 < len(form); i += 2 {
		w.ok(m.WriteField(form[i], form[i+1]))
	}
	part, err := m.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="file.bin"`}, "Content-Type": {mimeType},
	})
	w.ok(err)
	_, err = part.Write(data)
	w.ok(err)
	w.ok(m.Close())
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.base+"/v25.0/"+plain+"/media", &body)
	w.ok(err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", m.FormDataContentType())
	status, answer, err := w.do(req)
	w.ok(err)
	return status, answer
}

// uploaded uploads a file that must be taken.
func (w *world) uploaded(mimeType string, data []byte) string {
	w.t.Helper()
	status, answer := w.upload(mimeType, data)
	if status != http.StatusOK {
		w.t.Fatalf("upload %s: %d %v", mimeType, status, answer)
	}
	return answer["id"].(string)
}

// get fetches a URL with or without the token.
func (w *world) get(url string, withToken bool) (int, []byte, http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, url, nil)
	w.ok(err)
	if withToken {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	w.ok(err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	w.ok(err)
	return res.StatusCode, raw, res.Header
}

// shown waits until a message is on a customer's phone.
func (w *world) shown(userID, wamid string) emulator.Message {
	w.t.Helper()
	p, err := w.e.Wait(w.ctx, userID, func(p emulator.Phone) bool { _, ok := p.Message(wamid); return ok })
	w.ok(err)
	m, _ := p.Message(wamid)
	return m
}

// Files that begin as their type must.
func png() []byte  { return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...) }
func jpeg() []byte { return append([]byte("\xff\xd8\xff\xe0"), make([]byte, 64)...) }
func mp4() []byte  { return append([]byte("\x00\x00\x00\x18ftypisom"), make([]byte, 64)...) }
func opus() []byte {
	return append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"), append(make([]byte, 14), "OpusHead\x01\x01"...)...)
}
func webp(animated bool) []byte {
	data := append([]byte("RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00"), make([]byte, 40)...)
	if animated {
		data[20] = 0x02
	}
	return data
}
