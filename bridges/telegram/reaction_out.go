package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"go.mau.fi/util/variationselector"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// reactions are the emoji that Telegram takes as reactions. ref: reference/data/telegram-bot-api.json,
// ReactionTypeEmoji.emoji
const reactions = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"

// reactionList is reactions, one by one.
func reactionList() []string { return strings.Fields(reactions) }

// telegramReaction is an emoji as Telegram writes it; "" if it does not take it as a reaction.
func telegramReaction(emoji string) string {
	bare := variationselector.Remove(emoji)
	for _, one := range reactionList() {
		if variationselector.Remove(one) == bare {
			return one
		}
	}
	return ""
}

// PreHandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) PreHandleMatrixReaction(_ context.Context, msg *bridgev2.MatrixReaction) (bridgev2.MatrixReactionPreResponse, error) {
	if cl.isBusiness() {
		return bridgev2.MatrixReactionPreResponse{}, errs.Tell(fmt.Errorf("reaction in a business chat: %w", errs.ErrUnsupported),
			"Telegram lets no bot react in the chats of a business account. React in the Telegram app, or write it.")
	}
	emoji := telegramReaction(msg.Content.RelatesTo.Key)
	if emoji == "" {
		return bridgev2.MatrixReactionPreResponse{}, errs.Tell(fmt.Errorf("reaction: %w", errs.ErrUnsupported),
			"Telegram does not take this emoji as a reaction. These work: "+strings.Join(reactionList()[:12], " ")+" and some more.")
	}
	return bridgev2.MatrixReactionPreResponse{
		SenderID: cl.GetUserID(), EmojiID: emojiID(emoji), Emoji: emoji, MaxReactions: 1,
	}, nil
}

// HandleMatrixReaction implements bridgev2.ReactionHandlingNetworkAPI. A bot has one reaction on a message, which a new
// one replaces.
func (cl *Client) HandleMatrixReaction(ctx context.Context, msg *bridgev2.MatrixReaction) (*database.Reaction, error) {
	return &database.Reaction{}, cl.react(ctx, msg.Portal, msg.TargetMessage.ID, models.ReactionType{
		Type: models.ReactionTypeTypeEmoji, ReactionTypeEmoji: &models.ReactionTypeEmoji{Emoji: msg.PreHandleResp.Emoji},
	})
}

// HandleMatrixReactionRemove implements bridgev2.ReactionHandlingNetworkAPI.
func (cl *Client) HandleMatrixReactionRemove(ctx context.Context, msg *bridgev2.MatrixReactionRemove) error {
	if msg.TargetReaction.SenderID != cl.GetUserID() {
		return errs.Tell(fmt.Errorf("reaction of somebody else: %w", errs.ErrForbidden), "only the business's own reactions can be taken off.")
	}
	return cl.react(ctx, msg.Portal, msg.TargetReaction.MessageID)
}

// react sets the bot's reactions to a message; repeating it changes nothing.
func (cl *Client) react(ctx context.Context, portal *bridgev2.Portal, target networkid.MessageID, reactions ...models.ReactionType) error {
	if reactions == nil {
		reactions = []models.ReactionType{}
	}
	err := cl.on(ctx, portal, target, func(api *botapi.Client, to address, message int) error {
		_, err := api.SetMessageReaction(ctx, &bot.SetMessageReactionParams{ChatID: to.chat, MessageID: message, Reaction: reactions})
		return err
	})
	if err != nil {
		return fmt.Errorf("react: %w", err)
	}
	return nil
}
