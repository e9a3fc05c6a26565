package emulator

import (
	"context"

	"puente/bridges/bridgekit/emulation"
)

// Failure is how a request fails when a test or a person asks for it.
type Failure struct {
	// Code is the error's: one of §4 of reference/signal-cli.md. Message has a default.
	Code    int
	Message string
	Data    any
	// Result, instead of a code, makes every recipient's result this one: NoNetwork, BadPreKey, …
	Result string
	// Cut breaks the connection instead of doing anything.
	Cut bool
	// CutAfter does what was asked and then breaks the connection instead of answering.
	CutAfter bool
	// Nonsense answers with something that is no JSON, and does nothing.
	Nonsense bool
	// Silent does what was asked and never answers.
	Silent bool
}

type failure struct {
	Failure
	method string
	times  int
}

// FailNext makes the next times requests of a method fail with an error code, and do nothing. An empty method means
// any.
func (e *Emulator) FailNext(method string, times, code int) {
	e.FailNextWith(method, times, Failure{Code: code})
}

// FailNextWith is FailNext for other ways of failing.
func (e *Emulator) FailNextWith(method string, times int, f Failure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = append(e.failures, &failure{Failure: f, method: method, times: times})
}

// injected takes the next failure that is meant for a method. The caller holds mu.
func (e *Emulator) injected(method string) *failure {
	for _, f := range e.failures {
		if f.times > 0 && (f.method == "" || f.method == method) {
			f.times--
			return f
		}
	}
	return nil
}

// apply does to a call what the failure says; an error is what to answer.
func (f *failure) apply(c *call) error {
	c.cut, c.nonsense, c.silent, c.result = f.Cut, f.Nonsense, f.Silent, f.Result
	if f.Code == 0 {
		return nil
	}
	message := f.Message
	if message == "" {
		message = defaultMessage(f.Code)
	}
	return rpcError{Code: f.Code, Message: message, Data: f.Data}
}

func defaultMessage(code int) string {
	switch code {
	case codeIO:
		return "Failed to send message: Connection reset (IOException)"
	case codeUntrusted:
		return "Failed to send message due to untrusted identities"
	case codeLimited:
		return "Failed to send message due to rate limiting"
	case codeCaptcha:
		return "Captcha rejected, it may be outdated, already used or solved from a different IP address."
	case codeInternal:
		return "Failed to send message: No prekeys available (IOException), maybe one of the devices of the recipient wasn't online for a while."
	case codeParams:
		return "Specified account does not exist"
	case codeMethod:
		return "Method not implemented"
	}
	return "Failed to send message"
}

// WaitDaemon returns what the daemon looks like as soon as fact holds for it, or the error of ctx.
func (e *Emulator) WaitDaemon(ctx context.Context, fact func(Daemon) bool) (Daemon, error) {
	return emulation.Wait(ctx, &e.mu, &e.changed, "wait for the daemon", func() (Daemon, error) { return e.daemon(), nil }, fact)
}
