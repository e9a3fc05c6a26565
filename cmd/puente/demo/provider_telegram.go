package demo

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/telegram/emulator"
)

// botID is the business's bot on Telegram; its token is another one in each demo.
const botID = 7_310_201_543

// telegram is the emulated Bot API.
type telegram struct {
	place
	*emulator.Emulator
	apiURL string
}

func newTelegram(p place) provider { return &telegram{place: p} }

func (p *telegram) id() string { return "telegram" }

func (p *telegram) token() string { return strconv.Itoa(botID) + ":" + p.kept.BotSecret }

func (p *telegram) start(ctx context.Context, _ string) (err error) {
	p.Emulator = emulator.New(emulator.Options{
		Bots:    []emulator.Bot{{Token: p.token(), Username: "lamp_shop_bot", Name: businessName, ReadsAllGroupMessages: true, Business: true}},
		DataDir: filepath.Join(p.dir, "telegram"), Log: p.log,
	})
	p.apiURL, err = p.Start(ctx, "127.0.0.1:0")
	return err
}

func (p *telegram) stop() { p.Stop() }

func (p *telegram) config() map[string]string { return map[string]string{"api_url": p.apiURL} }

func (p *telegram) account() account {
	return account{login: strconv.Itoa(botID), flow: "token", fields: map[string]string{"token": p.token()}}
}

func (p *telegram) phones() phone.Network { return p.Phones() }

func (p *telegram) own() map[string]func(ctx context.Context, customerID, chatID string) error {
	return map[string]func(ctx context.Context, customerID, chatID string) error{
		"formatted text": func(_ context.Context, customerID, _ string) error {
			userID, err := strconv.ParseInt(customerID, 10, 64)
			if err != nil {
				return fmt.Errorf("a customer's user ID: %w", err)
			}
			chat, err := p.Chat(userID, botID)
			if err == nil {
				_, err = chat.SendText("so bold", emulator.Formatted(emulator.Entity{Type: "bold", Offset: 3, Length: 4}))
			}
			return err
		},
	}
}
