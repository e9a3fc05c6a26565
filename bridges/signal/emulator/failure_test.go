package emulator_test

import (
	"strings"
	"testing"
	"time"

	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
)

// results returns the results that an error carries.
func results(problem object) []object {
	return list(problem["data"].(object)["response"], "results")
}

func TestMagicNumbers(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	w := newWorld(t, func(o *emulator.Options) { o.Clock, o.RetryAfter = manual, 90*time.Second })
	try := func(c emulator.Customer, text string) object {
		return w.c.call("send", object{"account": shop, "recipient": c.ACI, "message": text})
	}
	problem := func(c emulator.Customer, text string, code int) object {
		t.Helper()
		return w.c.fail(code, "send", object{"account": shop, "recipient": c.ACI, "message": text})
	}

	t.Run("0404IsUnregistered", func(t *testing.T) {
		c := w.magic("0404")
		got := problem(c, "hi", -1)
		has(t, "error", got, object{"message": "Failed to send message"})
		has(t, "result", results(got)[0], object{"type": "UNREGISTERED_FAILURE"})
		status := w.c.ok("getUserStatus", object{"account": shop, "recipient": c.Number})
		equal(t, "status", status, []object{{"recipient": c.Number, "number": c.Number, "uuid": nil, "isRegistered": false}})
	})
	t.Run("0409IsUntrustedUntilTrust", func(t *testing.T) {
		c := w.magic("0409")
		got := problem(c, "hi", -4)
		has(t, "result", results(got)[0], object{"type": "IDENTITY_FAILURE"})
		w.c.ok("trust", object{"account": shop, "recipient": c.ACI, "trustAllKnownKeys": true})
		w.c.ok("send", object{"account": shop, "recipient": c.ACI, "message": "hi"})
	})
	t.Run("0413IsLimitedUntilTheTimeIsOver", func(t *testing.T) {
		c := w.magic("0413")
		got := problem(c, "hi", -5)
		has(t, "result", results(got)[0], object{"type": "RATE_LIMIT_FAILURE", "retryAfterSeconds": 90})
		absent(t, "result", results(got)[0], "token")
		manual.Advance(30 * time.Second)
		has(t, "result", results(problem(c, "hi", -5))[0], object{"retryAfterSeconds": 60})
		manual.Advance(60 * time.Second)
		w.c.ok("send", object{"account": shop, "recipient": c.ACI, "message": "hi"})
	})
	t.Run("0429AsksForACaptchaOnce", func(t *testing.T) {
		c := w.magic("0429")
		got := results(problem(c, "hi", -5))[0]
		token, _ := got["token"].(string)
		if token == "" {
			t.Fatalf("no token: %v", got)
		}
		w.c.fail(-6, "submitRateLimitChallenge", object{"account": shop, "challenge": token, "captcha": "no captcha"})
		w.c.fail(-3, "submitRateLimitChallenge", object{"account": shop, "challenge": "other", "captcha": "signalcaptcha://solved"})
		w.c.ok("submitRateLimitChallenge", object{"account": shop, "challenge": token, "captcha": "signalcaptcha://solved"})
		w.c.ok("send", object{"account": shop, "recipient": c.ACI, "message": "hi"})
		w.c.ok("send", object{"account": shop, "recipient": c.ACI, "message": "the limit is lifted"})
	})
	t.Run("0429CanInsistOnTheChallenge", func(t *testing.T) {
		strict := newWorld(t, func(o *emulator.Options) { o.RateLimitFailures = -1 })
		c := strict.magic("0429")
		send := object{"account": shop, "recipient": c.ACI, "message": "hi"}
		strict.c.fail(-5, "send", send)
		token := results(strict.c.fail(-5, "send", send))[0]["token"]
		strict.c.ok("submitRateLimitChallenge", object{"account": shop, "challenge": token, "captcha": "signalcaptcha://solved"})
		strict.c.ok("send", send)
	})
	t.Run("TypingAndReceiptsAreNotTouched", func(t *testing.T) {
		c := w.magic("00500")
		w.c.ok("sendTyping", object{"account": shop, "recipient": c.ACI})
		w.c.ok("sendReceipt", object{"account": shop, "recipient": c.ACI, "targetTimestamp": 1})
	})
	t.Run("0500And0501And0503FailAlwaysOrOnce", func(t *testing.T) {
		always, once, lost := w.magic("0500"), w.magic("0501"), w.magic("0503")
		problem(always, "hi", -3)
		problem(always, "hi", -3)
		problem(once, "hi", -3)
		w.c.ok("send", object{"account": shop, "recipient": once.ACI, "message": "hi"})
		has(t, "result", results(problem(lost, "hi", -1))[0], object{"type": "NETWORK_FAILURE"})
		w.c.ok("send", object{"account": shop, "recipient": lost.ACI, "message": "hi"})
		if texts := w.now(once.ACI).Texts(shopACI); len(texts) != 1 {
			t.Errorf("%d messages arrived", len(texts))
		}
	})
	t.Run("0400AnswersNonsense", func(t *testing.T) {
		c := w.magic("0400")
		w.c.start("send", object{"account": shop, "recipient": c.ACI, "message": "hi"})
		if line := w.c.line(); !strings.HasPrefix(line, "<html>") {
			t.Errorf("%q came", line)
		}
		if texts := w.now(c.ACI).Texts(shopACI); len(texts) != 0 {
			t.Error("it was sent all the same")
		}
	})
	t.Run("0408IsSentAndCut", func(t *testing.T) {
		c := w.magic("0408")
		if answer := try(c, "hi"); answer != nil {
			t.Fatalf("an answer came: %v", answer)
		}
		<-w.c.gone
		w.c = w.dial()
		w.subscribe()
		receipt, envelope := w.c.next("receiptMessage")
		for envelope["sourceUuid"] != c.ACI { // those of the tests before
			receipt, envelope = w.c.next("receiptMessage")
		}
		m, _ := w.now(c.ACI).Last()
		has(t, "receipt", receipt, object{"isDelivery": true, "isRead": false, "isViewed": false, "timestamps": []int64{m.Timestamp}})
	})
	t.Run("NobodyIsAnUnregisteredResult", func(t *testing.T) {
		got := w.c.fail(-1, "send", object{"account": shop, "recipient": []string{"+4915100000000"}, "message": "hi"})
		equal(t, "result", results(got)[0], object{
			"recipientAddress": object{"uuid": nil, "number": "+4915100000000", "username": nil}, "type": "UNREGISTERED_FAILURE",
		})
		w.c.fail(-1, "updateContact", object{"account": shop, "recipient": "+4915100000000", "name": "x"})
	})
}

