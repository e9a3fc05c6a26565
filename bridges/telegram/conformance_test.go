package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/telegram"
	"puente/bridges/telegram/emulator"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestMain(m *testing.M) { os.Exit(bridgetest.Main(m)) }

// A bot, whose messages Puente fetches.
func TestConformance(t *testing.T) {
	bridgetest.Run(t, telegram.Network(), func() bridgetest.Provider { return newProvider(false) })
}

// A business account, whose messages Telegram delivers by webhook.
func TestConformanceOfABusinessAccount(t *testing.T) {
	account := telegram.Network()
	account.Capabilities = ofBusinessAccount(account.Capabilities)
	bridgetest.Run(t, account, func() bridgetest.Provider { return newProvider(true) })
}

// ofBusinessAccount is what Telegram can do in the chats of a business account. ref: reference/telegram-bot.md §5
func ofBusinessAccount(all network.Capabilities) network.Capabilities {
	var some network.Capabilities
	for _, chat := range all.Chats {
		if chat.Name == "business account" {
			some.Chats, some.Receives = append(some.Chats, chat), chat.Receives
		}
	}
	return some
}

const (
	botToken      = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	otherToken    = "110201543:AAHanotherTokenThatIsOnlyForAMoment0"
	wrongToken    = "110201543:AAHwrongTokenWrongTokenWrongToken00"
	botID         = int64(110201543)
	webhookSecret = "conformance-webhook-secret"
)

// provider plays Telegram and the customers' phones for the conformance suite.
type provider struct {
	business bool
	emulator *emulator.Emulator
	relay    *relay // between Puente and the Bot API
	puente   string

	mu        sync.Mutex
	people    int
	owner     emulator.Customer // of the business account
	connected bool
}

func newProvider(business bool) *provider { return &provider{business: business} }

func theBot(token string) emulator.Bot {
	return emulator.Bot{Token: token, Username: "corner_shop_bot", Name: "Corner Shop", ReadsAllGroupMessages: true, Business: true}
}

// Start implements bridgetest.Provider.
func (p *provider) Start(ctx context.Context, puenteURL string) error {
	p.puente = puenteURL
	p.emulator = emulator.New(emulator.Options{
		Bots: []emulator.Bot{theBot(botToken)}, AnyWebhook: true, RetryMin: 50 * time.Millisecond, RetryMax: 500 * time.Millisecond,
	})
	var err error
	if p.relay, err = newRelay(p.emulator.Handler()); err != nil {
		return err
	}
	if _, err = p.emulator.Start(ctx, ""); err != nil {
		return fmt.Errorf("start the emulator: %w", err)
	}
	if p.business {
		p.owner, err = p.emulator.AddCustomer(emulator.Customer{FirstName: "Olga", LastName: "Owner", Username: "olga_owner", Business: true, ID: 7_000_001_234})
	}
	return err
}

// Stop implements bridgetest.Provider.
func (p *provider) Stop() {
	if p.relay != nil {
		p.relay.stop()
	}
	if p.emulator != nil {
		p.emulator.Stop()
	}
}

// Config implements bridgetest.Provider.
func (p *provider) Config(into any) error {
	config := telegram.Config{
		APIURL: p.relay.address, Mode: "poll", PollTimeout: 5 * time.Second, Typing: true, LinkPreviews: true, EchoGrace: 10 * time.Second,
		MessagesPerSecond: 100, ChatPerSecond: 50, ChatBurst: 50, GroupPerMinute: 600,
	}
	if p.business {
		config.Mode, config.WebhookSecret = "webhook", webhookSecret
	}
	*into.(*telegram.Config) = config
	return nil
}

// Login implements bridgetest.Provider.
func (p *provider) Login() bridgetest.Login {
	return bridgetest.Login{Answers: []string{botToken}, Wrong: []string{wrongToken}, Shown: p.shown}
}

// shown connects the business account when the bot is there, as its owner does in Telegram's settings.
func (p *provider) shown(_ context.Context, text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.business || p.connected || !strings.Contains(text, "Connected") {
		return nil
	}
	p.connected = true
	_, err := p.emulator.Connect(p.owner.ID, botID)
	return err
}

// Traits implements bridgetest.Provider.
func (p *provider) Traits() bridgetest.Traits {
	// A bot is never told what it sent itself; for a business account it is.
	return bridgetest.Traits{ExactlyOnce: p.business, Avatars: true, GroupNames: true}
}

// Secrets implements bridgetest.Provider.
func (p *provider) Secrets() []string {
	return []string{botToken, otherToken, wrongToken, webhookSecret}
}

// endings are those of user IDs that choose a failure; the relay makes the others.
func endings() map[bridgetest.Trouble]int64 {
	return map[bridgetest.Trouble]int64{
		bridgetest.NoTrouble: 7000, bridgetest.RateLimited: 429, bridgetest.DownOnce: 501, bridgetest.Down: 500,
		bridgetest.Cut: 7000, bridgetest.Garbled: 7000, bridgetest.Blocked: 403,
	}
}

