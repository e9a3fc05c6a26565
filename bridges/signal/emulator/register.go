package emulator

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"
)

// voiceWait is how long after the SMS a call can be asked for. ref: reference/signal-cli.md §3, register
const voiceWait = time.Minute

// pinTries is how often a wrong PIN can be tried.
const pinTries = 10

// registration is a number that is being registered.
type registration struct {
	sms     time.Time
	captcha bool
	tries   int // of the PIN
}

const captchaText = "Captcha required for verification, use --captcha CAPTCHA\n" +
	"To get the token, go to https://signalcaptchas.org/registration/generate.html\n" +
	"After solving the captcha, right-click on the \"Open Signal\" link and copy the link."

// doRegister asks Signal to send a code. ref: reference/signal-cli.md §3, register
func doRegister(c *call, _ *business, p params) (any, error) {
	e := c.e
	number := p.textOr("account")
	voice := p.flag("voice")
	captcha := p.text("captcha")
	r := e.registering[number]
	if r == nil {
		r = &registration{}
		e.registering[number] = r
	}
	now := e.clock.Now()
	switch {
	case strings.HasSuffix(number, "0429"):
		return nil, rpcError{Code: codeLimited, Message: "Rate limit reached"}
	case captcha != nil && !goodCaptcha(*captcha):
		return nil, userError("Invalid captcha given.")
	case captcha == nil && !r.captcha && !e.opt.RegisterFreely:
		return nil, userError(captchaText)
	case voice && (r.sms.IsZero() || now.Sub(r.sms) < voiceWait):
		return nil, userError("Failed to register: Verification method not available: " +
			"Before requesting voice verification you need to request SMS verification and wait a minute.")
	}
	r.captcha = true
	if !voice {
		r.sms = now
	}
	return nil, nil
}

// VerificationCode is what the SMS to a number that is being registered says; "" if none was sent.
func (e *Emulator) VerificationCode(number string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.registering[number]; r == nil || r.sms.IsZero() {
		return ""
	}
	return codeOf(number)
}

func codeOf(number string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(number))
	return fmt.Sprintf("%06d", h.Sum32()%1_000_000)
}

// doVerify ends a registration with the code, and with the PIN if the number is locked by one.
func doVerify(c *call, _ *business, p params) (any, error) {
	e := c.e
	number := p.textOr("account")
	code := p.textOr("verificationCode")
	pin := p.text("pin")
	r := e.registering[number]
	if r == nil || r.sms.IsZero() || strings.ReplaceAll(code, "-", "") != codeOf(number) {
		return nil, rpcError{Code: codeIO, Message: "Verify error: StatusCode: 403 (Wrong verification code)"}
	}
	b := e.st.account(number)
	if b != nil && b.PIN != "" {
		switch {
		case pin == nil:
			return nil, userError("Verification failed! This number is locked with a pin. Hours remaining until reset: 167\n" +
				"Use '--pin PIN_CODE' to specify the registration lock PIN")
		case *pin != b.PIN:
			r.tries++
			return nil, userError(fmt.Sprintf("Verification failed! Invalid pin, tries remaining: %d", max(0, pinTries-r.tries)))
		}
	}
	delete(e.registering, number)
	if b == nil {
		b = e.newBusiness(Account{Number: number})
		e.st.Accounts = append(e.st.Accounts, b)
	}
	// Whoever registers a number owns it: a phone with it is logged out, and so are its devices.
	b.HasPhone, b.Registered, b.Devices, b.NextDevice = false, true, nil, 2
	e.putOnDaemon(b, "")
	return nil, nil
}

// SetPIN locks a number's registration with a PIN, as its owner may have done; empty: no lock.
func (e *Emulator) SetPIN(number, pin string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.st.account(number)
	if b == nil {
		b = e.newBusiness(Account{Number: number})
		e.st.Accounts = append(e.st.Accounts, b)
	}
	b.PIN = pin
}

func doUnregister(c *call, b *business, p params) (any, error) {
	remove := p.flag("deleteAccount")
	c.e.takeOff(b)
	b.Registered = !remove
	return nil, nil
}

// doDeleteLocal forgets an account that the daemon is no longer a device of. Here nothing is left to forget but what
// it knew of others.
func doDeleteLocal(c *call, _ *business, p params) (any, error) {
	number := p.textOr("account")
	force := p.flag("ignoreRegistered")
	b := c.e.st.account(number)
	if b == nil {
		return nil, nil
	}
	if b.OnDaemon && !force {
		return nil, userError("Not deleting account, it is still registered. Use --ignore-registered to delete it anyway.")
	}
	if b.OnDaemon {
		c.e.takeOff(b)
	}
	b.Known = map[string]*relation{}
	return nil, nil
}
