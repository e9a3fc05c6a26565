package load

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/webhook"
	"puente/bridges/whatsapp"
	"puente/core/app"
	"puente/core/base/clock"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/synapse"
)

// office is a company at work: a real Synapse, Puente with its desk, its agents, and its customers' phones.
type office struct {
	testing.TB
	ctx      context.Context
	opts     options
	dir      string
	server   *synapse.Server
	gate     *gate
	app      *app.App
	database store.Config
	provider *providers
	kept     kept
	began    time.Time
	agents   []*agent

	mu        sync.Mutex // guards customers
	customers []*customer
}

// open brings everything up; nobody has written yet, unless the folder was kept.
func open(tb testing.TB, opts options) *office {
	tb.Helper()
	if opts.agents < fewest {
		tb.Fatalf("-load.agents is %d: write %d or more, so that three can claim the same conversation at once", opts.agents, fewest)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	o := &office{TB: tb, ctx: ctx, opts: opts, dir: folder(tb, opts.keep), began: time.Now()}
	o.database = store.Config{Type: store.SQLite, URI: filepath.Join(o.dir, "puente.db")}
	if opts.keep == "" {
		o.database = db.Chosen(tb).Config
	}
	o.recall()
	startHomeserver(o)
	o.hire()
	o.gate = startGate(tb, o.server.URL(), userIDs(o.agents), opts.members)
	o.provider = startProviders(o)
	o.start()
	o.provider.connect(o)
	o.greetsBots()
	return o
}

// must ends the test if something that it needs did not work.
func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// say tells whoever waits what is going on: at once in the long form, else in the test's log.
func (o *office) say(format string, args ...any) {
	line := fmt.Sprintf("%7s  %s", time.Since(o.began).Truncate(100*time.Millisecond), fmt.Sprintf(format, args...))
	if o.opts.progress {
		_, _ = fmt.Fprintln(os.Stderr, line)
	} else {
		o.Log(line)
	}
}

func networks() []network.Network { return []network.Network{whatsapp.Network(), webhook.Network()} }

func schemas() (list []config.NetworkSchema) {
	for _, n := range networks() {
		list = append(list, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	return list
}

const provisioningSecret = "provisioning-secret-of-the-load"

// settings are what the company has otherwise than the example config.
func (o *office) settings() map[string]string {
	us := place.Identity(o.gate.url)
	values := map[string]string{
		"homeserver.address": us.Homeserver, "homeserver.domain": domain,
		"appservice.id": us.ID, "appservice.address": us.Address, "appservice.listen": place.Listen,
		"appservice.as_token": us.ASToken, "appservice.hs_token": us.HSToken, "appservice.bot": us.Bot, "appservice.user_prefix": us.Prefix,
		"public_url": us.Address, "database.type": o.database.Type, "database.uri": o.database.URI,
		"agents.users": strings.Join(userIDs(o.agents), ", "), "agents.operators": userIDs(o.agents)[0],
		"provisioning.shared_secret": provisioningSecret,
		// Nobody comes back within it, so that what an agent had when going goes to a colleague at once.
		"desk.offline_grace": "1s",
		// Nobody waits too long meanwhile: what time alone brings about is no action of anybody's.
		"desk.waiting_too_long": "12h",
	}
	for key, value := range o.provider.settings(o.dir) {
		values[key] = value
	}
	return values
}

// teams are three lines of business: sales takes turns, support gives to the least busy, and what comes to the counter's
// number is nobody's until somebody takes it.
func (o *office) teams() string {
	team := func(name, channels, routing string, members []*agent) string {
		return fmt.Sprintf("        - name: %s\n          members: [\"%s\"]\n          channels: [%s]\n          routing: %s\n",
			name, strings.Join(userIDs(members), `", "`), channels, routing)
	}
	return team("sales", "whatsapp/"+salesNumber, "round_robin", o.sales()) + team("support", "webhook", "least_busy", o.support()) +
		team("counter", "whatsapp/"+counterNumber, "manual", o.agents[1:])
}

func (o *office) writeConfig() *config.Config {
	o.Helper()
	text, err := config.Fill(config.Example(schemas()), o.settings())
	o.must(err)
	before, after, found := strings.Cut(text, "    teams:\n")
	_, rest, foundEnd := strings.Cut(after, "    # How many open conversations an agent is given")
	if !found || !foundEnd {
		o.Fatal("the config's example has no place for teams")
	}
	text = before + "    teams:\n" + o.teams() + "    # How many open conversations an agent is given" + rest
	path := filepath.Join(o.dir, "config.yaml")
	o.must(os.WriteFile(path, []byte(text), 0o600))
	cfg, err := config.Load(path, nil, schemas())
	o.must(err)
	return cfg
}

// start brings Puente up in this process: what it asks of the homeserver is counted there.
func (o *office) start() {
	o.Helper()
	level := zerolog.WarnLevel
	if os.Getenv("PUENTE_TEST_LOG") != "" {
		level = zerolog.TraceLevel
	}
	log := zerolog.New(zerolog.NewTestWriter(o)).Level(level)
	var err error
	o.app, err = app.New(o.ctx, o.writeConfig(), app.Options{Networks: networks(), Log: &log})
	o.must(err)
	o.Cleanup(func() {
		o.app.Stop()
		o.app.Close()
	})
	o.must(o.app.Start(o.ctx))
}

// lasting is where something is kept for the next run; empty if nothing is.
func (o *office) lasting(name string) string {
	if o.opts.keep == "" {
		return ""
	}
	return filepath.Join(o.dir, name)
}

// until waits for a fact.
func (o *office) until(what string, fact func() bool) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, o.opts.patience)
	defer cancel()
	o.must(o.wait(ctx, what, func() (bool, error) { return fact(), nil }))
}

// wait is until for whoever may not end the test.
func (o *office) wait(ctx context.Context, what string, fact func() (bool, error)) error {
	for {
		if is, err := fact(); err != nil || is {
			return err
		}
		if err := clock.Sleep(ctx, clock.System{}, 20*time.Millisecond); err != nil {
			return fmt.Errorf("never came: %s: %w", what, err)
		}
	}
}

// one reads one figure of the database.
func (o *office) one(query string, args ...any) (n int) {
	o.Helper()
	o.must(o.app.DB.QueryRow(o.ctx, query, args...).Scan(&n))
	return n
}
