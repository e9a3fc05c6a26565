package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot"
	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
)

// GetChatInfo implements bridgev2.NetworkAPI. Members are not listed: the hub invites the agents, and ghosts come in
// with their first message.
func (cl *Client) GetChatInfo(ctx context.Context, portal *bridgev2.Portal) (*bridgev2.ChatInfo, error) {
	if g, ok := groupOf(portal.ID); ok {
		return cl.groupInfo(ctx, portal, g), nil
	}
	person := networkid.UserID(portal.ID)
	return &bridgev2.ChatInfo{
		Type: ptr.Ptr(database.RoomTypeDM), Topic: ptr.Ptr(cl.topic(ctx, person)),
		Members: &bridgev2.ChatMemberList{OtherUserID: person, MemberMap: bridgev2.ChatMemberMap{}},
	}, nil
}

// groupInfo is what Telegram tells of a group; a name of our own if it tells nothing, so that the room is made anyway.
func (cl *Client) groupInfo(ctx context.Context, portal *bridgev2.Portal, g group) *bridgev2.ChatInfo {
	info := &bridgev2.ChatInfo{
		Type: ptr.Ptr(database.RoomTypeDefault), Topic: ptr.Ptr("Telegram · to " + cl.title()),
		Members: &bridgev2.ChatMemberList{MemberMap: bridgev2.ChatMemberMap{}},
	}
	name := "Telegram group"
	api, err := cl.api()
	if err == nil {
		chat, askErr := api.GetChat(ctx, &bot.GetChatParams{ChatID: g.chat})
		if err = askErr; err == nil {
			name = either(chat.Title, name)
			if chat.Photo != nil {
				info.Avatar = cl.avatar(chat.Photo.BigFileUniqueID, chat.Photo.BigFileID)
			}
		}
	}
	if err != nil {
		cl.connector.log.Warn().Err(err).Msg("Telegram does not tell what a group is called")
	}
	if g.thread != 0 {
		name += " › " + either(cl.topicOf(portal), "topic")
	}
	info.Name = &name
	return info
}

// topicOf is the name of a forum topic, as far as it is known.
func (cl *Client) topicOf(portal *bridgev2.Portal) string {
	if name, ok := cl.topics.Load(portal.ID); ok {
		return name.(string)
	}
	return portal.Metadata.(*PortalMeta).Topic
}

// topic tells agents what they need to know who writes: the username, the number if the customer shared it, and to
// which of our accounts.
func (cl *Client) topic(ctx context.Context, person networkid.UserID) string {
	parts := []string{"Telegram"}
	list, err := cl.connector.env.Handles.Of(ctx, person)
	if err != nil {
		cl.connector.log.Warn().Err(err).Msg("Topic without the customer's names")
	}
	seen := map[string]bool{}
	for _, handle := range list {
		if seen[handle.Kind] {
			continue
		}
		seen[handle.Kind] = true
		switch handle.Kind {
		case handlePhone:
			parts = append(parts, "+"+handle.Value)
		case handleUsername:
			parts = append(parts, "@"+handle.Value)
		}
	}
	return strings.Join(append(parts, "to "+cl.title()), " · ")
}

// afterwards shows what a message told beyond what the room shows: a new username, a number, a topic's name.
func (in *incoming) afterwards(ctx context.Context) error {
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" || in.person == "" {
		return nil
	}
	topic := in.client.topic(ctx, in.person)
	if portal.Topic == topic {
		return nil
	}
	return in.client.changeRoom(in.chat, &bridgev2.ChatInfoChange{ChatInfo: &bridgev2.ChatInfo{Topic: &topic}}, bridgev2.EventSender{})
}

// changeRoom shows a change of a chat in its room.
func (cl *Client) changeRoom(chat networkid.PortalKey, change *bridgev2.ChatInfoChange, by bridgev2.EventSender) error {
	return cl.queue(&simplevent.ChatInfoChange{
		EventMeta:      simplevent.EventMeta{Type: bridgev2.RemoteEventChatInfoChange, PortalKey: chat, Sender: by},
		ChatInfoChange: change,
	})
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