func TestFailuresAtWill(t *testing.T) {
	t.Run("NextCallsFailWithACode", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.FailNext("send", 2, -3)
		params := object{"account": shop, "recipient": ana, "message": "x"}
		w.c.ok("listGroups", object{"account": shop})
		w.c.fail(-3, "send", params)
		w.c.fail(-3, "send", params)
		w.c.ok("send", params)
		w.e.FailNext("", 1, -32603)
		w.c.fail(-32603, "version", nil)
	})
	t.Run("ResultsCanBeChosen", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		for kind, code := range map[string]int{
			emulator.NoNetwork: -1, emulator.BadPreKey: -1, emulator.NotTrusted: -4, emulator.RateLimited: -5, emulator.NotRegistered: -1,
		} {
			w.e.FailNextWith("send", 1, emulator.Failure{Result: kind})
			got := w.c.fail(code, "send", object{"account": shop, "recipient": ana, "message": "x"})
			has(t, "result", results(got)[0], object{"type": kind})
		}
	})
	t.Run("ConnectionBreaksBeforeOrAfter", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		for _, f := range []emulator.Failure{{Cut: true}, {CutAfter: true}} {
			w.e.FailNextWith("send", 1, f)
			if answer := w.c.call("send", object{"account": shop, "recipient": ana, "message": "cut"}); answer != nil {
				t.Fatalf("an answer came: %v", answer)
			}
			w.c = w.dial()
		}
		if texts := w.now(ana).Texts(shopACI); len(texts) != 2 {
			t.Errorf("texts are %v, want the welcome and one", texts)
		}
	})
	t.Run("AnswerNeverComes", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.e.FailNextWith("send", 1, emulator.Failure{Silent: true})
		silent := w.c.start("send", object{"account": shop, "recipient": ana, "message": "unanswered"})
		w.phone(ana, func(p emulator.Phone) bool { return len(p.Texts(shopACI)) == 2 })
		w.c.ok("version", nil)
		if len(silent) != 0 {
			t.Error("an answer came")
		}
	})
	t.Run("OverlappingSendsAreCounted", func(t *testing.T) {
		manual := clock.NewManual(time.UnixMilli(1_700_000_000_000))
		w := newWorld(t, func(o *emulator.Options) {
			o.Clock, o.AnswerLatency = manual, emulator.Latency{Min: time.Second, Max: time.Second}
		})
		w.customer(emulator.Customer{ACI: ana, Name: "Ana"})
		first := w.c.start("send", object{"account": shop, "recipient": ana, "message": "1"})
		second := w.c.start("send", object{"account": shop, "recipient": ana, "message": "2"})
		if _, err := w.e.WaitDaemon(w.ctx, func(d emulator.Daemon) bool { return d.Overlaps == 1 }); err != nil {
			t.Fatal(err)
		}
		w.phone(ana, func(p emulator.Phone) bool { return len(p.Texts(shopACI)) == 2 })
		for len(first)+len(second) < 2 {
			manual.Advance(time.Second)
		}
	})
	t.Run("UnlinkedAccountIsGone", func(t *testing.T) {
		w := newWorld(t, nil).withAna()
		w.okay(w.e.Unlink(shop))
		equal(t, "accounts", w.c.ok("listAccounts", nil), []object{})
		w.c.fail(-32602, "send", object{"account": shop, "recipient": ana, "message": "x"})
		if w.e.OnDaemon(shop) {
			t.Error("it is still on the daemon")
		}
	})
}

