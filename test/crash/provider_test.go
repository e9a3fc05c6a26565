package crash

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/emulation"
	"puente/bridges/bridgekit/phone"
	"puente/bridges/signal"
	signalemulator "puente/bridges/signal/emulator"
	"puente/bridges/telegram"
	telegramemulator "puente/bridges/telegram/emulator"
	"puente/bridges/webhook"
	webhookemulator "puente/bridges/webhook/emulator"
	"puente/bridges/whatsapp"
	whatsappemulator "puente/bridges/whatsapp/emulator"
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

// trouble is a way in which a provider fails.
type trouble int

// The troubles.
const (
	gone trouble = iota // it does not answer at all
	down                // it answers 500, or what it has in its place
	slow                // it takes a message's first try for too fast, and says how long to wait
	mute                // it takes a message's first try and never answers
)

// slowWait is how long a provider asks to wait.
const slowWait = 3 * time.Second

// troubleAt makes the trouble of a provider that is asked by HTTP.
func troubleAt(g *gate, path, downBody string, slowStatus int, slowBody string) func(trouble, token) func() {
	return func(kind trouble, t token) func() {
		about := func(x exchange) bool { return strings.HasSuffix(x.URL.Path, path) && names(x, t) }
		switch kind {
		case gone:
			return g.refuse(&refusal{times: -1})
		case down:
			return g.refuse(&refusal{status: http.StatusInternalServerError, body: downBody, times: -1})
		case slow:
			return g.refuse(&refusal{match: about, status: slowStatus, body: slowBody, after: strconv.Itoa(int(slowWait.Seconds())), times: 1})
		case mute:
		}
		return g.refuse(&refusal{match: about, lost: true, times: 1})
	}
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

// startBehind starts an emulator behind its gate. Emulators that know only the gate's address cannot be asked for their
// own, so it is chosen here.
func startBehind(ctx context.Context, g *gate, start func(ctx context.Context, address string) (string, error)) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if _, err = start(ctx, address); err != nil {
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
			http.StatusBadRequest, `{"error":{"message":"Rate limit hit","type":"OAuthException","code":130429}}`),
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
			http.StatusTooManyRequests, fmt.Sprintf(`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %[1]d","parameters":{"retry_after":%[1]d}}`, int(slowWait.Seconds()))),
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

// groupChat is the newest group on a phone.
func groupChat(phones phone.Network, member string) (string, error) {
	chats, err := phones.Chats(member)
	if err != nil {
		return "", err
	}
	found := ""
	for _, chat := range chats {
		if chat.Group {
			found = chat.ID
		}
	}
	return found, nil
}

func (w *world) startSignal(ctx context.Context) (*provider, error) {
	e := signalemulator.New(signalemulator.Options{
		Accounts: []signalemulator.Account{{Number: accountNumber, Name: "Lamp Shop", Phone: true}},
		// Redeliver stays 0: as the real daemon, this one forgets what it has handed over.
		Latency: w.opts.latency(), AnswerLatency: emulation.Latency{Min: w.opts.latencyMin, Max: w.opts.latencyMax / 4}, Log: w.log,
	})
	bound, err := e.Start(ctx, "tcp:127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the emulated signal-cli: %w", err)
	}
	w.daemon.moveTo(bound[len("tcp:"):])
	p := &provider{
		id: "signal", network: signal.Network(), phones: e.Network(), stop: e.Stop, flow: "existing",
		fields: map[string]string{"number": accountNumber},
		config: map[string]string{"daemon": w.daemon.address(), "send_grace": grace, "message_requests": "at-once"},
		pictures: func(customer, _, caption string, names []string) error {
			chat, err := e.Chat(customer, accountNumber)
			if err != nil {
				return err
			}
			var files []signalemulator.File
			for _, name := range names {
				files = append(files, signalemulator.File{Data: w.photo, Name: name, Mime: "image/jpeg"})
			}
			_, err = chat.SendFiles(caption, files)
			return err
		},
	}
	p.trouble = func(kind trouble, _ token) func() {
		const ioError, limited = -3, -5 // ref: reference/signal-cli.md §4
		switch kind {
		case gone:
			target := w.daemon.moveTo("127.0.0.1:1") // where nobody listens
			e.CutConnections()
			return func() { w.daemon.moveTo(target) }
		case down:
			e.FailNext("send", 2, ioError)
		case slow:
			e.FailNextWith("send", 1, signalemulator.Failure{Code: limited})
		case mute:
			e.FailNextWith("send", 1, signalemulator.Failure{CutAfter: true})
		}
		return func() {}
	}
	p.group = func(name string, members []string) (string, error) {
		var list []signalemulator.Member
		for _, one := range members {
			list = append(list, signalemulator.Member{ACI: one})
		}
		for _, own := range e.Network().Customers() {
			if own.Address == accountNumber {
				list = append(list, signalemulator.Member{ACI: own.ID})
			}
		}
		if _, err := e.AddGroup(signalemulator.Group{Name: name, Members: list}); err != nil {
			return "", err
		}
		return groupChat(e.Network(), members[0])
	}
	return p, nil
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
		trouble: troubleAt(w.shop, "/callback", `{"title":"a fault that passes"}`, http.StatusTooManyRequests, `{"title":"too fast"}`),
	}, nil
}

// photo is what all pictures show.
func photo() ([]byte, error) {
	data, err := sample.PhotoJPEG()
	if err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	return data, nil
}
