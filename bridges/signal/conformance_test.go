package signal_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/signal"
	"puente/bridges/signal/emulator"
	"puente/core/base/errs"
)

func TestMain(m *testing.M) { os.Exit(bridgetest.Main(m)) }

func TestConformance(t *testing.T) { bridgetest.Run(t, signal.Network(), newProvider) }

const (
	ownNumber   = "+4930555078388"
	otherNumber = "+4930555078399"
	ownName     = "Corner Shop"
)

// provider plays Signal, the daemon and the customers' phones for the conformance suite.
type provider struct {
	emulator *emulator.Emulator
	relay    *relay // between Puente and the daemon
	aci      string // of the business

	mu     sync.Mutex
	people int
	logins int
}

func newProvider() bridgetest.Provider { return &provider{} }

// Start implements bridgetest.Provider.
func (p *provider) Start(ctx context.Context, _ string) error {
	p.emulator = emulator.New(emulator.Options{
		Phones: []emulator.Account{{Number: ownNumber, Name: ownName}},
		// A receipt has a way to go: it does not come before the connection that is cut.
		Latency: emulator.Latency{Min: 30 * time.Millisecond, Max: 50 * time.Millisecond},
	})
	address, err := p.emulator.Start(ctx, "tcp:127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the emulator: %w", err)
	}
	p.aci = p.emulator.Accounts()[0].ACI
	p.relay, err = newRelay(address)
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
	*into.(*signal.Config) = signal.Config{
		Daemon: p.relay.address(), DeviceName: "Puente", TrustNewIdentities: "on-first-use", SendGrace: time.Minute, AttachmentLimit: 100,
		Typing: true, ReadReceipts: true, MessageRequests: "at-once", Disappearing: true,
	}
	return nil
}

var linkCode = regexp.MustCompile(`sgnl://[^\s` + "`" + `]+`)

// Login implements bridgetest.Provider: the first is the wrong one, of a number that the daemon does not have; then the
// phone links the daemon, and later logins take the account that is there.
func (p *provider) Login() bridgetest.Login {
	p.logins++
	if p.logins == 1 || p.emulator.OnDaemon(ownNumber) {
		return bridgetest.Login{Flow: "existing", Answers: []string{ownNumber}, Wrong: []string{otherNumber}}
	}
	scanned := ""
	return bridgetest.Login{Flow: "link", Shown: func(_ context.Context, text string) error {
		code := linkCode.FindString(text)
		if code == "" || code == scanned {
			return nil
		}
		scanned = code
		return p.emulator.Scan(code, ownNumber)
	}}
}

// Traits implements bridgetest.Provider.
func (p *provider) Traits() bridgetest.Traits {
	// A receipt of the customer's settles what nobody knows, as long as the customer's phone is on.
	return bridgetest.Traits{ExactlyOnce: true, Avatars: true, GroupNames: true}
}

// Secrets implements bridgetest.Provider.
func (p *provider) Secrets() []string { return []string{ownNumber, ownNumber[1:], otherNumber[1:]} }

// Customer implements bridgetest.Provider.
func (p *provider) Customer(_ context.Context, who bridgetest.Person) (bridgetest.Customer, error) {
	ending, ok := map[bridgetest.Trouble]string{
		bridgetest.NoTrouble: "", bridgetest.RateLimited: "0413", bridgetest.DownOnce: "0501", bridgetest.Down: "0500",
		bridgetest.Cut: "0408", bridgetest.Garbled: "", bridgetest.Blocked: "0404",
	}[who.Trouble]
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
		Name: who.Name, Number: fmt.Sprintf("+4915700%03d%s", 100+number, ending), NoAvatar: who.Avatar == nil,
	})
	if err != nil {
		return nil, err
	}
	if who.Avatar != nil {
		if err = p.emulator.SetAvatar(added.ACI, who.Avatar); err != nil {
			return nil, err
		}
	}
	if who.Trouble == bridgetest.Garbled {
		p.relay.garble(added.ACI)
	}
	chat, err := p.emulator.Chat(added.ACI, ownNumber)
	if err != nil {
		return nil, err
	}
	return &customer{provider: p, Customer: added, chat: chat}, nil
}

// Group implements bridgetest.Provider.
func (p *provider) Group(_ context.Context, name string, members ...bridgetest.Customer) (string, error) {
	made := emulator.Group{Name: name}
	for _, member := range members {
		made.Members = append(made.Members, emulator.Member{ACI: member.(*customer).ACI})
	}
	made.Members = append(made.Members, emulator.Member{ACI: p.aci})
	group, err := p.emulator.AddGroup(made)
	return group.ID, err
}

// Hold implements bridgetest.Provider.
func (p *provider) Hold() error {
	p.relay.hold()
	return nil
}

// Release implements bridgetest.Provider.
func (p *provider) Release(ctx context.Context, way bridgetest.Delivery) error {
	if _, err := p.emulator.WaitDaemon(ctx, func(d emulator.Daemon) bool { return d.Waiting[ownNumber] == 0 }); err != nil {
		return err
	}
	return p.relay.release(ctx, way)
}

// Forge implements bridgetest.Provider: Puente calls the daemon, and nobody calls Puente.
func (p *provider) Forge(context.Context) (map[string]int, error) {
	return nil, fmt.Errorf("forge on Signal: %w", errs.ErrUnsupported)
}

// Garble implements bridgetest.Provider.
func (p *provider) Garble(ctx context.Context) error {
	return p.relay.say(ctx, `{"jsonrpc":"2.0","method":"receive","params":{"account":`)
}

// Revoke implements bridgetest.Provider: the daemon says that it has no such account. What comes waits meanwhile.
func (p *provider) Revoke(context.Context) error {
	p.relay.refuse(true)
	return nil
}

// Restore implements bridgetest.Provider.
func (p *provider) Restore(context.Context) error {
	p.relay.refuse(false)
	return nil
}
