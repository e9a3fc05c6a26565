// Package e2e tests Puente as its users meet it: a real Synapse, agents with a real Matrix client library, and the
// emulated WhatsApp.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/clock"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/desk/channel"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

const (
	domain        = "localhost"
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	accessToken   = "EAAe2eTestToken0123456789"
	appSecret     = "e2e-app-secret"
	verifyToken   = "e2e-verify"
	password      = "e2e-password"
)

// listen is where the hub of the running test listens: Synapse knows one address only, so tests take turns.
var listen = ports.Address()

// patience bounds how long a test waits for a fact before it says that the fact never came.
const patience = 2 * time.Minute

var turn sync.Mutex

var homeserver = &synapsetest.Shared{Options: func(dir string) (synapse.Options, error) {
	path := filepath.Join(dir, "puente.yaml")
	if err := identity("").Registration().Save(path); err != nil {
		return synapse.Options{}, fmt.Errorf("write the registration: %w", err)
	}
	return synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: domain, Registrations: []string{path}, AutoAcceptInvites: true}, nil
}}

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

func identity(homeserverURL string) hub.Identity {
	return hub.Identity{
		Names: hub.Names{Domain: domain, Bot: "puente", Prefix: "puente_"},
		ID:    "puente", Homeserver: homeserverURL, Address: "http://" + listen, ASToken: "as-token-e2e", HSToken: "hs-token-e2e",
	}
}

// world is one company: its Puente, its agents, its WhatsApp number and that number's customers.
type world struct {
	tb       testing.TB
	ctx      context.Context
	server   *synapse.Server
	emulator *emulator.Emulator
	graphURL string
	database store.Config
	opts     hub.Options
	hub      *hub.Hub
	desk     *desk
	alice    *agent
	bob      *agent
	log      zerolog.Logger
	people   int // customers so far
}

// sub runs a subtest in which the world's failures are the subtest's.
func (w *world) sub(t *testing.T, name string, body func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		outer := w.tb
		w.tb = t
		defer func() { w.tb = outer }()
		body(t)
	})
}

// must ends the test if something that the test needs did not work.
func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// build makes a world. change may alter what the hub is made of, tune how the emulated WhatsApp behaves.
func build(tb testing.TB, change func(*hub.Options), tune ...func(*emulator.Options)) *world {
	tb.Helper()
	return buildOn(tb, db.Chosen(tb).Config, change, tune...)
}

// buildOn makes a world whose Puente keeps its things in the given database.
func buildOn(tb testing.TB, database store.Config, change func(*hub.Options), tune ...func(*emulator.Options)) *world {
	tb.Helper()
	turn.Lock()
	tb.Cleanup(turn.Unlock)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	tb.Cleanup(cancel)
	w := &world{tb: tb, ctx: ctx, server: homeserver.Server(tb), database: database, desk: newDesk()}
	w.log = testLog(tb)
	name := fmt.Sprintf("%d", time.Now().UnixNano()%1_000_000_000)
	w.alice, w.bob = newAgent(w, "alice"+name, "Alice Example"), newAgent(w, "bob"+name, "Bob Example")
	w.startEmulator(tune)
	w.opts = hub.Options{
		Identity: identity(w.server.URL()), Listen: listen,
		Agents:   hub.AgentOptions{Users: []id.UserID{w.alice.UserID, w.bob.UserID}, Operators: []id.UserID{w.alice.UserID}},
		Networks: []network.Network{whatsapp.Network()}, NetworkConfig: w.networkConfig,
		Listener: w.desk, Clock: clock.System{}, Log: w.log, Encryption: hub.EncryptionOff, Signature: hub.SignatureNone,
		ProvisioningSecret: "e2e-provisioning-secret",
	}
	if change != nil {
		change(&w.opts)
	}
	w.start()
	tb.Cleanup(func() { w.stop() })
	return w
}

func testLog(tb testing.TB) zerolog.Logger {
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	return zerolog.New(zerolog.NewTestWriter(tb)).Level(level).With().Timestamp().Logger()
}

func (w *world) networkConfig(_ string, into any) error {
	*into.(*whatsapp.Config) = whatsapp.Config{
		GraphURL: w.graphURL, GraphVersion: "v25.0", AppSecret: appSecret, VerifyToken: verifyToken,
		StatusGrace: time.Minute, Throughput: 80, Typing: true, LinkPreviews: true,
	}
	return nil
}

