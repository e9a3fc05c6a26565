package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/rs/zerolog"

	"puente/bridges/telegram/emulator"
)

// try sends a text to somebody and returns the HTTP status, or 0 if there was no answer, and the answer.
func (w *world) try(to int64, text string) (int, object) {
	w.t.Helper()
	raw, err := json.Marshal(object{"chat_id": to, "text": text})
	w.ok(err)
	r, err := w.http.Post(w.base+"/bot"+token+"/sendMessage", "application/json", bytes.NewReader(raw))
	if err != nil {
		return 0, nil
	}
	defer r.Body.Close()
	var out object
	if json.NewDecoder(r.Body).Decode(&out) != nil {
		return r.StatusCode, nil
	}
	return r.StatusCode, out
}

func TestMagicNumbers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	for ending, test := range map[string]struct {
		first, second int
		says          string
		arrives       int // how many of the two
	}{
		"0400": {400, 400, "Bad Request: chat not found", 0},
		"0401": {401, 401, "Unauthorized", 0},
		"0403": {403, 403, "Forbidden: bot was blocked by the user", 0},
		"0404": {200, 200, "", 0},
		"0408": {0, 0, "", 2},
		"0429": {429, 200, "Too Many Requests: retry after 1", 1},
		"0500": {500, 500, "Internal Server Error", 0},
		"0501": {500, 200, "Internal Server Error", 1},
	} {
		t.Run(ending, func(t *testing.T) {
			w.t = t
			chat := w.person("C"+ending, ending)
			before := len(chat.View().Messages)
			status, out := w.try(chat.UserID(), "hello")
			w.want(status, test.first)
			if test.says != "" {
				w.want(out["description"], test.says)
			}
			if test.first == http.StatusTooManyRequests {
				w.want(at(out, "parameters", "retry_after"), 1)
			}
			status, _ = w.try(chat.UserID(), "hello")
			w.want(status, test.second)
			w.want(len(chat.View().Messages)-before, test.arrives)
		})
	}
	listed := 0
	for range emulator.MagicNumbers() {
		listed++
	}
	w.want(listed, 8)
}

func TestMagicUsername(t *testing.T) {
	w := newWorld(t, nil)
	c, err := w.e.AddCustomer(emulator.Customer{FirstName: "Late", Username: "late_0429"})
	w.ok(err)
	w.want(strings.HasSuffix(fmt.Sprint(c.ID), "0429"), true)
}

func TestFailNext(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.e.FailNext(1, emulator.Fault{Code: 429, RetryAfter: 7 * time.Second})
	_, out := w.try(w.ana, "a")
	w.want(at(out, "parameters", "retry_after"), 7)
	w.e.FailNext(1, emulator.Fault{Code: 502})
	status, out := w.try(w.ana, "b")
	w.want(status, 502)
	w.want(out == nil, true)
	w.e.FailNext(1, emulator.Fault{CutBefore: true})
	status, _ = w.try(w.ana, "c")
	w.want(status, 0)
	w.e.FailNext(1, emulator.Fault{Method: "getUpdates", Code: 500})
	status, _ = w.try(w.ana, "d")
	w.want(status, 200)
	w.want(w.call("getUpdates", nil)["error_code"], 500)
	w.e.FailNext(1, emulator.Fault{Method: "sendMessage", Code: 400, Description: "group chat was upgraded to a supergroup chat", MigrateTo: -1001})
	_, err := w.bot.SendMessage(w.ctx, &bot.SendMessageParams{ChatID: w.ana, Text: "e"})
	migrated := &bot.MigrateError{}
	w.want(bot.IsTooManyRequestsError(err), false)
	if !asMigrate(err, &migrated) || migrated.MigrateToChatID != -1001 {
		t.Errorf("got %v", err)
	}
	last, _ := w.chat.View().Last()
	w.want(last.Text, "d")

	slow := make(chan object)
	w.e.FailNext(1, emulator.Fault{Delay: time.Minute})
	go func() { slow <- w.call("sendMessage", object{"chat_id": w.ana, "text": "f"}) }()
	w.until(func() bool { return w.clock.Waiting() > 0 })
	w.clock.Advance(time.Minute)
	w.want((<-slow)["ok"], true)

	id := w.fileID("a.txt", []byte("x"))
	path := at(w.result("getFile", object{"file_id": id}), "file_path").(string)
	w.e.FailNext(1, emulator.Fault{Method: "download", Code: 500})
	r, err := w.http.Get(w.base + "/file/bot" + token + "/" + path)
	w.ok(err)
	defer r.Body.Close()
	w.want(r.StatusCode, 500)
}

