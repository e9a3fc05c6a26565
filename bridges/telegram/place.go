package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// generalTopic is the forum topic that is the group itself. ref: reference/telegram-bot.md §4, Topics
const generalTopic = 1

// place finds the chat of a message and who wrote it, and keeps what the message tells of both.
func (cl *Client) place(ctx context.Context, msg *models.Message) (*incoming, error) {
	in := &incoming{client: cl, msg: msg}
	var err error
	switch {
	case msg.Chat.IsDirectMessages:
		return nil, cl.unknownChat(ctx, msg, "direct messages of a channel")
	case msg.Chat.Type == models.ChatTypePrivate:
		err = in.placePrivate(ctx)
	case msg.Chat.Type == models.ChatTypeGroup, msg.Chat.Type == models.ChatTypeSupergroup:
		err = in.placeInGroup(ctx)
	default:
		return nil, cl.unknownChat(ctx, msg, string(msg.Chat.Type))
	}
	if err != nil {
		return nil, err
	}
	return in, nil
}

// placePrivate is for the chat with one person: of a bot, or of a business account.
func (in *incoming) placePrivate(ctx context.Context) error {
	cl, msg := in.client, in.msg
	other := models.User{ID: msg.Chat.ID, FirstName: msg.Chat.FirstName, LastName: msg.Chat.LastName, Username: msg.Chat.Username}
	person, err := cl.meet(ctx, other)
	if err != nil {
		return err
	}
	in.person, in.chat, in.sender = person, personChat(person, cl.login.ID), bridgev2.EventSender{Sender: person}
	if !cl.isBusiness() {
		return nil
	}
	// ref: reference/telegram-bot.md §5: incoming when from.id == chat.id, else the owner's or a bot's for the owner
	in.echo = msg.SenderBusinessBot != nil && msg.SenderBusinessBot.ID == cl.meta().BotID
	if in.echo || msg.SenderBusinessBot != nil || (msg.From != nil && msg.From.ID != msg.Chat.ID) {
		in.sender = cl.self()
	}
	return nil
}

// learnPhone keeps the number that somebody shared, if it is their own: anybody's card can be sent.
// ref: reference/telegram-bot.md §4, Phone
func (in *incoming) learnPhone(ctx context.Context) error {
	card, from := in.msg.Contact, in.msg.From
	if card == nil || from == nil || card.UserID != from.ID || in.sender.IsFromMe {
		return nil
	}
	number := digits(card.PhoneNumber)
	if number == "" {
		return nil
	}
	if err := in.client.connector.env.Handles.Attach(ctx, in.sender.Sender, network.Handle{Kind: handlePhone, Value: number}); err != nil {
		return fmt.Errorf("keep a customer's own number: %w", err)
	}
	return nil
}

// digits is a number in one spelling, whatever signs it was written with.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// self is the business itself as a sender.
func (cl *Client) self() bridgev2.EventSender {
	return bridgev2.EventSender{IsFromMe: true, Sender: cl.GetUserID()}
}

func (in *incoming) placeInGroup(ctx context.Context) error {
	cl, msg := in.client, in.msg
	where := group{chat: cl.movedTo(msg.Chat.ID), thread: threadOf(msg)}
	in.chat = where.key(cl.login.ID)
	if name := topicName(msg); name != "" {
		cl.topics.Store(in.chat.ID, name)
	}
	var err error
	in.sender, err = cl.author(ctx, msg.From, msg.SenderChat, msg.AuthorSignature)
	return err
}

// author is who wrote something in a group: a person, or a chat that speaks through an administrator.
func (cl *Client) author(ctx context.Context, from *models.User, chat *models.Chat, signature string) (bridgev2.EventSender, error) {
	switch {
	case chat != nil:
		name := chat.Title
		if signature != "" {
			name += " (" + signature + ")"
		}
		person, err := cl.meet(ctx, models.User{ID: chat.ID, FirstName: name})
		return bridgev2.EventSender{Sender: person}, err
	case from == nil:
		return bridgev2.EventSender{}, fmt.Errorf("something in a group that nobody did: %w", errs.ErrInvalid)
	case from.ID == cl.meta().BotID:
		return cl.self(), nil
	}
	person, err := cl.meet(ctx, *from)
	return bridgev2.EventSender{Sender: person}, err
}

// threadOf is the forum topic of a message; 0 for none and for the General topic. Other groups have threads too, of
// replies, which are no topics.
func threadOf(msg *models.Message) int {
	if !msg.IsTopicMessage || msg.MessageThreadID == generalTopic {
		return 0
	}
	return msg.MessageThreadID
}

// topicName is what a message tells of its topic's name.
func topicName(msg *models.Message) string {
	switch {
	case threadOf(msg) == 0:
		return ""
	case msg.ForumTopicCreated != nil:
		return msg.ForumTopicCreated.Name
	case msg.ForumTopicEdited != nil:
		return msg.ForumTopicEdited.Name
	case msg.ReplyToMessage != nil && msg.ReplyToMessage.ForumTopicCreated != nil:
		return msg.ReplyToMessage.ForumTopicCreated.Name
	}
	return ""
}

// personOf is who a user ID belongs to.
func (c *Connector) personOf(ctx context.Context, userID int64, username string) (networkid.UserID, error) {
	person, err := c.env.Handles.Resolve(ctx,
		network.Handle{Kind: handleUserID, Value: strconv.FormatInt(userID, 10)},
		network.Handle{Kind: handleUsername, Value: username},
	)
	if err != nil {
		return "", fmt.Errorf("find who wrote: %w", err)
	}
	return person, nil
}

// userIDOf is the user ID by which Telegram knows a person; errs.ErrNotFound if it is not known.
func (c *Connector) userIDOf(ctx context.Context, person networkid.UserID) (int64, error) {
	list, err := c.env.Handles.Of(ctx, person)
	if err != nil {
		return 0, err
	}
	for _, handle := range list {
		if handle.Kind == handleUserID {
			return strconv.ParseInt(handle.Value, 10, 64)
		}
	}
	return 0, errs.Tell(fmt.Errorf("user ID of a person: %w", errs.ErrNotFound), "Puente does not know this person's Telegram account.")
}
