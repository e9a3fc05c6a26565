// Package encryption tests encrypted rooms as agents meet them: a real Synapse, agents with Element Web's library, and
// all four networks in one Puente.
package encryption

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/cmd/puente/demo"
	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/testkit/db"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
	"puente/core/testkit/webclient"
	"puente/test/company"
)

const (
	domain             = "localhost"
	password           = "encryption-password"
	pickleKey          = "a-pickle-key-for-the-tests"
	provisioningSecret = "encryption-provisioning-secret"
)

// patience bounds how long a test waits for a fact before it says that the fact never came.
const patience = time.Minute

// places are the Puentes that Synapse knows; each world takes one. The last is for the one that makes devices without
// logins.
var places = func() []company.Place {
	chosen := company.ChoosePlaces(16, domain)
	chosen[len(chosen)-1].MSC4190 = true
	return chosen
}()

// taken counts the places that are taken.
var taken atomic.Int32

var homeserver = &synapsetest.Shared{Options: func(dir string) (synapse.Options, error) { return company.Homeserver(dir, places) }}

func TestMain(m *testing.M) {
	if path := os.Getenv(processVariable); path != "" {
		os.Exit(beProcess(path))
	}
	os.Exit(homeserver.Main(m))
}

// world is one company: its Puente with all networks, its agents, and its customers' phones.
type world struct {
	*testing.T
	ctx      context.Context
	server   *synapse.Server
	install  webclient.Installation
	place    company.Place
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

func buildAt(t *testing.T, at company.Place, mode hub.Encryption, database store.Config) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	w := &world{T: t, ctx: ctx, server: homeserver.Server(t), place: at, dir: t.TempDir(), desk: newDesk()}
	var err error
	w.install, err = synapsetest.WebClient(ctx, func(line string) { t.Log(line) })
	w.must(err)
	w.emulated, err = demo.Emulate(ctx, w.dir, "http://"+w.place.Listen, company.Networks(), zerolog.Nop())
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
	us := w.place.Identity(w.server.URL())
	w.values = map[string]string{
		"homeserver.address": us.Homeserver, "homeserver.domain": domain,
		"appservice.id": us.ID, "appservice.address": us.Address, "appservice.listen": w.place.Listen,
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
	text, err := config.Fill(config.Example(company.Schemas()), w.values)
	w.must(err)
	path := filepath.Join(w.dir, "config.yaml")
	w.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// start brings Puente up in this process, on what it kept.
func (w *world) start() {
	w.Helper()
	w.must(w.tryStart())
}

func (w *world) tryStart() error {
	w.Helper()
	cfg, err := config.Load(w.configFile(), nil, company.Schemas())
	w.must(err)
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	log := zerolog.New(zerolog.NewTestWriter(w.T)).Level(level)
	w.app, err = app.New(w.ctx, cfg, app.Options{Networks: company.Networks(), Listener: w.desk, Log: &log})
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
