package company

import (
	"fmt"
	"path/filepath"
	"sync/atomic"

	"puente/bridges/signal"
	"puente/bridges/telegram"
	"puente/bridges/webhook"
	"puente/bridges/whatsapp"
	"puente/core/base/config"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

// Town is where companies are: one homeserver that knows the Puentes of a test binary's companies in advance.
type Town struct {
	*synapsetest.Shared
	places []Place
	taken  atomic.Int32
}

// NewTown makes a town for so many companies. Its Main is the test binary's.
func NewTown(companies int) *Town { return newTown(companies, "localhost", 0) }

// NewFederatedTown makes a town whose homeserver talks with others on this machine.
func NewFederatedTown(companies int) *Town {
	port, err := ports.Take()
	if err != nil {
		panic(err)
	}
	return newTown(companies, synapse.FederatedName(port), port)
}

func newTown(companies int, domain string, federationPort int) *Town {
	t := &Town{places: ChoosePlaces(companies, domain)}
	t.Shared = &synapsetest.Shared{Options: func(dir string) (synapse.Options, error) {
		opts, err := Homeserver(dir, t.places)
		opts.FederationPort = federationPort
		return opts, err
	}}
	return t
}

// Place is where one Puente listens, and how the homeserver knows it.
type Place struct {
	Number  int
	Listen  string
	Domain  string // the homeserver's
	MSC4190 bool   // its devices are made without logins
}

// ChoosePlaces takes free ports.
func ChoosePlaces(n int, domain string) []Place {
	chosen := make([]Place, n)
	for i := range chosen {
		chosen[i] = Place{Number: i, Listen: ports.Address(), Domain: domain}
	}
	return chosen
}

// Identity is how the place's Puente and the homeserver know each other.
func (p Place) Identity(homeserverURL string) hub.Identity {
	name := fmt.Sprintf("puente%d", p.Number)
	return hub.Identity{
		Names: hub.Names{Domain: p.Domain, Bot: name, Prefix: name + "_"}, ID: name, Homeserver: homeserverURL,
		Address: "http://" + p.Listen, ASToken: "as-token-of-" + name, HSToken: "hs-token-of-" + name, MSC4190: p.MSC4190,
	}
}

// Homeserver is a homeserver that knows the Puentes of all places, which have one domain; dir is for its files.
func Homeserver(dir string, places []Place) (synapse.Options, error) {
	opts := synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: places[0].Domain, AutoAcceptInvites: true}
	for _, at := range places {
		path := filepath.Join(dir, fmt.Sprintf("puente%d.yaml", at.Number))
		if err := at.Identity("").Registration().Save(path); err != nil {
			return opts, fmt.Errorf("write the registration: %w", err)
		}
		opts.Registrations = append(opts.Registrations, path)
	}
	return opts, nil
}

// Networks are all networks.
func Networks() []network.Network {
	return []network.Network{whatsapp.Network(), telegram.Network(), signal.Network(), webhook.Network()}
}

// Schemas are what the config needs to know of all networks.
func Schemas() (list []config.NetworkSchema) {
	for _, n := range Networks() {
		list = append(list, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	return list
}
