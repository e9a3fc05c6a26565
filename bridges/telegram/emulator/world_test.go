package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"go.uber.org/goleak"

	"puente/bridges/telegram/emulator"
	"puente/core/base/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token      = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	botID      = int64(110201543)
	otherToken = "110201544:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	otherID    = int64(110201544)
)

type object = map[string]any

// world is an emulator, a client library that talks to it, and Ana, who has pressed Start.
type world struct {
	t     *testing.T
	ctx   context.Context
	e     *emulator.Emulator
	base  string
	clock *clock.Manual
	http  *http.Client
	bot   *bot.Bot
	ana   int64
	chat  *emulator.Chat
	after int64 // the last update_id seen
}

func newWorld(t *testing.T, change func(*emulator.Options)) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC))}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	w.ctx = ctx
	opt := emulator.Options{
		Bots: []emulator.Bot{
			{Token: token, Username: "lucky_shrub_bot", Name: "Lucky Shrub", Business: true},
			{Token: otherToken, Username: "other_bot", Name: "Other", ReadsAllGroupMessages: true},
		},
		Clock: w.clock, RetryMin: time.Millisecond, RetryMax: 2 * time.Millisecond,
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
	transport := &http.Transport{}
	w.http = &http.Client{Transport: &described{t: t, next: transport}}
	t.Cleanup(func() {
		w.e.Stop()
		transport.CloseIdleConnections()
		cancel()
	})
	w.bot, err = bot.New(token, bot.WithServerURL(base), bot.WithHTTPClient(time.Second, w.http), bot.WithSkipGetMe())
	w.ok(err)
	return w
}

// withAna adds Ana, who presses Start, and forgets the update of that.
func (w *world) withAna() *world {
	w.t.Helper()
	c, err := w.e.AddCustomer(emulator.Customer{FirstName: "Ana", LastName: "Ñandú 🌱", Username: "ana_nandu", Phone: "16505551234"})
	w.ok(err)
	w.ana = c.ID
	w.chat, err = w.e.Chat(c.ID, 0)
	w.ok(err)
	w.id(w.chat.Start(""))
	w.updates()
	return w
}

// person adds somebody, who presses Start; ending chooses the last digits of the ID.
func (w *world) person(name, ending string) *emulator.Chat {
	w.t.Helper()
	id := int64(0)
	if ending != "" {
		n, err := strconv.ParseInt("712345"+ending, 10, 64)
		w.ok(err)
		id = n
	}
	c, err := w.e.AddCustomer(emulator.Customer{FirstName: name, ID: id})
	w.ok(err)
	chat, err := w.e.Chat(c.ID, 0)
	w.ok(err)
	w.id(chat.Start(""))
	w.updates()
	return chat
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) id(id int64, err error) int64 {
	w.t.Helper()
	w.ok(err)
	return id
}

func (w *world) want(got, want any) {
	w.t.Helper()
	if fmt.Sprint(whole(got)) != fmt.Sprint(whole(want)) {
		w.t.Errorf("got %v, want %v", got, want)
	}
}

// whole makes a JSON number that is whole look like one.
func whole(v any) any {
	if n, ok := v.(float64); ok && n == float64(int64(n)) {
		return int64(n)
	}
	return v
}

// call calls a method with JSON and returns the whole answer.
func (w *world) call(method string, fields object) object {
	w.t.Helper()
	return w.callAs(token, method, fields)
}

func (w *world) callAs(token, method string, fields object) object {
	w.t.Helper()
	raw, err := json.Marshal(fields)
	w.ok(err)
	return w.post(token, method, "application/json", bytes.NewReader(raw))
}

func (w *world) post(token, method, kind string, body io.Reader) object {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.base+"/bot"+token+"/"+method, body)
	w.ok(err)
	r.Header.Set("Content-Type", kind)
	response, err := w.http.Do(r)
	w.ok(err)
	defer response.Body.Close()
	var out object
	w.ok(json.NewDecoder(response.Body).Decode(&out))
	if out["ok"] != true {
		w.want(out["error_code"], response.StatusCode)
	}
	return out
}

// result calls a method that must succeed.
func (w *world) result(method string, fields object) any {
	w.t.Helper()
	out := w.call(method, fields)
	if out["ok"] != true {
		w.t.Fatalf("%s: %v", method, out)
	}
	return out["result"]
}

// refused calls a method that must fail, with a description that begins as given.
func (w *world) refused(method string, fields object, begins string) object {
	w.t.Helper()
	out := w.call(method, fields)
	text, _ := out["description"].(string)
	if out["ok"] != false || !strings.HasPrefix(text, begins) {
		w.t.Errorf("%s: got %v, want %q", method, out, begins)
	}
	return out
}

// updates takes and confirms all that waits for the first bot.
func (w *world) updates() []object {
	w.t.Helper()
	var out []object
	for {
		batch, _ := w.result("getUpdates", object{"offset": w.after + 1}).([]any)
		if len(batch) == 0 {
			return out
		}
		for _, v := range batch {
			u := v.(object)
			w.after = int64(u["update_id"].(float64))
			out = append(out, u)
		}
	}
}

// update takes the one update that waits, which must be of a kind.
func (w *world) update(kind string) object {
	w.t.Helper()
	all := w.updates()
	if len(all) != 1 || all[0][kind] == nil {
		w.t.Fatalf("want one %s, got %v", kind, all)
	}
	return all[0][kind].(object)
}

// until waits for a fact.
func (w *world) until(fact func() bool) {
	w.t.Helper()
	for !fact() {
		select {
		case <-time.After(time.Millisecond):
		case <-w.ctx.Done():
			w.t.Fatal("waited in vain")
		}
	}
}

// at walks objects and arrays: at(v, "photo", 0, "file_id").
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

// download gets the bytes of a file.
func (w *world) download(fileID any) []byte {
	w.t.Helper()
	path := at(w.result("getFile", object{"file_id": fileID}), "file_path")
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.base+"/file/bot"+token+"/"+path.(string), nil)
	w.ok(err)
	response, err := w.http.Do(r)
	w.ok(err)
	defer response.Body.Close()
	w.want(response.StatusCode, 200)
	data, err := io.ReadAll(response.Body)
	w.ok(err)
	return data
}
