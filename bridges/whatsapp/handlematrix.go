package whatsapp

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/bridgekit/message"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

// HandleMatrixMessage implements bridgev2.NetworkAPI.
func (cl *Client) HandleMatrixMessage(ctx context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	composed := message.Composition(msg.Event)
	replyTo := ""
	if msg.ReplyTo != nil {
		replyTo, _ = wamidOf(msg.ReplyTo.ID) // an answer to a line of Puente's own quotes nothing
	}
	wamid, err := cl.deliver(ctx, msg.Event.ID, msg.Portal, replyTo, func(ctx context.Context) (graph.Content, error) {
		if composed.Template == nil && !cl.allowsFreeText(msg.Portal) {
			return nil, errs.Tell(fmt.Errorf("message outside the window: %w", errs.ErrForbidden),
				"the customer last wrote more than 24 hours ago, and WhatsApp then takes approved templates only. "+
					"Send one with `!puente template <name>`; `!puente templates` lists them.")
		}
		return cl.content(ctx, msg, composed)
	})
	if err != nil {
		return nil, err
	}
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{
		ID: messageID(wamid), SenderID: businessID(cl.phoneNumberID),
	}}, nil
}

// deliver sends one message exactly once, as far as WhatsApp lets us: the status report that carries our own ID settles
// an attempt whose end is unknown. What content refuses was not sent by an earlier attempt either. The attempt begins only
// when its turn has come: a report is waited for from then on. ref: reference/whatsapp-cloud.md §5
func (cl *Client) deliver(ctx context.Context, eventID id.EventID, portal *bridgev2.Portal, replyTo string, content func(context.Context) (graph.Content, error)) (wamid string, err error) {
	return cl.connector.courier.Once(ctx, eventID, portal.MXID, func(ctx context.Context) (delivery.Send, error) {
		out := graph.OutgoingMessage{ReplyTo: replyTo, CallbackData: eventID.String()}
		err := cl.address(ctx, portal, &out)
		if err != nil {
			return nil, err
		}
		if out.Content, err = content(ctx); err != nil {
			return nil, err
		} else if err = out.Check(); err != nil {
			return nil, err
		} else if err = cl.graph.Turn(ctx, cl.phoneNumberID, out); err != nil {
			return nil, err
		}
		return func(ctx context.Context) (string, error) { return cl.hand(ctx, out) }, nil
	})
}

// hand gives the message to WhatsApp.
func (cl *Client) hand(ctx context.Context, out graph.OutgoingMessage) (wamid string, err error) {
	sent, err := cl.graph.Send(ctx, cl.phoneNumberID, out)
	cl.noteAccount(err)
	if graph.IsAmbiguous(err) {
		return "", delivery.Unclear(err)
	} else if err != nil {
		return "", err
	}
	return sent.MessageID, nil
}

// address says to whom: by number where it is known, which every version of the API understands, else by user ID.
func (cl *Client) address(ctx context.Context, portal *bridgev2.Portal, out *graph.OutgoingMessage) error {
	if group, ok := groupOf(portal.ID); ok {
		out.To, out.Group = group, true
		return nil
	}
	list, err := cl.connector.env.Handles.Of(ctx, networkid.UserID(portal.ID))
	if err != nil {
		return err
	}
	for _, handle := range list {
		switch {
		case handle.Kind == handleWaID && out.To == "":
			out.To = handle.Value
		case handle.Kind == handleUserID && out.Recipient == "":
			out.Recipient = handle.Value
		}
	}
	if out.To == "" && out.Recipient == "" {
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
	wamid, ok := wamidOf(target)
	if !ok {
		return errs.Tell(fmt.Errorf("reaction to a line of Puente's own: %w", errs.ErrUnsupported),
			"this line is Puente's own and is not on WhatsApp.")
	}
	_, err := cl.deliver(ctx, evt.ID, portal, "", func(context.Context) (graph.Content, error) {
		if !cl.allowsFreeText(portal) {
			return nil, errs.Tell(fmt.Errorf("reaction outside the window: %w", errs.ErrForbidden),
				"the customer last wrote more than 24 hours ago; WhatsApp then takes no reactions.")
		}
		return graph.OutReaction{MessageID: wamid, Emoji: emoji}, nil
	})
	return err
}

// HandleMatrixReadReceipt implements bridgev2.ReadReceiptHandlingNetworkAPI. WhatsApp marks a message and all before it.
func (cl *Client) HandleMatrixReadReceipt(ctx context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	meta := receipt.Portal.Metadata.(*PortalMeta)
	target := meta.LastInboundID
	if wamid := cl.exactly(receipt.ExactMessage); wamid != "" {
		target = wamid
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

// exactly is the customer's message that was read, if it is one that WhatsApp knows.
func (cl *Client) exactly(read *database.Message) (wamid string) {
	if read == nil || read.SenderID == businessID(cl.phoneNumberID) || read.HasFakeMXID() {
		return ""
	}
	wamid, ok := wamidOf(read.ID)
	if !ok {
		return ""
	}
	return wamid
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
