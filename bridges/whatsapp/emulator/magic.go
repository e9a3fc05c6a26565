package emulator

import (
	"hash/fnv"
	"strconv"

	"puente/bridges/bridgekit/emulation"
)

// Magic is one ending of a customer's phone number (wa_id) that makes sending to them fail in a given way.
type Magic = emulation.Magic

// MagicNumbers lists the endings that choose a failure, so that a person or a test meets each failure at will.
// "Once" is counted per message: by its biz_opaque_callback_data, or else by its body.
func MagicNumbers() []Magic {
	return []Magic{
		{Digits: "0026", Effect: "taken, then a failed status with 131026: undeliverable"},
		{Digits: "0056", Effect: "131056 once per message: too many messages to one customer"},
		{Digits: "0131", Effect: "templates are refused with 132015: paused"},
		{Digits: "0190", Effect: "HTTP 401 with code 190: the token is no longer valid"},
		{Digits: "0408", Effect: "taken, but the connection is cut before the answer; the statuses come"},
		{Digits: "0429", Effect: "130429 once per message (or Options.RateLimitFailures times): too fast"},
		{Digits: "0470", Effect: "131047: the 24-hour window is closed, whatever the customer wrote"},
		{Digits: "0471", Effect: "the same, as a failed status after acceptance"},
		{Digits: "0500", Effect: "HTTP 500 with code 131000, always"},
		{Digits: "0501", Effect: "HTTP 500 with code 131000 once per message"},
	}
}

// failure is an error that the next Graph calls get.
type failure struct {
	times int
	err   *graphError
}

// FailNext makes the next times Graph calls, of whatever kind, fail with an error code of Meta's and the HTTP
// status that belongs to it.
func (e *Emulator) FailNext(times, code int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = append(e.failures, failure{times: times, err: refuse(code, "")})
}

func (e *Emulator) injected() *graphError {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.failures) > 0 {
		first := &e.failures[0]
		if first.times > 0 {
			first.times--
			return first.err
		}
		e.failures = e.failures[1:]
	}
	return nil
}

// magicOf returns the ending of waID if it is one of MagicNumbers, or "".
func magicOf(waID string) string { return emulation.MagicOf(waID, MagicNumbers()) }

// magicRefusal tells what sending out to a customer with a magic number is refused with. The caller holds mu.
func (e *Emulator) magicRefusal(ending string, out *outgoing) *graphError {
	switch ending {
	case "0429":
		return e.refuseTimes(e.opt.RateLimitFailures, ending, out, refuse(130429, "Message failed to send because there were too many messages sent from this phone number in a short period of time"))
	case "0056":
		return e.refuseTimes(1, ending, out, refuse(131056, "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time"))
	case "0500":
		return refuse(131000, "")
	case "0501":
		return e.refuseTimes(1, ending, out, refuse(131000, ""))
	case "0190":
		return refuse(190, "")
	case "0470":
		if out.template == nil {
			return windowClosed()
		}
	case "0131":
		if out.template != nil {
			return refuse(132015, "")
		}
	}
	return nil
}

// refuseTimes returns g for the first times tries of one message. The caller holds mu.
func (e *Emulator) refuseTimes(times int, ending string, out *outgoing, g *graphError) *graphError {
	key := ending + " " + out.callbackData
	if out.callbackData == "" {
		h := fnv.New64a()
		_, _ = h.Write(out.raw)
		key = ending + " #" + strconv.FormatUint(h.Sum64(), 16)
	}
	if e.magicHit[key] >= times {
		return nil
	}
	e.magicHit[key]++
	return g
}

func windowClosed() *graphError {
	return refuse(131047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number.")
}
