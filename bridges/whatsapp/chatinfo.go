package whatsapp

import (
	"context"
	"strings"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/whatsapp/graph"
)

// GetChatInfo implements bridgev2.NetworkAPI. Members are not listed: the hub invites the agents and the customer's
// ghost with the room itself, and the ghost comes in with its first message.
func (cl *Client) GetChatInfo(ctx context.Context, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	if group, ok := groupOf(portal.ID); ok {
		return &bridgev2.ChatInfo{
			Name: ptr.Ptr("WhatsApp group " + group), Type: ptr.Ptr(database.RoomTypeDefault),
			Members: &bridgev2.ChatMemberList{MemberMap: bridgev2.ChatMemberMap{}},
		}, nil
	}
	customer := networkid.UserID(portal.ID)
	return &bridgev2.ChatInfo{
		Type:    ptr.Ptr(database.RoomTypeDM),
		Topic:   ptr.Ptr(cl.topic(ctx, customer)),
		Members: &bridgev2.ChatMemberList{OtherUserID: customer, MemberMap: bridgev2.ChatMemberMap{}},
	}, nil
}

// topic tells agents what they need to know who writes: the number, the username, and by which of our numbers.
func (cl *Client) topic(ctx context.Context, customer networkid.UserID) string {
	parts := []string{"WhatsApp"}
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
		case handleWaID:
			parts = append(parts, "+"+handle.Value)
		case handleUsername:
			parts = append(parts, "@"+strings.TrimPrefix(handle.Value, "@"))
		}
	}
	return strings.Join(append(parts, "to "+cl.meta().DisplayPhoneNumber), " · ")
}

// GetUserInfo implements bridgev2.NetworkAPI. WhatsApp tells names only with messages, so there is nothing to ask.
func (cl *Client) GetUserInfo(_ context.Context, ghost *bridgev2.Ghost) (*bridgev2.UserInfo, error) {
	if ghost.ID == businessID(cl.phoneNumberID) {
		return &bridgev2.UserInfo{Name: ptr.Ptr(cl.meta().VerifiedName)}, nil
	}
	if ghost.Name == "" {
		return &bridgev2.UserInfo{Name: ptr.Ptr("WhatsApp customer")}, nil
	}
	return nil, nil
}

// userInfo is what a webhook tells of a customer; nil if it tells nothing.
func userInfo(contact graph.Contact) *bridgev2.UserInfo {
	name := strings.TrimSpace(contact.Profile.Name)
	if name == "" && contact.Profile.Username != "" {
		name = "@" + strings.TrimPrefix(contact.Profile.Username, "@")
	}
	if name == "" {
		return nil
	}
	return &bridgev2.UserInfo{Name: &name}
}
