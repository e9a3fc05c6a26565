package telegram

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// handleMyMembership shows what became of the bot itself: a customer blocked it, a group took it in or threw it out.
// ref: reference/telegram-bot.md §3, my_chat_member
func (cl *Client) handleMyMembership(ctx context.Context, update *models.ChatMemberUpdated) error {
	switch update.Chat.Type {
	case models.ChatTypePrivate:
		return cl.handleBlocking(ctx, update)
	case models.ChatTypeGroup, models.ChatTypeSupergroup:
		return cl.handleGroupMembership(ctx, update)
	case models.ChatTypeChannel:
		cl.connector.tell(ctx, fmt.Sprintf("telegram:%s:channel:%d", cl.login.ID, update.Chat.ID),
			fmt.Sprintf("The bot **%s** was added to or removed from a Telegram channel. Posts of channels do not come in: add the bot to a group instead.", network.Plain(cl.title())))
		return nil
	}
	return fmt.Errorf("membership in a chat of an unknown type: %w", errs.ErrUnsupported)
}

// handleBlocking shows that the customer blocked the bot, or undid it.
func (cl *Client) handleBlocking(ctx context.Context, update *models.ChatMemberUpdated) error {
	person, err := cl.meet(ctx, update.From)
	if err != nil {
		return err
	}
	blocked := update.NewChatMember.Type == models.ChatMemberTypeBanned
	text := "The customer takes messages of the bot again."
	if blocked {
		text = "The customer blocked the bot: messages do not reach them until they start it again."
	}
	chat := personChat(person, cl.login.ID)
	portal, err := cl.connector.bridge.GetExistingPortalByKey(ctx, chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" || (!blocked && !portal.Metadata.(*PortalMeta).Blocked) {
		return nil // the first start comes with a message of its own
	}
	return cl.notice(chat, bridgev2.EventSender{Sender: person}, membershipID(update, text), timeOf(update.Date), text, func(ctx context.Context, portal *bridgev2.Portal) {
		portal.Metadata.(*PortalMeta).Blocked = blocked
		if err := portal.Save(ctx); err != nil {
			cl.connector.log.Error().Err(err).Msg("Could not note that a customer blocked the bot")
		}
	})
}

// handleGroupMembership shows that a group took the bot in, made it an administrator, or removed it.
func (cl *Client) handleGroupMembership(ctx context.Context, update *models.ChatMemberUpdated) error {
	text := membershipText(update, about(cl, func(meta *LoginMeta) bool { return meta.ReadsGroups }))
	if text == "" {
		return nil
	}
	sender, err := cl.author(ctx, &update.From, nil, "")
	if err != nil {
		return err
	}
	chat := group{chat: cl.movedTo(update.Chat.ID)}.key(cl.login.ID)
	return cl.notice(chat, sender, membershipID(update, text), timeOf(update.Date), text, nil)
}

// membershipText says what changed for the bot in a group; "" if nothing did that people care about.
func membershipText(update *models.ChatMemberUpdated, readsAll bool) string {
	was, is := isMember(update.OldChatMember), isMember(update.NewChatMember)
	admin := update.NewChatMember.Type == models.ChatMemberTypeAdministrator
	switch {
	case !was && is && (readsAll || admin):
		return "The bot was added to the group."
	case !was && is:
		return "The bot was added to the group. It sees only commands, mentions and replies to it there, unless it is made an administrator or its privacy mode is switched off."
	case was && !is:
		return "The bot was removed from the group: nothing comes from there any more, and nothing can be sent."
	case admin && update.OldChatMember.Type != models.ChatMemberTypeAdministrator:
		return "The bot is an administrator of the group now: it sees all messages and reactions."
	case !admin && update.OldChatMember.Type == models.ChatMemberTypeAdministrator:
		return "The bot is no longer an administrator of the group."
	}
	return ""
}

func isMember(member models.ChatMember) bool {
	switch member.Type {
	case models.ChatMemberTypeLeft, models.ChatMemberTypeBanned:
		return false
	case models.ChatMemberTypeRestricted:
		return member.Restricted != nil && member.Restricted.IsMember
	}
	return true
}

// membershipID names a notice about the bot's membership; the same change has the same ID when it is told again.
func membershipID(update *models.ChatMemberUpdated, text string) networkid.MessageID {
	return networkid.MessageID("member:" + strconv.FormatInt(update.Chat.ID, 10) + ":" + strconv.Itoa(update.Date) + ":" + words(text))
}

// notice says a line of ours in a chat, in somebody's name; before, if set, runs when the room is there.
func (cl *Client) notice(chat networkid.PortalKey, sender bridgev2.EventSender, id networkid.MessageID, at time.Time, text string, before func(context.Context, *bridgev2.Portal)) error {
	_, isGroup := groupOf(chat.ID)
	return cl.queue(&simplevent.PreConvertedMessage{
		EventMeta: simplevent.EventMeta{
			Type: bridgev2.RemoteEventMessage, PortalKey: chat, Sender: sender, Timestamp: at, CreatePortal: isGroup, PreHandleFunc: before,
		},
		ID: id, Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{message.Notice(text)}},
	})
}
