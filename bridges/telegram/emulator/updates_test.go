package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"puente/bridges/telegram/emulator"
)

// texts are the texts of the messages in a batch of updates.
func texts(batch any) string {
	var out []string
	for _, u := range batch.([]any) {
		out = append(out, fmt.Sprint(at(u, "message", "text")))
	}
	return strings.Join(out, " ")
}

func (w *world) say(words ...string) {
	w.t.Helper()
	for _, word := range words {
		w.id(w.chat.SendText(word))
	}
}

func TestOffsetConfirms(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.say("a", "b", "c", "d")
	batch := w.result("getUpdates", object{})
	w.want(texts(batch), "a b c d")
	w.want(texts(w.result("getUpdates", object{})), "a b c d") // nothing was confirmed
	second := int64(at(batch, 1, "update_id").(float64))
	w.want(texts(w.result("getUpdates", object{"offset": second, "limit": 2})), "b c")
	w.want(texts(w.result("getUpdates", object{"offset": 0})), "b c d")
	w.want(texts(w.result("getUpdates", object{"offset": -1})), "d")
	w.want(w.e.Waiting(botID), 1)
}

func TestLongPollWaits(t *testing.T) {
	w := newWorld(t, nil).withAna()
	answer := make(chan object)
	poll := func() {
		before := w.clock.Waiting()
		go func() { answer <- w.call("getUpdates", object{"timeout": 3000, "offset": w.after + 1}) }()
		w.until(func() bool { return w.clock.Waiting() > before })
	}
	poll()
	w.say("now")
	w.want(texts((<-answer)["result"]), "now")

	w.updates()
	poll()
	w.clock.Advance(51 * time.Second) // more than 50 are never waited
	w.want(texts((<-answer)["result"]), "")
}

func TestTwoPollers(t *testing.T) {
	w := newWorld(t, nil).withAna()
	first := make(chan object)
	go func() { first <- w.call("getUpdates", object{"timeout": 30, "offset": w.after + 1}) }()
	w.until(func() bool { return w.clock.Waiting() > 0 })
	w.want(texts(w.result("getUpdates", object{"offset": w.after + 1})), "")
	got := <-first
	w.want(got["error_code"], 409)
	w.want(got["description"], "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
}

func TestOldUpdatesAreDropped(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.say("old")
	w.clock.Advance(20 * time.Hour)
	w.say("new")
	w.clock.Advance(5 * time.Hour)
	w.want(texts(w.result("getUpdates", object{})), "new")
}

func TestOldMessagesNeverArrive(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.id(w.chat.SendText("yesterday", emulator.SentAt(w.clock.Now().Add(-25*time.Hour))))
	w.id(w.chat.SendText("today"))
	w.want(w.update("message")["text"], "today")
}

func TestAllowedUpdatesStick(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.result("getUpdates", object{"allowed_updates": []string{"edited_message"}})
	w.say("unseen")
	w.want(len(w.updates()), 0)
	w.result("getUpdates", object{"allowed_updates": []string{}})
	w.say("seen")
	w.want(len(w.updates()), 1)
}

func TestUpdatesGoWrong(t *testing.T) {
	t.Run("LostAnswerIsRepeated", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.say("a")
		w.e.CutAnswers(1)
		r, err := w.http.Post(w.base+"/bot"+token+"/getUpdates?offset="+fmt.Sprint(w.after+1), "", nil)
		if err == nil {
			_ = r.Body.Close()
			t.Error("the answer was not lost")
		}
		w.want(texts(w.result("getUpdates", object{})), "a")
	})
	t.Run("ReleasedInReverse", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.Hold()
		w.say("a", "b")
		w.want(len(w.updates()), 0)
		w.e.Release(true)
		w.want(texts(w.result("getUpdates", object{})), "b a")
	})
	t.Run("DeliveredAgain", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.say("a", "b")
		w.updates()
		w.ok(w.e.Redeliver(botID, 1))
		w.want(texts(w.result("getUpdates", object{"offset": w.after + 1})), "b")
		w.want(texts(w.result("getUpdates", object{"offset": w.after + 1})), "")
	})
	t.Run("EachTwice", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Duplicate = true })
		w.withAna()
		w.say("a")
		var seen []string
		for _, u := range w.updates() {
			seen = append(seen, fmt.Sprint(at(u, "message", "text")))
		}
		w.want(strings.Join(seen, " "), "a a")
	})
	t.Run("Late", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Latency = emulator.Latency{Min: time.Minute, Max: time.Minute} })
		c, err := w.e.AddCustomer(emulator.Customer{FirstName: "Ana"})
		w.ok(err)
		w.chat, err = w.e.Chat(c.ID, 0)
		w.ok(err)
		w.say("a")
		w.want(texts(w.result("getUpdates", object{})), "")
		w.clock.Advance(time.Minute)
		w.want(texts(w.result("getUpdates", object{})), "a")
	})
	t.Run("MadeByHand", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.ok(w.e.Inject(botID, "channel_surprise", object{"x": 1}))
		raw := w.call("getUpdates", object{"offset": w.after + 1, "limit": 1})
		w.want(at(raw, "result", 0, "channel_surprise", "x"), 1)
	})
}

