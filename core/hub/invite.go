package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// sourceInvite is the journal's name for invitations of people of other homeservers. Ours answers them when theirs has,
// and theirs may be down: what waits for it waits there, in one lane for each homeserver, and not the customers.
const sourceInvite = "invite"

// inviteAgain is after how long a homeserver that did not answer is asked again.
const inviteAgain = 5 * time.Minute

// invitation is somebody who is still to be invited.
type invitation struct {
	Room    id.RoomID `json:"room"`
	User    id.UserID `json:"user"`
	Network string    `json:"network,omitempty"` // whose bot invites; empty: @puente
}

// isNear tells whether a user is of our own homeserver.
func (h *Hub) isNear(user id.UserID) bool { return user.Homeserver() == h.Domain }

// inviteLater keeps the invitation of somebody of another homeserver. It may be kept twice: who is invited is not invited
// again.
func (h *Hub) inviteLater(ctx context.Context, what invitation) error {
	payload, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode an invitation: %w", err)
	}
	key := fmt.Sprintf("%s %s %d", what.Room, what.User, h.Clock.Now().UnixMilli()) // whoever comes back is invited once more
	err = h.Journal.Append(ctx, journal.Entry{Source: sourceInvite, Key: key, Lane: what.User.Homeserver(), Kind: what.Network, Payload: payload})
	if err != nil {
		return fmt.Errorf("keep the invitation of %s: %w", what.User, err)
	}
	return nil
}

// handleInvite invites who is kept, if that is still wanted.
func (h *Hub) handleInvite(ctx context.Context, entry journal.Entry) error {
	var what invitation
	if err := json.Unmarshal(entry.Payload, &what); err != nil {
		return fmt.Errorf("read an invitation: %w: %w", errs.ErrInvalid, err)
	}
	if h.agents.complete() && !h.agents.Is(what.User) {
		return nil
	}
	bot, err := h.inviter(what)
	if err != nil {
		return err
	}
	err = bot.EnsureInvited(mautrix.WithMaxRetries(ctx, 0), what.Room, what.User)
	if isFinalRefusal(err) {
		h.Log.Warn().Err(err).Stringer("room_id", what.Room).Stringer("user_id", what.User).Msg("An agent of another homeserver cannot be invited")
		return nil
	} else if err != nil {
		return errs.Temporary(fmt.Errorf("invite %s: %w", what.User, err), inviteAgain)
	}
	return nil
}

func (h *Hub) inviter(what invitation) (*appservice.IntentAPI, error) {
	if what.Network == "" {
		return h.bot, nil
	}
	b := h.byID[what.Network]
	if b == nil {
		return nil, fmt.Errorf("invitation by network %q, which is not in this program: %w", what.Network, errs.ErrNotFound)
	}
	return b.matrix.Bot, nil
}
