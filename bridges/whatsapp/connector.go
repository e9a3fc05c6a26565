// Package whatsapp bridges the WhatsApp Business Platform (Meta's Cloud API) to Matrix.
// ref: reference/whatsapp-cloud.md
package whatsapp

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/configupgrade"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/bridgekit/guard"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

const displayName = "WhatsApp"

// Network is WhatsApp as cmd/puente/networks.go lists it.
func Network() network.Network {
	return network.Network{
		ID: "whatsapp", DisplayName: displayName, AlsoCalled: alsoCalled(), ExampleConfig: exampleConfig, New: newConnector, Capabilities: capabilities(),
		Setup: []network.Setting{{Key: "app_secret", Ask: "The app secret of your Meta app (App settings, Basic)"}, {Key: "verify_token"}},
	}
}

// Connector is the bridge: what all of the business's numbers share.
type Connector struct {
	env     network.Env
	config  Config
	bridge  *bridgev2.Bridge
	pacer   *graph.Pacer
	http    *http.Client
	outside *http.Client // for files that are not at Meta's
	clock   clock.Clock
	log     zerolog.Logger
	lanes   *lanes

	courier *delivery.Courier
}

var (
	_ network.Connector         = (*Connector)(nil)
	_ network.Checker           = (*Connector)(nil)
	_ network.Templater         = (*Connector)(nil)
	_ bridgev2.StoppableNetwork = (*Connector)(nil)
)

// alsoCalled is what customers call it in other scripts and cases, and for short.
func alsoCalled() []string {
	return []string{
		"WA", "WhatsApp Business", "واتساب", "واتس اب", "ватсап", "ватсапе", "вотсап", "вотсапе", "вацап", "вотсапі", "व्हाट्सएप", "व्हाट्सऐप", "ワッツアップ",
	}
}

func newConnector(env network.Env) (network.Connector, error) {
	c := &Connector{env: env, clock: env.Clock, log: env.Log}
	if err := env.Config(&c.config); err != nil {
		return nil, fmt.Errorf("read the config: %w", err)
	}
	if err := c.config.validate(); err != nil {
		return nil, err
	}
	c.pacer = graph.NewPacer(graph.PacerConfig{PerSecond: float64(c.config.Throughput)}, env.Clock)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = time.Minute
	c.http, c.outside = &http.Client{Transport: transport}, guard.NewClient(nil, time.Minute)
	c.lanes = newLanes(env.Handles)
	c.courier = &delivery.Courier{
		Network: displayName, Outcomes: env.Outcomes, Clock: env.Clock, Log: env.Log, Away: env.Away, Grace: c.config.StatusGrace,
		// Meta's fault does not always pass. ref: reference/whatsapp-cloud.md §7, retry column
		Tries: graph.Tries,
	}
	return c, nil
}

// Init implements bridgev2.NetworkConnector.
func (c *Connector) Init(bridge *bridgev2.Bridge) { c.bridge = bridge }

// Start implements bridgev2.NetworkConnector.
func (c *Connector) Start(context.Context) error { return nil }

// Stop implements bridgev2.StoppableNetwork.
func (c *Connector) Stop() {
	c.http.CloseIdleConnections()
	c.outside.CloseIdleConnections()
}

// GetName implements bridgev2.NetworkConnector.
func (c *Connector) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{
		DisplayName: displayName, NetworkURL: "https://business.whatsapp.com", NetworkID: "whatsapp",
		BeeperBridgeType: "whatsapp-cloud", DefaultPort: 29330, DefaultCommandPrefix: "!puente",
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

// Rules implements network.Connector. ref: reference/whatsapp-cloud.md §6, customer service window
func (c *Connector) Rules() channel.Rules {
	return channel.Rules{FreeTextWindow: 24 * time.Hour, Templates: true}
}

// LoadUserLogin implements bridgev2.NetworkConnector.
func (c *Connector) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	meta, ok := login.Metadata.(*LoginMeta)
	if !ok {
		return fmt.Errorf("metadata of login %s: %w", login.ID, errs.ErrInvalid)
	}
	login.Client = &Client{connector: c, login: login, phoneNumberID: string(login.ID), graph: c.graphClient(meta.AccessToken)}
	return nil
}

func (c *Connector) graphClient(token string) *graph.Client {
	return graph.New(graph.Config{
		BaseURL: c.config.GraphURL, Version: c.config.GraphVersion, AccessToken: token,
		HTTPClient: c.http, Outside: c.outside, Clock: c.clock, Log: c.log, Pacer: c.pacer,
	})
}

// client returns the client of one of the business's numbers; errs.ErrNotFound if it is not connected.
func (c *Connector) client(phoneNumberID string) (*Client, error) {
	login := c.bridge.GetCachedUserLoginByID(loginID(phoneNumberID))
	if login == nil {
		return nil, errs.Tell(fmt.Errorf("number with phone_number_id %q: %w", phoneNumberID, errs.ErrNotFound),
			fmt.Sprintf("no account with phone_number_id %q is connected; an operator can connect it with `login whatsapp`, then retry.", phoneNumberID))
	}
	return login.Client.(*Client), nil
}
