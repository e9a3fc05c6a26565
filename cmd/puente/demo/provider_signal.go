package demo

import (
	"context"
	"path/filepath"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/signal/emulator"
)

// signalNumber is the business's own number on Signal.
const signalNumber = "+4930123456"

// signal is the emulated signal-cli daemon.
type signal struct {
	place
	*emulator.Emulator
	address string
}

func newSignal(p place) provider { return &signal{place: p} }

func (p *signal) id() string { return "signal" }

func (p *signal) start(ctx context.Context, _ string) (err error) {
	p.Emulator = emulator.New(emulator.Options{
		Accounts: []emulator.Account{{Number: signalNumber, Name: businessName, Phone: true}},
		DataDir:  filepath.Join(p.dir, "signal"), Log: p.log,
	})
	p.address, err = p.Start(ctx, "tcp:127.0.0.1:0")
	return err
}

func (p *signal) stop() { p.Stop() }

func (p *signal) config() map[string]string { return map[string]string{"daemon": p.address} }

func (p *signal) account() account {
	return account{flow: "existing", fields: map[string]string{"number": signalNumber}}
}

func (p *signal) phones() phone.Network { return p.Network() }

func (p *signal) own() map[string]func(ctx context.Context, customerID, chatID string) error {
	return map[string]func(ctx context.Context, customerID, chatID string) error{
		"formatted text": func(_ context.Context, customerID, _ string) error {
			chat, err := p.Chat(customerID, signalNumber)
			if err == nil {
				_, err = chat.SendText("so bold", emulator.WithStyles(emulator.Style{Start: 3, Length: 4, Name: "BOLD"}))
			}
			return err
		},
	}
}
