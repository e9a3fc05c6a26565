package bridgetest

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"maunium.net/go/mautrix/id"

	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/person"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

const (
	domain   = "localhost"
	password = "bridgetest-password"
	asToken  = "as-token-of-the-suite"
	hsToken  = "hs-token-of-the-suite" //nolint:gosec // G101: between the suite's own Synapse and hub

	provisioningSecret = "provisioning-secret-of-the-suite"
)

// shared is what the runs of one test binary have in common: a start of Synapse takes seconds, and Synapse knows one
// address of Puente's. It is made when the first run wants it.
var shared = sync.OnceValue(func() *common {
	c := &common{listen: ports.Address()}
	c.homeserver.Options = func(dir string) (synapse.Options, error) {
		path := filepath.Join(dir, "puente.yaml")
		if err := c.identity("").Registration().Save(path); err != nil {
			return synapse.Options{}, fmt.Errorf("write the registration: %w", err)
		}
		return synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: domain, Registrations: []string{path}, AutoAcceptInvites: true}, nil
	}
	return c
})

type common struct {
	homeserver synapsetest.Shared
	listen     string
	turn       sync.Mutex
	runs       int
}

// Main runs the tests of a binary, then ends what they shared. It returns the exit code.
func Main(m *testing.M) int { return shared().homeserver.Main(m) }

// Run holds a bridge to all of Checks, each a subtest, and returns what it found.
func Run(t *testing.T, n network.Network, newProvider func() Provider) Results {
	t.Helper()
	c := shared()
	c.turn.Lock()
	defer c.turn.Unlock()
	c.runs++
	server := c.homeserver.Server(t)
	running := goleak.IgnoreCurrent()
	w := &world{
		t: t, network: n, provider: newProvider(), server: server, listen: c.listen, identity: c.identity(server.URL()),
		database: db.Chosen(t).Config, book: &logbook{}, words: newWords(), before: running,
	}
	w.traits = w.provider.Traits()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.ctx = ctx
	t.Cleanup(w.endAll)
	w.people(c.runs)
	w.begin()
	results := make(Results, 0, len(Checks()))
	for _, check := range Checks() {
		results = append(results, w.hold(t, check))
	}
	t.Logf("%s:\n\n%s", n.DisplayName, results.Table())
	return results
}

// people lets the agents' clients follow what happens: alice also runs Puente.
func (w *world) people(run int) {
	w.t.Helper()
	unique := strconv.Itoa(run) + "-" + strconv.FormatInt(time.Now().UnixNano()%1_000_000_000, 36)
	for _, one := range []struct {
		name string
		into **person.Person
	}{{"alice", &w.alice}, {"bob", &w.bob}} {
		localpart := one.name + unique
		w.must(w.server.RegisterUser(w.ctx, localpart, password, one.name, false))
		who, err := person.LogIn(w.ctx, w.server, localpart, password)
		w.must(err)
		who.Follow(w.ctx)
		*one.into = who
	}
}

// hold runs one check.
func (w *world) hold(t *testing.T, check Check) Result {
	result := Result{Check: check, Verdict: NotRun}
	t.Run(check.Name, func(t *testing.T) {
		outer := w.t
		w.t, result.Verdict = t, Failed
		defer func() { w.t, w.stuck = outer, w.stuck || t.Failed() }()
		w.prepare(check)
		c := &trial{world: w, verdict: Passed}
		check.run(c)
		if !t.Failed() {
			result.Verdict, result.Note = c.verdict, c.note
		}
		if c.verdict != Passed || c.note != "" {
			t.Logf("%s: %s", c.verdict, c.note)
		}
	})
	return result
}

// prepare sees to it that the check has what it needs. What failed before it may have left ana's conversation stuck:
// then she is somebody new.
func (w *world) prepare(check Check) {
	w.t.Helper()
	stuck := w.stuck
	w.stuck = false
	switch {
	case check.Group == accountGroup:
	case w.room == "":
		w.t.Fatal("there is no conversation to try it in: the checks of the account failed")
	case stuck && check.Group != endGroup:
		w.meetAna()
	}
}

// trial is one check as it runs.
type trial struct {
	*world
	verdict Verdict
	note    string
}

// refused says that the network does not have it, and that whoever tried was told.
func (c *trial) refused() { c.verdict = Refused }

// notApplicable says that the network does not have it, and that nobody can try.
func (c *trial) notApplicable(why string) { c.verdict, c.note = NotApplicable, why }

func (c *common) identity(homeserverURL string) hub.Identity {
	return hub.Identity{
		Names: hub.Names{Domain: domain, Bot: "puente", Prefix: "puente_"},
		ID:    "puente", Homeserver: homeserverURL, Address: "http://" + c.listen, ASToken: asToken, HSToken: hsToken,
	}
}

func isGhost(names hub.Names, networkID string) func(id.UserID) bool {
	return func(user id.UserID) bool {
		return names.IsPuppet(user) && user != id.NewUserID(names.BridgeBot(networkID), names.Domain)
	}
}
