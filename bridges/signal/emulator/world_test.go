package emulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"puente/bridges/signal/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	shop    = "+4930123456"
	shopACI = "11111111-2222-4333-8444-555555555555"
	ana     = "aaaaaaaa-0000-4000-8000-000000000001"
	ben     = "bbbbbbbb-0000-4000-8000-000000000002"
)

type object = map[string]any

// world is an emulator with one account, and a client of the daemon.
type world struct {
	t       *testing.T
	ctx     context.Context
	e       *emulator.Emulator
	address string
	c       *client
}

func newWorld(t *testing.T, change func(*emulator.Options)) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	opt := emulator.Options{Accounts: []emulator.Account{{Number: shop, ACI: shopACI, Name: "Lucky Shrub", Phone: true}}}
	if change != nil {
		change(&opt)
	}
	w := &world{t: t, ctx: ctx, e: emulator.New(opt)}
	var err error
	if w.address, err = w.e.Start(ctx, "unix:"+filepath.Join(t.TempDir(), "s")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.e.Stop()
		cancel()
	})
	w.c = w.dial()
	return w
}

// withAna adds a customer who has written and was answered, and forgets the notifications of that.
func (w *world) withAna() *world {
	w.t.Helper()
	w.customer(emulator.Customer{ACI: ana, Name: "Ana Ñandú", Number: "+491701234567", Username: "ana.42"})
	w.subscribe()
	w.must(w.chat(ana).SendText("hello"))
	w.c.next("dataMessage")
	w.c.ok("send", object{"account": shop, "recipient": ana, "message": "welcome"})
	w.c.next("receiptMessage")
	return w
}

func (w *world) subscribe() int {
	w.t.Helper()
	return int(w.c.ok("subscribeReceive", object{"account": shop}).(float64))
}

func (w *world) customer(c emulator.Customer) emulator.Customer {
	w.t.Helper()
	added, err := w.e.AddCustomer(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return added
}

// magic adds a customer whose number ends as given.
func (w *world) magic(ending string) emulator.Customer {
	return w.customer(emulator.Customer{Name: "Customer " + ending, Number: "+4915155" + ending})
}

func (w *world) chat(aci string) *emulator.Chat {
	w.t.Helper()
	c, err := w.e.Chat(aci, shop)
	return need(w.t, c, err)
}

func (w *world) own(with string) *emulator.Chat {
	w.t.Helper()
	c, err := w.e.Own(shop, with)
	return need(w.t, c, err)
}

func (w *world) must(ref emulator.Ref, err error) emulator.Ref {
	w.t.Helper()
	return need(w.t, ref, err)
}

func (w *world) okay(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) phone(aci string, fact func(emulator.Phone) bool) emulator.Phone {
	w.t.Helper()
	p, err := w.e.Wait(w.ctx, aci, fact)
	return need(w.t, p, err)
}

func (w *world) now(aci string) emulator.Phone {
	w.t.Helper()
	p, err := w.e.Phone(aci)
	return need(w.t, p, err)
}

func need[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// client is a small JSON-RPC client of its own.
type client struct {
	t       *testing.T
	ctx     context.Context
	socket  net.Conn
	mu      sync.Mutex
	nextID  int
	answers map[string]chan object
	notes   chan object
	raw     chan string // lines that answer nothing
	gone    chan struct{}
}

func (w *world) dial() *client {
	w.t.Helper()
	network, place, _ := strings.Cut(w.address, ":")
	socket, err := net.Dial(network, place)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &client{t: w.t, ctx: w.ctx, socket: socket, answers: map[string]chan object{}, notes: make(chan object, 1000),
		raw: make(chan string, 100), gone: make(chan struct{})}
	go c.read()
	w.t.Cleanup(func() {
		_ = socket.Close()
		<-c.gone
	})
	return c
}

func (c *client) read() {
	defer close(c.gone)
	reader := bufio.NewReaderSize(c.socket, 1<<20)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		var o object
		if json.Unmarshal([]byte(line), &o) != nil {
			c.raw <- strings.TrimSpace(line)
			continue
		}
		if o["method"] == "receive" {
			c.notes <- o["params"].(object)
			continue
		}
		c.mu.Lock()
		answer := c.answers[fmt.Sprint(o["id"])]
		c.mu.Unlock()
		if answer == nil {
			c.raw <- strings.TrimSpace(line)
			continue
		}
		answer <- o
	}
}

func (c *client) write(line string) {
	c.t.Helper()
	if _, err := c.socket.Write([]byte(line + "\n")); err != nil {
		c.t.Fatal(err)
	}
}

// start sends a request and returns where its answer will come.
func (c *client) start(method string, params object) chan object {
	c.t.Helper()
	c.mu.Lock()
	c.nextID++
	id := fmt.Sprintf("id-%d", c.nextID)
	answer := make(chan object, 1)
	c.answers[id] = answer
	c.mu.Unlock()
	line, err := json.Marshal(object{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(string(line))
	return answer
}

// call sends a request and returns the whole answer, or nil if the connection breaks instead.
func (c *client) call(method string, params object) object {
	c.t.Helper()
	select {
	case answer := <-c.start(method, params):
		return answer
	case <-c.gone:
		return nil
	case <-c.ctx.Done():
		c.t.Fatalf("no answer to %s", method)
	}
	return nil
}

// ok sends a request that must work and returns its result.
func (c *client) ok(method string, params object) any {
	c.t.Helper()
	answer := c.call(method, params)
	if answer["error"] != nil || answer["result"] == nil {
		c.t.Fatalf("%s: want a result, got %v", method, answer)
	}
	return answer["result"]
}

// fail sends a request that must fail with a code and returns the error.
func (c *client) fail(code int, method string, params object) object {
	c.t.Helper()
	answer := c.call(method, params)
	problem, _ := answer["error"].(object)
	if problem == nil || problem["code"] != float64(code) {
		c.t.Fatalf("%s: want error %d, got %v", method, code, answer)
	}
	return problem
}

// line returns the next line that answers nothing.
func (c *client) line() string {
	c.t.Helper()
	select {
	case line := <-c.raw:
		return line
	case <-c.ctx.Done():
		c.t.Fatal("no line came")
	}
	return ""
}

// note returns the next notification's params.
func (c *client) note() object {
	c.t.Helper()
	select {
	case note := <-c.notes:
		return note
	case <-c.ctx.Done():
		c.t.Fatal("no notification came")
	}
	return nil
}

// next returns the next envelope, which must have a content of the kind, and that content.
func (c *client) next(kind string) (content, envelope object) {
	c.t.Helper()
	note := c.note()
	if result, ok := note["result"].(object); ok {
		note = result
	}
	envelope = note["envelope"].(object)
	content, ok := envelope[kind].(object)
	if !ok {
		c.t.Fatalf("want an envelope with %s, got %v", kind, note)
	}
	return content, envelope
}

// equal compares two values as JSON.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// has checks some keys of an object.
func has(t *testing.T, what string, got object, want object) {
	t.Helper()
	for key, value := range want {
		equal(t, what+"."+key, got[key], value)
	}
}

// absent checks that keys are not there at all.
func absent(t *testing.T, what string, got object, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if value, ok := got[key]; ok {
			t.Errorf("%s.%s is there: %v", what, key, value)
		}
	}
}

func list(o any, key string) []object {
	var out []object
	values, _ := o.(object)[key].([]any)
	for _, v := range values {
		out = append(out, v.(object))
	}
	return out
}
