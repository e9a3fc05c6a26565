package whatsapp

import (
	"context"
	"errors"
	"fmt"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// HandleEntry implements network.Connector: one thing that Meta sent, in the order of its chat.
func (c *Connector) HandleEntry(ctx context.Context, entry network.Entry) error {
	switch graph.Kind(entry.Kind) {
	case graph.KindMessage, graph.KindEcho:
		return c.handleMessage(ctx, entry)
	case graph.KindStatus:
		return c.handleStatus(ctx, entry)
	case graph.KindUserIDUpdate:
		return c.handleUserIDUpdate(ctx, entry)
	case graph.KindCall:
		return c.handleCall(ctx, entry)
	case graph.KindUserPreferences:
		return c.handlePreference(ctx, entry)
	case graph.KindError:
		return c.handleError(ctx, entry)
	default:
		return c.handleAccountNews(ctx, entry)
	}
}

// incoming is one message as it is being bridged.
type incoming struct {
	client *Client
	msg    graph.Message
	chat   networkid.PortalKey
	sender bridgev2.EventSender
	echo   bool // typed by the business itself in the WhatsApp Business app
}

func (c *Connector) handleMessage(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeMessage(entry.Payload)
	if err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	client, err := c.client(string(envelope.Metadata.PhoneNumberID))
	if err != nil {
		return err
	}
	in := incoming{client: client, msg: envelope.Item, echo: entry.Kind == string(graph.KindEcho)}
	if err = in.place(ctx, envelope.Contact()); err != nil {
		return err
	}
	if in.msg.Type == "system" {
		return in.handleSystem(ctx)
	}
	if err = in.deliver(ctx); err != nil {
		return err
	}
	return in.client.keepTopic(ctx, in.chat)
}

// place finds the chat and its customer, and keeps what the webhook tells of the customer.
func (in *incoming) place(ctx context.Context, contact graph.Contact) error {
	person, err := in.customer(ctx, contact)
	if err != nil {
		return err
	}
	in.chat = customerChat(person, in.client.phoneNumberID)
	in.sender = bridgev2.EventSender{Sender: person}
	if in.msg.GroupID != "" {
		in.chat = groupChat(in.msg.GroupID, in.client.phoneNumberID)
	}
	if in.echo {
		in.sender = bridgev2.EventSender{IsFromMe: true, Sender: businessID(in.client.phoneNumberID)}
	}
	if info := userInfo(contact); info != nil {
		ghost, err := in.client.connector.bridge.GetGhostByID(ctx, person)
		if err != nil {
			return errs.Temporary(fmt.Errorf("find the customer's ghost: %w", err), 0)
		}
		ghost.UpdateInfo(ctx, info)
	}
	return nil
}

// customer is whoever is on the other side: who wrote, or for an echo to whom the business wrote.
func (in *incoming) customer(ctx context.Context, contact graph.Contact) (networkid.UserID, error) {
	userID, waID := in.msg.FromUserID, in.msg.From
	if in.echo {
		userID, waID = in.msg.ToUserID, in.msg.To
	}
	handles := []network.Handle{
		{Kind: handleUserID, Value: either(userID, contact.UserID)},
		{Kind: handleWaID, Value: digits(either(waID, string(contact.WaID)))},
		{Kind: handleUsername, Value: contact.Profile.Username},
	}
	person, err := in.client.connector.env.Handles.Resolve(ctx, handles...)
	if err != nil {
		return "", fmt.Errorf("find the customer of message %s: %w", in.msg.ID, err)
	}
	return person, nil
}

// deliver hands the message to bridgev2, which answers when the event stands in the room.
func (in *incoming) deliver(ctx context.Context) error {
	known := false
	if target := in.msg.Target(); target != "" {
		found, err := in.client.connector.env.Target(ctx, in.client.connector.bridge, in.chat, messageID(target))
		if err != nil {
			return fmt.Errorf("find what message %s is about: %w", in.msg.ID, err)
		}
		known = found != nil
	}
	return network.Result(in.client.login.QueueRemoteEvent(in.event(known)))
}

// event is the message for bridgev2; known tells whether the room has what it is about.
func (in *incoming) event(known bool) bridgev2.RemoteEvent {
	meta := simplevent.EventMeta{
		PortalKey: in.chat, Sender: in.sender, Timestamp: in.msg.Timestamp.Time(), CreatePortal: true,
		// The window is noted first: an agent may answer as soon as the message stands in the room.
		PreHandleFunc: in.open,
	}
	said, id := in.msg, in.msg.ID
	switch {
	case in.msg.Type == "reaction" && in.msg.Reaction != nil:
		return in.reaction(meta)
	case in.msg.Type == "edit" && in.msg.Edit != nil && in.msg.Edit.Message != nil && known:
		return in.edit(meta)
	case in.msg.Type == "edit" && in.msg.Edit != nil && in.msg.Edit.Message != nil:
		// It was written before we saw the chat: what it says now is all there is.
		said, id = *in.msg.Edit.Message, either(in.msg.Edit.OriginalMessageID, in.msg.ID)
	case in.msg.Type == "revoke" && in.msg.Revoke != nil:
		return &simplevent.MessageRemove{
			EventMeta: meta.WithType(bridgev2.RemoteEventMessageRemove), TargetMessage: messageID(in.msg.Revoke.OriginalMessageID),
		}
	}
	return &simplevent.Message[graph.Message]{
		EventMeta: meta.WithType(bridgev2.RemoteEventMessage), Data: said, ID: messageID(id), ConvertMessageFunc: in.convert,
	}
}

func (in *incoming) reaction(meta simplevent.EventMeta) bridgev2.RemoteEvent {
	kind := bridgev2.RemoteEventReaction
	if in.msg.Reaction.Emoji == "" {
		kind = bridgev2.RemoteEventReactionRemove
	}
	return &simplevent.Reaction{
		EventMeta: meta.WithType(kind), TargetMessage: messageID(in.msg.Reaction.MessageID), Emoji: in.msg.Reaction.Emoji,
	}
}

func (in *incoming) edit(meta simplevent.EventMeta) bridgev2.RemoteEvent {
	return &simplevent.Message[graph.Message]{
		EventMeta: meta.WithType(bridgev2.RemoteEventEdit), Data: *in.msg.Edit.Message, ID: messageID(in.msg.ID),
		TargetMessage: messageID(in.msg.Edit.OriginalMessageID), ConvertEditFunc: in.convertEdit,
	}
}

// open notes that the customer wrote: the 24-hour window counts from the newest message.
func (in *incoming) open(ctx context.Context, portal *bridgev2.Portal) {
	if !in.opens(portal.Metadata.(*PortalMeta)) {
		return
	}
	if err := portal.Save(ctx); err != nil {
		in.client.connector.log.Error().Err(err).Str("message_id", in.msg.ID).Msg("Could not note when the customer wrote")
	}
}

// opens keeps what the message tells of the window; false if that is nothing.
func (in *incoming) opens(meta *PortalMeta) bool {
	at := in.msg.Timestamp.Time()
	if in.echo || in.msg.Type == "system" || in.msg.Type == "revoke" || at.Before(meta.LastInbound) {
		return false // not the customer's words, or older ones; two messages may have the same second
	}
	meta.LastInbound = at
	// Neither these nor what is no message, such as a call, could be marked as read.
	if _, ok := wamidOf(messageID(in.msg.ID)); ok && in.msg.Type != "reaction" && in.msg.Type != "edit" {
		meta.LastInboundID = in.msg.ID
	}
	return true
}

// handleSystem follows a customer to a new number or user ID; the room stays. ref: reference/whatsapp-cloud.md §3
func (in *incoming) handleSystem(ctx context.Context) error {
	system := in.msg.System
	if system == nil {
		return in.deliver(ctx)
	}
	person := in.sender.Sender
	for _, handle := range []network.Handle{
		{Kind: handleWaID, Value: digits(either(string(system.WaID), string(system.NewWaID)))},
		{Kind: handleUserID, Value: system.UserID},
	} {
		if handle.Value == "" {
			continue
		}
		if err := in.client.connector.env.Handles.Attach(ctx, person, handle); err != nil {
			return fmt.Errorf("follow a customer to a new %s: %w", handle.Kind, err)
		}
	}
	if err := in.deliver(ctx); err != nil {
		return err
	}
	return in.client.refreshTopic(ctx, in.chat)
}

// refreshTopic shows a customer's new number.
func (cl *Client) refreshTopic(ctx context.Context, chat networkid.PortalKey) error {
	topic := cl.topic(ctx, networkid.UserID(chat.ID))
	return network.Result(cl.login.QueueRemoteEvent(&simplevent.ChatInfoChange{
		EventMeta:      simplevent.EventMeta{Type: bridgev2.RemoteEventChatInfoChange, PortalKey: chat},
		ChatInfoChange: &bridgev2.ChatInfoChange{ChatInfo: &bridgev2.ChatInfo{Topic: &topic}},
	}))
}

// keepTopic shows what a message told of the customer beyond what the room shows: a number that was hidden, a new
// username.
func (cl *Client) keepTopic(ctx context.Context, chat networkid.PortalKey) error {
	if _, isGroup := groupOf(chat.ID); isGroup {
		return nil
	}
	portal, err := cl.connector.bridge.GetExistingPortalByKey(ctx, chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" || portal.Topic == cl.topic(ctx, networkid.UserID(chat.ID)) {
		return nil
	}
	return cl.refreshTopic(ctx, chat)
}

// handleUserIDUpdate attaches a customer's new user ID, so that the next message finds the old room.
func (c *Connector) handleUserIDUpdate(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeUserIDUpdate(entry.Payload)
	if err != nil {
		return fmt.Errorf("read a change of user ID: %w", err)
	}
	change := envelope.Item
	person, err := c.known(ctx, change.UserID.Previous, string(change.WaID))
	if errors.Is(err, errs.ErrNotFound) {
		return nil // never wrote to us
	} else if err != nil {
		return fmt.Errorf("find the customer of a change of user ID: %w", err)
	}
	if change.UserID.Current == "" {
		return fmt.Errorf("change of user ID without the new one: %w", errs.ErrInvalid)
	}
	if err = c.env.Handles.Attach(ctx, person, network.Handle{Kind: handleUserID, Value: change.UserID.Current}); err != nil {
		return fmt.Errorf("keep a customer's new user ID: %w", err)
	}
	return nil
}

// handleAccountNews takes what concerns the account and no chat. Templates are read anew; the rest is told to the log.
func (c *Connector) handleAccountNews(_ context.Context, entry network.Entry) error {
	switch graph.Kind(entry.Kind) {
	case graph.KindTemplateStatus, graph.KindTemplateQuality, graph.KindTemplateCategory, graph.KindTemplateComponents:
		for _, login := range c.bridge.GetAllCachedUserLogins() {
			login.Client.(*Client).templates.forget()
		}
	case graph.KindAccount, graph.KindPhoneQuality, graph.KindCapability:
		c.log.Warn().Str("kind", entry.Kind).Time("received_at", entry.ReceivedAt).Msg("Meta reports a change of the account; see WhatsApp Manager")
	default:
		c.log.Info().Str("kind", entry.Kind).Msg("Meta reports something that needs no action")
	}
	return nil
}

// handleError takes trouble that Meta reports of the number as a whole.
func (c *Connector) handleError(ctx context.Context, entry network.Entry) error {
	envelope, err := graph.DecodeProblem(entry.Payload)
	if err != nil {
		return fmt.Errorf("read an error of the number: %w", err)
	}
	why := envelope.Item.Explain()
	c.log.Warn().Int("code", int(envelope.Item.Code)).Str("phone_number_id", string(envelope.Metadata.PhoneNumberID)).
		Str("meaning", why.Message()).Msg("Meta reports an error of the number")
	c.alert(ctx, string(envelope.Metadata.PhoneNumberID), []graph.Problem{envelope.Item})
	return nil
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// digits is a number in one spelling, whatever signs it was written with.
func digits(number string) string {
	kept := make([]byte, 0, len(number))
	for i := range len(number) {
		if number[i] >= '0' && number[i] <= '9' {
			kept = append(kept, number[i])
		}
	}
	return string(kept)
}