func asMigrate(err error, into **bot.MigrateError) bool {
	m, ok := err.(*bot.MigrateError) //nolint:errorlint // the library wraps it in nothing
	*into = m
	return ok
}

func TestRevokedToken(t *testing.T) {
	w := newWorld(t, nil).withAna()
	waiting := make(chan object)
	go func() { waiting <- w.call("getUpdates", object{"timeout": 30, "offset": w.after + 1}) }()
	w.until(func() bool { return w.clock.Waiting() > 0 })
	w.ok(w.e.RevokeToken(botID))
	w.want((<-waiting)["error_code"], 401)
	w.want(w.call("getMe", nil)["error_code"], 401)
	w.ok(w.e.SetBot(emulator.Bot{Token: "110201543:new-secret-of-the-bot", Username: "lucky_shrub_bot", Name: "Lucky Shrub"}))
	w.want(w.callAs("110201543:new-secret-of-the-bot", "getMe", nil)["ok"], true)
}

func TestNothingSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(o *emulator.Options) {
		o.Log = zerolog.New(zerolog.SyncWriter(&log)).Level(zerolog.TraceLevel)
		o.AnyWebhook = true
	}).withAna()
	w.id(w.chat.SendText("incoming secret"))
	w.id(w.chat.ShareContact())
	w.result("sendMessage", object{"chat_id": w.ana, "text": "outgoing secret"})
	w.refused("sendMessage", object{"chat_id": 1, "text": "refused secret"}, "Bad Request")
	w.result("setWebhook", object{"url": "http://127.0.0.1:1/webhook-secret"})
	w.until(func() bool { return at(w.result("getWebhookInfo", nil), "last_error_message") != nil })
	w.e.Stop()
	w.want(strings.Contains(log.String(), "sendMessage"), true) // there is a log
	for _, secret := range []string{"secret", token, token[10:], "16505551234"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, func(o *emulator.Options) { o.DataDir = dir }).withAna()
	w.say("kept")
	id := w.fileID("a.txt", []byte("the file"))
	bea := w.person("Bea", "")
	sent := w.result("sendPoll", object{"chat_id": bea.UserID(), "question": "?", "options": []object{{"text": "a"}}, "is_anonymous": false})
	w.result("sendMessage", object{"chat_id": w.ana, "text": "Sure?", "reply_markup": buttons()})
	w.say("waiting")
	w.e.Stop()

	again := newWorld(t, func(o *emulator.Options) { o.DataDir = dir })
	again.after = w.after
	again.want(at(again.updates()[0], "message", "text"), "waiting")
	again.want(string(again.download(id)), "the file")
	chat, err := again.e.Chat(bea.UserID(), 0)
	again.ok(err)
	again.ok(chat.Vote(int64(at(sent, "message_id").(float64)), 0))
	again.updates()
	chat, err = again.e.Chat(w.ana, 0)
	again.ok(err)
	asked := chat.View().Messages
	_, err = chat.Press(asked[len(asked)-2].ID, "Yes")
	again.ok(err)
	again.want(at(again.update("callback_query"), "message", "text"), "Sure?")
	again.e.Stop()
	files, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	again.ok(err)
	again.want(len(files), 0)
}

func TestBadOptions(t *testing.T) {
	good := emulator.Bot{Token: token, Username: "a_bot", Name: "A"}
	for name, opt := range map[string]emulator.Options{
		"NoBot":    {},
		"NoID":     {Bots: []emulator.Bot{{Token: "secret-only", Username: "a_bot", Name: "A"}}},
		"Twice":    {Bots: []emulator.Bot{good, good}},
		"Backward": {Bots: []emulator.Bot{good}, Latency: emulator.Latency{Min: 2, Max: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := emulator.New(opt).Start(t.Context(), ""); err == nil {
				t.Error("taken")
			}
		})
	}
}
