package signal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/message"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// editLife is for how long after a message phones take new versions of it, and a margin.
const editLife = 50 * time.Hour

// target finds a message that somebody names; nil if the room does not have it. What is named may be one of the
// message's later versions. A sign of one of ours whose fate was not known settles it.
func (in *incoming) target(ctx context.Context, author string, timestamp int64) (*database.Message, error) {
	found, err := in.client.message(ctx, in.chat, author, timestamp)
	if err != nil || found != nil || author != in.client.self() {
		return found, err
	}
	if err = in.client.settle(ctx, in.chat, timestamp); err != nil {
		return nil, err
	}
	return in.client.connector.env.Target(ctx, in.client.connector.bridge, in.chat, messageID(author, timestamp))
}

// message looks a message up by its own timestamp or that of one of its versions.
func (cl *Client) message(ctx context.Context, chat networkid.PortalKey, author string, timestamp int64) (*database.Message, error) {
	query := cl.connector.bridge.DB.Message
	found, err := query.GetFirstPartByID(ctx, chat.Receiver, messageID(author, timestamp))
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a message: %w", err), 0)
	} else if found != nil {
		return found, nil
	}
	versions, err := cl.withVersion(ctx, chat, author, timestamp)
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	return versions[0], nil
}

// withVersion lists the messages of an author that have a later version of this timestamp. There are two if the version
// stands in the room as a message of its own, which was edited since.
func (cl *Client) withVersion(ctx context.Context, chat networkid.PortalKey, author string, timestamp int64) ([]*database.Message, error) {
	at := time.UnixMilli(timestamp)
	near, err := cl.connector.bridge.DB.Message.GetMessagesBetweenTimeQuery(ctx, chat, at.Add(-editLife), at.Add(time.Minute))
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a message by one of its versions: %w", err), 0)
	}
	return slices.DeleteFunc(near, func(one *database.Message) bool {
		by, _, isMessage := parseMessageID(one.ID)
		return !isMessage || by != author || !isVersion(one, timestamp)
	}), nil
}

// deliverEdit shows a new version of a message. One of a message that the room does not have, or that an agent wrote,
// whose events only the agent may change, is shown as a message of its own.
func (in *incoming) deliverEdit(ctx context.Context, data *daemon.DataMessage) error {
	target, err := in.target(ctx, in.author, in.editTarget())
	if err != nil {
		return err
	}
	if err = in.showVersion(data, target); err != nil || !in.self {
		return err
	}
	return in.keepVersion(ctx, target)
}

func (in *incoming) showVersion(data *daemon.DataMessage, target *database.Message) error {
	if target == nil || (in.self && !in.byGhost(target)) {
		return in.queue(&simplevent.Message[piece]{
			EventMeta: in.meta(bridgev2.RemoteEventMessage), Data: in.partsOf(data)[0], ID: messageID(in.author, in.timestamp()),
			ConvertMessageFunc: func(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, p piece) (*bridgev2.ConvertedMessage, error) {
				converted, err := in.convert(ctx, portal, intent, p)
				if err == nil {
					message.AddAbove(converted.Parts[0].Content, "✏️ New version of an earlier message:")
				}
				if err == nil && target != nil {
					converted.ReplyTo = &networkid.MessageOptionalPartID{MessageID: target.ID}
				}
				return converted, err
			},
		})
	}
	return in.queue(&simplevent.Message[piece]{
		EventMeta: in.meta(bridgev2.RemoteEventEdit), Data: in.partsOf(data)[0], ID: messageID(in.author, in.timestamp()),
		TargetMessage: target.ID, ConvertEditFunc: in.convertEdit,
	})
}

// keepVersion notes on what an agent wrote that the phone made a new version of it: the agent's next edit must name it.
func (in *incoming) keepVersion(ctx context.Context, target *database.Message) error {
	edited, err := in.client.withVersion(ctx, in.chat, in.author, in.editTarget())
	if err != nil {
		return err
	}
	for _, one := range append(edited, target) {
		if one == nil || in.byGhost(one) || isVersion(one, in.timestamp()) {
			continue
		}
		addVersion(one, in.timestamp())
		if err = in.client.connector.bridge.DB.Message.Update(ctx, one); err != nil {
			return errs.Temporary(fmt.Errorf("note a new version of a message: %w", err), 0)
		}
	}
	return nil
}

// editTarget is the timestamp of the version that is edited.
func (in *incoming) editTarget() int64 {
	e := in.got.Envelope
	if e.Edit != nil {
		return e.Edit.Target
	}
	return e.Sync.Sent.Edit.Target
}

// byGhost tells whether one of the bridge's ghosts sent the event, who may change it.
func (in *incoming) byGhost(msg *database.Message) bool {
	return in.client.connector.bridge.IsGhostMXID(msg.SenderMXID)
}

