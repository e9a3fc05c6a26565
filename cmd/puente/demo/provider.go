package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/phone"
	"puente/cmd/puente/demo/cross"
	"puente/core/hub/network"
)

// provider is one network as the demo plays it: its emulated provider, what Puente's config says of it, and the
// business's account there.
type provider interface {
	// id is the network's, as cmd/puente/networks.go lists it.
	id() string
	// start brings the emulated provider up; Puente will listen at puenteURL.
	start(ctx context.Context, puenteURL string) error
	stop()
	// config is what differs from the network's example config, by key.
	config() map[string]string
	// account is how the business's account is connected.
	account() account
	// phones are those of its customers.
	phones() phone.Network
	// own are its customers' ways to send what the phone page has no gesture for; see cross.Line.
	own() map[string]func(ctx context.Context, customerID, chatID string) error
}

// account is one login of the business's.
type account struct {
	login  string // the login's ID, if it is known before; else any login of the network counts
	flow   string
	again  bool // it is connected at each start, not only at the first
	fields map[string]string
	// connected, if not nil, is told what the login said at its end.
	connected func(instructions string) error
}

// place is what the providers share.
type place struct {
	dir  string // for all that they keep
	kept kept
	log  zerolog.Logger
}

// providers are those of the networks that the program has, in its order.
func providers(p place, all []network.Network) []provider {
	known := map[string]func(place) provider{"whatsapp": newWhatsApp, "telegram": newTelegram, "signal": newSignal, "webhook": newWebhook}
	var list []provider
	for _, n := range all {
		if make := known[n.ID]; make != nil {
			list = append(list, make(p))
		}
	}
	return list
}

// shown leaves the networks that the demo has an emulator for.
func shown(all []network.Network, list []provider) []network.Network {
	return slices.DeleteFunc(slices.Clone(all), func(n network.Network) bool {
		return !slices.ContainsFunc(list, func(p provider) bool { return p.id() == n.ID })
	})
}

// lines are the networks as the cross table plays them.
func lines(all []network.Network, emulated []provider) []cross.Line {
	var list []cross.Line
	for _, n := range shown(all, emulated) {
		at := slices.IndexFunc(emulated, func(p provider) bool { return p.id() == n.ID })
		list = append(list, cross.Line{Network: n, Phones: emulated[at].phones(), Own: emulated[at].own()})
	}
	return list
}

// phonePage is the page with one phone per network.
type phonePage struct {
	server *http.Server
	ended  chan error
}

// servePhones serves the phones of all networks on one page.
func servePhones(listen string, list []provider, log zerolog.Logger) (*phonePage, error) {
	var networks []phone.Network
	for _, p := range list {
		networks = append(networks, p.phones())
	}
	page := &phonePage{ended: make(chan error, 1)}
	page.server = &http.Server{
		Handler: phone.Page{Title: businessName + ": the customers' phones", Log: log}.Handler(networks...), ReadHeaderTimeout: 10 * time.Second,
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("serve the phone page: %w", err)
	}
	go func() { page.ended <- page.server.Serve(listener) }()
	return page, nil
}

// stop ends the page and waits for it; pages that are open in a browser hold streams, which are cut.
func (p *phonePage) stop() error {
	err := p.server.Close()
	if served := <-p.ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
