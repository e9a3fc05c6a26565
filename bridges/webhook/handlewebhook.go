package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// HandleEntry implements network.Connector: one event, in the order of its conversation.
func (c *Connector) HandleEntry(ctx context.Context, entry network.Entry) error {
	system, _, _ := strings.Cut(entry.Key, ":")
	client, err := c.client(ctx, system)
	if err != nil {
		return err
	}
	in := &incoming{client: client, receivedAt: entry.ReceivedAt}
	if err = json.Unmarshal(entry.Payload, &in.evt); err != nil {
		return fmt.Errorf("read an event: %w", errs.ErrInvalid)
	}
	if in.evt.Type == typeMessageStatus {
		return in.handleStatus(ctx)
	}
	if in.evt.Conversation == nil || (in.evt.From == nil && in.evt.Type != typeConversationUpdated) {
		return in.unknown()
	} else if err = in.place(ctx); err != nil {
		return err
	}
	return in.handle(ctx)
}

// incoming is one event as it is being bridged.
type incoming struct {
	client     *Client
	evt        Event
	receivedAt time.Time
	chat       networkid.PortalKey
	sender     bridgev2.EventSender
}

func (in *incoming) handle(ctx context.Context) error {
	meta := simplevent.EventMeta{PortalKey: in.chat, Sender: in.sender, Timestamp: in.evt.at(in.receivedAt), CreatePortal: true}
	switch in.evt.Type {
	case typeMessageCreated:
		return in.handleMessage(in.message(meta, in.convert))
	case typeMessageEdited:
		return in.handleEdit(ctx, meta)
	case typeMessageDeleted:
		return in.handleDeletion(ctx, meta)
	case typeReactionAdded, typeReactionRemoved:
		return in.handleReaction(ctx, meta)
	case typeTyping:
		return in.handleTyping(meta)
	case typeRead:
		return in.handleRead(ctx)
	case typeConversationUpdated:
		return nil // place has done it
	}
	if err := in.queue(in.message(meta, in.convertUnknown)); err != nil {
		return err
	}
	return in.unknown()
}

// queue hands an event to bridgev2, which answers when it stands in the room.
func (in *incoming) queue(evt bridgev2.RemoteEvent) error {
	return network.Result(in.client.login.QueueRemoteEvent(evt))
}

// unknown sets an event of a type of tomorrow's aside.
func (in *incoming) unknown() error {
	return fmt.Errorf("event of type %q: %w", plainType(in.evt.Type), errs.ErrUnsupported)
}

type convert = func(context.Context, *bridgev2.Portal, bridgev2.MatrixAPI, *Message) (*bridgev2.ConvertedMessage, error)

func (in *incoming) message(meta simplevent.EventMeta, by convert) *simplevent.Message[*Message] {
	said := in.evt.Message
	if said == nil {
		said = &Message{ID: in.evt.ID}
	}
	return &simplevent.Message[*Message]{
		EventMeta: meta.WithType(bridgev2.RemoteEventMessage), Data: said, ID: networkid.MessageID(said.ID), ConvertMessageFunc: by,
	}
}

// handleMessage bridges a message; its upload has then done its duty.
func (in *incoming) handleMessage(evt *simplevent.Message[*Message]) error {
	if err := in.queue(evt); err != nil {
		return err
	}
	for _, file := range evt.Data.Media[:min(len(evt.Data.Media), 1)] {
		if file.UploadID != "" {
			in.client.connector.uploads.used(in.client.system, file.UploadID)
		}
	}
	return nil
}

// handleEdit changes a message. One that never came is shown as it is now, and one that somebody else's event shows, such
// as an agent's, is followed by what it says now: what was said must not get lost.
func (in *incoming) handleEdit(ctx context.Context, meta simplevent.EventMeta) error {
	target, err := in.target(ctx, in.evt.Message.ID)
	if err != nil {
		return err
	}
	evt := in.edit(meta, target)
	if evt.Type == bridgev2.RemoteEventMessage {
		return in.handleMessage(evt)
	}
	return in.queue(evt)
}

