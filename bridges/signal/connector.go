// Package signal bridges Signal to Matrix, over a signal-cli daemon that the operator runs. Signal has no interface for
// businesses; docs/channels/signal.md says what that means. ref: reference/signal-cli.md
package signal

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/configupgrade"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/signal/daemon"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

const displayName = "Signal"

// Network is Signal as cmd/puente/networks.go lists it.
func Network() network.Network {
	return network.Network{ID: "signal", DisplayName: displayName, AlsoCalled: alsoCalled(), ExampleConfig: exampleConfig, New: newConnector, Capabilities: capabilities()}
}

// Connector is the bridge: what all of the business's accounts share, such as the connection to the daemon.
type Connector struct {
	env      network.Env
	config   Config
	bridge   *bridgev2.Bridge
	daemon   *daemon.Client
	since    time.Time // when it was started
	started  atomic.Bool
	held     atomic.Bool // nothing is to be received for the time being, see Hold
	clock    clock.Clock
	log      zerolog.Logger
	courier  *delivery.Courier
	again    *delivery.Courier // for what may be done twice: reactions, edits, deletions, votes
	look     chan struct{}     // has a value when the accounts are to be looked at now
	accounts accounts
	// These outlive a new login of an account, which makes a new Client of it.
	attempts  attempts
	untrusted untrusted
	typing    typists
	ghosts    ghosts
	tokens    tokens
}

var (
	_ network.Connector         = (*Connector)(nil)
	_ network.Checker           = (*Connector)(nil)
	_ network.Commander         = (*Connector)(nil)
	_ network.Pauser            = (*Connector)(nil)
	_ bridgev2.StoppableNetwork = (*Connector)(nil)
)

// alsoCalled is what customers call it in other scripts and cases.
func alsoCalled() []string {
	return []string{
		"سيجنال", "سيغنال", "сигнал", "сигнале", "сигналі", "सिग्नल", "シグナル",
	}
}

func newConnector(env network.Env) (network.Connector, error) {
	c := &Connector{env: env, clock: env.Clock, log: env.Log, look: make(chan struct{}, 1)}
	if err := env.Config(&c.config); err != nil {
		return nil, fmt.Errorf("read the config: %w", err)
	}
	if err := c.config.validate(); err != nil {
		return nil, err
	}
	var err error
	c.daemon, err = daemon.New(daemon.Config{
		Address: c.config.Daemon, Clock: env.Clock, Log: env.Log, MaxLine: c.config.maxLine(),
		Receive: c.receive, Up: c.watch, Down: c.unreachable,
	})
	if err != nil {
		return nil, fmt.Errorf("networks.signal.daemon: %w", err)
	}
	c.courier = &delivery.Courier{
		Network: displayName, Outcomes: env.Outcomes, Clock: env.Clock, Log: env.Log, Away: env.Away, Grace: c.config.SendGrace,
		Tries: tries,
	}
	c.again = c.courier.WithGrace(0)
	return c, nil
}

// Init implements bridgev2.NetworkConnector.
func (c *Connector) Init(bridge *bridgev2.Bridge) { c.bridge = bridge }

// Start implements bridgev2.NetworkConnector.
func (c *Connector) Start(context.Context) error {
	c.since = c.clock.Now()
	c.started.Store(true)
	c.daemon.Start()
	return nil
}

// Stop implements bridgev2.StoppableNetwork.
func (c *Connector) Stop() {
	c.typing.stop()
	c.daemon.Stop()
}

// GetName implements bridgev2.NetworkConnector.
func (c *Connector) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{
		DisplayName: displayName, NetworkURL: "https://signal.org", NetworkID: "signal",
		BeeperBridgeType: "signal-cli", DefaultPort: 29330, DefaultCommandPrefix: "!puente",
	}
}

// GetDBMetaTypes implements bridgev2.NetworkConnector.
func (c *Connector) GetDBMetaTypes() database.MetaTypes { return metaTypes() }

// GetConfig implements bridgev2.NetworkConnector; Puente reads the config itself.
func (c *Connector) GetConfig() (example string, data any, upgrader configupgrade.Upgrader) {
	return exampleConfig, &c.config, configupgrade.NoopUpgrader
}

