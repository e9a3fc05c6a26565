package webhook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/delivery"
	"puente/core/base/errs"
)

// HandleMatrixMessage implements bridgev2.NetworkAPI.
func (cl *Client) HandleMatrixMessage(ctx context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	messageID, err := cl.deliver(ctx, msg.Event, msg.Portal, func(ctx context.Context) (*Event, error) {
		content, err := cl.content(ctx, msg.Event, msg.Content)
		if err != nil {
			return nil, err
		}
		content.ID = ownID(msg.Event.ID)
		if msg.ReplyTo != nil {
			content.ReplyTo = string(msg.ReplyTo.ID)
		}
		return &Event{Type: typeMessageCreated, Message: content}, nil
	})
	if err != nil {
		return nil, err
	}
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{ID: messageID, SenderID: businessID(cl.system)}}, nil
}

// HandleMatrixEdit implements bridgev2.EditHandlingNetworkAPI.
func (cl *Client) HandleMatrixEdit(ctx context.Context, edit *bridgev2.MatrixEdit) error {
	_, err := cl.deliver(ctx, edit.Event, edit.Portal, func(ctx context.Context) (*Event, error) {
		content, err := cl.content(ctx, edit.Event, edit.Content)
		if err != nil {
			return nil, err
		}
		content.ID = string(edit.EditTarget.ID)
		return &Event{Type: typeMessageEdited, Message: content}, nil
	})
	return err
}

// HandleMatrixMessageRemove implements bridgev2.RedactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixMessageRemove(ctx context.Context, removal *bridgev2.MatrixMessageRemove) error {
	return cl.deliverAbout(ctx, removal.Event, removal.Portal, typeMessageDeleted, removal.TargetMessage.ID, "")
}

// PreHandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) PreHandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (bridgev2.MatrixReactionPreResponse, error) {
	return bridgev2.MatrixReactionPreResponse{
		SenderID: businessID(cl.system), Emoji: variationselector.FullyQualify(msg.Content.RelatesTo.Key), MaxReactions: 1,
	}, nil
}

// HandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReaction(ctx context.Context, msg *bridgev2.MatrixReaction) (*database.Reaction, error) {
	return &database.Reaction{}, cl.deliverAbout(ctx, msg.Event, msg.Portal, typeReactionAdded, msg.TargetMessage.ID, msg.PreHandleResp.Emoji)
}

// HandleMatrixReactionRemove implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReactionRemove(ctx context.Context, msg *bridgev2.MatrixReactionRemove) error {
	return cl.deliverAbout(ctx, msg.Event, msg.Portal, typeReactionRemoved, msg.TargetReaction.MessageID, msg.TargetReaction.Emoji)
}

func (cl *Client) deliverAbout(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, eventType string, target networkid.MessageID, emoji string) error {
	_, err := cl.deliver(ctx, evt, portal, func(context.Context) (*Event, error) {
		return &Event{Type: eventType, MessageID: string(target), Emoji: emoji}, nil
	})
	return err
}

// deliver sends one thing that an agent did, under an ID that is the same in each attempt: a system that knows what it
// has taken gets it exactly once. It returns the ID by which the system, or else Puente, names a message.
func (cl *Client) deliver(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, prepare func(context.Context) (*Event, error)) (networkid.MessageID, error) {
	accepted, err := cl.connector.courier.Once(ctx, evt.ID, portal.MXID, func(ctx context.Context) (delivery.Send, error) {
		out, err := prepare(ctx)
		if err != nil {
			return nil, err
		}
		out.ID, out.SentAt = ownID(evt.ID), time.UnixMilli(evt.Timestamp).UTC().Format(time.RFC3339)
		out.Conversation = conversationOf(portal)
		return func(ctx context.Context) (string, error) {
			given, err := cl.call(ctx, out)
			if err != nil {
				return "", err
			}
			return scoped(cl.system, cl.named(ctx, out, given)), nil
		}, nil
	})
	return networkid.MessageID(unscoped(accepted)), err
}

// named is what a message is called from now on: as the system calls it, if that is an ID that no other message has.
func (cl *Client) named(ctx context.Context, out *Event, given string) string {
	if given == "" || out.Type != typeMessageCreated {
		return out.ID
	}
	other, err := cl.connector.bridge.DB.Message.GetFirstPartByID(ctx, cl.system, networkid.MessageID(given))
	if err != nil || other != nil {
		cl.connector.log.Warn().AnErr("cause", err).Str("login_id", string(cl.system)).Str("message_id", out.ID).
			Msg("A system gave a message an ID that another one has; Puente's own is used")
		return out.ID
	}
	return given
}

func conversationOf(portal *bridgev2.Portal) *Conversation {
	return &Conversation{ID: portal.Metadata.(*PortalMeta).Conversation}
}

// HandleMatrixReadReceipt implements bridgev2.ReadReceiptHandlingNetworkAPI. It names the last message of the other
// side's that was read.
func (cl *Client) HandleMatrixReadReceipt(ctx context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	if !receipt.ReadUpTo.After(receipt.LastRead) {
		return nil
	}
	target := receipt.ExactMessage
	if !cl.isTheirs(target) {
		between, err := cl.connector.bridge.DB.Message.GetMessagesBetweenTimeQuery(ctx, receipt.Portal.PortalKey, receipt.LastRead, receipt.ReadUpTo)
		if err != nil {
			return errs.Temporary(fmt.Errorf("find what was read: %w", err), 0)
		}
		between = slices.DeleteFunc(between, func(m *database.Message) bool { return !cl.isTheirs(m) })
		if len(between) == 0 {
			return nil
		}
		target = slices.MaxFunc(between, func(a, b *database.Message) int { return a.Timestamp.Compare(b.Timestamp) })
	}
	return cl.show(ctx, receipt.Portal, &Event{
		// Two reads of one message are one thing.
		ID: ownID(target.MXID) + "_read", Type: typeRead, MessageID: string(target.ID),
	})
}

func (cl *Client) isTheirs(msg *database.Message) bool {
	return msg != nil && msg.SenderID != businessID(cl.system) && !msg.HasFakeMXID()
}

// HandleMatrixTyping implements bridgev2.TypingHandlingNetworkAPI.
func (cl *Client) HandleMatrixTyping(ctx context.Context, typing *bridgev2.MatrixTyping) error {
	now := cl.connector.clock.Now()
	return cl.show(ctx, typing.Portal, &Event{
		ID: fmt.Sprintf("%styping_%s_%d", ownPrefix, typing.Portal.ID, now.UnixNano()), Type: typeTyping, Typing: &typing.IsTyping,
	})
}

// show sends what is of use now or never: it is tried once.
func (cl *Client) show(ctx context.Context, portal *bridgev2.Portal, evt *Event) error {
	evt.SentAt, evt.Conversation = cl.connector.clock.Now().Format(time.RFC3339), conversationOf(portal)
	if _, err := cl.call(ctx, evt); err != nil {
		return errs.Final(fmt.Errorf("show %s: %w", evt.Type, err))
	}
	return nil
}

// ping asks the callback whether it is there.
func (cl *Client) ping(ctx context.Context) error {
	now := cl.connector.clock.Now()
	_, err := cl.call(ctx, &Event{ID: fmt.Sprintf("%sping_%d", ownPrefix, now.UnixNano()), Type: typePing, SentAt: now.Format(time.RFC3339)})
	return err
}
