// Package company is a company for tests: a real Synapse, its Puente with all networks and a desk, its agents with a
// Matrix client library, and its customers' phones on emulated networks.
package company

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

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
)

const (
	password           = "company-password"
	pickleKey          = "a-pickle-key-for-the-tests"
	provisioningSecret = "company-provisioning-secret"
)

// Patience bounds how long a test waits for a fact before it says that the fact never came.
const Patience = time.Minute

// Town is where companies are: one homeserver that knows the Puentes of a test binary's companies in advance.
type Town struct {
	*synapsetest.Shared
	domain string
	port   int // where other homeservers reach this one; 0: none does
	places []place
	taken  atomic.Int32
}

// place is where one Puente listens, and how the homeserver knows it.
type place struct {
	number int
	listen string
	domain string
}

// NewTown makes a town for so many companies. Its Main is the test binary's.
func NewTown(companies int) *Town {
	t := &Town{domain: "localhost", places: choosePlaces(companies, "localhost")}
	t.Shared = &synapsetest.Shared{Options: t.options}
	return t
}

// NewFederatedTown makes a town whose homeserver talks with others on this machine.
func NewFederatedTown(companies int) *Town {
	t := NewTown(companies)
	t.port = FreePort()
	t.domain = synapse.FederatedName(t.port)
	for i := range t.places {
		t.places[i].domain = t.domain
	}
	return t
}

// FreePort is a port on this machine that is free now.
func FreePort() int {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer func() { _ = socket.Close() }()
	return socket.Addr().(*net.TCPAddr).Port
}

func (t *Town) options(dir string) (synapse.Options, error) {
	opts := synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: t.domain, FederationPort: t.port, AutoAcceptInvites: true}
	for i, at := range t.places {
		path := filepath.Join(dir, fmt.Sprintf("puente%d.yaml", i))
		if err := at.identity("").Registration().Save(path); err != nil {
			return opts, fmt.Errorf("write the registration: %w", err)
		}
		opts.Registrations = append(opts.Registrations, path)
	}
	return opts, nil
}

// choosePlaces takes free ports, all held until the last is chosen, so that no two are the same.
func choosePlaces(n int, domain string) []place {
	chosen := make([]place, n)
	for i := range chosen {
		socket, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		defer func() { _ = socket.Close() }()
		chosen[i] = place{number: i, listen: socket.Addr().String(), domain: domain}
	}
	return chosen
}

func (p place) identity(homeserverURL string) hub.Identity {
	name := fmt.Sprintf("puente%d", p.number)
	return hub.Identity{
		Names: hub.Names{Domain: p.domain, Bot: name, Prefix: name + "_"}, ID: name, Homeserver: homeserverURL,
		Address: "http://" + p.listen, ASToken: "as-token-of-" + name, HSToken: "hs-token-of-" + name,
	}
}

func networks() []network.Network {
	return []network.Network{whatsapp.Network(), telegram.Network(), signal.Network(), webhook.Network()}
}

// Options are what a company may have otherwise.
type Options struct {
	// Agents are the people, by localpart and name; the first is the operator. Localparts get the company's number.
	Agents [][2]string
	// Config are values of Puente's config; {alice} stands for the user ID of the agent whose localpart begins so.
	Config map[string]string
	// Extra is YAML that is laid under the key desk: lists of mappings have no place in Config.
	Teams string
	Clock clock.Clock
	// Web gives the agents clients with Element Web's library, which encrypt.
	Web bool
	// Tapped has written down what Puente asks of the providers: Company.Wire.
	Tapped bool
}

// Company is one company.
type Company struct {
	testing.TB
	Ctx      context.Context
	Server   *synapse.Server
	Emulated *demo.Emulated
	App      *app.App
	Names    hub.Names
	Agents   map[string]*Agent // by the localpart without the number
	Wire     *Wire             // nil: not tapped

	opts     Options
	place    place
	dir      string
	database store.Config
}

