package signal_test

import (
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/testkit/person"
)

func TestACaptchaLetsMessagesGoOn(t *testing.T) {
	w := build(t, func(_ *signal.Config, o *emulator.Options) { o.RateLimitFailures, o.RetryAfter = -1, time.Second })
	w.connect()
	eva := w.magic("Eva", "0429")
	room := eva.opens()
	mark := w.alice.Mark()
	w.alice.say(room, "wait for it")
	told := w.alice.notice(w.alice.operatorsRoom(), mark, "signal captcha ")
	_, rest, _ := strings.Cut(told, "signal captcha ")
	token, _, _ := strings.Cut(rest, " ")
	w.alice.asks(w.front, "signal captcha "+token+" signalcaptcha://wrong", "does not take it")
	w.alice.asks(w.front, "signal captcha "+token+" signalcaptcha://solved", "takes the proof")
	eva.gets("wait for it")
}

func TestMessagesWaitWhileTheDaemonIsAway(t *testing.T) {
	w := build(t)
	w.connect()
	ana := w.customer("Ana")
	room := ana.opens()
	w.emulator.Stop()
	sent := w.alice.say(room, "meanwhile")
	w.alice.sees("that it waits", 0, person.Status(sent, event.MessageStatusPending))
	ana.says("from ana meanwhile")
	_, err := w.emulator.Start(w.ctx, w.config.Daemon)
	w.must(err)
	ana.gets("meanwhile")
	w.alice.text("from ana meanwhile")
}
