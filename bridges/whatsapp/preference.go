package whatsapp

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// preferences are WhatsApp's words for what a customer decided, and ours. ref: reference/whatsapp-cloud.md §4.4
var preferences = map[string]string{
	"stop":   "The customer wants no marketing messages any more. WhatsApp refuses marketing templates to them from now on.",
	"resume": "The customer takes marketing messages again.",
	"signup": "The customer signed up for marketing messages.",
}

// handlePreference shows in the customer's room what they decided about marketing. Who never wrote has no room, and
// needs none for it: Meta itself refuses what they do not want.
func (c *Connector) handlePreference(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeUserPreference(entry.Payload)
	if err != nil {
		return fmt.Errorf("read a customer's preference: %w", err)
	}
	preference := envelope.Item
	text, known := preferences[preference.Value]
	if !known {
		return fmt.Errorf("customer's preference %q: %w", message.CleanWord(preference.Value), errs.ErrUnsupported)
	}
	client, err := c.client(string(envelope.Metadata.PhoneNumberID))
	if err != nil {
		return err
	}
	person, err := c.known(ctx, preference.UserID, string(preference.WaID))
	if errors.Is(err, errs.ErrNotFound) {
		return nil
	} else if err != nil {
		return fmt.Errorf("find whose preference it is: %w", err)
	}
	part := message.Notice(text)
	part.Extra = map[string]any{network.PreferenceKey: map[string]any{"category": preference.Category, "value": preference.Value}}
	return network.Result(client.login.QueueRemoteEvent(&simplevent.PreConvertedMessage{
		EventMeta: simplevent.EventMeta{
			Type: bridgev2.RemoteEventMessage, PortalKey: customerChat(person, client.phoneNumberID),
			Sender: bridgev2.EventSender{Sender: person}, Timestamp: preference.Timestamp.Time(),
		},
		ID:   messageID(entry.Key),
		Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}},
	}))
}

// known returns the person behind a user ID or a number, the first if both are known.
func (c *Connector) known(ctx context.Context, userID, waID string) (networkid.UserID, error) {
	person, err := c.env.Handles.Lookup(ctx, network.Handle{Kind: handleUserID, Value: userID})
	if errors.Is(err, errs.ErrNotFound) && waID != "" {
		return c.env.Handles.Lookup(ctx, network.Handle{Kind: handleWaID, Value: digits(waID)})
	}
	return person, err
}
