package signal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// HandleEntry implements network.Connector: one thing that Signal sent, in the order of its chat.
func (c *Connector) HandleEntry(ctx context.Context, entry network.Entry) error {
	got, err := daemon.ParseReceived(entry.Payload)
	if err != nil {
		return err
	}
	client, err := c.client(got.Account)
	if err != nil {
		return err
	}
	in := &incoming{client: client, got: got, receivedAt: entry.ReceivedAt}
	switch got.Kind() {
	case daemon.KindMessage, daemon.KindEdit:
		return in.handleMessage(ctx)
	case daemon.KindReceipt:
		return in.handleReceipt(ctx)
	case daemon.KindTyping:
		return in.handleTyping(ctx)
	case daemon.KindSync:
		return in.handleSync(ctx)
	case daemon.KindException:
		return in.handleException(ctx)
	case daemon.KindCall:
		return in.handleCall(ctx)
	case daemon.KindStory:
		return in.handleStory(ctx)
	case daemon.KindUnknown:
		return in.handleUnknown(ctx, got.Envelope.Unknown)
	}
	return nil // a change of keys, and the like
}

// incoming is one thing from Signal as it is being bridged.
type incoming struct {
	client     *Client
	got        *daemon.Received
	receivedAt time.Time

	chat   networkid.PortalKey
	sender bridgev2.EventSender
	author string // of the message, as its ID names it
	self   bool   // done by the business itself on the phone
}

// at is when it was sent.
func (in *incoming) at() time.Time { return time.UnixMilli(in.got.Envelope.Timestamp).UTC() }

// data is what the message says; nil if it is none.
func (in *incoming) data() *daemon.DataMessage {
	e := in.got.Envelope
	switch {
	case e.Data != nil:
		return e.Data
	case e.Edit != nil:
		return e.Edit.Data
	case e.Sync != nil && e.Sync.Sent != nil:
		return e.Sync.Sent.Message()
	}
	return nil
}

// timestamp is the message's own part of its ID.
func (in *incoming) timestamp() int64 {
	if data := in.data(); data != nil && data.Timestamp != 0 {
		return data.Timestamp
	}
	return in.got.Envelope.Timestamp
}

// place finds the chat, and keeps what is told of who wrote.
func (in *incoming) place(ctx context.Context) error {
	e := in.got.Envelope
	uuid, number := e.SourceUUID, e.SourceNumber
	in.author = strings.ToLower(uuid)
	if in.self = e.Sync != nil || in.client.isSelf(uuid, number); in.self {
		in.author = in.client.self()
		in.sender = bridgev2.EventSender{IsFromMe: true, Sender: in.client.GetUserID()}
		uuid, number = "", ""
		if e.Sync != nil && e.Sync.Sent != nil {
			uuid, number = e.Sync.Sent.DestinationUUID, e.Sync.Sent.DestinationNumber
		}
	}
	if group := in.got.GroupID(); group != "" {
		in.chat = groupChat(group, in.client.login.ID)
	}
	if in.self && (in.chat.ID != "" || in.client.isSelf(uuid, number)) {
		return nil
	} else if uuid == "" && number == "" {
		return fmt.Errorf("sender of what came: %w", errs.ErrNotFound)
	}
	person, err := in.client.connector.person(ctx, uuid, number)
	if err != nil {
		return fmt.Errorf("find who is behind what came: %w", err)
	}
	if in.chat.ID == "" {
		in.chat = personChat(person, in.client.login.ID)
	}
	if in.self {
		return nil
	}
	in.sender = bridgev2.EventSender{Sender: person}
	if in.author == "" {
		in.author = "number-" + hashed(number)
	}
	return in.client.keepProfile(ctx, person, either(uuid, number), e.SourceName)
}

// person is who is behind an address.
func (c *Connector) person(ctx context.Context, uuid, number string) (networkid.UserID, error) {
	aci, pni := strings.ToLower(uuid), ""
	if strings.HasPrefix(uuid, pniPrefix) {
		aci, pni = "", uuid
	}
	return c.env.Handles.Resolve(ctx,
		network.Handle{Kind: handleACI, Value: aci}, network.Handle{Kind: handlePhone, Value: number}, network.Handle{Kind: handlePNI, Value: pni})
}

// meta is what all events of this carry.
func (in *incoming) meta(kind bridgev2.RemoteEventType) simplevent.EventMeta {
	return simplevent.EventMeta{Type: kind, PortalKey: in.chat, Sender: in.sender, Timestamp: in.at(), CreatePortal: true}
}

// queue hands an event to bridgev2, which answers when it stands in the room.
func (in *incoming) queue(evt bridgev2.RemoteEvent) error {
	return network.Result(in.client.login.QueueRemoteEvent(evt))
}

// handleMessage takes a message, or something that concerns one: a reaction, a vote, a deletion.
func (in *incoming) handleMessage(ctx context.Context) error {
	if err := in.place(ctx); err != nil {
		return err
	}
	data := in.data()
	if data == nil || in.chat.ID == "" {
		return nil // an edit of nothing, or a note of the business to itself
	}
	if err := in.keepGroup(ctx, data); err != nil {
		return err
	}
	if data.IsEmpty() {
		return nil
	}
	if err := in.deliver(ctx, data); err != nil {
		return err
	}
	return in.client.keepTopic(ctx, in.chat)
}

// deliver takes a message by what it is.
func (in *incoming) deliver(ctx context.Context, data *daemon.DataMessage) error {
	switch {
	case in.got.Kind() == daemon.KindEdit:
		return in.deliverEdit(ctx, data)
	case data.Reaction != nil:
		return in.deliverReaction(ctx, data.Reaction)
	case data.RemoteDelete != nil:
		return in.deliverRemoval(ctx, in.author, data.RemoteDelete.Timestamp)
	case data.AdminDelete != nil:
		return in.deliverRemoval(ctx, in.client.author(data.AdminDelete.AuthorUUID, data.AdminDelete.AuthorNumber), data.AdminDelete.Timestamp)
	case data.PollVote != nil:
		return in.deliverVote(ctx, data.PollVote)
	case data.PollTerminate != nil:
		return in.deliverPollEnd(ctx, data.PollTerminate)
	case data.Pin != nil, data.Unpin != nil:
		return in.deliverPin(ctx, data)
	case data.IsExpirationUpdate:
		return in.deliverTimer(ctx, data)
	}
	return in.deliverMessage(ctx, data)
}

// author is the author of a message as its ID names it.
func (cl *Client) author(uuid, number string) string {
	switch {
	case cl.isSelf(uuid, number):
		return cl.self()
	case uuid != "":
		return strings.ToLower(uuid)
	}
	return "number-" + hashed(number)
}

// deliverMessage makes one event of a message, and one more of each file but the first. Each has an ID of its own, so
// that a repetition after a crash goes on where it stopped.
func (in *incoming) deliverMessage(ctx context.Context, data *daemon.DataMessage) error {
	if in.self {
		if echo, err := in.isEcho(ctx, data); echo || err != nil {
			return err
		}
	}
	whole := messageID(in.author, in.timestamp())
	parts := in.partsOf(data)
	for i, part := range parts {
		err := in.queue(&simplevent.Message[piece]{
			EventMeta: in.meta(bridgev2.RemoteEventMessage), Data: part, ID: partID(whole, i), ConvertMessageFunc: in.convert,
		})
		if err != nil {
			return err
		}
	}
	if len(data.Unknown) > 0 && parts[0].unknown {
		return fmt.Errorf("message with %s: %w: %w", strings.Join(words(data.Unknown), ", "), errUnknown, errs.ErrUnsupported)
	}
	return in.welcome(ctx)
}