// Customer implements bridgetest.Provider.
func (p *provider) Customer(_ context.Context, who bridgetest.Person) (bridgetest.Customer, error) {
	ending, ok := endings()[who.Trouble]
	if !ok {
		return nil, fmt.Errorf("trouble %q: %w", who.Trouble, errs.ErrUnsupported)
	}
	p.mu.Lock()
	p.people++
	number := int64(p.people)
	p.mu.Unlock()
	first, last, _ := strings.Cut(who.Name, " ")
	added, err := p.emulator.AddCustomer(emulator.Customer{
		ID: 7_100_000_000 + number*10_000 + ending, FirstName: first, LastName: last, Phone: fmt.Sprintf("1650555%04d", 3000+number),
	})
	if err != nil {
		return nil, err
	}
	if who.Avatar != nil {
		if err = p.emulator.SetPhoto(added.ID, who.Avatar); err != nil {
			return nil, err
		}
	}
	switch who.Trouble {
	case bridgetest.Cut:
		p.relay.trouble(added.ID, cutAnswer)
	case bridgetest.Garbled:
		p.relay.trouble(added.ID, garbleAnswer)
	}
	made := &customer{provider: p, Customer: added}
	if p.business {
		made.chat, err = p.emulator.BusinessChat(added.ID, p.owner.ID)
	} else {
		made.chat, err = p.emulator.Chat(added.ID, botID)
	}
	return made, err
}

// Group implements bridgetest.Provider.
func (p *provider) Group(_ context.Context, name string, members ...bridgetest.Customer) (string, error) {
	if p.business {
		return "", fmt.Errorf("group of a business account: %w", errs.ErrUnsupported)
	}
	made := emulator.Group{Title: name, Supergroup: true, Admins: []int64{botID}}
	for _, member := range members {
		made.Members = append(made.Members, member.(*customer).ID)
	}
	group, err := p.emulator.AddGroup(made)
	return strconv.FormatInt(group.ID, 10), err
}

// Hold implements bridgetest.Provider.
func (p *provider) Hold() error {
	p.emulator.Hold()
	return nil
}

// Release implements bridgetest.Provider.
func (p *provider) Release(ctx context.Context, way bridgetest.Delivery) error {
	waiting := p.emulator.Waiting(botID)
	p.emulator.Release(way.Reversed)
	if !way.Twice {
		return nil
	}
	for p.emulator.Waiting(botID) > 0 { // until all are confirmed
		if err := clock.Sleep(ctx, clock.System{}, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return p.emulator.Redeliver(botID, waiting)
}

// Forge implements bridgetest.Provider.
func (p *provider) Forge(ctx context.Context) (map[string]int, error) {
	if !p.business {
		return nil, fmt.Errorf("forge what is fetched: %w", errs.ErrUnsupported)
	}
	update := map[string]any{"update_id": 1, "message": map[string]any{
		"message_id": 1, "date": time.Now().Unix(), "text": bridgetest.ForgedText,
		"chat": map[string]any{"id": 666, "type": "private", "first_name": "Mallory"}, "from": map[string]any{"id": 666, "is_bot": false, "first_name": "Mallory"},
	}}
	body, err := json.Marshal(update)
	if err != nil {
		return nil, err
	}
	own, foreign := p.webhook(botID), p.webhook(botID+1)
	statuses := map[string]int{}
	for way, one := range map[string]struct{ address, secret string }{
		"no secret": {own, ""}, "another secret": {own, "another-secret"}, "a part of the secret": {own, webhookSecret[:10]},
		"a longer secret": {own, webhookSecret + "x"}, "another bot": {foreign, webhookSecret}, "no bot": {p.puente + "/telegram/webhook/bot", webhookSecret},
	} {
		if statuses[way], err = post(ctx, one.address, one.secret, body); err != nil {
			return nil, err
		}
	}
	return statuses, nil
}

func (p *provider) webhook(bot int64) string {
	return p.puente + "/telegram/webhook/" + strconv.FormatInt(bot, 10)
}

func post(ctx context.Context, address, secret string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// Garble implements bridgetest.Provider.
func (p *provider) Garble(ctx context.Context) error {
	if !p.business {
		return fmt.Errorf("garble what is fetched: %w", errs.ErrUnsupported)
	}
	status, err := post(ctx, p.webhook(botID), webhookSecret, []byte(`{"update_id":5,"message":{`))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("a body that cannot be read is answered %d: %w", status, errs.ErrConflict)
	}
	return err
}

// Revoke implements bridgetest.Provider.
func (p *provider) Revoke(context.Context) error { return p.emulator.RevokeToken(botID) }

// Restore implements bridgetest.Provider. The emulator lets a bot in again when it gets another token.
func (p *provider) Restore(context.Context) error {
	if err := p.emulator.SetBot(theBot(otherToken)); err != nil {
		return err
	}
	return p.emulator.SetBot(theBot(botToken))
}
