package crash

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/id"

	"puente/core/base/store"
	"puente/core/testkit/db"
	"puente/core/testkit/person"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

const (
	serverName = "localhost"
	password   = "crash-password"
	asToken    = "crash-test-as-token-0123456789"
	hsToken    = "crash-test-hs-token-0123456789"
	sharedWord = "crash-provisioning-secret"
	// grace is how long Puente waits for a provider's sign of a message whose sending broke off. It must be longer than
	// a start and the longest latency of a sign together: a sign that comes after it is a double by right.
	grace = "20s"
)

// world is one company with everything around it.
type world struct {
	tb      testing.TB
	ctx     context.Context
	opts    options
	dir     string
	log     zerolog.Logger // the emulators'
	traffic zerolog.Logger // what passed the gates

	photo    []byte
	listen   string // Puente's own
	database store.Config
	values   map[string]string // of Puente's config
	server   *synapse.Server

	// One gate for each neighbour of Puente's: Synapse, the providers' APIs, and all who call Puente.
	matrix, graph, bot, shop, inbound *gate
	daemon                            *wire
	providers                         []*provider

	puente     *program
	alice, bob *person.Person
	admin      *person.Person
	hired      []string // agents who came in the course of the run

	endings []func()
}

// provider is one of the four.
func (w *world) provider(id string) *provider {
	for _, p := range w.providers {
		if p.id == id {
			return p
		}
	}
	panic("no provider " + id)
}

// cleanup adds what is to be done at the end; the last comes first.
func (w *world) cleanup(end func()) { w.endings = append(w.endings, end) }

// build makes a world and connects the business's accounts. Whatever it cannot do ends the test.
func build(tb testing.TB, opts options) *world {
	tb.Helper()
	return buildOn(tb, opts, store.Config{})
}

// longest is how long a run may take in all.
const longest = 6 * time.Hour

// buildOn is build with a database of the test's own.
func buildOn(tb testing.TB, opts options, database store.Config) *world {
	tb.Helper()
	if database.Type == "" && opts.database == store.Postgres {
		database = db.Postgres(tb).Config // first, for what is made first goes last
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	w := &world{tb: tb, ctx: ctx, opts: opts, database: database}
	tb.Cleanup(func() {
		for i := len(w.endings) - 1; i >= 0; i-- {
			w.endings[i]()
		}
		cancel()
	})
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"make a folder", w.makeFolder},
		{"open the gates", w.openGates},
		{"start the providers", w.startProviders},
		{"write the config", w.writeConfig},
		{"start Synapse", w.startSynapse},
		{"log the people in", w.logIn},
		{"start Puente", w.startPuente},
		{"connect the accounts", w.connect},
	} {
		if err := step.do(ctx); err != nil {
			tb.Fatalf("%s: %v%s", step.name, err, w.logTail())
		}
	}
	return w
}

func (w *world) makeFolder(context.Context) (err error) {
	if w.dir, err = os.MkdirTemp("", "puente-crash-"); err != nil {
		return err
	}
	w.cleanup(func() {
		if w.tb.Failed() || w.opts.keep {
			w.tb.Logf("the data of this run are in %s", w.dir)
			return
		}
		_ = os.RemoveAll(w.dir)
	})
	for name, into := range map[string]*zerolog.Logger{"emulators.log": &w.log, "gates.log": &w.traffic} {
		file, err := os.OpenFile(filepath.Join(w.dir, name), os.O_CREATE|os.O_WRONLY, 0o600) // #nosec G304 -- in our own folder
		if err != nil {
			return err
		}
		w.cleanup(func() { _ = file.Close() })
		*into = zerolog.New(zerolog.SyncWriter(file)).With().Timestamp().Logger()
	}
	w.photo, err = photo()
	return err
}

// openGates makes the proxies. Puente is made first, so that a trap finds it.
func (w *world) openGates(context.Context) (err error) {
	w.listen = ports.Address()
	binary, err := built.path()
	if err != nil {
		return err
	}
	w.puente = newProgram(binary, filepath.Join(w.dir, "config.yaml"), filepath.Join(w.dir, "puente.out"), w.listen)
	for _, one := range []struct {
		name string
		into **gate
		slow bool
	}{{"Synapse", &w.matrix, false}, {"WhatsApp", &w.graph, true}, {"Telegram", &w.bot, true}, {"the shop", &w.shop, true}, {"Puente", &w.inbound, false}} {
		g, err := newGate(one.name, w.puente.kill)
		if err != nil {
			return err
		}
		g.log = w.traffic
		if one.slow {
			g.spread = w.opts.spread
		}
		w.cleanup(g.close)
		*one.into = g
	}
	w.inbound.setTarget("http://" + w.listen)
	if w.daemon, err = newWire(w.puente.kill); err != nil {
		return err
	}
	w.cleanup(w.daemon.close)
	return nil
}

func (w *world) startSynapse(ctx context.Context) error {
	install, err := synapsetest.Install(ctx, func(line string) { w.tb.Log(line) })
	if err != nil {
		return err
	}
	w.server, err = synapse.Start(ctx, install, synapse.Options{
		Dir: filepath.Join(w.dir, "synapse"), ServerName: serverName, AutoAcceptInvites: true,
		Registrations: []string{filepath.Join(w.dir, "registration.yaml")},
		// Nobody here looks at who is online or at counts of unread messages, and both cost Synapse much of its time.
		Extra: map[string]any{"presence": map[string]any{"enabled": false}, "push": map[string]any{"enabled": false}},
	})
	if err != nil {
		return err
	}
	w.cleanup(func() {
		if err := w.server.Stop(); err != nil {
			w.tb.Errorf("stop Synapse: %v", err)
		}
	})
	w.matrix.setTarget(w.server.URL())
	return nil
}

func (w *world) logIn(ctx context.Context) error {
	for _, one := range []struct {
		name  string
		admin bool
		into  **person.Person
	}{{"alice", false, &w.alice}, {"bob", false, &w.bob}, {"root", true, &w.admin}} {
		if err := w.server.RegisterUser(ctx, one.name, password, one.name, one.admin); err != nil {
			return err
		}
		p, err := person.LogIn(ctx, w.server, one.name, password)
		if err != nil {
			return err
		}
		*one.into = p
		w.cleanup(p.Stop)
	}
	w.alice.Follow(ctx)
	return nil
}

func (w *world) startPuente(ctx context.Context) error {
	w.cleanup(w.puente.stop)
	if err := w.puente.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return w.puente.ready(ctx)
}

// logTail is the end of what Puente wrote, for a start that failed.
func (w *world) logTail() string {
	var tail strings.Builder
	for _, name := range []string{"puente.out", "puente.log"} {
		text, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil || len(text) == 0 {
			continue
		}
		fmt.Fprintf(&tail, "\n%s ends:\n%s", name, text[max(0, len(text)-3000):])
	}
	return tail.String()
}

// isGhost tells whether a user is a customer as Puente shows them, and of which network.
func isGhost(user id.UserID) (network string, ok bool) {
	rest, ok := strings.CutPrefix(user.Localpart(), "puente_")
	network, _, found := strings.Cut(rest, "_")
	return network, ok && found
}
