package crash

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/testkit/person"
)

// outages is a world with a conversation on each channel, in which one neighbour after another fails.
type outages struct {
	*load
	seen map[string]bool // findings that were told already
}

// factPatience is how long a test waits for a fact before it says that the fact never came.
const factPatience = time.Minute

func beginOutages(t *testing.T, opts options) *outages {
	t.Helper()
	w := build(t, opts)
	return beginIn(t, w)
}

func beginIn(t *testing.T, w *world) *outages {
	t.Helper()
	l, err := newLoad(w)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, w.opts.patience)
	defer cancel()
	if err = l.open(); err == nil {
		err = l.until(ctx, 0)
	}
	if err != nil {
		t.Fatalf("begin the conversations: %v", err)
	}
	return &outages{load: l, seen: map[string]bool{}}
}

// run lets one outage happen and judges everything after it; what was wrong before is not told again.
func (o *outages) run(t *testing.T, name string, outage func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		outage(t)
		a, err := o.settle(o.w.ctx)
		if err != nil {
			t.Fatalf("look at what has arrived: %v", err)
		}
		known := func(f finding) bool { return o.seen[f.what] }
		a.findings, a.excused = slices.DeleteFunc(a.findings, known), slices.DeleteFunc(a.excused, known)
		for _, f := range slices.Concat(a.findings, a.excused) {
			o.seen[f.what] = true
		}
		o.given = a.missing() // no later outage needs to wait for what this one has lost
		outer := o.w.tb
		o.w.tb = t
		defer func() { o.w.tb = outer }()
		o.w.complain(a)
	})
}

// must ends the test if something that it needs did not work.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// customersWrite lets the customers of all conversations write.
func (o *outages) customersWrite(t *testing.T, times int) {
	t.Helper()
	for range times {
		for _, c := range o.all() {
			must(t, o.text(c, in))
		}
	}
}

// agentsWrite lets agents write into all conversations.
func (o *outages) agentsWrite(t *testing.T, times int) {
	t.Helper()
	o.look()
	for range times {
		for _, c := range o.all() {
			if c.where() != "" {
				must(t, o.text(c, out))
			}
		}
	}
}

// text is write for whoever is alone in the chat.
func (l *load) text(c *chat, dir string) error {
	c.turns[dir].Lock()
	defer c.turns[dir].Unlock()
	return l.write(c, dir, "")
}

// comes waits for a fact that nobody announces.
func (o *outages) comes(t *testing.T, what string, fact func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(o.w.ctx, factPatience)
	defer cancel()
	for !fact() {
		if clock.Sleep(ctx, clock.System{}, lookAgain) != nil {
			t.Fatalf("it never came that %s", what)
		}
	}
}

func happened(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// TestNothingIsLostWhenNeighboursFail lets the homeserver and the providers stop, break off and refuse.
func TestNothingIsLostWhenNeighboursFail(t *testing.T) {
	o := beginOutages(t, sizes.read())
	o.run(t, "HomeserverStopsAndStarts", o.homeserverStops)
	o.run(t, "HomeserverForgetsTransactions", o.homeserverForgets)
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway} {
		o.run(t, fmt.Sprintf("HomeserverAnswers%d", status), func(t *testing.T) { o.homeserverRefuses(t, status) })
	}
	o.run(t, "HomeserverRefusesChanges", o.homeserverRefusesChanges)
	o.run(t, "HomeserverDoesNotReachPuente", o.homeserverCannotPush)
	o.run(t, "HomeserverBelievesItHandedOver", o.homeserverBelieves)
	for _, p := range o.w.providers {
		for _, one := range []struct {
			name string
			kind trouble
		}{{"IsGone", gone}, {"IsDown", down}, {"AsksToWait", slow}, {"TakesAndDoesNotAnswer", mute}} {
			o.run(t, p.id+one.name, func(t *testing.T) { o.providerFails(t, p, one.kind) })
		}
	}
}

