// Package company is a company for tests: a real Synapse, its Puente with all networks and a desk, its agents with a
// Matrix client library, and its customers' phones on emulated networks.
package company

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/cmd/puente/demo"
	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/testkit/db"
	"puente/core/testkit/synapse"
)

const (
	password           = "company-password"
	pickleKey          = "a-pickle-key-for-the-tests"
	provisioningSecret = "company-provisioning-secret"
)

// Patience bounds how long a test waits for a fact before it says that the fact never came.
const Patience = time.Minute

// Options are what a company may have otherwise.
type Options struct {
	// Agents are the people, by localpart and name; the first is the operator. Localparts get the company's number.
	Agents [][2]string
	// Config are values of Puente's config; {alice} stands for the user ID of the agent whose localpart begins so.
	Config map[string]string
	// Teams is the YAML of desk.teams: lists of mappings have no place in Config.
	Teams string
	// Web gives the agents clients with Element Web's library, which encrypt.
	Web bool
	// Tapped has written down what Puente asks of the providers: Company.Wire.
	Tapped bool
	// Moving gives Puente a clock that the test can put forward: Company.Clock.
	Moving bool
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
	Clock    *clock.Manual     // nil: the machine's

	opts     Options
	place    Place
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
	c.Names = c.place.Identity("").Names
	var err error
	c.Emulated, err = demo.Emulate(ctx, c.dir, "http://"+c.place.Listen, Networks(), zerolog.Nop())
	c.Must(err)
	tb.Cleanup(c.Emulated.Stop)
	if opts.Tapped {
		c.Wire = tap(tb)
	}
	if opts.Moving {
		c.Clock = moving(tb)
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
	us := c.place.Identity(c.Server.URL())
	var users []string
	for _, one := range c.opts.Agents {
		users = append(users, c.Agents[one[0]].UserID.String())
	}
	values := map[string]string{
		"homeserver.address": us.Homeserver, "homeserver.domain": c.place.Domain,
		"appservice.id": us.ID, "appservice.address": us.Address, "appservice.listen": c.place.Listen,
		"appservice.as_token": us.ASToken, "appservice.hs_token": us.HSToken, "appservice.bot": us.Bot, "appservice.user_prefix": us.Prefix,
		"public_url": us.Address, "database.type": c.database.Type, "database.uri": c.database.URI,
		"agents.users": strings.Join(users, ", "), "agents.operators": users[0],
		"encryption.pickle_key": pickleKey, "provisioning.shared_secret": provisioningSecret,
	}
	maps.Copy(values, c.Wire.between(c.Emulated.Values()))
	for key, value := range c.opts.Config {
		values[key] = c.named(value)
	}
	text, err := config.Fill(config.Example(Schemas()), values)
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

// Start brings Puente up in this process, on what it kept.
func (c *Company) Start() {
	c.Helper()
	cfg, err := config.Load(c.configFile(), nil, Schemas())
	c.Must(err)
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	log := zerolog.New(zerolog.NewTestWriter(c.TB)).Level(level)
	opts := app.Options{Networks: Networks(), Log: &log}
	if c.Clock != nil {
		opts.Clock = c.Clock
	}
	c.App, err = app.New(c.Ctx, cfg, opts)
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
