package demo

import (
	"context"
	"path/filepath"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/whatsapp/emulator"
)

// What the business has on WhatsApp.
const (
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	shownNumber   = "+1 555-078-3881"
)

// whatsApp is the emulated Cloud API.
type whatsApp struct {
	place
	*emulator.Emulator
	graphURL string
}

func newWhatsApp(p place) provider { return &whatsApp{place: p} }

func (p *whatsApp) id() string { return networkShown }

func (p *whatsApp) start(ctx context.Context, puenteURL string) (err error) {
	p.Emulator = emulator.New(emulator.Options{
		AppSecret: p.kept.AppSecret, VerifyToken: p.kept.VerifyToken, AccessToken: p.kept.AccessToken, WABAID: wabaID,
		Numbers: []emulator.Number{{
			PhoneNumberID: phoneNumberID, DisplayPhoneNumber: shownNumber, VerifiedName: businessName, Coexistence: true,
		}},
		CallbackURL: puenteURL + "/whatsapp/webhook", DataDir: filepath.Join(p.dir, "whatsapp"), Log: p.log,
	})
	p.graphURL, err = p.Start(ctx, "127.0.0.1:0")
	return err
}

func (p *whatsApp) stop() { p.Stop() }

func (p *whatsApp) config() map[string]string {
	return map[string]string{"graph_url": p.graphURL, "app_secret": p.kept.AppSecret, "verify_token": p.kept.VerifyToken}
}

func (p *whatsApp) account() account {
	return account{login: phoneNumberID, flow: "token", fields: map[string]string{
		"phone_number_id": phoneNumberID, "waba_id": wabaID, "access_token": p.kept.AccessToken,
	}}
}

func (p *whatsApp) phones() phone.Network { return p.Phones() }

func (p *whatsApp) own() map[string]func(ctx context.Context, customerID, chatID string) error {
	return map[string]func(ctx context.Context, customerID, chatID string) error{
		"formatted text": func(_ context.Context, customerID, _ string) error {
			chat, err := p.Chat(customerID, phoneNumberID)
			if err == nil {
				_, err = chat.SendText("so *bold*")
			}
			return err
		},
	}
}