func TestIdentity(t *testing.T) {
	w := newWorld(t, nil).withAna()
	list := func() object {
		return w.c.ok("listIdentities", object{"account": shop, "number": ana}).([]any)[0].(object)
	}
	old := list()
	has(t, "identity", old, object{"uuid": ana, "number": nil, "trustLevel": "TRUSTED_UNVERIFIED"})

	t.Run("WritingBeforeTrustIsAnExceptionAndComesAfterIt", func(t *testing.T) {
		w.okay(w.e.Reinstall(ana))
		ref := w.must(w.chat(ana).SendText("new phone"))
		note := w.c.note()["result"].(object)
		has(t, "exception", note["exception"].(object), object{"type": "UntrustedIdentityException"})
		envelope := note["envelope"].(object)
		has(t, "envelope", envelope, object{"sourceUuid": ana, "timestamp": ref.Timestamp})
		absent(t, "envelope", envelope, "dataMessage")
		w.c.fail(-4, "send", object{"account": shop, "recipient": ana, "message": "who are you?"})
		now := list()
		has(t, "identity", now, object{"trustLevel": "UNTRUSTED"})
		if now["safetyNumber"] == old["safetyNumber"] || now["safetyNumber"] != w.e.SafetyNumber(ana, shop) {
			t.Error("the safety number is the old one, or not the one on the phones")
		}

		w.c.fail(-1, "trust", object{"account": shop, "recipient": ana})
		w.c.fail(-1, "trust", object{"account": shop, "recipient": ana, "verifiedSafetyNumber": "123"})
		w.c.fail(-1, "trust", object{"account": shop, "recipient": ana, "verifiedSafetyNumber": old["safetyNumber"]})
		w.c.ok("trust", object{"account": shop, "recipient": ana, "verifiedSafetyNumber": now["safetyNumber"]})
		has(t, "identity", list(), object{"trustLevel": "TRUSTED_VERIFIED"})
		data, again := w.c.next("dataMessage")
		has(t, "data", data, object{"message": "new phone"})
		has(t, "envelope", again, object{"timestamp": ref.Timestamp})
		w.c.ok("send", object{"account": shop, "recipient": ana, "message": "welcome back"})
	})
	t.Run("AlwaysTrustsSilently", func(t *testing.T) {
		lax := newWorld(t, func(o *emulator.Options) { o.TrustNewIdentities = emulator.TrustAlways }).withAna()
		lax.okay(lax.e.Reinstall(ana))
		lax.c.ok("send", object{"account": shop, "recipient": ana, "message": "hi"})
	})
}
