// Package signal_test tests Signal as its users meet it: a real Synapse, agents with a real Matrix client library, and
// the emulated signal-cli daemon. What every bridge must do bridges/bridgetest tests.
package signal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/base/clock"
	"puente/core/base/journal"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

const (
	domain    = "localhost"
	password  = "signal-e2e-password"
	ownNumber = "+4930555078388"
	ownName   = "Corner Shop"
)

// listen is where the hub of the running test listens: Synapse knows one address only, so tests take turns.
var listen = ports.Address()

// patience bounds how long a test waits for a fact before it says that the fact never came.
const patience = 5 * time.Minute

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
		ID:    "puente", Homeserver: homeserverURL, Address: "http://" + listen, ASToken: "as-token-signal", HSToken: "hs-token-signal",
	}
}

// world is one company: its Puente, an agent who is an operator too, its Signal account and that account's customers.
type world struct {
	tb       testing.TB
	ctx      context.Context
	server   *synapse.Server
	emulator *emulator.Emulator
	config   signal.Config
	business string // the account's ACI
	database store.Config
	opts     hub.Options
	hub      *hub.Hub
	alice    *agent
	front    id.RoomID // alice's chat with @puente
	people   int       // customers so far
}

// must ends the test if something that the test needs did not work.
func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// tuning alters how a bridge is set up and how the emulated daemon behaves.
type tuning func(*signal.Config, *emulator.Options)

// build makes a world whose account is on the daemon but not connected yet.
func build(tb testing.TB, tune ...tuning) *world {
	tb.Helper()
	turn.Lock()
	tb.Cleanup(turn.Unlock)
	w := &world{tb: tb, server: homeserver.Server(tb), database: db.Chosen(tb).Config}
	leaks := goleak.IgnoreCurrent()
	tb.Cleanup(func() { goleak.VerifyNone(tb, leaks) })
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(context.Background(), 15*time.Minute)
	tb.Cleanup(cancel)
	w.startEmulator(tune)
	w.alice = newAgent(w, fmt.Sprintf("alice%d", time.Now().UnixNano()%1_000_000_000))
	w.opts = hub.Options{
		Identity: identity(w.server.URL()), Listen: listen,
		Agents:   hub.AgentOptions{Users: []id.UserID{w.alice.UserID}, Operators: []id.UserID{w.alice.UserID}},
		Networks: []network.Network{signal.Network()}, NetworkConfig: w.networkConfig,
		Clock: clock.System{}, Log: testLog(tb), Encryption: hub.EncryptionOff, Signature: hub.SignatureNone,
		ProvisioningSecret: "signal-e2e-provisioning-secret",
	}
	w.start()
	tb.Cleanup(func() { w.stop() })
	w.front = w.alice.talk()
	return w
}

func testLog(tb testing.TB) zerolog.Logger {
	level := zerolog.FatalLevel // what goes wrong on purpose is no news
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	return zerolog.New(zerolog.NewTestWriter(tb)).Level(level).With().Timestamp().Logger()
}

func (w *world) networkConfig(_ string, into any) error {
	*into.(*signal.Config) = w.config
	return nil
}

func (w *world) startEmulator(tune []tuning) {
	w.tb.Helper()
	w.config = signal.Config{
		DeviceName: "Puente", TrustNewIdentities: "on-first-use", SendGrace: time.Minute, AttachmentLimit: 100,
		Typing: true, ReadReceipts: true, MessageRequests: "at-once", Disappearing: true,
	}
	opts := emulator.Options{
		Accounts: []emulator.Account{{Number: ownNumber, Name: ownName, Phone: true}},
		Latency:  emulator.Latency{Min: 20 * time.Millisecond, Max: 30 * time.Millisecond},
	}
	for _, change := range tune {
		change(&w.config, &opts)
	}
	w.emulator = emulator.New(opts)
	var err error
	w.config.Daemon, err = w.emulator.Start(w.ctx, "unix:"+filepath.Join(w.tb.TempDir(), "s"))
	w.must(err)
	w.tb.Cleanup(w.emulator.Stop)
	w.business = w.emulator.Accounts()[0].ACI
}

// start brings the hub up on the world's database, which outlives it.
func (w *world) start() {
	w.tb.Helper()
	opened, err := store.Open(w.ctx, w.database, w.opts.Log)
	w.must(err)
	w.must(store.Upgrade(w.ctx, opened))
	w.opts.DB = opened
	w.opts.Journal = journal.New(opened, journal.Options{Log: w.opts.Log, Backoff: func(int) time.Duration { return 200 * time.Millisecond }})
	w.hub, err = hub.New(w.opts)
	w.must(err)
	if err = w.hub.Start(w.ctx); err != nil {
		w.hub.Stop()
		w.tb.Fatalf("start the hub: %v", err)
	}
}

// stop ends the hub; look, if given, looks into its database before that is closed.
func (w *world) stop(look ...func()) {
	if w.hub == nil {
		return
	}
	w.hub.Stop()
	w.hub = nil
	for _, one := range look {
		one()
	}
	if err := w.opts.DB.Close(); err != nil {
		w.tb.Errorf("close the database: %v", err)
	}
}

// connect has the operator connect the account that the daemon has.
func (w *world) connect() {
	w.tb.Helper()
	w.alice.asks(w.front, "login signal existing", "Phone number")
	w.alice.asks(w.front, ownNumber, "Connected")
}
