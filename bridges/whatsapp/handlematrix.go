package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// statusWait is how long a message whose fate is unknown waits before its status is looked for again.
const statusWait = 2 * time.Second

// HandleMatrixMessage implements bridgev2.NetworkAPI.
func (cl *Client) HandleMatrixMessage(ctx context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	composed := composition(msg.Event)
	if composed.template == nil && !cl.allowsFreeText(msg.Portal) {
		return nil, errs.Tell(fmt.Errorf("message outside the window: %w", errs.ErrForbidden),
			"the customer last wrote more than 24 hours ago, and WhatsApp then takes approved templates only. "+
				"Send one with `!puente template <name>`; `!puente templates` lists them.")
	}
	replyTo := ""
	if msg.ReplyTo != nil {
		replyTo = string(msg.ReplyTo.ID)
	}
	wamid, err := cl.deliver(ctx, msg.Event.ID, msg.Portal, replyTo, func(ctx context.Context) (graph.Content, error) {
		return cl.content(ctx, msg, composed)
	})
	if err != nil {
		return nil, err
	}
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{
		ID: messageID(wamid), SenderID: businessID(cl.phoneNumberID),
	}}, nil
}

// deliver sends one message exactly once, as far as WhatsApp lets us: there is no idempotency key, so every attempt
// is noted before, and one whose end is unknown waits for the status report that carries our own ID.
// ref: reference/whatsapp-cloud.md §5
func (cl *Client) deliver(ctx context.Context, eventID id.EventID, portal *bridgev2.Portal, replyTo string, content func(context.Context) (graph.Content, error)) (wamid string, err error) {
	outcomes := cl.connector.env.Outcomes
	earlier, err := outcomes.Look(ctx, eventID)
	if err != nil {
		return "", err
	} else if earlier.NetworkMessageID != "" {
		return earlier.NetworkMessageID, nil
	} else if err = cl.settle(ctx, eventID, earlier); err != nil {
		return "", err
	}
	message := graph.OutgoingMessage{ReplyTo: replyTo, CallbackData: eventID.String()}
	if err = cl.address(ctx, portal, &message); err != nil {
		return "", err
	}
	if message.Content, err = content(ctx); err != nil {
		return "", err
	} else if err = message.Check(); err != nil {
		return "", err
	}
	if earlier, err = outcomes.Begin(ctx, network.Attempt{EventID: eventID, RoomID: portal.MXID}); err != nil {
		return "", err
	}
	wamid, err = cl.hand(ctx, eventID, message)
	if tries := graph.Tries(err); tries > 0 && earlier.Attempts >= tries {
		return "", errs.Final(err) // Meta's fault does not pass. ref: reference/whatsapp-cloud.md §7, retry column
	}
	return wamid, err
}

// settle decides what to do about an earlier attempt of which nobody knows whether WhatsApp took it.
func (cl *Client) settle(ctx context.Context, eventID id.EventID, earlier network.Earlier) error {
	if earlier.Unresolved.IsZero() {
		return nil
	}
	if cl.connector.clock.Now().Sub(earlier.Unresolved) < cl.connector.config.StatusGrace {
		return errs.Temporary(errs.Tell(fmt.Errorf("message %s: its fate is not known yet", eventID),
			"the connection to WhatsApp broke while sending; waiting for WhatsApp to say whether it has the message."), statusWait)
	}
	cl.connector.log.Warn().Stringer("event_id", eventID).Msg("No status came for a message whose sending broke off; sending it again")
	return cl.connector.env.Outcomes.Refused(ctx, eventID)
}

// hand gives the message to WhatsApp and notes what came of it.
func (cl *Client) hand(ctx context.Context, eventID id.EventID, message graph.OutgoingMessage) (string, error) {
	outcomes := cl.connector.env.Outcomes
	sent, err := cl.graph.Send(ctx, cl.phoneNumberID, message)
	cl.noteAccount(err)
	switch {
	case err == nil:
		if err = outcomes.Accepted(ctx, eventID, sent.MessageID); err != nil {
			return "", errs.Temporary(err, 0)
		}
		return sent.MessageID, nil
	case graph.IsAmbiguous(err):
		return "", errs.Temporary(errs.Tell(err, "the connection to WhatsApp broke while sending."), statusWait)
	}
	if noteErr := outcomes.Refused(ctx, eventID); noteErr != nil {
		return "", errs.Temporary(errors.Join(err, noteErr), 0)
	}
	return "", err
}

