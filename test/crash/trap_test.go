package crash

import (
	"net/http"
	"slices"
)

// moment is where on a request's way a trap is.
type moment int

// The moments.
const (
	beforeForward  moment = iota // the request has come and goes no further
	insideBody                   // the first half of its body has gone on
	answerLost                   // the other side has answered, and the answer is not passed on
	answerPassedOn               // the answer was passed on
)

// exchange is a request, and its answer once there is one.
type exchange struct {
	*http.Request
	body   []byte
	answer []byte // nil: not yet
}

// trap is set on one request that is to come, or on its answer.
type trap struct {
	point string
	at    moment
	match func(exchange) bool
	fired chan struct{} // closed when Puente is dead
}

func newTrap(point string, at moment, match func(exchange) bool) *trap {
	return &trap{point: point, at: at, match: match, fired: make(chan struct{})}
}

// onAnswer tells whether the trap is on the answer.
func (t *trap) onAnswer() bool { return t.at == answerLost || t.at == answerPassedOn }

// refusal is how a gate answers by itself for a while.
type refusal struct {
	match  func(exchange) bool
	status int    // 0: the connection breaks before anything is passed on
	lost   bool   // the request is passed on first, and its answer lost
	hang   bool   // the connection does not break: whoever asks waits for as long as it has patience
	after  string // Retry-After
	body   string // of the answer
	times  int    // how often; negative: until it is lifted
	hit    func() // if not nil, called at each
}

// set arms a trap.
func (g *gate) set(t *trap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.traps = append(g.traps, t)
}

// unset takes a trap off that nobody went into.
func (g *gate) unset(t *trap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.traps = slices.DeleteFunc(g.traps, func(one *trap) bool { return one == t })
}

// refuse makes the gate answer by itself; lift ends it.
func (g *gate) refuse(r *refusal) (lift func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals = append(g.refusals, r)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.refusals = slices.DeleteFunc(g.refusals, func(one *refusal) bool { return one == r })
	}
}

// trapFor takes the trap that waits for a request, or for its answer.
func (g *gate) trapFor(x exchange) *trap {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, t := range g.traps {
		if t.onAnswer() == (x.answer != nil) && t.match(x) {
			g.traps = slices.Delete(g.traps, i, i+1)
			return t
		}
	}
	return nil
}

// refusalFor takes the refusal that waits for a request.
func (g *gate) refusalFor(x exchange) *refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, one := range g.refusals {
		if one.times != 0 && (one.match == nil || one.match(x)) {
			one.times--
			return one
		}
	}
	return nil
}
