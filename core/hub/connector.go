package hub

import (
	"context"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/device"
)

// matrixConnector is bridgev2's connector to the homeserver with the methods that Puente does otherwise.
// bridgev2's own internal calls do not reach them; what must always hold is done in transport.
type matrixConnector struct {
	*matrix.Connector
	bridge *hosted
}

var (
	_ bridgev2.MatrixConnectorWithBridgeIdentifier       = (*matrixConnector)(nil)
	_ bridgev2.MatrixConnectorWithServer                 = (*matrixConnector)(nil)
	_ bridgev2.MatrixConnectorWithArbitraryRoomState     = (*matrixConnector)(nil)
	_ bridgev2.MatrixConnectorWithPostRoomBridgeHandling = (*matrixConnector)(nil)
)

// Init prepares the connector, with a device of Puente's own for encryption: see core/hub/device.
func (c *matrixConnector) Init(bridge *bridgev2.Bridge) {
	c.Connector.Init(bridge)
	if c.Connector.Crypto == nil {
		return
	}
	hub := c.bridge.hub
	c.Connector.Crypto = device.New(device.Options{
		Account: c.bridge.network.ID, Name: c.bridge.network.DisplayName + " (Puente)",
		AS: c.AS, PuppetsLike: "@" + strings.ReplaceAll(hub.Prefix, "_", `\_`) + "%:" + hub.Domain, DB: hub.DB, KV: bridge.DB.KV, State: c.StateStore,
		PickleKey: hub.PickleKey, MSC4190: hub.MSC4190, Clock: hub.Clock, Log: c.bridge.log.With().Str("component", "crypto").Logger(),
	})
}

// GhostIntent returns a customer's ghost.
func (c *matrixConnector) GhostIntent(userID networkid.UserID) bridgev2.MatrixAPI {
	return c.wrap(c.Connector.GhostIntent(userID), true)
}

// BotIntent returns the bridge's bot.
func (c *matrixConnector) BotIntent() bridgev2.MatrixAPI {
	return c.wrap(c.Connector.BotIntent(), false)
}

func (c *matrixConnector) wrap(api bridgev2.MatrixAPI, ghost bool) bridgev2.MatrixAPI {
	return &intent{ASIntent: api.(*matrix.ASIntent), bridge: c.bridge, ghost: ghost}
}

// NewUserIntent returns none: nobody's account is puppeted but Puente's own.
func (c *matrixConnector) NewUserIntent(_ context.Context, _ id.UserID, accessToken string) (bridgev2.MatrixAPI, string, error) {
	return nil, accessToken, nil
}

// GetUniqueBridgeID is the state key of m.bridge, which would be the same for all bridges of one registration.
func (c *matrixConnector) GetUniqueBridgeID() string {
	return c.Connector.GetUniqueBridgeID() + "/" + c.bridge.network.ID
}

// SendMessageStatus is silent: the router knows every event's result, tries again where that helps, and reports
// once (see outcome.go).
func (c *matrixConnector) SendMessageStatus(context.Context, *bridgev2.MessageStatus, *bridgev2.MessageStatusEventInfo) {
}

// SendBridgeStatus keeps how each login is, for people who ask.
func (c *matrixConnector) SendBridgeStatus(ctx context.Context, state *status.BridgeState) error {
	c.bridge.states.Store(state.RemoteID, *state)
	c.bridge.watch.note(ctx, *state)
	return c.Connector.SendBridgeStatus(ctx, state)
}
