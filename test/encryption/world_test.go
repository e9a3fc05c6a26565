// Package encryption tests encrypted rooms as agents meet them: a real Synapse, agents with Element Web's library, and
// all four networks in one Puente.
package encryption

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal"
	"puente/bridges/telegram"
	"puente/bridges/webhook"
	"puente/bridges/whatsapp"
	"puente/cmd/puente/demo"
	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
	"puente/core/testkit/webclient"
)

const (
	domain             = "localhost"
	password           = "encryption-password"
	pickleKey          = "a-pickle-key-for-the-tests"
	provisioningSecret = "encryption-provisioning-secret"
)

// patience bounds how long a test waits for a fact before it says that the fact never came.
const patience = time.Minute

// places are the Puentes that Synapse knows; each world takes one.
var places = choosePlaces()

// taken counts the places that are taken; the last is for the one that makes devices without logins.
var taken atomic.Int32

var homeserver = &synapsetest.Shared{Options: func(dir string) (synapse.Options, error) {
	opts := synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: domain, AutoAcceptInvites: true}
	for i, at := range places {
		path := filepath.Join(dir, fmt.Sprintf("puente%d.yaml", i))
		if err := at.identity("").Registration().Save(path); err != nil {
			return opts, fmt.Errorf("write the registration: %w", err)
		}
		opts.Registrations = append(opts.Registrations, path)
	}
	return opts, nil
}}

func TestMain(m *testing.M) {
	if path := os.Getenv(processVariable); path != "" {
		os.Exit(beProcess(path))
	}
	os.Exit(homeserver.Main(m))
}

// place is where one Puente listens, and how Synapse knows it.
type place struct {
	number int
	listen string
}

// choosePlaces takes free ports, all held until the last is chosen, so that no two are the same.
func choosePlaces() [16]place {
	var chosen [16]place
	for i := range chosen {
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		defer func() { _ = socket.Close() }()
		chosen[i] = place{number: i, listen: socket.Addr().String()}
	}
	return chosen
}

func (p place) identity(homeserverURL string) hub.Identity {
	name := fmt.Sprintf("puente%d", p.number)
	return hub.Identity{
		Names: hub.Names{Domain: domain, Bot: name, Prefix: name + "_"}, ID: name, Homeserver: homeserverURL,
		Address: "http://" + p.listen, ASToken: "as-token-of-" + name, HSToken: "hs-token-of-" + name,
		MSC4190: p.number == len(places)-1,
	}
}

func networks() []network.Network {
	return []network.Network{whatsapp.Network(), telegram.Network(), signal.Network(), webhook.Network()}
}

// world is one company: its Puente with all networks, its agents, and its customers' phones.
type world struct {
	*testing.T
	ctx      context.Context
	server   *synapse.Server
	install  webclient.Installation
	place    place
	emulated *demo.Emulated
	dir      string
	values   map[string]string // of Puente's config
	app      *app.App          // nil: not running in this process
	desk     *desk
	alice    *agent
	bob      *agent
}

// sub runs a subtest in which the world's failures are the subtest's.
func (w *world) sub(name string, body func()) {
	w.Helper()
	outer := w.T
	defer func() { w.T = outer }()
	outer.Run(name, func(t *testing.T) {
		w.T = t
		body()
	})
}

// must ends the test if something that the test needs did not work.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// build makes a world in a mode, on the database that the environment chooses.
func build(t *testing.T, mode hub.Encryption) *world { return buildOn(t, mode, db.Chosen(t).Config) }

// buildWithoutLogins makes one whose Puente makes devices as Matrix Authentication Service wants it.
func buildWithoutLogins(t *testing.T, mode hub.Encryption) *world {
	return buildAt(t, places[len(places)-1], mode, db.Chosen(t).Config)
}

func buildOn(t *testing.T, mode hub.Encryption, database store.Config) *world {
	t.Helper()
	number := int(taken.Add(1)) - 1
	if number >= len(places)-1 {
		t.Fatal("there are more worlds than places")
	}
	return buildAt(t, places[number], mode, database)
}

func buildAt(t *testing.T, at place, mode hub.Encryption, database store.Config) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	w := &world{T: t, ctx: ctx, server: homeserver.Server(t), place: at, dir: t.TempDir(), desk: newDesk()}
	var err error
	w.install, err = synapsetest.WebClient(ctx, func(line string) { t.Log(line) })
	w.must(err)
	w.emulated, err = demo.Emulate(ctx, w.dir, "http://"+w.place.listen, networks(), zerolog.Nop())
	w.must(err)
	t.Cleanup(w.emulated.Stop)
	w.alice, w.bob = w.agent("alice", "Alice Example"), w.agent("bob", "Bob Example")
	w.configure(mode, database)
	w.start()
	t.Cleanup(w.stop)
	w.must(w.emulated.Connect(ctx, w.app.Hub.URL(), provisioningSecret))
	return w
}

// configure sets what of Puente's config is not the example's.
func (w *world) configure(mode hub.Encryption, database store.Config) {
	us := w.place.identity(w.server.URL())
	w.values = map[string]string{
		"homeserver.address": us.Homeserver, "homeserver.domain": domain,
		"appservice.id": us.ID, "appservice.address": us.Address, "appservice.listen": w.place.listen,
		"appservice.as_token": us.ASToken, "appservice.hs_token": us.HSToken, "appservice.bot": us.Bot, "appservice.user_prefix": us.Prefix,
		"public_url": us.Address, "database.type": database.Type, "database.uri": database.URI,
		"agents.users": w.alice.UserID.String() + ", " + w.bob.UserID.String(), "agents.operators": w.alice.UserID.String(),
		"encryption.mode": string(mode), "encryption.pickle_key": pickleKey, "encryption.msc4190": strconv.FormatBool(us.MSC4190), "provisioning.shared_secret": provisioningSecret,
	}
	for key, value := range w.emulated.Values() {
		w.values[key] = value
	}
}

// configFile writes the config and returns its path.
func (w *world) configFile() string {
	w.Helper()
	text, err := config.Fill(config.Example(schemas()), w.values)
	w.must(err)
	path := filepath.Join(w.dir, "config.yaml")
	w.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

func schemas() []config.NetworkSchema {
	var list []config.NetworkSchema
	for _, n := range networks() {
		list = append(list, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	return list
}

// start brings Puente up in this process, on what it kept.
func (w *world) start() {
	w.Helper()
	w.must(w.tryStart())
}

func (w *world) tryStart() error {
	w.Helper()
	cfg, err := config.Load(w.configFile(), nil, schemas())
	w.must(err)
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	log := zerolog.New(zerolog.NewTestWriter(w.T)).Level(level)
	w.app, err = app.New(w.ctx, cfg, app.Options{Networks: networks(), Listener: w.desk, Log: &log})
	w.must(err)
	return w.app.Start(w.ctx)
}

func (w *world) stop() {
	if w.app != nil {
		w.app.Stop()
		w.app.Close()
		w.app = nil
	}
}

// encryptedRooms are those that Bob knows to be encrypted.
func (w *world) encryptedRooms() map[id.RoomID]bool {
	rooms := map[id.RoomID]bool{}
	for _, evt := range w.bob.Seen(0, func(evt *event.Event) bool { return evt.Type == event.StateEncryption }) {
		rooms[evt.RoomID] = true
	}
	return rooms
}

// changes waits until what is asked of the database, say, is so.
func (w *world) changes(what string, fact func() bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	for !fact() {
		if clock.Sleep(ctx, clock.System{}, 50*time.Millisecond) != nil {
			w.Fatalf("%s did not change", what)
		}
	}
}
