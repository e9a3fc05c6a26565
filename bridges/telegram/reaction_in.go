package telegram

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
)

// emoji is a reaction as Matrix shows it.
type emoji struct {
	id   networkid.EmojiID // Telegram's name of it
	text string
}

// handleReaction shows how somebody's reactions to a message changed: Telegram tells all that were there and all that
// are. ref: reference/telegram-bot.md §3, message_reaction
func (cl *Client) handleReaction(ctx context.Context, update *models.MessageReactionUpdated) error {
	sender, err := cl.author(ctx, update.User, update.ActorChat, "")
	if err != nil {
		return err
	}
	id := messageID(update.Chat.ID, update.MessageID)
	chat := personChat(sender.Sender, cl.login.ID)
	if update.Chat.Type != models.ChatTypePrivate {
		chat = group{chat: cl.movedTo(update.Chat.ID)}.key(cl.login.ID) // its topic is not told
	}
	target, err := cl.connector.env.Target(ctx, cl.connector.bridge, chat, id)
	if err != nil {
		return fmt.Errorf("find the message of a reaction: %w", err)
	} else if target == nil {
		return nil // from before we saw the chat: there is nothing to show it at
	}
	before, now := cl.emojis(ctx, update.OldReaction), cl.emojis(ctx, update.NewReaction)
	event := func(kind bridgev2.RemoteEventType, one emoji) bridgev2.RemoteEvent {
		return &simplevent.Reaction{
			EventMeta:     simplevent.EventMeta{Type: kind, PortalKey: target.Room, Sender: sender, Timestamp: timeOf(update.Date)},
			TargetMessage: id, EmojiID: one.id, Emoji: one.text,
		}
	}
	var failed []error
	for _, one := range before {
		if !contains(now, one) {
			failed = append(failed, cl.queue(event(bridgev2.RemoteEventReactionRemove, one)))
		}
	}
	for _, one := range now {
		if !contains(before, one) {
			failed = append(failed, cl.queue(event(bridgev2.RemoteEventReaction, one)))
		}
	}
	return errors.Join(failed...)
}

// emojiID is an emoji without the sign that asks for its coloured form, which some write and some do not.
func emojiID(text string) networkid.EmojiID { return networkid.EmojiID(variationselector.Remove(text)) }

func contains(list []emoji, wanted emoji) bool {
	for _, one := range list {
		if one.id == wanted.id {
			return true
		}
	}
	return false
}

func (cl *Client) emojis(ctx context.Context, reactions []models.ReactionType) []emoji {
	made := make([]emoji, 0, len(reactions))
	for _, reaction := range reactions {
		switch {
		case reaction.ReactionTypeEmoji != nil:
			text := reaction.ReactionTypeEmoji.Emoji
			made = append(made, emoji{id: emojiID(text), text: text})
		case reaction.ReactionTypeCustomEmoji != nil:
			id := reaction.ReactionTypeCustomEmoji.CustomEmojiID
			made = append(made, emoji{id: networkid.EmojiID("custom:" + id), text: cl.customEmoji(ctx, id)})
		case reaction.ReactionTypePaid != nil:
			made = append(made, emoji{id: "paid", text: "⭐"})
		}
	}
	return made
}

// customEmoji is the ordinary emoji that a custom one stands for.
func (cl *Client) customEmoji(ctx context.Context, id string) string {
	const unknown = "🙂"
	api, err := cl.api()
	if err != nil {
		return unknown
	}
	stickers, err := api.GetCustomEmojiStickers(ctx, &bot.GetCustomEmojiStickersParams{CustomEmojiIDs: []string{id}})
	if err != nil || len(stickers) == 0 || stickers[0].Emoji == "" {
		return unknown
	}
	return stickers[0].Emoji
}
