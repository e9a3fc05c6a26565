package signal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// handleReceipt moves messages of ours on. A receipt names several by their timestamps, whatever chat they are in.
// ref: reference/signal-cli.md §5, receiptMessage
func (in *incoming) handleReceipt(ctx context.Context) error {
	if err := in.place(ctx); err != nil {
		return err
	} else if in.self {
		return nil
	}
	receipt := in.got.Envelope.Receipt
	state := channel.Delivered
	if receipt.IsRead || receipt.IsViewed {
		state = channel.Read
	}
	ghost, err := in.client.connector.bridge.GetGhostByID(ctx, in.sender.Sender)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the ghost who received a message: %w", err), 0)
	}
	at := in.at()
	if receipt.When > 0 {
		at = time.UnixMilli(receipt.When).UTC()
	}
	timestamps := slices.Clone(receipt.Timestamps)
	slices.Sort(timestamps)
	for _, timestamp := range timestamps {
		if err = in.reportReceipt(ctx, timestamp, network.Report{State: state, At: at, By: ghost}); err != nil {
			return err
		}
	}
	return nil
}

func (in *incoming) reportReceipt(ctx context.Context, timestamp int64, report network.Report) error {
	report.NetworkMessageID = string(messageID(in.client.self(), timestamp))
	err := in.client.connector.env.Outcomes.Report(ctx, report)
	if !errors.Is(err, errs.ErrNotFound) {
		return err
	}
	chats, err := in.client.chatsWith(ctx, in.sender.Sender)
	if err != nil {
		return err
	}
	for _, chat := range chats {
		if err = in.client.connector.attempts.await(ctx, chat, timestamp); err != nil {
			return err
		}
		if err = in.client.settle(ctx, chat, timestamp); err != nil {
			return err
		}
	}
	err = in.client.connector.env.Outcomes.Report(ctx, report)
	if errors.Is(err, errs.ErrNotFound) {
		return nil // written on the phone, or before the account was connected
	}
	return err
}

// chatsWith are the chats in which a person may have got a message whose fate is not known: their own first, then, if
// there may be such a message at all, the groups that they are in.
func (cl *Client) chatsWith(ctx context.Context, person networkid.UserID) ([]networkid.PortalKey, error) {
	chats := []networkid.PortalKey{personChat(person, cl.login.ID)}
	if !cl.connector.mayBeOpen() {
		return chats, nil
	}
	portals, err := cl.connector.bridge.GetAllPortalsWithMXID(ctx)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("list the rooms: %w", err), 0)
	}
	for _, portal := range portals {
		_, isGroup := groupOf(portal.ID)
		if isGroup && portal.Receiver == cl.login.ID && slices.Contains(portal.Metadata.(*PortalMeta).Members, string(person)) {
			chats = append(chats, portal.PortalKey)
		}
	}
	return chats, nil
}

// mayBeOpen tells whether there may be messages whose fate is not known: some of this run, or of one before, which are
// sent again after the grace.
func (c *Connector) mayBeOpen() bool {
	return c.attempts.any() || c.clock.Now().Sub(c.since) < 2*c.config.SendGrace
}

// settle looks whether a timestamp that somebody names as one of ours is that of a message whose sending broke off: no
// message is known by it, and it is not earlier than the attempt began. ref: reference/signal-cli.md §3, the identity
// of a message is the result's timestamp
func (cl *Client) settle(ctx context.Context, chat networkid.PortalKey, timestamp int64) error {
	bridge := cl.connector.bridge
	portal, err := bridge.GetExistingPortalByKey(ctx, chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil
	}
	open, err := cl.connector.env.Outcomes.Open(ctx, portal.MXID)
	if err != nil || len(open) == 0 {
		return err
	}
	known, err := bridge.DB.Message.GetFirstPartByID(ctx, chat.Receiver, messageID(cl.self(), timestamp))
	if err != nil {
		return errs.Temporary(fmt.Errorf("find a message: %w", err), 0)
	} else if known != nil {
		return nil // written on the phone
	}
	for _, one := range slices.Backward(open) {
		if one.Began.UnixMilli() <= timestamp && !cl.connector.attempts.waits(one.EventID) {
			return cl.found(ctx, one.EventID, timestamp)
		}
	}
	return nil
}

// found notes that Signal has a message whose sending broke off. It is forgotten only then: whoever tries again must find
// it.
func (cl *Client) found(ctx context.Context, eventID id.EventID, timestamp int64) error {
	cl.connector.log.Info().Stringer("event_id", eventID).Msg("A message whose sending broke off has arrived")
	err := cl.connector.env.Outcomes.Report(ctx, network.Report{
		EventID: eventID, NetworkMessageID: string(messageID(cl.self(), timestamp)), State: channel.Sent, At: cl.connector.clock.Now(),
	})
	if err == nil {
		cl.connector.attempts.end(eventID)
	}
	return err
}

// typingLasts is for how long a notice that somebody types is true. The apps repeat it every 10 seconds.
const typingLasts = 15 * time.Second

// handleTyping shows that a customer types. What waited too long is passed over.
func (in *incoming) handleTyping(ctx context.Context) error {
	if in.client.connector.clock.Now().Sub(in.receivedAt) > typingLasts {
		return nil
	}
	if err := in.place(ctx); err != nil {
		return err
	} else if in.self {
		return nil
	}
	timeout := typingLasts
	if in.got.Envelope.Typing.Action == "STOPPED" {
		timeout = 0
	}
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil
	}
	// It is over soon: that it could not be shown is worth no other try.
	res := in.client.login.QueueRemoteEvent(&simplevent.Typing{EventMeta: in.existing(bridgev2.RemoteEventTyping), Timeout: timeout})
	if err = network.Result(res); err != nil {
		in.client.connector.log.Debug().Err(err).Str("login_id", in.client.self()).Msg("Could not show that a customer types")
	}
	return nil
}
