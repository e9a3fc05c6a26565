// Package telegram bridges Telegram to Matrix over the official Bot API: bots, and the business accounts that they
// are connected to. ref: reference/telegram-bot.md
package telegram

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
	"go.mau.fi/util/configupgrade"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

const (
	networkID   = "telegram"
	displayName = "Telegram"
)

// Network is Telegram as cmd/puente/networks.go lists it.
func Network() network.Network {
	return network.Network{ID: networkID, DisplayName: displayName, AlsoCalled: alsoCalled(), ExampleConfig: exampleConfig, New: newConnector, Capabilities: capabilities()}
}

// Connector is the bridge: what all bots share.
type Connector struct {
	env    network.Env
	config Config
	bridge *bridgev2.Bridge
	pacer  *botapi.Pacer
	http   *http.Client
	clock  clock.Clock
	log    zerolog.Logger
	names  names
	owners sync.Map // ID of a connection that an update told of → user ID of its business account

	courier         *delivery.Courier // of bots: a possible double is better than a loss
	businessCourier *delivery.Courier // of business accounts: the echo settles what is unclear
}

var (
	_ network.Connector         = (*Connector)(nil)
	_ network.Checker           = (*Connector)(nil)
	_ bridgev2.StoppableNetwork = (*Connector)(nil)
)

// alsoCalled is what customers call it in other scripts and cases, and for short.
func alsoCalled() []string {
	return []string{
		"TG", "تلغرام", "تيليجرام", "تلجرام", "تيلجرام", "телеграм", "телеграмм", "телеграме", "телеграмі", "टेलीग्राम", "电报", "電報", "テレグラム",
	}
}

func newConnector(env network.Env) (network.Connector, error) {
	c := &Connector{env: env, clock: env.Clock, log: env.Log}
	if err := env.Config(&c.config); err != nil {
		return nil, fmt.Errorf("read the config: %w", err)
	}
	if err := c.config.validate(env.PublicURL); err != nil {
		return nil, err
	}
	c.pacer = botapi.NewPacer(botapi.PacerConfig{
		PerSecond: c.config.MessagesPerSecond, ChatPerSecond: c.config.ChatPerSecond,
		ChatBurst: c.config.ChatBurst, GroupPerMinute: c.config.GroupPerMinute,
	}, env.Clock)
	c.http = &http.Client{Transport: botapi.NewTransport(c.config.LocalServer)}
	c.courier = &delivery.Courier{
		Network: displayName, Outcomes: env.Outcomes, Clock: env.Clock, Log: env.Log, Tries: botapi.Tries,
	}
	c.businessCourier = c.courier.WithGrace(c.config.EchoGrace)
	c.businessCourier.Away = env.Away // what was echoed meanwhile waits at Telegram
	return c, nil
}

// Init implements bridgev2.NetworkConnector.
func (c *Connector) Init(bridge *bridgev2.Bridge) { c.bridge = bridge }

// Start implements bridgev2.NetworkConnector.
func (c *Connector) Start(context.Context) error { return nil }

// Stop implements bridgev2.StoppableNetwork.
func (c *Connector) Stop() { c.http.CloseIdleConnections() }

// GetName implements bridgev2.NetworkConnector.
func (c *Connector) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{
		DisplayName: displayName, NetworkURL: "https://telegram.org", NetworkID: networkID,
		BeeperBridgeType: "telegram-bot", DefaultPort: 29317, DefaultCommandPrefix: "!puente",
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

// Rules implements network.Connector. Bots may always answer who wrote to them; the 24 hours of business accounts are
// kept per chat (see Client.mayWrite).
func (c *Connector) Rules() channel.Rules { return channel.Rules{} }

// LoadUserLogin implements bridgev2.NetworkConnector. It runs under a lock of bridgev2's and only makes the client; for
// a bot that logs in again it gives the running one the new token.
func (c *Connector) LoadUserLogin(_ context.Context, login *bridgev2.UserLogin) error {
	meta, ok := login.Metadata.(*LoginMeta)
	if !ok || meta.BotID == 0 {
		return fmt.Errorf("metadata of login %s: %w", login.ID, errs.ErrInvalid)
	}
	client, known := login.Client.(*Client)
	if !known {
		client = newClient(c, login)
	}
	if meta.Business == nil {
		api, err := c.newAPI(meta.Token)
		if err != nil {
			return fmt.Errorf("load login %s: %w", login.ID, err)
		}
		client.own.Store(api)
	}
	login.Client = client
	return nil
}

func (c *Connector) newAPI(token string) (*botapi.Client, error) {
	return botapi.New(botapi.Config{
		BaseURL: c.config.APIURL, Token: token, Local: c.config.LocalServer, HTTP: c.http, Clock: c.clock, Log: c.log,
	})
}

// botClient returns the client of a bot; errs.ErrNotFound if it is not connected.
func (c *Connector) botClient(botID int64) (*Client, error) {
	login := c.bridge.GetCachedUserLoginByID(botLogin(botID))
	if login == nil {
		return nil, errs.Tell(fmt.Errorf("bot %d: %w", botID, errs.ErrNotFound),
			fmt.Sprintf("no bot with the ID %d is connected; an operator can connect it with `login telegram`, then retry.", botID))
	}
	return login.Client.(*Client), nil
}