// Build makes a company and brings its Puente up, on the database that the environment chooses.
func (t *Town) Build(tb testing.TB, opts Options) *Company {
	tb.Helper()
	number := int(t.taken.Add(1)) - 1
	if number >= len(t.places) {
		tb.Fatal("there are more companies than places in the town")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	tb.Cleanup(cancel)
	c := &Company{TB: tb, Ctx: ctx, Server: t.Server(tb), opts: opts, place: t.places[number], dir: tb.TempDir(), database: db.Chosen(tb).Config, Agents: map[string]*Agent{}}
	c.Names = c.place.identity("").Names
	var err error
	c.Emulated, err = demo.Emulate(ctx, c.dir, "http://"+c.place.listen, networks(), zerolog.Nop())
	c.Must(err)
	tb.Cleanup(c.Emulated.Stop)
	if opts.Tapped {
		c.Wire = tap(tb)
	}
	for _, one := range opts.Agents {
		c.Agents[one[0]] = c.agent(one[0], one[1])
	}
	c.Start()
	tb.Cleanup(c.Stop)
	c.Must(c.Emulated.Connect(ctx, c.Wire.provisioning(c.App.Hub.URL()), provisioningSecret))
	return c
}

// Sub runs a subtest in which the company's failures are the subtest's.
func (c *Company) Sub(t *testing.T, name string, body func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		outer := c.TB
		c.TB = t
		defer func() { c.TB = outer }()
		body(t)
	})
}

// Must ends the test if something that the test needs did not work.
func (c *Company) Must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// configFile writes the config and returns its path.
func (c *Company) configFile() string {
	c.Helper()
	us := c.place.identity(c.Server.URL())
	var users []string
	for _, one := range c.opts.Agents {
		users = append(users, c.Agents[one[0]].UserID.String())
	}
	values := map[string]string{
		"homeserver.address": us.Homeserver, "homeserver.domain": c.place.domain,
		"appservice.id": us.ID, "appservice.address": us.Address, "appservice.listen": c.place.listen,
		"appservice.as_token": us.ASToken, "appservice.hs_token": us.HSToken, "appservice.bot": us.Bot, "appservice.user_prefix": us.Prefix,
		"public_url": us.Address, "database.type": c.database.Type, "database.uri": c.database.URI,
		"agents.users": strings.Join(users, ", "), "agents.operators": users[0],
		"encryption.pickle_key": pickleKey, "provisioning.shared_secret": provisioningSecret,
	}
	maps.Copy(values, c.Wire.between(c.Emulated.Values()))
	for key, value := range c.opts.Config {
		values[key] = c.named(value)
	}
	text, err := config.Fill(config.Example(schemas()), values)
	c.Must(err)
	if c.opts.Teams != "" {
		before, after, found := strings.Cut(text, "    teams:\n")
		_, rest, foundEnd := strings.Cut(after, "    # How many open conversations an agent is given")
		if !found || !foundEnd {
			c.Fatal("the config's example has no place for teams")
		}
		text = before + "    teams:\n" + c.named(c.opts.Teams) + "    # How many open conversations an agent is given" + rest
	}
	path := filepath.Join(c.dir, "config.yaml")
	c.Must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// named puts user IDs in the place of {localpart}.
func (c *Company) named(text string) string {
	for localpart, agent := range c.Agents {
		text = strings.ReplaceAll(text, "{"+localpart+"}", agent.UserID.String())
	}
	return text
}

func schemas() []config.NetworkSchema {
	var list []config.NetworkSchema
	for _, n := range networks() {
		list = append(list, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	return list
}

// Start brings Puente up in this process, on what it kept.
func (c *Company) Start() {
	c.Helper()
	cfg, err := config.Load(c.configFile(), nil, schemas())
	c.Must(err)
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	log := zerolog.New(zerolog.NewTestWriter(c.TB)).Level(level)
	c.App, err = app.New(c.Ctx, cfg, app.Options{Networks: networks(), Log: &log, Clock: c.opts.Clock})
	c.Must(err)
	c.Must(c.App.Start(c.Ctx))
}

// Stop ends Puente.
func (c *Company) Stop() {
	if c.App != nil {
		c.App.Stop()
		c.App.Close()
		c.App = nil
	}
}

// Until waits until a fact holds.
func (c *Company) Until(what string, fact func() bool) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Ctx, Patience)
	defer cancel()
	for !fact() {
		if clock.Sleep(ctx, clock.System{}, 50*time.Millisecond) != nil {
			c.Fatalf("never came: %s", what)
		}
	}
}