// address says to whom: by number where it is known, which every version of the API understands, else by user ID.
func (cl *Client) address(ctx context.Context, portal *bridgev2.Portal, message *graph.OutgoingMessage) error {
	if group, ok := groupOf(portal.ID); ok {
		message.To, message.Group = group, true
		return nil
	}
	list, err := cl.connector.env.Handles.Of(ctx, networkid.UserID(portal.ID))
	if err != nil {
		return err
	}
	for _, handle := range list {
		switch {
		case handle.Kind == handleWaID && message.To == "":
			message.To = handle.Value
		case handle.Kind == handleUserID && message.Recipient == "":
			message.Recipient = handle.Value
		}
	}
	if message.To == "" && message.Recipient == "" {
		return errs.Tell(fmt.Errorf("address of the customer of %s: %w", portal.MXID, errs.ErrNotFound),
			"Puente does not know this customer's WhatsApp address.")
	}
	return nil
}

// PreHandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) PreHandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (bridgev2.MatrixReactionPreResponse, error) {
	return bridgev2.MatrixReactionPreResponse{
		SenderID: businessID(cl.phoneNumberID), Emoji: variationselector.FullyQualify(msg.Content.RelatesTo.Key), MaxReactions: 1,
	}, nil
}

// HandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReaction(ctx context.Context, msg *bridgev2.MatrixReaction) (*database.Reaction, error) {
	return &database.Reaction{}, cl.react(ctx, msg.Event, msg.Portal, msg.TargetMessage.ID, msg.PreHandleResp.Emoji)
}

// HandleMatrixReactionRemove implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReactionRemove(ctx context.Context, msg *bridgev2.MatrixReactionRemove) error {
	return cl.react(ctx, msg.Event, msg.Portal, msg.TargetReaction.MessageID, "")
}

func (cl *Client) react(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, target networkid.MessageID, emoji string) error {
	if !cl.allowsFreeText(portal) {
		return errs.Tell(fmt.Errorf("reaction outside the window: %w", errs.ErrForbidden),
			"the customer last wrote more than 24 hours ago; WhatsApp then takes no reactions.")
	}
	_, err := cl.deliver(ctx, evt.ID, portal, "", func(context.Context) (graph.Content, error) {
		return graph.OutReaction{MessageID: string(target), Emoji: emoji}, nil
	})
	return err
}

// HandleMatrixReadReceipt implements bridgev2.ReadReceiptHandlingNetworkAPI. WhatsApp marks a message and all before it.
func (cl *Client) HandleMatrixReadReceipt(ctx context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	meta := receipt.Portal.Metadata.(*PortalMeta)
	target := meta.LastInboundID
	if exact := receipt.ExactMessage; exact != nil && exact.SenderID != businessID(cl.phoneNumberID) && !exact.HasFakeMXID() {
		target = string(exact.ID)
	} else if receipt.ReadUpTo.Before(meta.LastInbound.Truncate(time.Second)) {
		return nil // what was read is older than what the customer wrote last
	}
	if _, isGroup := groupOf(receipt.Portal.ID); isGroup || target == "" || target == meta.LastReadID {
		return nil
	}
	if err := cl.graph.MarkRead(ctx, cl.phoneNumberID, target); err != nil {
		cl.noteAccount(err)
		return fmt.Errorf("mark as read: %w", err)
	}
	meta.LastReadID = target
	if err := receipt.Portal.Save(ctx); err != nil {
		return fmt.Errorf("note what was marked as read: %w", err)
	}
	return nil
}

// typingLasts is for how long WhatsApp shows that somebody types. ref: reference/whatsapp-cloud.md §5.3
const typingLasts = 25 * time.Second

// HandleMatrixTyping implements bridgev2.TypingHandlingNetworkAPI. WhatsApp ties it to a message, which it marks as
// read, and ends it by itself.
func (cl *Client) HandleMatrixTyping(ctx context.Context, typing *bridgev2.MatrixTyping) error {
	meta := typing.Portal.Metadata.(*PortalMeta)
	_, isGroup := groupOf(typing.Portal.ID)
	if !typing.IsTyping || !cl.connector.config.Typing || isGroup || meta.LastInboundID == "" || !cl.allowsFreeText(typing.Portal) {
		return nil
	}
	now := cl.connector.clock.Now()
	if last, ok := cl.typing.Load(typing.Portal.ID); ok && now.Sub(last.(time.Time)) < typingLasts-5*time.Second {
		return nil
	}
	if err := cl.graph.MarkReadTyping(ctx, cl.phoneNumberID, meta.LastInboundID); err != nil {
		cl.noteAccount(err)
		return fmt.Errorf("show typing: %w", err)
	}
	cl.typing.Store(typing.Portal.ID, now)
	meta.LastReadID = meta.LastInboundID
	return nil
}
