package network

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/core/base/errs"
)

// underwayPause is how soon something is looked at again that may be about a message underway.
const underwayPause = time.Second

// Target finds the message that something from the provider is about: a reaction, a change, an answer. Nil, if the
// chat's room does not have it. The provider may speak of a message that it has taken before that was noted here: while
// messages to the chat are underway, one that is not known is an errs.Temporary.
func (e Env) Target(ctx context.Context, bridge *bridgev2.Bridge, chat networkid.PortalKey, messageID networkid.MessageID) (*database.Message, error) {
	found, err := bridge.DB.Message.GetFirstPartByID(ctx, chat.Receiver, messageID)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find a message: %w", err), 0)
	} else if found != nil {
		return found, nil
	}
	return nil, e.AwaitUnderway(ctx, bridge, chat)
}

// AwaitUnderway is an errs.Temporary while messages to a chat are underway: see Outcomes.Underway.
func (e Env) AwaitUnderway(ctx context.Context, bridge *bridgev2.Bridge, chat networkid.PortalKey) error {
	portal, err := bridge.GetExistingPortalByKey(ctx, chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || portal.MXID == "" {
		return nil
	}
	if underway, err := e.Outcomes.Underway(ctx, portal.MXID); err != nil {
		return err
	} else if underway {
		return errs.Temporary(fmt.Errorf("message that the provider speaks of: %w", errs.ErrNotFound), underwayPause)
	}
	return nil
}
