package crash

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"

	"puente/bridges/telegram"
	telegramemulator "puente/bridges/telegram/emulator"
	"puente/bridges/webhook"
	webhookemulator "puente/bridges/webhook/emulator"
	"puente/bridges/whatsapp"
	whatsappemulator "puente/bridges/whatsapp/emulator"
	"puente/core/testkit/ports"
)

// startBehind starts an emulator behind its gate. Emulators that know only the gate's address cannot be asked for their
// own, so it is chosen here.
func startBehind(ctx context.Context, g *gate, start func(ctx context.Context, address string) (string, error)) error {
	address := ports.Address()
	if _, err := start(ctx, address); err != nil {
		return err
	}
	g.setTarget("http://" + address)
	return nil
}

func (w *world) startWhatsApp(ctx context.Context) (*provider, error) {
	e := whatsappemulator.New(whatsappemulator.Options{
		AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
		Numbers: []whatsappemulator.Number{{
			PhoneNumberID: phoneNumberID, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Lamp Shop", Coexistence: true,
		}},
		CallbackURL: w.inbound.url + "/whatsapp/webhook", PublicURL: w.graph.url, Latency: w.opts.latency(),
		RetryMin: retryMin, RetryMax: retryMax, Log: w.log,
	})
	if err := startBehind(ctx, w.graph, e.Start); err != nil {
		return nil, fmt.Errorf("start the emulated WhatsApp: %w", err)
	}
	return &provider{
		id: "whatsapp", network: whatsapp.Network(), phones: e.Phones(), stop: e.Stop, flow: "token",
		fields: map[string]string{"phone_number_id": phoneNumberID, "waba_id": wabaID, "access_token": accessToken},
		config: map[string]string{
			"graph_url": w.graph.url, "app_secret": appSecret, "verify_token": verifyToken, "status_grace": grace, "throughput": "1000",
		},
		trouble: troubleAt(w.graph, "/messages", `{"error":{"message":"Something went wrong","type":"OAuthException","code":131000}}`,
			http.StatusBadRequest, `{"error":{"message":"Rate limit hit","type":"OAuthException","code":130429}}`, false),
	}, nil
}

func (w *world) startTelegram(ctx context.Context) (*provider, error) {
	token := strconv.Itoa(botID) + ":" + botSecret
	e := telegramemulator.New(telegramemulator.Options{
		Bots:    []telegramemulator.Bot{{Token: token, Username: "lamp_shop_bot", Name: "Lamp Shop", ReadsAllGroupMessages: true, Business: true}},
		Latency: w.opts.latency(), RetryMin: retryMin, RetryMax: retryMax, Log: w.log,
	})
	if err := startBehind(ctx, w.bot, e.Start); err != nil {
		return nil, fmt.Errorf("start the emulated Telegram: %w", err)
	}
	return &provider{
		id: "telegram", network: telegram.Network(), phones: e.Phones(), stop: e.Stop, flow: "token",
		fields: map[string]string{"token": token},
		config: map[string]string{
			"api_url": w.bot.url, "poll_timeout": "20s", "echo_grace": grace,
			"messages_per_second": "1000", "chat_per_second": "1000", "chat_burst": "1000", "group_per_minute": "60000",
		},
		trouble: troubleAt(w.bot, "/sendMessage", `{"ok":false,"error_code":500,"description":"Internal Server Error"}`,
			http.StatusTooManyRequests, fmt.Sprintf(`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %[1]d","parameters":{"retry_after":%[1]d}}`, int(slowWait.Seconds())), false),
		group: func(name string, members []string) (string, error) {
			made := telegramemulator.Group{Title: name, Supergroup: true, Admins: []int64{botID}}
			for _, one := range members {
				id, err := strconv.ParseInt(one, 10, 64)
				if err != nil {
					return "", fmt.Errorf("member of a group: %w", err)
				}
				made.Members = append(made.Members, id)
			}
			made, err := e.AddGroup(made)
			if err != nil {
				return "", err
			}
			return groupChat(e.Phones(), members[0])
		},
	}, nil
}

func (w *world) startWebhook(ctx context.Context) (*provider, error) {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("crash-shop-secret-0123456789"))
	e := webhookemulator.New(webhookemulator.Options{
		System: shopSystem, Name: "Shop chat", PuenteURL: w.inbound.url, Secret: secret, PublicURL: w.shop.url,
		RetryMin: retryMin, RetryMax: retryMax, Log: w.log,
	})
	if err := startBehind(ctx, w.shop, e.Start); err != nil {
		return nil, fmt.Errorf("start the emulated shop: %w", err)
	}
	return &provider{
		id: "webhook", network: webhook.Network(), phones: e.Phones(), stop: e.Stop, flow: "system",
		fields: map[string]string{
			"system": shopSystem, "display_name": "Shop chat", "callback_url": w.shop.url + "/callback", "signing_secret": secret,
		},
		config: map[string]string{
			"allow_private_addresses": "127.0.0.0/8", "upload_dir": filepath.Join(w.dir, "uploads"), "events_per_second": "1000",
			"callback_timeout": "5s",
		},
		connected: func(token string) { e.SetCredentials(token, secret) },
		pictures: func(customer, chat, caption string, names []string) error {
			one, err := e.Chat(customer, chat)
			if err != nil {
				return err
			}
			var files []webhookemulator.Upload
			for _, name := range names {
				files = append(files, webhookemulator.Upload{Kind: "image", Mime: "image/jpeg", Name: name, Data: w.photo})
			}
			_, err = one.SendFiles(caption, "", "", files...)
			return err
		},
		group:   func(name string, members []string) (string, error) { return e.AddGroup(name, members...) },
		trouble: troubleAt(w.shop, "/callback", `{"title":"a fault that passes"}`, http.StatusTooManyRequests, `{"title":"too fast"}`, true),
	}, nil
}
