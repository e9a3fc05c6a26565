package telegram

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
)

// migrate follows a group that became a supergroup: it has another number from then on, and its messages are counted
// anew. The room stays. ref: reference/telegram-bot.md §4, Group migration
func (cl *Client) migrate(ctx context.Context, from, to int64) error {
	err := cl.change(ctx, func(meta *LoginMeta) bool {
		if meta.Moved[from] == to {
			return false
		}
		moved := maps.Clone(meta.Moved)
		if moved == nil {
			moved = map[int64]int64{}
		}
		moved[from] = to
		meta.Moved = moved
		return true
	})
	if err != nil {
		return err
	}
	return cl.move(ctx, group{chat: from}, group{chat: to})
}

func (cl *Client) move(ctx context.Context, from, to group) error {
	result, _, err := cl.connector.bridge.ReIDPortal(ctx, from.key(cl.login.ID), to.key(cl.login.ID))
	if err != nil {
		return errs.Temporary(fmt.Errorf("move the room of a group: %w", err), 0)
	}
	cl.connector.log.Info().Str("login_id", string(cl.login.ID)).Str("result", strings.ReplaceAll(result.String(), " ", "_")).
		Msg("A group became a supergroup")
	return nil
}

// replyTo points at a message.
func replyTo(id networkid.MessageID) *networkid.MessageOptionalPartID {
	return &networkid.MessageOptionalPartID{MessageID: id}
}