// homeserverStops stops Synapse while customers write.
func (o *outages) homeserverStops(t *testing.T) {
	o.customersWrite(t, 1)
	must(t, o.w.server.Stop())
	o.customersWrite(t, 3)
	must(t, o.w.server.Restart(o.w.ctx))
	o.agentsWrite(t, 1)
}

// homeserverForgets stops Synapse between a send that it has taken and the answer: when Puente sends again, Synapse does
// not know the transaction ID any more.
func (o *outages) homeserverForgets(t *testing.T) {
	var lifts []func()
	var hits []chan struct{}
	for _, c := range o.all() {
		next, hit := c.next(in).token, make(chan struct{})
		hits = append(hits, hit)
		lifts = append(lifts, o.w.matrix.refuse(&refusal{
			match: func(x exchange) bool { return strings.Contains(x.URL.Path, "/send/") && names(x, next) },
			lost:  true, times: 1, hit: func() { close(hit) },
		}))
	}
	// Behind the lost answers stands a wall, so that nothing is sent again before the restart.
	for _, c := range o.all() {
		next := c.next(in).token
		lifts = append(lifts, o.w.matrix.refuse(&refusal{
			match:  func(x exchange) bool { return strings.Contains(x.URL.Path, "/send/") && names(x, next) },
			status: http.StatusBadGateway, times: -1,
		}))
	}
	o.customersWrite(t, 1)
	for i, hit := range hits {
		o.comes(t, fmt.Sprintf("the homeserver takes message %d", i+1), func() bool { return happened(hit) })
	}
	must(t, o.w.server.Restart(o.w.ctx))
	for _, lift := range lifts {
		lift()
	}
}

// homeserverRefuses lets Synapse refuse for a while what Puente sends.
func (o *outages) homeserverRefuses(t *testing.T, status int) {
	body := `{"errcode":"M_UNKNOWN","error":"a fault that passes"}`
	if status == http.StatusTooManyRequests {
		body = `{"errcode":"M_LIMIT_EXCEEDED","error":"too fast","retry_after_ms":500}`
	}
	lift := o.w.matrix.refuse(&refusal{
		match:  func(x exchange) bool { return x.Method != http.MethodGet },
		status: status, body: body, times: 12,
	})
	defer lift()
	newcomer, err := o.meet(o.w.providers[0])
	must(t, err)
	must(t, o.text(newcomer, in))
	must(t, o.burst(30))
}

// homeserverRefusesChanges lets Synapse refuse for a while the edits, reactions and deletions of customers.
func (o *outages) homeserverRefusesChanges(t *testing.T) {
	hits := make(chan struct{}, 1000)
	lift := o.w.matrix.refuse(&refusal{
		match: func(x exchange) bool {
			return strings.Contains(x.URL.Path, "/redact/") || strings.Contains(x.URL.Path, "/send/m.reaction/") ||
				strings.Contains(string(x.body), `"m.replace"`)
		},
		status: http.StatusInternalServerError, body: `{"errcode":"M_UNKNOWN","error":"a fault that passes"}`,
		times: -1, hit: func() { hits <- struct{}{} },
	})
	defer lift()
	made := 0
	for i, c := range o.all() {
		kind := []string{removed, edited}[i/len(o.w.providers)%2] // one in each chat: a second would wait for the first
		if !c.can(in, kind) {
			kind = edited
		}
		if before := len(c.made(in)); c.can(in, kind) {
			must(t, o.customerChanges(c, kind))
			made += len(c.made(in)) - before
		}
	}
	o.comes(t, "each change is refused", func() bool { return len(hits) >= made })
	lift()
}

// homeserverCannotPush lets Synapse find nobody at Puente's door while agents write.
func (o *outages) homeserverCannotPush(t *testing.T) {
	hit := make(chan struct{}, 1000)
	lift := o.w.inbound.refuse(&refusal{
		match:  func(x exchange) bool { return strings.HasPrefix(x.URL.Path, "/_matrix/app/") },
		status: http.StatusBadGateway, times: -1, hit: func() { hit <- struct{}{} },
	})
	defer lift()
	o.agentsWrite(t, 2)
	o.comes(t, "Synapse tries", func() bool { return len(hit) > 0 })
	lift()
	o.agentsWrite(t, 1)
}

