package signal

import (
	"context"
	"fmt"
	"strings"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// GetChatInfo implements bridgev2.NetworkAPI. The members of a chat with one customer are not listed: the hub invites
// the agents and the customer's ghost with the room itself.
func (cl *Client) GetChatInfo(ctx context.Context, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	if group, ok := groupOf(portal.ID); ok {
		return cl.groupInfo(ctx, group, portal)
	}
	customer := networkid.UserID(portal.ID)
	info := &bridgev2.ChatInfo{
		Type:    ptr.Ptr(database.RoomTypeDM),
		Topic:   ptr.Ptr(cl.topic(ctx, customer)),
		Members: &bridgev2.ChatMemberList{OtherUserID: customer, MemberMap: bridgev2.ChatMemberMap{}},
	}
	recipient, err := cl.connector.recipient(ctx, customer)
	if err != nil {
		return nil, err
	}
	contact, err := cl.connector.daemon.Contact(ctx, cl.account(), recipient)
	if err != nil {
		return nil, again("ask about a customer", err)
	} else if contact == nil {
		return info, nil
	}
	info.ExtraUpdates = func(_ context.Context, portal *bridgev2.Portal) bool {
		meta := portal.Metadata.(*PortalMeta)
		before := meta.Requested
		meta.Requested = contact.ProfileSharing != nil && !*contact.ProfileSharing
		return before != meta.Requested
	}
	if cl.connector.config.Disappearing {
		info.Disappear, info.ExcludeChangesFromTimeline = ptr.Ptr(timer(contact.Expiration)), true
	}
	return info, nil
}

// topic tells agents what they need to know who writes: the number, the username, and to which of our accounts.
func (cl *Client) topic(ctx context.Context, customer networkid.UserID) string {
	parts := []string{displayName}
	list, err := cl.connector.env.Handles.Of(ctx, customer)
	if err != nil {
		cl.connector.log.Warn().Err(err).Msg("Topic without the customer's number")
	}
	seen := map[string]bool{}
	for _, handle := range list {
		if seen[handle.Kind] {
			continue
		}
		seen[handle.Kind] = true
		switch handle.Kind {
		case handlePhone:
			parts = append(parts, handle.Value)
		case handleUsername:
			parts = append(parts, "@"+strings.TrimPrefix(handle.Value, "@"))
		}
	}
	return strings.Join(append(parts, "to "+cl.meta().Number), " · ")
}

// keepTopic shows what a message told of the customer beyond what the room shows: a number that was hidden.
func (cl *Client) keepTopic(ctx context.Context, chat networkid.PortalKey) error {
	if _, isGroup := groupOf(chat.ID); isGroup {
		return nil
	}
	portal, err := cl.connector.bridge.GetExistingPortalByKey(ctx, chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil
	}
	topic := cl.topic(ctx, networkid.UserID(chat.ID))
	if portal.Topic == topic {
		return nil
	}
	return network.Result(cl.login.QueueRemoteEvent(&simplevent.ChatInfoChange{
		EventMeta:      simplevent.EventMeta{Type: bridgev2.RemoteEventChatInfoChange, PortalKey: chat},
		ChatInfoChange: &bridgev2.ChatInfoChange{ChatInfo: &bridgev2.ChatInfo{Topic: &topic}},
	}))
}
