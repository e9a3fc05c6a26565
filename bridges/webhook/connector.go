// Package webhook makes a company's own system a channel: a shop's chat widget, an SMS gateway, a legacy desk. The
// system posts what its people do by HTTP and gets what agents do by signed webhook. openapi.yaml describes both.
//
// It is also the example for whoever adds a network: docs/adding-a-channel.md walks through its files.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/configupgrade"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/bridgekit/guard"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

const displayName = "Webhook"

// Network is the channel as cmd/puente/networks.go lists it.
func Network() network.Network {
	return network.Network{ID: "webhook", DisplayName: displayName, ExampleConfig: exampleConfig, New: newConnector, Capabilities: capabilities()}
}

// Connector is the bridge: what all of the company's systems share.
type Connector struct {
	env     network.Env
	config  Config
	bridge  *bridgev2.Bridge
	http    *http.Client
	uploads *uploads
	clock   clock.Clock
	log     zerolog.Logger
	courier *delivery.Courier
	clients sync.Map // networkid.UserLoginID → *Client: those that are logged in
}

var (
	_ network.Connector         = (*Connector)(nil)
	_ network.Checker           = (*Connector)(nil)
	_ bridgev2.StoppableNetwork = (*Connector)(nil)
)

func newConnector(env network.Env) (network.Connector, error) {
	c := &Connector{env: env, clock: env.Clock, log: env.Log}
	if err := env.Config(&c.config); err != nil {
		return nil, fmt.Errorf("read the config: %w", err)
	}
	allowed, err := c.config.validate()
	if err != nil {
		return nil, err
	}
	c.http = guard.NewClient(allowed, c.config.CallbackTimeout)
	c.uploads = newUploads(c.config.UploadDir, c.clock, c.log)
	// What was sent carries the same ID when it is sent again, so nothing is to be waited for.
	c.courier = &delivery.Courier{Network: displayName, Outcomes: env.Outcomes, Clock: env.Clock, Log: env.Log, Tries: tries}
	return c, nil
}

// Init implements bridgev2.NetworkConnector.
func (c *Connector) Init(bridge *bridgev2.Bridge) { c.bridge = bridge }

// Start implements bridgev2.NetworkConnector.
func (c *Connector) Start(context.Context) error {
	c.uploads.start()
	return nil
}

// Stop implements bridgev2.StoppableNetwork.
func (c *Connector) Stop() {
	c.uploads.stop()
	c.http.CloseIdleConnections()
}

// GetName implements bridgev2.NetworkConnector.
func (c *Connector) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{
		DisplayName: displayName, NetworkURL: "https://www.standardwebhooks.com", NetworkID: "webhook",
		BeeperBridgeType: "puente-webhook", DefaultPort: 29330, DefaultCommandPrefix: "!puente",
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

// Rules implements network.Connector: a company may always write to its own people.
func (c *Connector) Rules() channel.Rules { return channel.Rules{} }

// LoadUserLogin implements bridgev2.NetworkConnector.
func (c *Connector) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	meta, ok := login.Metadata.(*LoginMeta)
	if !ok {
		return fmt.Errorf("metadata of login %s: %w", login.ID, errs.ErrInvalid)
	}
	client := newClientOf(c, login, *meta)
	login.Client = client
	c.clients.Store(login.ID, client)
	return nil
}

// client returns the client of one system; errs.ErrNotFound if it is not connected.
func (c *Connector) client(ctx context.Context, system string) (*Client, error) {
	if client, ok := c.clients.Load(loginID(system)); ok {
		return client.(*Client), nil
	}
	// While Puente starts, a system may call before its login is loaded. That is bridgev2's to do, once.
	row, err := c.bridge.DB.UserLogin.GetByID(ctx, loginID(system))
	if err == nil && row != nil {
		err = errors.New("not loaded yet")
	}
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find system %s: %w", system, err), 0)
	}
	return nil, errs.Tell(fmt.Errorf("system %q: %w", system, errs.ErrNotFound),
		fmt.Sprintf("no system %q is connected; an operator can connect it with `login webhook`, then retry.", system))
}