func (in *incoming) convertEdit(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, existing []*database.Message, p piece) (*bridgev2.ConvertedEdit, error) {
	if isVersion(existing[0], in.timestamp()) {
		return nil, fmt.Errorf("edit that the room has: %w", bridgev2.ErrIgnoringRemoteEvent)
	}
	part, err := in.part(ctx, portal, intent, p)
	if err != nil {
		return nil, err
	}
	if err = message.Fit(ctx, portal.MXID, intent, part, true); err != nil {
		return nil, err
	}
	part.DBMetadata = &MessageMeta{Edits: []int64{in.timestamp()}}
	return &bridgev2.ConvertedEdit{ModifiedParts: []*bridgev2.ConvertedEditPart{part.ToEditPart(existing[0])}}, nil
}

// deliverReaction puts an emoji on a message, or takes it off.
func (in *incoming) deliverReaction(ctx context.Context, reaction *daemon.Reaction) error {
	target, err := in.target(ctx, in.client.author(reaction.AuthorUUID, reaction.AuthorNumber), reaction.Timestamp)
	if err != nil {
		return err
	} else if target == nil {
		return nil // of a message from before the account was connected
	}
	if reaction.IsRemove && in.self {
		return in.takeOff(ctx, target)
	}
	kind := bridgev2.RemoteEventReaction
	if reaction.IsRemove {
		kind = bridgev2.RemoteEventReactionRemove
	}
	return in.queue(&simplevent.Reaction{EventMeta: in.existing(kind), TargetMessage: target.ID, Emoji: reaction.Emoji})
}

// existing is meta for what makes sense only in a room that is there.
func (in *incoming) existing(kind bridgev2.RemoteEventType) simplevent.EventMeta {
	return in.meta(kind).WithCreatePortal(false)
}

// takeOff removes the business's own reaction, which an agent may have made: then the bridge's bot removes it.
func (in *incoming) takeOff(ctx context.Context, target *database.Message) error {
	bridge := in.client.connector.bridge
	reaction, err := bridge.DB.Reaction.GetByIDWithoutMessagePart(ctx, in.chat.Receiver, target.ID, in.client.GetUserID(), "")
	if err != nil {
		return errs.Temporary(fmt.Errorf("find a reaction: %w", err), 0)
	} else if reaction == nil {
		return nil
	}
	return in.redact(ctx, reaction.MXID, func(ctx context.Context) error { return bridge.DB.Reaction.Delete(ctx, reaction) })
}

// redact has the bridge's bot delete an event of the room, and then forgets it.
func (in *incoming) redact(ctx context.Context, eventID id.EventID, forget func(context.Context) error) error {
	bridge := in.client.connector.bridge
	portal, err := bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil
	}
	_, err = bridge.Bot.SendMessage(ctx, portal.MXID, event.EventRedaction, &event.Content{
		Parsed: &event.RedactionEventContent{Redacts: eventID},
	}, &bridgev2.MatrixSendExtra{Timestamp: in.at()})
	if err != nil {
		return errs.Temporary(fmt.Errorf("delete an event of the room: %w", err), 0)
	}
	if err = forget(ctx); err != nil {
		return errs.Temporary(fmt.Errorf("forget a deleted event: %w", err), 0)
	}
	return nil
}

// deliverRemoval deletes a message with all its events.
func (in *incoming) deliverRemoval(ctx context.Context, author string, timestamp int64) error {
	target, err := in.target(ctx, author, timestamp)
	if err != nil {
		return err
	} else if target == nil {
		return nil // it never came, or is deleted already
	}
	meta := in.existing(bridgev2.RemoteEventMessageRemove)
	// The event's own sender may delete it; what an agent wrote the bridge's bot deletes.
	meta.Sender = bridgev2.EventSender{}
	if in.byGhost(target) {
		meta.Sender = bridgev2.EventSender{Sender: target.SenderID}
	}
	// From the last: the first is what a repetition finds.
	for n := in.lastPart(ctx, target.ID); n >= 0; n-- {
		if err = in.queue(&simplevent.MessageRemove{EventMeta: meta, TargetMessage: partID(target.ID, n)}); err != nil {
			return err
		}
	}
	return nil
}

// mostFiles bounds how many events of one message are looked for.
const mostFiles = 100

// lastPart is how many events a message has beside its first.
func (in *incoming) lastPart(ctx context.Context, whole networkid.MessageID) int {
	for n := 1; n < mostFiles; n++ {
		part, err := in.client.connector.bridge.DB.Message.GetFirstPartByID(ctx, in.chat.Receiver, partID(whole, n))
		if err != nil || part == nil {
			return n - 1
		}
	}
	return mostFiles
}