// TestLibraryPolls lets the client library's own loop fetch and decode an update of every shape that it knows.
func TestLibraryPolls(t *testing.T) {
	w := newWorld(t, func(o *emulator.Options) { o.Clock = nil }).withAna()
	got := make(chan string, 10)
	b, err := bot.New(token, bot.WithServerURL(w.base), bot.WithHTTPClient(10*time.Second, w.http),
		bot.WithDefaultHandler(func(_ context.Context, _ *bot.Bot, u *models.Update) {
			if u.Message != nil {
				got <- u.Message.Text
			}
		}))
	w.ok(err)
	ctx, stop := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() { b.Start(ctx); close(done) }()
	w.say("hello library")
	w.want(<-got, "hello library")
	stop()
	<-done
}

func TestWaysToCall(t *testing.T) {
	w := newWorld(t, nil).withAna()
	for name, kind := range map[string]string{
		`{"chat_id":%d,"text":"x","entities":[{"type":"bold","offset":0,"length":1}]}`:                           "application/json",
		`chat_id=%d&text=x&entities=%%5B%%7B%%22type%%22:%%22bold%%22,%%22offset%%22:0,%%22length%%22:1%%7D%%5D`: "application/x-www-form-urlencoded",
	} {
		out := w.post(token, "SENDmessage", kind, strings.NewReader(fmt.Sprintf(name, w.ana)))
		w.want(at(out, "result", "entities", 0, "type"), "bold")
	}
	r, err := w.http.Get(fmt.Sprintf("%s/bot%s/sendMessage?chat_id=%d&text=by+GET", w.base, token, w.ana))
	w.ok(err)
	defer r.Body.Close()
	w.want(r.StatusCode, http.StatusOK)
	last, _ := w.chat.View().Last()
	w.want(last.Text, "by GET")
}

func TestWrongCalls(t *testing.T) {
	w := newWorld(t, nil).withAna()
	out := w.callAs("110201543:nonsense-token", "getMe", nil)
	w.want(out["error_code"], 401)
	w.want(out["description"], "Unauthorized")
	w.refused("sendMessages", nil, "Not Found: method not found")
	w.refused("sendMessage", object{"text": "x"}, "Bad Request: chat_id is empty")
	w.refused("sendMessage", object{"chat_id": w.ana}, "Bad Request: message text is empty")
	w.refused("sendPhoto", object{"chat_id": w.ana}, "Bad Request: there is no photo in the request")
	w.refused("sendMessage", object{"chat_id": 1, "text": "x"}, "Bad Request: chat not found")
	w.refused("sendMessage", object{"chat_id": w.ana, "text": "x", "entities": "[}"}, "Bad Request: can't parse entities")
	w.refused("sendMessage", object{"chat_id": w.ana, "text": "x", "parse_mode": "HTML"}, "Bad Request: unsupported parse_mode")
	w.want(w.e.UnknownFields()["method sendmessages"], 1)
	w.result("sendMessage", object{
		"chat_id": w.ana, "text": "x", "color": "red", "reply_parameters": object{"message_id": 1, "loud": true},
	})
	w.want(w.e.UnknownFields()["sendMessage.color"], 1)
	w.want(w.e.UnknownFields()["sendMessage.reply_parameters.loud"], 1)
}

func TestGetMe(t *testing.T) {
	w := newWorld(t, nil)
	me, err := w.bot.GetMe(w.ctx)
	w.ok(err)
	w.want(me.ID, botID)
	w.want(me.Username, "lucky_shrub_bot")
	w.want(me.CanConnectToBusiness, true)
	raw, err := json.Marshal(w.callAs(otherToken, "getMe", nil)["result"])
	w.ok(err)
	w.want(strings.Contains(string(raw), `"can_read_all_group_messages":true`), true)
}

func TestCommandsOfABot(t *testing.T) {
	w := newWorld(t, nil)
	w.result("setMyCommands", object{"commands": []object{{"command": "help", "description": "What I can do"}}})
	w.want(at(w.result("getMyCommands", nil), 0, "command"), "help")
	w.result("deleteMyCommands", nil)
	w.want(len(w.result("getMyCommands", nil).([]any)), 0)
}

func TestAnotherBot(t *testing.T) {
	w := newWorld(t, nil)
	w.ok(w.e.AddBot(emulator.Bot{Token: "110201545:AAHdqTcvCH1vGW", Username: "third_bot", Name: "Third"}))
	w.want(w.callAs("110201545:AAHdqTcvCH1vGW", "getMe", nil)["ok"], true)
	if w.e.AddBot(emulator.Bot{Token: token, Username: "again_bot", Name: "Again"}) == nil {
		t.Error("a bot was added twice")
	}
}

func TestLogOut(t *testing.T) {
	w := newWorld(t, nil)
	w.result("logOut", nil)
	w.refused("getMe", nil, "Bad Request: logged out")
	w.clock.Advance(10 * time.Minute)
	w.result("getMe", nil)
}