// edit is the change of a message, or what it says now as a message of its own: in the place of one that never came, or
// as an answer to one that cannot be changed.
func (in *incoming) edit(meta simplevent.EventMeta, target *database.Message) *simplevent.Message[*Message] {
	evt := in.message(meta, in.convert)
	switch {
	case target == nil:
	case in.shows(target):
		evt.EventMeta = meta.WithType(bridgev2.RemoteEventEdit)
		evt.TargetMessage, evt.ConvertEditFunc = target.ID, in.convertEdit
	default:
		evt.ID = versionID(in.evt.ID)
		evt.ConvertMessageFunc = func(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, said *Message) (*bridgev2.ConvertedMessage, error) {
			return in.convertVersion(ctx, portal, intent, said, target.ID)
		}
	}
	return evt
}

// shows tells whether a message's event is the sender's, who alone can change it.
func (in *incoming) shows(target *database.Message) bool {
	return target.SenderID == in.sender.Sender && in.client.connector.bridge.IsGhostMXID(target.SenderMXID)
}

// handleDeletion deletes a message with all its files. A crash may have left only some of them. Whoever sent a message
// may take it back; the company's own side may do so with every message, through the bridge's bot.
func (in *incoming) handleDeletion(ctx context.Context, meta simplevent.EventMeta) error {
	look := in.target
	for n := range maxFiles {
		target, err := look(ctx, furtherFile(in.evt.MessageID, n))
		if err == nil && target != nil {
			err = in.remove(meta, target)
		}
		if err != nil {
			return err
		}
		look = in.client.find // the message itself has been waited for
	}
	return nil
}

func (in *incoming) remove(meta simplevent.EventMeta, target *database.Message) error {
	evt, err := in.removal(meta, target)
	if err != nil {
		return err
	}
	return in.queue(evt)
}

// removal is the deletion of a message; errs.ErrForbidden if it is somebody else's.
func (in *incoming) removal(meta simplevent.EventMeta, target *database.Message) (*simplevent.MessageRemove, error) {
	switch {
	case in.shows(target):
	case in.sender.IsFromMe:
		meta.Sender = bridgev2.EventSender{}
	default:
		return nil, errs.Tell(fmt.Errorf("deletion of %s: %w", target.MXID, errs.ErrForbidden),
			in.client.meta.DisplayName+" says that a customer took back what somebody else wrote; it still stands in the room.")
	}
	return &simplevent.MessageRemove{EventMeta: meta.WithType(bridgev2.RemoteEventMessageRemove), TargetMessage: target.ID}, nil
}

func (in *incoming) handleReaction(ctx context.Context, meta simplevent.EventMeta) error {
	target, err := in.target(ctx, in.evt.MessageID)
	if err != nil || target == nil {
		return err
	}
	kind := bridgev2.RemoteEventReaction
	if in.evt.Type == typeReactionRemoved {
		kind = bridgev2.RemoteEventReactionRemove
	}
	return in.queue(&simplevent.Reaction{EventMeta: meta.WithType(kind), TargetMessage: target.ID, Emoji: in.evt.Emoji})
}

// typingLasts is for how long somebody types who does not say that they stopped.
const typingLasts = 20 * time.Second

func (in *incoming) handleTyping(meta simplevent.EventMeta) error {
	meta.CreatePortal = false
	evt := &simplevent.Typing{EventMeta: meta.WithType(bridgev2.RemoteEventTyping)}
	if *in.evt.Typing {
		evt.Timeout = typingLasts - in.client.connector.clock.Now().Sub(in.receivedAt)
		if evt.Timeout <= 0 {
			return nil // it waited for too long to be true
		}
	}
	return in.queue(evt)
}

// target is the message that the event is about; nil if there is none. The system may speak of one that an agent has
// just sent and that is not noted yet.
func (in *incoming) target(ctx context.Context, messageID string) (*database.Message, error) {
	found, err := in.client.find(ctx, messageID)
	if err != nil || found != nil {
		return found, err
	}
	return nil, in.client.connector.env.AwaitUnderway(ctx, in.client.connector.bridge, in.chat)
}

// find returns the message of an ID, which may be the system's or Puente's; nil if there is none.
func (cl *Client) find(ctx context.Context, messageID string) (found *database.Message, err error) {
	messages := cl.connector.bridge.DB.Message
	if eventID, ok := eventOf(messageID); ok {
		found, err = messages.GetPartByMXID(ctx, eventID)
	} else {
		found, err = messages.GetFirstPartByID(ctx, cl.system, networkid.MessageID(messageID))
	}
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a message: %w", err), 0)
	} else if found != nil && found.Room.Receiver != cl.system {
		return nil, nil // another system's
	}
	return found, nil
}
