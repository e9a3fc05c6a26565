package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

func (w *world) callbackURL() string {
	w.t.Helper()
	return w.callbackBase + "/hook"
}

func TestWebhookIsSignedOverEscapedBytes(t *testing.T) {
	w := newWorld(t, nil).withAna()
	w.must(w.chat(ana, plain).SendText("ñ 🌵 a/b <c>"))
	p := w.settle()[0]
	w.want(p.signedWith(secret), true)
	w.want(p.signedWith("other"), false)
	w.want(bytes.Contains(p.raw, []byte(`"\u00f1 \ud83c\udf35 a\/b <c>"`)), true)
	for _, b := range p.raw {
		if b > 127 {
			t.Fatal("the body has bytes beyond ASCII")
		}
	}
	w.want(at(p.body, "object"), "whatsapp_business_account")
	w.want(at(p.body, "entry", 0, "id"), waba)
	w.want(at(p.body, "entry", 0, "time"), nil)
}

func TestDelivery(t *testing.T) {
	text := func(w *world, texts ...string) {
		for _, s := range texts {
			w.must(w.chat(ana, plain).SendText(s))
		}
	}
	bodies := func(w *world) string {
		var out []string
		for _, v := range w.values("messages") {
			for _, m := range list(v, "messages") {
				out = append(out, at(m, "text", "body").(string))
			}
		}
		return strings.Join(out, " ")
	}
	t.Run("InOrder", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		text(w, "1", "2", "3")
		w.want(bodies(w), "1 2 3")
	})
	t.Run("AgainUntil200", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.answers(500, 401, 204)
		text(w, "1", "2")
		w.want(bodies(w), "1 1 1 1 2")
	})
	t.Run("Twice", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Duplicate = true }).withAna()
		text(w, "1", "2")
		w.want(bodies(w), "1 1 2 2")
	})
	t.Run("CutAnswerComesAgain", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.CutAnswers(1)
		text(w, "1", "2")
		w.want(bodies(w), "1 1 2")
	})
	t.Run("MessagesReversed", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Order = emulator.ReversedMessages }).withAna()
		w.e.Hold()
		text(w, "1", "2", "3")
		w.want(w.e.Waiting(), 3)
		w.e.Release()
		w.want(bodies(w), "3 2 1")
	})
	t.Run("StatusesReversed", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.Order, o.AutoRead = emulator.ReversedStatuses, true }).withAna()
		w.send("+16505551234", "text", object{"body": "x"})
		w.want(names(w.statuses()), "read delivered sent")
	})
	t.Run("BatchesShareValuesOfOneKind", func(t *testing.T) {
		w := newWorld(t, func(o *emulator.Options) { o.BatchSize = 1000 }).withAna()
		w.e.Hold()
		text(w, "1", "2")
		w.send("+16505551234", "text", object{"body": "x"})
		w.ok(w.chat(ana, plain).SetMarketing(true))
		w.must(w.chat(ana, coex).SendText("3"))
		w.e.Release()
		posts := w.settle()
		w.want(len(posts), 1)
		entries := list(posts[0].body, "entry")
		w.want(len(entries), 3)
		w.want(len(list(entries[0], "changes")), 2)
		w.want(len(at(entries[0], "changes", 0, "value", "messages").([]any)), 2)
		w.want(len(at(entries[0], "changes", 0, "value", "contacts").([]any)), 1)
		w.want(len(at(entries[0], "changes", 1, "value", "statuses").([]any)), 2)
		w.want(at(entries[1], "changes", 0, "field"), "user_preferences")
		w.want(at(entries[1], "time") != nil, true)
		w.want(at(entries[2], "changes", 0, "value", "metadata", "phone_number_id"), coex)
	})
	t.Run("OldOnesAreGivenUp", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) { o.Clock, o.RetryMin, o.RetryMax = c, time.Hour, time.Hour }).withAna()
		w.answers(500, 500)
		text(w, "1")
		<-w.news
		w.waiters(c, 1)
		c.Advance(8 * 24 * time.Hour)
		<-w.news
		w.waiters(c, 1)
		w.ok(w.e.WaitDelivered(w.ctx))
		w.want(w.e.Waiting(), 0)
		c.Advance(time.Hour)
	})
	t.Run("LatencyHoldsThemBack", func(t *testing.T) {
		c := clock.NewManual(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
		w := newWorld(t, func(o *emulator.Options) {
			o.Clock, o.Latency = c, emulator.Latency{Min: time.Minute, Max: 2 * time.Minute}
		})
		w.customer(emulator.Customer{UserID: ana, WaID: "16505551234", Name: "Ana"})
		text(w, "1")
		w.waiters(c, 1)
		w.want(w.e.Waiting(), 1)
		c.Advance(2 * time.Minute)
		w.want(bodies(w), "1")
	})
	t.Run("WaitsForACallback", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.SetCallback("")
		text(w, "1")
		w.want(w.e.Waiting(), 1)
		w.e.SetCallback(w.callbackURL())
		w.want(bodies(w), "1")
	})
	t.Run("RawAndForged", func(t *testing.T) {
		w := newWorld(t, nil)
		status, err := w.e.Raw(w.ctx, []byte(`{"broken`), true)
		w.ok(err)
		w.want(status, 200)
		_, err = w.e.Raw(w.ctx, []byte(`{}`), false)
		w.ok(err)
		_, err = w.e.RawSigned(w.ctx, []byte(`{}`), "sha256=00")
		w.ok(err)
		w.e.Enqueue("account_update", object{"event": "ACCOUNT_DELETED"})
		posts := w.settle()
		w.want(posts[0].signedWith(secret), true)
		w.want(posts[1].signature+posts[2].signature, "sha256=00")
		w.want(at(posts[3].body, "entry", 0, "changes", 0, "value", "event"), "ACCOUNT_DELETED")
	})
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	keep := func(o *emulator.Options) { o.DataDir = dir }
	w := newWorld(t, keep).withAna()
	voice := w.must(w.chat(ana, plain).SendVoice(emulator.File{Data: opus(), Mime: "audio/ogg; codecs=opus"}))
	answerID := w.send("+16505551234", "text", object{"body": "x"})
	w.settle()
	w.e.Hold()
	w.must(w.chat(ana, plain).SendText("not delivered yet"))
	w.e.Stop()

	w = newWorld(t, keep)
	m, _ := w.message()
	w.want(at(m, "text", "body"), "not delivered yet")
	w.want(len(w.e.Inbox(ana)), 5)
	w.want(w.shown(ana, answerID).Status, "delivered")
	file := w.shown(ana, voice).Media
	status, data, _ := w.get(w.base+"/phone/file/whatsapp?customer="+ana+"&file="+file.ID, false)
	w.want(status, 200)
	w.want(len(data), len(opus()))
	w.send("+16505551234", "text", object{"body": "the window is still open"})
}

func TestStart(t *testing.T) {
	t.Run("NamesWhatIsMissing", func(t *testing.T) {
		_, err := emulator.New(emulator.Options{AppSecret: "x", VerifyToken: "x", AccessToken: "x"}).Start(context.Background(), "")
		if !errors.Is(err, errs.ErrInvalid) || !strings.Contains(err.Error(), "WABAID") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("TwiceIsAConflictAndStopTwiceIsNot", func(t *testing.T) {
		w := newWorld(t, nil)
		_, err := w.e.Start(w.ctx, "")
		w.want(errors.Is(err, errs.ErrConflict), true)
		w.e.Stop()
		w.e.Stop()
		base, err := w.e.Start(w.ctx, "127.0.0.1:0")
		w.ok(err)
		status, _, _ := w.get(base+"/health", false)
		w.want(status, http.StatusOK)
	})
}

func (w *world) answers(status ...int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status = status
}

// waiters waits until the clock has n waiters or more.
func (w *world) waiters(c *clock.Manual, n int) {
	w.t.Helper()
	for c.Waiting() < n {
		if w.ctx.Err() != nil {
			w.t.Fatal("nobody waits on the clock")
		}
		time.Sleep(time.Millisecond)
	}
}
