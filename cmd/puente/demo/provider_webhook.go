package demo

import (
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"regexp"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/webhook/emulator"
	"puente/core/base/errs"
)

// webhook is the emulated chat widget of the business's own shop.
type webhook struct {
	place
	*emulator.Emulator
}

func newWebhook(p place) provider { return &webhook{place: p} }

func (p *webhook) id() string { return "webhook" }

// secret signs Puente's calls to the shop.
func (p *webhook) secret() string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(p.kept.ShopSecret))
}

func (p *webhook) start(ctx context.Context, puenteURL string) error {
	p.Emulator = emulator.New(emulator.Options{
		System: "shop", Name: "Shop chat", PuenteURL: puenteURL, Secret: p.secret(), DataDir: filepath.Join(p.dir, "webhook"), Log: p.log,
	})
	_, err := p.Start(ctx, "127.0.0.1:0")
	return err
}

func (p *webhook) stop() { p.Stop() }

func (p *webhook) config() map[string]string {
	return map[string]string{"allow_private_addresses": "127.0.0.0/8", "upload_dir": filepath.Join(p.dir, "uploads")}
}

// shownToken is where the login shows the token, which it shows only then.
var shownToken = regexp.MustCompile("API token: `([^`]+)`")

// account logs the shop in at each start: its callback has another address each time.
func (p *webhook) account() account {
	return account{
		flow: "system", again: true,
		fields: map[string]string{"system": "shop", "display_name": "Shop chat", "callback_url": p.CallbackURL(), "signing_secret": p.secret()},
		connected: func(instructions string) error {
			found := shownToken.FindStringSubmatch(instructions)
			if found == nil {
				return fmt.Errorf("the shop's API token in what the login shows: %w", errs.ErrNotFound)
			}
			p.SetCredentials(found[1], p.secret())
			return nil
		},
	}
}

func (p *webhook) phones() phone.Network { return p.Phones() }

func (p *webhook) own() map[string]func(ctx context.Context, customerID, chatID string) error {
	return map[string]func(ctx context.Context, customerID, chatID string) error{
		"formatted text": func(_ context.Context, customerID, chatID string) error {
			chat, err := p.Chat(customerID, chatID)
			if err == nil {
				_, err = chat.Say("so bold", "so <b>bold</b>", "")
			}
			return err
		},
	}
}