// homeserverBelieves lets what agents write go to nobody, with the homeserver believing that Puente has it: two messages in
// each room, and in one of them more between the two than one /sync shows.
func (o *outages) homeserverBelieves(t *testing.T) {
	var swallowed swallow
	lift := o.w.inbound.refuse(&refusal{match: swallowed.match, status: http.StatusOK, body: "{}", times: -1})
	defer lift()
	o.agentsWrite(t, 1)
	filler := event.Type{Type: "dev.puente.test.filler", Class: event.MessageEventType}
	busy := o.all()[0]
	for n := range fillers {
		_, err := o.say(busy, n, filler, map[string]any{"n": n})
		must(t, err)
	}
	o.agentsWrite(t, 1)
	for _, c := range o.all() {
		if c.where() == "" {
			continue
		}
		lines := c.lines(out)
		last := lines[len(lines)-1].event.String()
		o.comes(t, "the homeserver hands over "+last, func() bool { return swallowed.has(last) })
	}
	lift()
	o.w.puente.kill("after what it never got")
	ctx, cancel := context.WithTimeout(o.w.ctx, o.w.opts.patience)
	defer cancel()
	must(t, o.w.puente.ready(ctx))
}

// fillers is how many events are between two messages that were not handed over.
const fillers = 60

// swallow matches transactions and remembers them.
type swallow struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *swallow) match(x exchange) bool {
	if !strings.HasPrefix(x.URL.Path, "/_matrix/app/v1/transactions/") {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(x.body)
	return true
}

func (s *swallow) has(words string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), words)
}

// providerFails lets a provider fail while an agent writes three messages to one customer and one to another.
func (o *outages) providerFails(t *testing.T, p *provider, kind trouble) {
	c, err := o.any(p.id)
	must(t, err)
	first := c.next(out)
	mark := o.w.alice.Mark()
	lift := p.trouble(kind, first.token)
	defer lift()
	if kind == mute {
		o.cut(first.token)
	}
	for range 3 {
		must(t, o.text(c, out))
	}
	if kind == gone || kind == down {
		o.saysThatItWaits(t, c, first.token, mark)
	}
	if kind != slow && kind != mute { // those end by themselves
		lift()
	}
	ctx, cancel := context.WithTimeout(o.w.ctx, o.w.opts.patience)
	defer cancel()
	must(t, o.until(ctx, 0))
	if kind == slow && p.id != "signal" {
		o.waited(t, p, first.token)
	}
}

// saysThatItWaits waits until the agent sees on the message that it waits, and why.
func (o *outages) saysThatItWaits(t *testing.T, c *chat, first token, mark int) {
	t.Helper()
	var sent id.EventID
	for _, one := range c.lines(out) {
		if one.token == first {
			sent = one.event
		}
	}
	ctx, cancel := context.WithTimeout(o.w.ctx, factPatience)
	defer cancel()
	seen, err := o.w.alice.Sees(ctx, mark, "that the message waits", person.Status(sent, event.MessageStatusPending))
	must(t, err)
	if status := seen.Content.Parsed.(*event.BeeperMessageStatusEventContent); status.Message == "" {
		t.Error("that the message waits is not explained")
	}
}

// waited checks that the second try of a message was not before the time that the provider asked for.
func (o *outages) waited(t *testing.T, p *provider, first token) {
	t.Helper()
	g := map[string]*gate{"whatsapp": o.w.graph, "telegram": o.w.bot, "webhook": o.w.shop}[p.id]
	tries := g.triesOf(first)
	if len(tries) < 2 {
		t.Fatalf("%d tries of a message that was refused once", len(tries))
	}
	if gap := tries[1].Sub(tries[0]); gap < slowWait {
		t.Errorf("asked to wait %s, Puente tried again after %s", slowWait, gap)
	}
}
