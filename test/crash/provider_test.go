package crash

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/core/hub/network"
	"puente/core/testkit/sample"
)

// What the business has at the providers.
const (
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	accessToken   = "EAAcrashTestToken0123456789"
	appSecret     = "crash-app-secret"
	verifyToken   = "crash-verify"
	botID         = 7_310_201_543
	botSecret     = "crash-bot-secret"
	accountNumber = "+4930123456"
	shopSystem    = "shop"
)

// How often an emulator tries again what Puente did not take.
const (
	retryMin = 100 * time.Millisecond
	retryMax = time.Second
)

// provider is one channel: its emulated provider, what stands in Puente's config of it, and its phones.
type provider struct {
	id      string
	network network.Network
	phones  phone.Network
	config  map[string]string
	flow    string
	fields  map[string]string
	// connected, if not nil, gets what the login said at its end.
	connected func(instructions string)
	// pictures sends several pictures as one message; nil: the network has no such message.
	pictures func(customer, chat, caption string, names []string) error
	// group makes a group with the business in it; nil: not on this network.
	group func(name string, members []string) (chat string, err error)
	// trouble makes what is sent to the provider go wrong until lift is called.
	trouble func(kind trouble, t token) (lift func())
	stop    func()
}

// receives tells whether customers have a feature here, sends whether agents can use one.
func (p *provider) receives(f network.Feature) bool {
	return slices.Contains(p.network.Capabilities.Receives, f)
}

func (p *provider) sends(of func(*event.RoomFeatures) event.CapabilitySupportLevel) bool {
	return of(p.network.Capabilities.Chats[0].Features) > 0
}

// latency is the span between what happens at a provider and what Puente hears of it.
func (o options) latency() emulation.Latency {
	return emulation.Latency{Min: o.latencyMin, Max: o.latencyMax}
}

// startProviders brings the four up. Puente reaches them through the world's gates, and they reach it through its own.
func (w *world) startProviders(ctx context.Context) error {
	for _, start := range []func(context.Context) (*provider, error){w.startWhatsApp, w.startTelegram, w.startSignal, w.startWebhook} {
		p, err := start(ctx)
		if err != nil {
			return err
		}
		w.providers = append(w.providers, p)
		w.cleanup(p.stop)
	}
	return nil
}

// photo is what all pictures show.
func photo() ([]byte, error) {
	data, err := sample.PhotoJPEG()
	if err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	return data, nil
}
