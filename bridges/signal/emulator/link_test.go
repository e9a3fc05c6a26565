package emulator_test

import (
	"strings"
	"testing"
	"time"

	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
)

const branch = "+4940123456" // an account that is only on a phone

func TestLink(t *testing.T) {
	manual := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	w := newWorld(t, func(o *emulator.Options) {
		o.Clock = manual
		o.Phones = []emulator.Account{{Number: branch, Name: "Branch"}}
	})
	code := func() string {
		t.Helper()
		uri := w.c.ok("startLink", nil).(object)["deviceLinkUri"].(string)
		if !strings.HasPrefix(uri, "sgnl://linkdevice?uuid=") || !strings.Contains(uri, "&pub_key=") {
			t.Fatalf("the code is %q", uri)
		}
		return uri
	}
	errorOf := func(answer object) object {
		problem, _ := answer["error"].(object)
		return problem
	}

	t.Run("ScanEndsFinishLink", func(t *testing.T) {
		uri := code()
		equal(t, "codes", w.e.LinkCodes(), []string{uri})
		waiting := w.c.start("finishLink", object{"deviceLinkUri": uri, "deviceName": "Puente"})
		w.c.ok("listAccounts", nil) // others are answered meanwhile
		if len(waiting) != 0 {
			t.Fatal("finishLink did not wait")
		}
		if err := w.e.Scan(uri, "+4999999999"); err == nil {
			t.Error("nobody's phone scanned the code")
		}
		w.okay(w.e.Scan(uri, branch))
		equal(t, "result", (<-waiting)["result"], object{"number": branch})
		equal(t, "accounts", w.c.ok("listAccounts", nil), []object{{"number": shop}, {"number": branch}})
		devices := w.c.ok("listDevices", object{"account": branch}).([]any)
		has(t, "device", devices[1].(object), object{"id": 2, "name": "Puente"})
		w.c.fail(-1, "finishLink", object{"deviceLinkUri": uri})
	})
	t.Run("LinkedAccountIsNotLinkedAgain", func(t *testing.T) {
		uri := code()
		w.okay(w.e.Scan(uri, branch)) // also before finishLink
		problem := w.c.fail(-1, "finishLink", object{"deviceLinkUri": uri})
		if !strings.Contains(problem["message"].(string), "already exists") {
			t.Errorf("the error is %v", problem)
		}
	})
	t.Run("CodeExpires", func(t *testing.T) {
		uri := code()
		waiting := w.c.start("finishLink", object{"deviceLinkUri": uri})
		for manual.Waiting() == 0 {
			w.c.ok("version", nil)
		}
		manual.Advance(time.Minute)
		problem := errorOf(<-waiting)
		has(t, "error", problem, object{"code": -1, "message": "Link request timed out, please try again."})
		if err := w.e.Scan(uri, branch); err == nil {
			t.Error("an old code was scanned")
		}
		w.c.fail(-1, "finishLink", object{"deviceLinkUri": "sgnl://linkdevice?uuid=x"})
		w.c.fail(-1, "finishLink", nil)
	})
	t.Run("UnlinkedPhoneCanBeLinkedAgain", func(t *testing.T) {
		w.okay(w.e.Unlink(branch))
		uri := code()
		w.okay(w.e.Scan(uri, branch))
		w.c.ok("finishLink", object{"deviceLinkUri": uri})
		if !w.e.OnDaemon(branch) {
			t.Error("it is not on the daemon")
		}
	})
}

func TestRegister(t *testing.T) {
	const number = "+4950123456"
	manual := clock.NewManual(time.UnixMilli(1_700_000_000_000))
	w := newWorld(t, func(o *emulator.Options) { o.Clock = manual })
	captcha := "signalcaptcha://signal-hcaptcha.solved"

	t.Run("NeedsACaptchaAndTheCode", func(t *testing.T) {
		problem := w.c.fail(-1, "register", object{"account": number})
		if !strings.Contains(problem["message"].(string), "https://signalcaptchas.org/registration/generate.html") {
			t.Errorf("the error is %v", problem)
		}
		w.c.fail(-1, "register", object{"account": number, "captcha": "signalcaptcha://wrong"})
		w.c.fail(-3, "verify", object{"account": number, "verificationCode": "000000"})
		w.c.ok("register", object{"account": number, "captcha": captcha})
		w.c.fail(-3, "verify", object{"account": number, "verificationCode": "1"})
		w.c.ok("verify", object{"account": number, "verificationCode": w.e.VerificationCode(number)})
		equal(t, "accounts", w.c.ok("listAccounts", nil), []object{{"number": shop}, {"number": number}})
		w.c.ok("setPin", object{"account": number, "pin": "1234"})
		w.c.ok("removePin", object{"account": number})
	})
	t.Run("VoiceComesAfterAMinute", func(t *testing.T) {
		const other = "+4950123457"
		w.c.fail(-1, "register", object{"account": other, "captcha": captcha, "voice": true})
		w.c.ok("register", object{"account": other, "captcha": captcha})
		w.c.fail(-1, "register", object{"account": other, "captcha": captcha, "voice": true})
		manual.Advance(time.Minute)
		w.c.ok("register", object{"account": other, "captcha": captcha, "voice": true})
	})
	t.Run("PinLocks", func(t *testing.T) {
		const locked = "+4950123458"
		w.e.SetPIN(locked, "4321")
		w.c.ok("register", object{"account": locked, "captcha": captcha})
		verify := object{"account": locked, "verificationCode": w.e.VerificationCode(locked)}
		w.c.fail(-1, "verify", verify)
		verify["pin"] = "1111"
		problem := w.c.fail(-1, "verify", verify)
		if !strings.Contains(problem["message"].(string), "tries remaining: 9") {
			t.Errorf("the error is %v", problem)
		}
		verify["pin"] = "4321"
		w.c.ok("verify", verify)
	})
	t.Run("RateLimitedNumberAndMissingAccount", func(t *testing.T) {
		w.c.fail(-5, "register", object{"account": "+4950120429"})
		w.c.fail(-32602, "register", nil)
		w.c.fail(-32602, "verify", object{"account": "x"})
	})
	t.Run("RegisteringLogsThePhoneOut", func(t *testing.T) {
		w.c.ok("register", object{"account": shop, "captcha": captcha, "reregister": true})
		w.c.ok("verify", object{"account": shop, "verificationCode": w.e.VerificationCode(shop)})
		if w.e.Accounts()[0].Phone {
			t.Error("the phone still has the account")
		}
	})
	t.Run("UnregisterAndForget", func(t *testing.T) {
		w.c.fail(-1, "deleteLocalAccountData", object{"account": number})
		w.c.ok("unregister", object{"account": number})
		w.c.fail(-32602, "listContacts", object{"account": number})
		w.c.ok("deleteLocalAccountData", object{"account": number})
	})
	t.Run("FreelyNeedsNoCaptcha", func(t *testing.T) {
		free := newWorld(t, func(o *emulator.Options) { o.RegisterFreely = true })
		free.c.ok("register", object{"account": number})
	})
}
