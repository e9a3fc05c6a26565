package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/webhook"
	"puente/bridges/webhook/emulator"
	"puente/core/base/errs"
)

func TestMain(m *testing.M) { os.Exit(bridgetest.Main(m)) }

func TestConformance(t *testing.T) {
	contract, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	bridgetest.Run(t, webhook.Network(), func() bridgetest.Provider { return &provider{uploads: t.TempDir(), contract: contract} })
	contract.verdict(t)
}

// provider plays the system "shop" in the suite.
type provider struct {
	emulator *emulator.Emulator
	uploads  string
	contract *contract
	wire     *wire
	token    string
	people   atomic.Int64
}

// signingSecret is the system's own, so that a login needs to give it nothing but the token.
const signingSecret = "whsec_c3VpdGUtc2VjcmV0LW9mLTI0LWJ5dGVzLW9yLW1vcmU="

func (p *provider) Start(ctx context.Context, puenteURL string) error {
	wire, err := newWire(p.contract, puenteURL)
	if err != nil {
		return err
	}
	p.wire = wire
	p.emulator = emulator.New(emulator.Options{
		System: "shop", PuenteURL: wire.URL, PublicURL: wire.URL, Secret: signingSecret, RetryMin: 50 * time.Millisecond, RetryMax: 200 * time.Millisecond,
	})
	wire.system = p.emulator.Handler()
	_, err = p.emulator.Start(ctx, "")
	return err
}

func (p *provider) Stop() {
	p.emulator.Stop()
	p.wire.Close()
}

func (p *provider) Config(into any) error {
	*into.(*webhook.Config) = webhook.Config{
		MaxUploadBytes: 8 << 20, UploadDir: p.uploads, EventsPerSecond: 1000, CallbackTimeout: 10 * time.Second, AllowPrivateAddresses: []string{"127.0.0.0/8"},
	}
	return nil
}

var shownToken = regexp.MustCompile(`puentetoken_[A-Za-z0-9_-]{43}`)

func (p *provider) Login() bridgetest.Login {
	return bridgetest.Login{
		Answers: []string{"shop", "Shop", p.emulator.CallbackURL(), signingSecret},
		Shown: func(_ context.Context, text string) error {
			if token := shownToken.FindString(text); token != "" {
				p.token = token
				p.emulator.SetCredentials(token, signingSecret)
			}
			return nil
		},
	}
}

func (p *provider) Traits() bridgetest.Traits {
	return bridgetest.Traits{ExactlyOnce: true, Avatars: true, GroupNames: true}
}

func (p *provider) Secrets() []string { return []string{p.token, signingSecret} }

// endings choose the emulator's failures.
var endings = map[bridgetest.Trouble]string{
	bridgetest.NoTrouble: "7000", bridgetest.RateLimited: "0429", bridgetest.DownOnce: "0501", bridgetest.Down: "0500",
	bridgetest.Cut: "0408", bridgetest.Garbled: "0299", bridgetest.Blocked: "0400",
}

func (p *provider) Customer(_ context.Context, who bridgetest.Person) (bridgetest.Customer, error) {
	number := p.people.Add(1)
	made, err := p.emulator.AddCustomer(emulator.Customer{
		ID: fmt.Sprintf("user%d-%s", number, endings[who.Trouble]), Name: who.Name, Phone: fmt.Sprintf("+1650555%04d", 2000+number), Picture: who.Avatar,
	})
	return &customer{emulator: p.emulator, id: made.ID, phone: made.Phone}, err
}

func (p *provider) Group(_ context.Context, name string, members ...bridgetest.Customer) (string, error) {
	ids := make([]string, len(members))
	for i, one := range members {
		ids[i] = one.(*customer).id
	}
	return p.emulator.AddGroup(name, ids...)
}

func (p *provider) Hold() error {
	p.emulator.Hold()
	return nil
}

func (p *provider) Release(ctx context.Context, way bridgetest.Delivery) error {
	size, order := 1, emulator.InOrder
	if way.Together {
		size = 1000
	}
	if way.Reversed {
		order = emulator.Reversed
	}
	p.emulator.SetBatch(size, order, way.Twice)
	p.emulator.Release()
	if err := p.emulator.WaitDelivered(ctx); err != nil {
		return err
	}
	p.emulator.SetBatch(1, emulator.InOrder, false)
	return nil
}

func (p *provider) Forge(ctx context.Context) (map[string]int, error) {
	body := fmt.Sprintf(`{"id":"forged-1","type":"message.created","conversation":{"id":"con-forger"},"from":{"id":"forger"},"message":{"id":"forged","text":%q}}`, bridgetest.ForgedText)
	statuses := map[string]int{}
	for way, token := range map[string]string{
		"no token": "", "another token": "puentetoken_" + strings.Repeat("A", 43), "half of the token": p.token[:30], "the signing secret": signingSecret,
	} {
		status, err := p.emulator.Raw(ctx, token, []byte(body))
		if err != nil {
			return nil, err
		}
		statuses[way] = status
	}
	return statuses, nil
}

// Garble posts an event of a type that says nothing to this version: what cannot even be parsed the system is told at
// once.
func (p *provider) Garble(ctx context.Context) error {
	status, err := p.emulator.Raw(ctx, p.token, []byte(`{"id":"garbled-1","type":"nonsense.happened","what":[1,2,{"x":null}]}`))
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("status %d: %w", status, errs.ErrConflict)
	}
	return err
}

func (p *provider) Revoke(context.Context) error {
	p.emulator.Revoke(true)
	return nil
}

func (p *provider) Restore(context.Context) error {
	p.emulator.Revoke(false)
	return nil
}
