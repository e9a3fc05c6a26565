package phone_test

import (
	"bufio"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"puente/bridges/bridgekit/phone"
)

func TestEventsTellWhichNetworkChanged(t *testing.T) {
	one, two := newMemory("one", "One", "Ana"), newMemory("two", "Two", "Ada")
	p := serve(t, one, two)
	res, err := p.client.Do(p.request(http.MethodGet, "/phone/events", "", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return id
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	if first, second := next(), next(); first == second {
		t.Fatalf("at the beginning it tells %s and %s", first, second)
	}
	two.says("c1", phone.Message{Text: "hello"})
	if id := next(); id != "two" {
		t.Errorf("it tells %s", id)
	}
	one.alter("c1", func(c *memoryChat) { c.Typing = true })
	if id := next(); id != "one" {
		t.Errorf("it tells %s", id)
	}
	for p.clock.Waiting() < 4 { // twice for each: at the beginning and after the change
		runtime.Gosched()
	}
	p.clock.Advance(time.Minute) // typing ends without a change
	if first, second := next(), next(); first == second {
		t.Errorf("at the beat it tells %s and %s", first, second)
	}
}
