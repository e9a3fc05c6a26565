package gate

import "net/http"

// answer learns from the status of an answer whom the gate has to do with, and changes it where the gate must.
type answer struct {
	http.ResponseWriter
	gate    *Gate
	from    *caller
	request *http.Request
	body    *body
	settled bool
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		a.ResponseWriter.WriteHeader(status) // not yet the answer
		return
	}
	a.ResponseWriter.WriteHeader(a.settle(status))
}

// Write implements http.ResponseWriter.
func (a *answer) Write(text []byte) (int, error) {
	if !a.settled {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(text)
}

// Unwrap lets http.ResponseController see the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// settle draws the conclusion from an answer, once, and returns the status that it gets.
func (a *answer) settle(status int) int {
	if a.settled {
		return status
	}
	a.settled = true
	if status == http.StatusRequestEntityTooLarge {
		a.Header().Set("Connection", "close") // or the rest of it would be read
	}
	now := a.gate.clock.Now()
	switch {
	case a.body.err != nil:
		// The handler could not read the body, and that was not the sender's fault.
		a.Header().Set("Retry-After", "5")
		return http.StatusServiceUnavailable
	case showsSecret(a.request, status):
		a.from.know(now.Add(a.gate.limits.Known))
	case isStrike(a.request, status):
		if a.gate.strike(a.from) && wantsSecret(status) {
			a.gate.warn(a.from, now)
			a.Header().Set("Retry-After", a.gate.retryAfter(a.from, now))
			return http.StatusTooManyRequests
		}
	}
	return status
}

// showsSecret tells whether a request must have shown a right secret: nothing that is put or posted is taken without.
func showsSecret(r *http.Request, status int) bool {
	return (r.Method == http.MethodPost || r.Method == http.MethodPut) && status >= 200 && status < 300
}

// isStrike tells whether a request counts: its secret was wrong, or it shows none.
func isStrike(r *http.Request, status int) bool {
	return wantsSecret(status) || status < 500 && r.Header.Get("Authorization") == ""
}

// wantsSecret tells whether the answer says that the secret was missing or wrong.
func wantsSecret(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}
