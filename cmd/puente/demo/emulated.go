package demo

import (
	"context"
	"fmt"

	"github.com/rs/zerolog"

	"puente/cmd/puente/demo/cross"
	"puente/core/hub/network"
)

// Emulated are the emulated providers of a demo without the rest of it, for who brings a Synapse and a Puente along.
type Emulated struct {
	kept      kept
	networks  []network.Network
	providers []provider
	started   int
}

// Emulate starts the providers of all networks that have an emulator. They keep in dir what must outlive them; Puente
// will listen at puenteURL. Stop ends them.
func Emulate(ctx context.Context, dir, puenteURL string, networks []network.Network, log zerolog.Logger) (*Emulated, error) {
	k, err := load(dir)
	if err != nil {
		return nil, err
	}
	e := &Emulated{kept: k, networks: networks, providers: providers(place{dir: dir, kept: k, log: log}, networks)}
	for _, p := range e.providers {
		if err = p.start(context.WithoutCancel(ctx), puenteURL); err != nil {
			e.Stop()
			return nil, fmt.Errorf("start the emulated %s: %w", p.id(), err)
		}
		e.started++
	}
	return e, nil
}

// Values are what of Puente's config is about the networks, by key.
func (e *Emulated) Values() map[string]string { return networkValues(e.providers) }

// Connect logs the business's accounts in, at a Puente that runs.
func (e *Emulated) Connect(ctx context.Context, puenteURL, provisioningSecret string) error {
	return connect(ctx, e.providers, puenteURL, provisioningSecret, func(string) {})
}

// Lines are the networks as cross.Play plays them.
func (e *Emulated) Lines() []cross.Line { return lines(e.networks, e.providers) }

// Stop ends the providers.
func (e *Emulated) Stop() {
	for _, p := range e.providers[:e.started] {
		p.stop()
	}
}
