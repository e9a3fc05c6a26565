package hub

import (
	"errors"
	"regexp"
	"testing"

	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

var testNames = Names{Domain: testDomain, Bot: "puente", Prefix: "puente_"}

func TestNetworkIDs(t *testing.T) {
	for name, ok := range map[string]bool{
		"whatsapp": true, "tg": true, "a": false, "": false, "WhatsApp": false, "what_sapp": false, "signal2": false,
		"desk": false, "matrix": false, "thisnameistoolongforanetwork": false,
	} {
		if err := checkNetworkID(name); (err == nil) != ok || (err != nil && !errors.Is(err, errs.ErrInvalid)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestRegistrationCoversEveryUserAndNobodyElse(t *testing.T) {
	reg := Identity{Names: testNames, ID: "puente", Address: "http://127.0.0.1:1", ASToken: "a", HSToken: "h"}.Registration()
	matches := func(user id.UserID) (n int) {
		for _, namespace := range reg.Namespaces.UserIDs {
			if !namespace.Exclusive {
				t.Errorf("%s is not exclusive", namespace.Regex)
			}
			if regexp.MustCompile(namespace.Regex).MatchString(user.String()) {
				n++
			}
		}
		return n
	}
	for _, ours := range []id.UserID{
		testNames.Front(), testNames.Desk(), id.NewUserID(testNames.BridgeBot("red"), testDomain), "@puente_red_abc234:example.org",
	} {
		if matches(ours) != 1 || !testNames.IsOurs(ours) {
			t.Errorf("%s is matched %d times", ours, matches(ours))
		}
	}
	for _, others := range []id.UserID{"@ana:example.org", "@puente:evil.org", "@puente_red_x:evil.org", "@puentes:example.org", "@xpuente_:example.org", "@puente:exampleXorg"} {
		if matches(others) != 0 || testNames.IsOurs(others) {
			t.Errorf("%s is taken for ours", others)
		}
	}
	if reg.SenderLocalpart != "puente" || reg.RateLimited == nil || *reg.RateLimited || !reg.EphemeralEvents {
		t.Errorf("registration: %+v", reg)
	}
	if testNames.IsPuppet(testNames.Desk()) || !testNames.IsPuppet(testNames.Front()) {
		t.Error("the desk's user is heard like an agent, and nobody else of ours")
	}
}

func TestNetworksThatCannotBeHosted(t *testing.T) {
	alone(t, nil, func(w *world) {
		refused := func(change func(*Options)) error {
			opts := w.opts
			opts.Networks = nil
			change(&opts)
			_, err := New(opts)
			return err
		}
		if err := refused(func(o *Options) { o.Homeserver = "::" }); !errors.Is(err, errs.ErrInvalid) {
			w.Errorf("wrong homeserver: %v", err)
		}
		if err := refused(func(o *Options) { o.Networks = []network.Network{{ID: "desk"}} }); !errors.Is(err, errs.ErrInvalid) {
			w.Errorf("reserved name: %v", err)
		}
		broken := network.Network{ID: "red", New: func(network.Env) (network.Connector, error) { return nil, errs.ErrInvalid }}
		if err := refused(func(o *Options) { o.Networks = []network.Network{broken} }); !errors.Is(err, errs.ErrInvalid) {
			w.Errorf("network that cannot be made: %v", err)
		}
		twice := []network.Network{newToy("red").network(), newToy("red").network()}
		if err := refused(func(o *Options) { o.Networks = twice }); !errors.Is(err, errs.ErrConflict) {
			w.Errorf("network listed twice: %v", err)
		}
	})
}
