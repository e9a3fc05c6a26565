package signal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// handleSync takes what the business did on its phone, but for messages: what was read there.
func (in *incoming) handleSync(ctx context.Context) error {
	in.sender = bridgev2.EventSender{IsFromMe: true, Sender: in.client.GetUserID()}
	newest := map[networkid.PortalKey]daemon.ReadMessage{}
	ids := map[networkid.PortalKey]networkid.MessageID{}
	for _, read := range in.got.Envelope.Sync.Read {
		id := messageID(in.client.author(read.SenderUUID, read.SenderNumber), read.Timestamp)
		msg, err := in.client.connector.bridge.DB.Message.GetFirstPartByID(ctx, in.client.login.ID, id)
		if err != nil {
			return errs.Temporary(err, 0)
		} else if msg != nil && newest[msg.Room].Timestamp < read.Timestamp {
			newest[msg.Room], ids[msg.Room] = read, msg.ID
		}
	}
	for chat, read := range newest {
		in.chat = chat
		err := in.queue(&simplevent.Receipt{
			EventMeta: in.existing(bridgev2.RemoteEventReadReceipt), LastTarget: ids[chat], ReadUpTo: time.UnixMilli(read.Timestamp),
		})
		if err != nil {
			return err
		}
		if err = in.keepRead(ctx, read.Timestamp); err != nil {
			return err
		}
	}
	return nil
}

// keepRead notes that customers know already up to where their messages are read.
func (in *incoming) keepRead(ctx context.Context, timestamp int64) error {
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil || portal == nil {
		return errs.Temporary(err, 0)
	}
	meta := portal.Metadata.(*PortalMeta)
	if timestamp <= meta.ReadUpTo {
		return nil
	}
	meta.ReadUpTo = timestamp
	return errs.Temporary(portal.Save(ctx), 0)
}

// isEcho tells whether a message that seems to come from the phone is one that Puente itself gave to the daemon and got
// no answer about. Only the same text makes it one: else a message from the phone would be lost. One that was found, and
// of which not all could be noted, is known by its ID from then on.
func (in *incoming) isEcho(ctx context.Context, data *daemon.DataMessage) (bool, error) {
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return false, errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return false, nil
	}
	err = in.client.connector.env.Outcomes.Report(ctx, network.Report{
		NetworkMessageID: string(messageID(in.client.self(), in.timestamp())), State: channel.Sent, At: in.client.connector.clock.Now(),
	})
	if !errors.Is(err, errs.ErrNotFound) {
		return err == nil, err
	}
	open, err := in.client.connector.env.Outcomes.Open(ctx, portal.MXID)
	if err != nil {
		return false, err
	}
	attempts := &in.client.connector.attempts
	for _, attempt := range open {
		if attempt.Began.UnixMilli() > in.timestamp() || !attempts.is(attempt.EventID, data.Message) {
			continue
		} else if !attempts.waits(attempt.EventID) {
			return true, in.client.found(ctx, attempt.EventID, in.timestamp())
		}
		// Its answer may still come, and say that it is another one.
		if err = attempts.await(ctx, in.chat, in.timestamp()); err != nil {
			return false, err
		} else if !attempts.waits(attempt.EventID) {
			return in.isEcho(ctx, data)
		}
	}
	return false, nil
}

// noteLate takes the answer to a message that came after Puente had given up waiting for it.
func (cl *Client) noteLate(ctx context.Context, eventID id.EventID, sent daemon.SendResult, err error) {
	defer cl.connector.attempts.end(eventID)
	var refused *daemon.Error
	switch {
	case err == nil:
		err = cl.found(ctx, eventID, sent.Timestamp)
	case errors.As(err, &refused):
		err = cl.connector.env.Outcomes.Refused(ctx, eventID) // it may be sent again at once
	default:
		return // nobody knows more than before
	}
	if err != nil {
		cl.connector.log.Warn().Err(err).Stringer("event_id", eventID).Msg("Could not note a late answer of the signal-cli daemon")
	}
}

// ownACI asks the daemon who an account is: by Signal's directory, or by the daemon's own address book.
func (c *Connector) ownACI(ctx context.Context, number string) (string, error) {
	aci, err := c.daemon.ACI(ctx, number, number)
	if err == nil && aci != "" {
		return strings.ToLower(aci), nil
	}
	contact, contactErr := c.daemon.Contact(ctx, number, number)
	if contactErr == nil && contact != nil && contact.UUID != "" {
		return strings.ToLower(contact.UUID), nil
	}
	return "", errors.Join(err, contactErr)
}
