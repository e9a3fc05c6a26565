package signal

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// changeWindow is for how long phones take changes and deletions of a message. ref: reference/signal-cli.md §3
const changeWindow = 24 * time.Hour

// HandleMatrixMessage implements bridgev2.NetworkAPI.
func (cl *Client) HandleMatrixMessage(ctx context.Context, msg *bridgev2.MatrixMessage) (*bridgev2.MatrixMessageResponse, error) {
	composed := message.Composition(msg.Event)
	sent, err := cl.deliver(ctx, msg.Event, msg.Portal, func(ctx context.Context, to daemon.To) (handover, error) {
		return cl.compose(ctx, msg, composed, to)
	})
	if err != nil {
		return nil, err
	}
	return cl.response(sent, nil), nil
}

// HandleMatrixEdit implements bridgev2.EditHandlingNetworkAPI. It names the latest version: phones drop an edit of an
// older one. This was observed with Signal's apps; the sheet's §3 says otherwise.
func (cl *Client) HandleMatrixEdit(ctx context.Context, msg *bridgev2.MatrixEdit) error {
	timestamp, err := cl.changeable(msg.EditTarget, "edited")
	if err != nil {
		return err
	}
	sent, err := cl.repeat(ctx, msg.Event, msg.Portal, func(_ context.Context, to daemon.To) (handover, error) {
		out, err := cl.words(msg.Content)
		if err != nil {
			return handover{}, err
		}
		out.Edits = latestVersion(msg.EditTarget, timestamp)
		return cl.sending(to, out), nil
	})
	if err != nil {
		return err
	}
	addVersion(msg.EditTarget, sent.timestamp)
	return nil
}

// changeable returns the timestamp of a message that the business may still change.
func (cl *Client) changeable(target *database.Message, what string) (int64, error) {
	author, timestamp, ok := parseMessageID(target.ID)
	if !ok || author != cl.self() {
		return 0, errs.Tell(fmt.Errorf("change of %s: %w", target.MXID, errs.ErrForbidden),
			fmt.Sprintf("only what was sent from this account can be %s on Signal.", what))
	}
	if cl.connector.clock.Now().Sub(time.UnixMilli(timestamp)) > changeWindow {
		return 0, errs.Tell(fmt.Errorf("change of %s after a day: %w", target.MXID, errs.ErrForbidden),
			fmt.Sprintf("it was sent more than 24 hours ago, and Signal's apps no longer let it be %s. Write a new message.", what))
	}
	return timestamp, nil
}

// HandleMatrixMessageRemove implements bridgev2.RedactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixMessageRemove(ctx context.Context, msg *bridgev2.MatrixMessageRemove) error {
	timestamp, err := cl.changeable(msg.TargetMessage, "deleted")
	if err != nil {
		return err
	}
	_, err = cl.repeat(ctx, msg.Event, msg.Portal, func(_ context.Context, to daemon.To) (handover, error) {
		return handover{send: func(ctx context.Context, late daemon.Late) (daemon.SendResult, error) {
			return cl.connector.daemon.Delete(ctx, cl.account(), to, timestamp, late)
		}}, nil
	})
	return err
}

// PreHandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) PreHandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (bridgev2.MatrixReactionPreResponse, error) {
	return bridgev2.MatrixReactionPreResponse{
		SenderID: cl.GetUserID(), Emoji: variationselector.FullyQualify(msg.Content.RelatesTo.Key), MaxReactions: 1,
	}, nil
}

// HandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReaction(ctx context.Context, msg *bridgev2.MatrixReaction) (*database.Reaction, error) {
	return &database.Reaction{}, cl.react(ctx, msg.Event, msg.Portal, msg.TargetMessage.ID, msg.PreHandleResp.Emoji, false)
}

// HandleMatrixReactionRemove implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReactionRemove(ctx context.Context, msg *bridgev2.MatrixReactionRemove) error {
	return cl.react(ctx, msg.Event, msg.Portal, msg.TargetReaction.MessageID, msg.TargetReaction.Emoji, true)
}

func (cl *Client) react(ctx context.Context, evt *event.Event, portal *bridgev2.Portal, target networkid.MessageID, emoji string, remove bool) error {
	author, timestamp, ok := parseMessageID(target)
	if !ok {
		return errs.Tell(fmt.Errorf("reaction to a line of Puente's: %w", errs.ErrForbidden), "that is no message of Signal's, so nobody there can see a reaction to it.")
	}
	_, err := cl.repeat(ctx, evt, portal, func(ctx context.Context, to daemon.To) (handover, error) {
		by, err := cl.addressOf(ctx, author)
		return handover{send: func(ctx context.Context, late daemon.Late) (daemon.SendResult, error) {
			return cl.connector.daemon.React(ctx, cl.account(), to, emoji, remove, by, timestamp, late)
		}}, err
	})
	return err
}

// mostReceipts bounds how many messages are marked as read at once.
const mostReceipts = 500

// HandleMatrixReadReceipt implements bridgev2.ReadReceiptHandlingNetworkAPI. Signal wants every message by itself, told
// to whoever wrote it.
func (cl *Client) HandleMatrixReadReceipt(ctx context.Context, receipt *bridgev2.MatrixReadReceipt) error {
	meta := receipt.Portal.Metadata.(*PortalMeta)
	if !cl.connector.config.ReadReceipts || meta.Requested {
		return nil
	}
	since := time.UnixMilli(meta.ReadUpTo)
	if oldest := receipt.ReadUpTo.Add(-30 * 24 * time.Hour); since.Before(oldest) {
		since = oldest
	}
	read, err := cl.connector.bridge.DB.Message.GetMessagesBetweenTimeQuery(ctx, receipt.Portal.PortalKey, since, receipt.ReadUpTo)
	if err != nil {
		return fmt.Errorf("list what was read: %w", err)
	}
	byAuthor, newest := map[string][]int64{}, meta.ReadUpTo
	for _, msg := range read {
		author, timestamp, ok := parseMessageID(msg.ID)
		if !ok || author == cl.self() || msg.ID != messageID(author, timestamp) {
			continue // ours, a line of Puente's, or another file of the same message
		}
		newest = max(newest, timestamp)
		if len(byAuthor[author]) < mostReceipts {
			byAuthor[author] = append(byAuthor[author], timestamp)
		}
	}
	for author, timestamps := range byAuthor {
		if err = cl.markRead(ctx, author, timestamps); err != nil {
			return err
		}
	}
	if newest == meta.ReadUpTo {
		return nil
	}
	meta.ReadUpTo = newest
	if err = receipt.Portal.Save(ctx); err != nil {
		return fmt.Errorf("note what was marked as read: %w", err)
	}
	return nil
}

func (cl *Client) markRead(ctx context.Context, author string, timestamps []int64) error {
	recipient, err := cl.addressOf(ctx, author)
	if err != nil {
		return err
	}
	if err = cl.connector.daemon.MarkRead(ctx, cl.account(), recipient, timestamps); err != nil {
		cl.noteAccount(err)
		return fmt.Errorf("mark as read: %w", err)
	}
	return nil
}

// HandleMatrixTyping implements bridgev2.TypingHandlingNetworkAPI.
func (cl *Client) HandleMatrixTyping(ctx context.Context, typing *bridgev2.MatrixTyping) error {
	meta := typing.Portal.Metadata.(*PortalMeta)
	if !cl.connector.config.Typing || meta.Requested {
		return nil
	}
	to, err := cl.to(ctx, typing.Portal)
	if err != nil {
		return err
	}
	cl.connector.typing.set(cl, to, typing.IsTyping)
	return nil
}
