package whatsapp_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/whatsapp"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/errs"
)

func TestMain(m *testing.M) { os.Exit(bridgetest.Main(m)) }

func TestConformance(t *testing.T) { bridgetest.Run(t, whatsapp.Network(), newProvider) }

const (
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	accessToken   = "EAAconformanceToken0123456789"
	appSecret     = "conformance-app-secret"
	verifyToken   = "conformance-verify-token"
	ownNumber     = "+1 555-078-3881"
)

// provider plays Meta and the customers' phones for the conformance suite.
type provider struct {
	emulator *emulator.Emulator
	graph    *graphRelay   // between Puente and Meta's API
	webhooks *webhookRelay // between Meta and Puente's webhook

	mu      sync.Mutex
	people  int
	content map[string][]byte // files by their ID
}

func newProvider() bridgetest.Provider { return &provider{content: map[string][]byte{}} }

// Start implements bridgetest.Provider.
func (p *provider) Start(ctx context.Context, puenteURL string) error {
	var err error
	if p.webhooks, err = newWebhookRelay(puenteURL + "/whatsapp/webhook"); err != nil {
		return err
	}
	if p.graph, err = newGraphRelay(); err != nil {
		return err
	}
	p.emulator = emulator.New(emulator.Options{
		AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
		Numbers:     []emulator.Number{{PhoneNumberID: phoneNumberID, DisplayPhoneNumber: ownNumber, VerifiedName: "Corner Shop", Coexistence: true}},
		CallbackURL: p.webhooks.url(), PublicURL: p.graph.url(), RetryMin: 50 * time.Millisecond, RetryMax: 500 * time.Millisecond,
	})
	p.graph.meta = p.emulator.Handler()
	if _, err = p.emulator.Start(ctx, ""); err != nil {
		return fmt.Errorf("start the emulator: %w", err)
	}
	return nil
}

// Stop implements bridgetest.Provider.
func (p *provider) Stop() {
	if p.graph != nil {
		p.graph.stop()
	}
	if p.emulator != nil {
		p.emulator.Stop()
	}
	if p.webhooks != nil {
		p.webhooks.stop()
	}
}

// Config implements bridgetest.Provider.
func (p *provider) Config(into any) error {
	*into.(*whatsapp.Config) = whatsapp.Config{
		GraphURL: p.graph.url(), GraphVersion: "v25.0", AppSecret: appSecret, VerifyToken: verifyToken,
		StatusGrace: time.Minute, Throughput: 80, Typing: true, LinkPreviews: true,
	}
	return nil
}

// Login implements bridgetest.Provider.
func (p *provider) Login() bridgetest.Login {
	return bridgetest.Login{
		Answers: []string{phoneNumberID, wabaID, accessToken}, Wrong: []string{phoneNumberID, wabaID, "EAAwrongTokenWrongToken"},
	}
}

// Traits implements bridgetest.Provider.
func (p *provider) Traits() bridgetest.Traits {
	// Each status report carries our own ID of the message. ref: reference/whatsapp-cloud.md §5
	return bridgetest.Traits{ExactlyOnce: true}
}

// Secrets implements bridgetest.Provider.
func (p *provider) Secrets() []string {
	return []string{accessToken, appSecret, verifyToken, "EAAwrongTokenWrongToken", ownNumber, "15550783881"}
}

// magic are the endings of numbers that choose a failure.
func magic(trouble bridgetest.Trouble) (ending string, ok bool) {
	ending, ok = map[bridgetest.Trouble]string{
		bridgetest.NoTrouble: "", bridgetest.RateLimited: "0429", bridgetest.DownOnce: "0501", bridgetest.Down: "0500",
		bridgetest.Cut: "0408", bridgetest.Garbled: "", bridgetest.Blocked: "0026",
	}[trouble]
	return ending, ok
}

// Customer implements bridgetest.Provider.
func (p *provider) Customer(_ context.Context, who bridgetest.Person) (bridgetest.Customer, error) {
	ending, ok := magic(who.Trouble)
	if !ok {
		return nil, fmt.Errorf("trouble %q: %w", who.Trouble, errs.ErrUnsupported)
	}
	p.mu.Lock()
	p.people++
	number := p.people
	p.mu.Unlock()
	if ending == "" {
		ending = fmt.Sprintf("%04d", 7000+number) // like none of the magic ones
	}
	added, err := p.emulator.AddCustomer(emulator.Customer{
		Name: who.Name, UserID: fmt.Sprintf("US.%d", 13_000_000_000_000_000+number), WaID: fmt.Sprintf("1650%03d%s", 100+number, ending),
	})
	if err != nil {
		return nil, err
	}
	if who.Trouble == bridgetest.Garbled {
		p.graph.garble(added.WaID)
	}
	chat, err := p.emulator.Chat(added.UserID, "")
	if err != nil {
		return nil, err
	}
	return &customer{provider: p, Customer: added, chat: chat}, nil
}

// Group implements bridgetest.Provider.
func (p *provider) Group(_ context.Context, name string, members ...bridgetest.Customer) (string, error) {
	made := emulator.Group{Number: phoneNumberID, Subject: name}
	for _, member := range members {
		made.Members = append(made.Members, member.(*customer).UserID)
	}
	group, err := p.emulator.AddGroup(made)
	return group.ID, err
}

// Hold implements bridgetest.Provider.
func (p *provider) Hold() error {
	p.webhooks.hold()
	return nil
}

// Release implements bridgetest.Provider.
func (p *provider) Release(ctx context.Context, way bridgetest.Delivery) error {
	if err := p.emulator.WaitDelivered(ctx); err != nil { // to the relay
		return err
	}
	return p.webhooks.release(ctx, way)
}

// Forge implements bridgetest.Provider.
func (p *provider) Forge(ctx context.Context) (map[string]int, error) {
	body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"messages","value":{`+
		`"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":%q},`+
		`"contacts":[{"profile":{"name":"Mallory"},"wa_id":"16505551234","user_id":"US.666"}],`+
		`"messages":[{"from":"16505551234","from_user_id":"US.666","id":"wamid.forged","timestamp":"1795377600","type":"text","text":{"body":%q}}]}}]}]}`,
		wabaID, phoneNumberID, bridgetest.ForgedText)
	statuses := map[string]int{}
	for way, signature := range map[string]string{
		"a false signature": "sha256=" + strings.Repeat("00", 32), "a signature with another secret": signed("another-app-secret", []byte(body)),
		"a signature without its scheme": strings.TrimPrefix(signed(appSecret, []byte(body)), "sha256="),
	} {
		status, err := p.emulator.RawSigned(ctx, []byte(body), signature)
		if err != nil {
			return nil, err
		}
		statuses[way] = status
	}
	status, err := p.emulator.Raw(ctx, []byte(body), false)
	statuses["no signature"] = status
	return statuses, err
}

// Garble implements bridgetest.Provider.
func (p *provider) Garble(ctx context.Context) error {
	status, err := p.emulator.Raw(ctx, []byte(`{"object":"whatsapp_business_account","entry":[{`), true)
	if err == nil && status != 200 {
		err = fmt.Errorf("a body that cannot be read is answered %d: %w", status, errs.ErrConflict)
	}
	return err
}

// Revoke implements bridgetest.Provider.
func (p *provider) Revoke(context.Context) error {
	p.graph.refuse(true)
	return nil
}

// Restore implements bridgetest.Provider.
func (p *provider) Restore(context.Context) error {
	p.graph.refuse(false)
	return nil
}