func (w *world) startEmulator(tune []func(*emulator.Options)) {
	w.tb.Helper()
	opts := emulator.Options{
		AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
		Numbers:     []emulator.Number{{PhoneNumberID: phoneNumberID, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Corner Shop", Coexistence: true}},
		CallbackURL: "http://" + listen + "/whatsapp/webhook",
		RetryMin:    50 * time.Millisecond, RetryMax: time.Second,
	}
	for _, change := range tune {
		change(&opts)
	}
	w.emulator = emulator.New(opts)
	var err error
	if w.graphURL, err = w.emulator.Start(w.ctx, "127.0.0.1:0"); err != nil {
		w.tb.Fatalf("start the emulator: %v", err)
	}
	w.tb.Cleanup(w.emulator.Stop)
}

// start brings the hub up on the world's database, which outlives it.
func (w *world) start() {
	w.tb.Helper()
	opened, err := store.Open(w.ctx, w.database, w.opts.Log)
	if err != nil {
		w.tb.Fatalf("open the database: %v", err)
	}
	if err = store.Upgrade(w.ctx, opened); err != nil {
		w.tb.Fatalf("upgrade the database: %v", err)
	}
	w.opts.DB = opened
	w.opts.Journal = journal.New(opened, journal.Options{Log: w.opts.Log, Backoff: func(int) time.Duration { return 200 * time.Millisecond }})
	if w.hub, err = hub.New(w.opts); err != nil {
		w.tb.Fatalf("make the hub: %v", err)
	}
	if err = w.hub.Start(w.ctx); err != nil {
		w.hub.Stop()
		w.tb.Fatalf("start the hub: %v", err)
	}
}

func (w *world) stop() {
	if w.hub == nil {
		return
	}
	w.hub.Stop()
	w.hub = nil
	if err := w.opts.DB.Close(); err != nil {
		w.tb.Errorf("close the database: %v", err)
	}
}

// customer is somebody new on WhatsApp. No number ends like one of the emulator's magic numbers.
func (w *world) customer(name string) *customer {
	w.tb.Helper()
	return w.person(emulator.Customer{Name: name})
}

// magic is somebody new whose number ends in the four digits that choose how sending fails.
func (w *world) magic(ending string) *customer {
	w.tb.Helper()
	return w.person(emulator.Customer{Name: "Magic " + ending, WaID: fmt.Sprintf("1650%03d%s", 100+w.people, ending)})
}

func (w *world) person(c emulator.Customer) *customer {
	w.tb.Helper()
	w.people++
	if c.UserID == "" {
		c.UserID = fmt.Sprintf("US.%d", 13_000_000_000_000_000+w.people)
	}
	if c.WaID == "" {
		c.WaID = fmt.Sprintf("1650555%04d", 1000+w.people)
	}
	added, err := w.emulator.AddCustomer(c)
	if err != nil {
		w.tb.Fatalf("add a customer: %v", err)
	}
	chat, err := w.emulator.Chat(added.UserID, "")
	if err != nil {
		w.tb.Fatalf("open a customer's chat: %v", err)
	}
	return &customer{w: w, Customer: added, Chat: chat}
}

// customer is one person with a phone.
type customer struct {
	emulator.Customer
	*emulator.Chat
	w *world
}

// says sends a text to the business and returns its ID.
func (c *customer) says(text string, opts ...emulator.SendOption) string {
	c.w.tb.Helper()
	wamid, err := c.SendText(text, opts...)
	c.w.must(err)
	return wamid
}

// opens starts the conversation with a text that nobody else says, and returns its room.
func (c *customer) opens() id.RoomID {
	c.w.tb.Helper()
	text := "Hello from " + c.Name + " " + c.UserID
	c.says(text)
	return c.w.bob.text(text).RoomID
}

// gets waits for exactly this text of the business on the phone.
func (c *customer) gets(text string) emulator.Message {
	c.w.tb.Helper()
	return c.sees(fmt.Sprintf("the text %q", text), func(m emulator.Message) bool { return m.FromBusiness && m.Text == text })
}

// sees waits until the customer's phone shows a message of which fact holds, and returns it.
func (c *customer) sees(what string, fact func(emulator.Message) bool) emulator.Message {
	c.w.tb.Helper()
	var found emulator.Message
	ctx, cancel := context.WithTimeout(c.w.ctx, patience)
	defer cancel()
	_, err := c.w.emulator.Wait(ctx, c.UserID, func(p emulator.Phone) bool {
		for _, message := range p.Messages {
			if fact(message) {
				found = message
				return true
			}
		}
		return false
	})
	if err != nil {
		phone, _ := c.w.emulator.Phone(c.UserID)
		c.w.tb.Fatalf("the customer's phone never showed %s: %v; it shows %+v", what, err, phone.Messages)
	}
	return found
}

// desk is the business floor: it writes down what it is told.
type desk struct {
	mu      sync.Mutex
	events  []channel.Event
	changed chan struct{}
}

func newDesk() *desk { return &desk{changed: make(chan struct{})} }

// HandleChannelEvent implements channel.Listener.
func (d *desk) HandleChannelEvent(_ context.Context, evt channel.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, evt)
	close(d.changed)
	d.changed = make(chan struct{})
	return nil
}

// waits returns when fact holds of all that the desk was told.
func (d *desk) waits(w *world, what string, fact func([]channel.Event) bool) {
	w.tb.Helper()
	deadline := time.After(patience)
	for {
		d.mu.Lock()
		events, changed := append([]channel.Event(nil), d.events...), d.changed
		d.mu.Unlock()
		if fact(events) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			w.tb.Fatalf("the desk was never told %s", what)
		}
	}
}

func (d *desk) all() []channel.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]channel.Event(nil), d.events...)
}