// GetBridgeInfoVersion implements bridgev2.NetworkConnector.
func (c *Connector) GetBridgeInfoVersion() (info, capabilities int) { return 1, 1 }

// Rules implements network.Connector: Signal demands nothing of whoever answers.
func (c *Connector) Rules() channel.Rules { return channel.Rules{} }

// Webhooks implements network.Connector: the daemon never calls.
func (c *Connector) Webhooks() http.Handler { return nil }

// LoadUserLogin implements bridgev2.NetworkConnector.
func (c *Connector) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	meta, ok := login.Metadata.(*LoginMeta)
	if !ok {
		return fmt.Errorf("metadata of login %s: %w", login.ID, errs.ErrInvalid)
	}
	client, own := &Client{connector: c, login: login}, *meta
	client.own.Store(&own)
	login.Client = client
	c.accounts.add(client)
	return nil
}

// accounts are the business's accounts by login. bridgev2 knows them too, but without a lock that readers could take.
type accounts struct {
	mu   sync.Mutex
	list map[networkid.UserLoginID]*Client
}

func (a *accounts) add(client *Client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.list == nil {
		a.list = map[networkid.UserLoginID]*Client{}
	}
	a.list[client.login.ID] = client
}

func (a *accounts) remove(client *Client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.list[client.login.ID] == client {
		delete(a.list, client.login.ID)
	}
}

// clients are the business's accounts.
func (c *Connector) clients() []*Client {
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	return slices.Collect(maps.Values(c.accounts.list))
}

// client returns the client of an account, by number or ACI; errs.ErrNotFound if it is not connected.
func (c *Connector) client(account string) (*Client, error) {
	for _, client := range c.clients() {
		if meta := client.meta(); account != "" && (account == meta.Number || strings.EqualFold(account, meta.ACI)) {
			return client, nil
		}
	}
	return nil, errs.Tell(fmt.Errorf("account of a notification: %w", errs.ErrNotFound),
		"the account that it was sent to is not connected; an operator can connect it with `login signal`, then retry.")
}

// lookNow has the accounts looked at, if the daemon is there.
func (c *Connector) lookNow() {
	select {
	case c.look <- struct{}{}:
	default: // that is to be done already
	}
}

// lookEvery is how often the accounts are looked at without a reason: one may have been unlinked on the phone.
const lookEvery = time.Minute

// watch subscribes the accounts on a new connection, and keeps an eye on them until the connection ends.
func (c *Connector) watch(ctx context.Context) {
	c.log.Info().Msg("Connected to the signal-cli daemon")
	subscribed := map[string]bool{} // by number
	versionKnown := false
	for {
		if !versionKnown {
			versionKnown = c.noteVersion(ctx)
		}
		wait := lookEvery
		if !c.lookAtAccounts(ctx, subscribed) {
			wait = 5 * time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-c.look:
		case <-c.clock.After(wait):
		}
	}
}

// lookAtAccounts subscribes each account that the daemon has, and notices those that it no longer has; or it ends the
// subscriptions, while Hold says so. It tells whether all went well.
func (c *Connector) lookAtAccounts(ctx context.Context, subscribed map[string]bool) bool {
	if c.held.Load() {
		clear(subscribed)
		err := c.daemon.Unsubscribe(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("The signal-cli daemon does not end its subscriptions, trying again")
		}
		return err == nil
	}
	clients := c.clients()
	if len(clients) == 0 {
		return true
	}
	numbers, err := c.daemon.Accounts(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("The signal-cli daemon does not list its accounts; it must run without -a")
		}
		return false
	}
	there := map[string]bool{}
	for _, number := range numbers {
		there[number] = true
	}
	well := true
	for _, client := range clients {
		well = client.attend(ctx, there[client.meta().Number], subscribed) && well
	}
	return well
}

// unreachable is told that the daemon is away.
func (c *Connector) unreachable(err error) {
	c.log.Warn().Err(err).Msg("The signal-cli daemon cannot be reached, trying again")
	for _, client := range c.clients() {
		client.noteAway()
	}
}
