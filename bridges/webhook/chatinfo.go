package webhook

import (
	"context"
	"fmt"
	"strings"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
)

// GetChatInfo implements bridgev2.NetworkAPI: what is known of a conversation without asking, as nobody can be asked.
func (cl *Client) GetChatInfo(ctx context.Context, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	return cl.chatInfo(ctx, *portal.Metadata.(*PortalMeta)), nil
}

func (cl *Client) chatInfo(ctx context.Context, meta PortalMeta) *bridgev2.ChatInfo {
	members := &bridgev2.ChatMemberList{MemberMap: bridgev2.ChatMemberMap{}}
	if meta.Group || meta.Customer == "" {
		return &bridgev2.ChatInfo{
			Type: ptr.Ptr(database.RoomTypeDefault), Name: &cl.meta.DisplayName, Topic: &cl.meta.DisplayName, Members: members,
		}
	}
	members.OtherUserID = meta.Customer
	return &bridgev2.ChatInfo{Type: ptr.Ptr(database.RoomTypeDM), Topic: ptr.Ptr(cl.topic(ctx, meta)), Members: members}
}

// topic tells agents who writes, and by which system.
func (cl *Client) topic(ctx context.Context, meta PortalMeta) string {
	parts := []string{cl.meta.DisplayName}
	list, err := cl.connector.env.Handles.Of(ctx, meta.Customer)
	if err != nil {
		cl.connector.log.Warn().Err(err).Msg("Topic without the customer's number")
	}
	seen := map[string]bool{handleID: true}
	for _, handle := range list {
		if !seen[handle.Kind] {
			parts = append(parts, handle.Value)
		}
		seen[handle.Kind] = true
	}
	return strings.Join(parts, " · ")
}

// place finds the conversation and whoever did something in it, and keeps what the event tells of both.
func (in *incoming) place(ctx context.Context) error {
	in.chat = portalKey(string(in.client.system), in.evt.Conversation.ID)
	portal, err := in.client.connector.bridge.GetPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find a conversation: %w", err), 0)
	}
	if in.evt.From != nil {
		if in.sender, err = in.client.meet(ctx, in.evt.From); err != nil {
			return err
		}
	}
	members, err := in.members(ctx)
	if err != nil {
		return err
	}
	known, isNew := portal.Metadata.(*PortalMeta), portal.MXID == ""
	meta := in.learn(*known, members)
	if isNew {
		// Nobody else looks at it before it has a room, whose making needs it.
		*known = meta
		if err = portal.Save(ctx); err != nil {
			return errs.Temporary(fmt.Errorf("keep a conversation: %w", err), 0)
		}
	}
	if !in.evt.Conversation.tells() && (isNew || meta == *known) {
		return nil
	}
	return in.queue(&simplevent.ChatResync{
		EventMeta: simplevent.EventMeta{Type: bridgev2.RemoteEventChatResync, PortalKey: in.chat, Sender: in.sender, CreatePortal: in.opens()},
		ChatInfo:  in.chatInfo(ctx, meta, isNew, members),
	})
}

// opens tells whether the event is worth a room.
func (in *incoming) opens() bool {
	switch in.evt.Type {
	case typeMessageDeleted, typeReactionAdded, typeReactionRemoved, typeTyping, typeRead:
		return false
	}
	return true
}

// tells tells whether the event says anything of the conversation itself.
func (c *Conversation) tells() bool {
	return c.Name != "" || c.Topic != "" || c.AvatarURL != "" || len(c.Members) > 0
}

// learn is what is known of a conversation after the event: who the customer is, and that others take part.
func (in *incoming) learn(meta PortalMeta, members bridgev2.ChatMemberMap) PortalMeta {
	meta.Conversation = in.evt.Conversation.ID
	meta.Group = meta.Group || len(members) > 1
	for person := range members {
		if meta.Customer == "" && !meta.Group {
			meta.Customer = person
		}
	}
	if in.sender.IsFromMe || in.sender.Sender == "" {
		return meta
	}
	if meta.Customer == "" {
		meta.Customer = in.sender.Sender
	}
	meta.Group = meta.Group || meta.Customer != in.sender.Sender
	return meta
}

// members are those whom the event lists, but for the company's own.
func (in *incoming) members(ctx context.Context) (bridgev2.ChatMemberMap, error) {
	members := bridgev2.ChatMemberMap{}
	for i := range in.evt.Conversation.Members {
		sender, err := in.client.meet(ctx, &in.evt.Conversation.Members[i])
		if err != nil {
			return nil, err
		} else if !sender.IsFromMe {
			members.Set(bridgev2.ChatMember{EventSender: sender})
		}
	}
	return members, nil
}

// chatInfo is what changes in the room: what the event tells, and for a new room all that is known.
func (in *incoming) chatInfo(ctx context.Context, meta PortalMeta, isNew bool, members bridgev2.ChatMemberMap) *bridgev2.ChatInfo {
	told, info := in.evt.Conversation, in.client.chatInfo(ctx, meta)
	if !isNew {
		info.Name, info.Topic = nil, nil
	}
	if told.Name != "" {
		info.Name = &told.Name
	}
	if told.Topic != "" {
		info.Topic = &told.Topic
	}
	info.Avatar = in.client.connector.avatar(told.AvatarURL)
	if len(members) > 0 {
		info.Members.MemberMap, info.Members.IsFull = members, true
	}
	info.ExtraUpdates = func(_ context.Context, portal *bridgev2.Portal) bool {
		known := portal.Metadata.(*PortalMeta)
		changed := *known != meta
		*known = meta
		return changed
	}
	return info
}
