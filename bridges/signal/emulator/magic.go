package emulator

import (
	"strings"
	"time"

	"puente/bridges/bridgekit/emulation"
)

// Magic is one ending of a customer's phone number that makes sending to them fail in a given way.
type Magic = emulation.Magic

// MagicNumbers lists the endings that choose a failure, so that a person or a test meets each failure at will. They
// work on what makes or changes a message, not on typing and receipts. "Once" is counted per message: by its method
// and parameters.
func MagicNumbers() []Magic {
	return []Magic{
		{Digits: "0400", Effect: "the answer is no JSON, and nothing was sent"},
		{Digits: "0404", Effect: "UNREGISTERED_FAILURE: not on Signal (any more)"},
		{Digits: "0408", Effect: "sent, but the connection is cut before the answer; receipts come"},
		{Digits: "0409", Effect: "IDENTITY_FAILURE from the first message on, until trust"},
		{Digits: "0413", Effect: "RATE_LIMIT_FAILURE until retryAfterSeconds have passed"},
		{Digits: "0429", Effect: "RATE_LIMIT_FAILURE with a challenge's token, once per message (or Options.RateLimitFailures)"},
		{Digits: "0500", Effect: "error -3 (I/O), always"},
		{Digits: "0501", Effect: "error -3 (I/O), once per message"},
		{Digits: "0503", Effect: "NETWORK_FAILURE, once per message"},
	}
}

// magicOf returns the ending of a number if it is one of MagicNumbers, or "".
func magicOf(number string) string { return emulation.MagicOf(number, MagicNumbers()) }

// magic tells how sending to a customer with a magic number ends; in a group only what concerns one recipient counts.
func (c *call) magic(b *business, p *party, inGroup bool) (outcome, error) {
	ending := magicOf(p.number)
	if ending == "" || c.method == "sendTyping" || c.method == "sendReceipt" {
		return outcome{kind: Success}, nil
	}
	switch ending {
	case "0404":
		return outcome{kind: NotRegistered}, nil
	case "0409":
		if !p.person.Switched {
			c.e.trusted(b, p) // the old key is known
			p.person.Switched = true
			p.person.Version++
		}
	case "0413":
		if left := c.limitedFor(p); left > 0 {
			return outcome{kind: RateLimited, retry: c.e.retrySeconds(left)}, nil
		}
	case "0429":
		return c.challenged(p), nil
	case "0503":
		if c.again(1, p) {
			return outcome{kind: NoNetwork}, nil
		}
	}
	if inGroup {
		return outcome{kind: Success}, nil
	}
	return outcome{kind: Success}, c.wholeCall(ending, p)
}

// wholeCall does what magic does to a request as a whole.
func (c *call) wholeCall(ending string, p *party) error {
	switch ending {
	case "0500":
		return ioError()
	case "0501":
		if c.again(1, p) {
			return ioError()
		}
	case "0400":
		c.nonsense = true
	case "0408":
		c.cut = true
	}
	return nil
}

func ioError() error {
	return rpcError{Code: codeIO, Message: "Failed to send message: Connection reset (IOException)"}
}

// again tells for the first times tries of one message that they fail.
func (c *call) again(times int, p *party) bool {
	key := p.aci + " " + c.key
	if c.e.hits[key] >= times {
		return false
	}
	c.e.hits[key]++
	return true
}

// limitedFor tells how long a message is still refused since its first try.
func (c *call) limitedFor(p *party) time.Duration {
	key := p.aci + " " + c.key
	now := c.e.clock.Now()
	if c.e.magicHit[key].IsZero() {
		c.e.magicHit[key] = now
	}
	return c.e.magicHit[key].Add(c.e.opt.RetryAfter).Sub(now)
}

// challenged is the outcome of a message to somebody behind a challenge.
func (c *call) challenged(p *party) outcome {
	e := c.e
	refused := e.opt.RateLimitFailures < 0 || c.again(e.opt.RateLimitFailures, p)
	if !refused || e.solved[p.aci] {
		return outcome{kind: Success}
	}
	token := newUUID()
	e.challenges[token] = p.aci
	return outcome{kind: RateLimited, token: token, retry: e.retrySeconds(e.opt.RetryAfter)}
}

// retrySeconds rounds up, as the daemon does.
func (e *Emulator) retrySeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

func doChallenge(c *call, _ *business, p params) (any, error) {
	token := p.textOr("challenge")
	captcha := p.textOr("captcha")
	aci, known := c.e.challenges[token]
	if !goodCaptcha(captcha) {
		return nil, rpcError{Code: codeCaptcha,
			Message: "Captcha rejected, it may be outdated, already used or solved from a different IP address."}
	}
	if !known {
		return nil, rpcError{Code: codeIO, Message: "Submit challenge error: StatusCode: 400"}
	}
	delete(c.e.challenges, token)
	c.e.solved[aci] = true
	return nil, nil
}

// goodCaptcha tells whether a captcha's link counts as solved: it has the right form, and does not say "wrong".
func goodCaptcha(s string) bool {
	return strings.HasPrefix(s, "signalcaptcha://") && len(s) > len("signalcaptcha://") && !strings.Contains(s, "wrong")
}
