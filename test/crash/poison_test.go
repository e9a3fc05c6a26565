package crash

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/testkit/person"
)

// TestAPoisonMessageHoldsUpItsOwnChatOnly lets one message fail for ever, in each direction, while others get through:
// it is set aside with its reason, what stands behind it goes on, and in the end it is tried again.
func TestAPoisonMessageHoldsUpItsOwnChatOnly(t *testing.T) {
	opts := sizes.read()
	opts.config = map[string]string{"journal.max_attempts": "3"}
	o := beginOutages(t, opts)
	t.Run("FromACustomer", func(t *testing.T) { o.poisonIn(t, "whatsapp") })
	t.Run("FromAnAgent", func(t *testing.T) { o.poisonOut(t, "webhook") })
}

// poisonIn lets the homeserver refuse one message of a customer's.
func (o *outages) poisonIn(t *testing.T, network string) {
	c, err := o.any(network)
	must(t, err)
	other, err := o.meet(c.provider)
	must(t, err)
	poison := c.next(in).token
	lift := o.w.matrix.refuse(&refusal{
		match:  func(x exchange) bool { return strings.Contains(x.URL.Path, "/send/") && names(x, poison) },
		status: http.StatusInternalServerError, body: `{"errcode":"M_UNKNOWN","error":"it cannot be digested"}`, times: -1,
	})
	defer lift()
	mark := o.w.alice.Mark()
	must(t, o.text(c, in))
	behind := c.next(in).token
	must(t, o.text(c, in))
	o.writeUntil(t, other, in, "what stands behind the poison arrives", func() bool { return o.eventOf(behind) != "" })
	if o.eventOf(poison) != "" {
		t.Fatal("the poison arrived although it was refused")
	}
	o.operatorsHear(t, mark)
	entry := o.setAside(t, network)
	lift()
	o.retry(t, entry)
	o.comes(t, "the poison arrives once it is tried again", func() bool { o.look(); return o.eventOf(poison) != "" })
	o.once(t, c, in, poison)
}

// poisonOut lets a provider refuse one message of an agent's.
func (o *outages) poisonOut(t *testing.T, network string) {
	c, err := o.any(network)
	must(t, err)
	other, err := o.another(network, c)
	must(t, err)
	poison := c.next(out).token
	lift := o.w.shop.refuse(&refusal{
		match:  func(x exchange) bool { return names(x, poison) },
		status: http.StatusInternalServerError, body: `{"title":"it cannot be digested"}`, times: -1,
	})
	defer lift()
	mark := o.w.alice.Mark()
	must(t, o.text(c, out))
	behind := c.next(out).token
	must(t, o.text(c, out))
	o.writeUntil(t, other, out, "what stands behind the poison arrives", func() bool { return c.onPhone(behind) != "" })
	sent := o.sentAs(c, poison)
	ctx, cancel := context.WithTimeout(o.w.ctx, factPatience)
	defer cancel()
	_, err = o.w.alice.Sees(ctx, mark, "that the message failed", person.Status(sent, event.MessageStatusFail))
	must(t, err)
	told, err := o.w.alice.Sees(ctx, mark, "the reason in answer to the message", person.AnswerTo(sent))
	must(t, err)
	t.Logf("the agent reads: %s", told.Content.AsMessage().Body)
	entry := o.setAside(t, "matrix")
	lift()
	o.retry(t, entry)
	o.comes(t, "the poison arrives once it is tried again", func() bool { return c.onPhone(poison) != "" })
	o.once(t, c, out, poison)
}

// another is a conversation on a network besides one.
func (o *outages) another(network string, besides *chat) (*chat, error) {
	for _, c := range o.all() {
		if c.provider.id == network && c != besides && c.where() != "" {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no other conversation on %s has a room", network)
}

func (o *outages) sentAs(c *chat, t token) id.EventID {
	for _, one := range c.lines(t.dir) {
		if one.token == t {
			return one.event
		}
	}
	return ""
}

// writeUntil lets somebody else write again and again, until a fact holds: Puente tells poison from an outage by others'
// getting through. Their messages must arrive meanwhile.
func (o *outages) writeUntil(t *testing.T, c *chat, dir, what string, fact func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(o.w.ctx, 2*factPatience)
	defer cancel()
	for o.look(); !fact(); o.look() {
		must(t, o.text(c, dir))
		if clock.Sleep(ctx, clock.System{}, 10*lookAgain) != nil {
			t.Fatalf("it never came that %s", what)
		}
	}
	lines := c.lines(dir)
	first := lines[0].token
	if dir == in && o.eventOf(first) == "" || dir == out && c.onPhone(first) == "" {
		t.Error("the poison held up another conversation")
	}
}

// operatorsHear waits until @puente tells the operators something.
func (o *outages) operatorsHear(t *testing.T, mark int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(o.w.ctx, factPatience)
	defer cancel()
	seen, err := o.w.alice.Sees(ctx, mark, "that the operators are told", person.Message(func(evt *event.Event, msg *event.MessageEventContent) bool {
		return evt.Sender.Localpart() == "puente" && msg.MsgType == event.MsgNotice
	}))
	must(t, err)
	t.Logf("the operators read: %s", seen.Content.AsMessage().Body)
}

var entryNumber = regexp.MustCompile(`^journal entry (\d+), `)

// setAside returns the number of the one entry of a source that was set aside, whose reason must be there.
func (o *outages) setAside(t *testing.T, source string) string {
	t.Helper()
	seen, err := o.w.lookInside(o.w.ctx)
	must(t, err)
	number := ""
	for _, line := range seen.failed {
		if !strings.Contains(line, ", "+source+" ") {
			continue
		}
		if number != "" || strings.HasSuffix(line, ": ") {
			t.Errorf("set aside besides, or without a reason: %s", line)
		}
		if found := entryNumber.FindStringSubmatch(line); found != nil {
			number = found[1]
		}
		t.Logf("set aside: %s", line)
	}
	if number == "" {
		t.Fatalf("nothing of %s was set aside: %v", source, seen.failed)
	}
	return number
}

// retry tries a journal entry again, as an operator does.
func (o *outages) retry(t *testing.T, entry string) {
	t.Helper()
	cmd := exec.CommandContext(o.w.ctx, o.w.puente.binary, "journal", "retry", entry, "-c", o.w.puente.config) // #nosec G204 -- our own program
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("puente journal retry: %v: %s", err, output)
	}
}

// once checks that a message is there once.
func (o *outages) once(t *testing.T, c *chat, dir string, one token) {
	t.Helper()
	v, err := o.observe(o.w.ctx)
	must(t, err)
	count := 0
	for _, s := range map[string]map[int][]shown{in: v.in, out: v.out}[dir][c.n] {
		if s.token == one {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the message is there %d times", count)
	}
}
