package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// adoption makes each of Puente's rooms once. A room has an alias that says what it is for. When Puente died, or the
// homeserver's answer was lost, while the room was being made, the next attempt finds the alias taken, and adopts the
// room behind it instead of leaving it as an orphan with the agents inside.
type adoption struct {
	clock clock.Clock

	mu     sync.Mutex
	closed map[id.RoomAlias]time.Time // since when an alias is known to lead to a room that cannot be seen
}

func newAdoption(c clock.Clock) *adoption {
	return &adoption{clock: c, closed: map[id.RoomAlias]time.Time{}}
}

// abandonAfter is for how long an alias may lead to a room that its maker cannot see. Synapse gives the alias away
// before the room is there; if it ends in between, the room never comes.
const abandonAfter = 30 * time.Second

// aliasOf is the localpart of the alias of a room that is known by a name which may say too much.
func (n Names) aliasOf(kind, name string) string {
	sum := sha256.Sum256([]byte(name))
	return n.Prefix + kind + "_" + hex.EncodeToString(sum[:10])
}

// room makes the room with the alias, by create, or adopts the one that an earlier attempt of the same bot made.
func (a *adoption) room(ctx context.Context, bot *appservice.IntentAPI, alias string, req *mautrix.ReqCreateRoom, create func(*mautrix.ReqCreateRoom) (id.RoomID, error)) (id.RoomID, error) {
	req.RoomAliasName = alias
	again := *req // create may add to it
	again.InitialState = slices.Clone(req.InitialState)
	room, err := create(req)
	if !errors.Is(err, mautrix.MRoomInUse) {
		return room, err
	}
	taken := id.NewRoomAlias(alias, bot.UserID.Homeserver())
	found, err := bot.ResolveAlias(ctx, taken)
	if err != nil {
		return "", errs.Temporary(fmt.Errorf("find the room that was made earlier: %w", err), 0)
	}
	state, err := bot.State(ctx, found.RoomID)
	if isRefusal(err) {
		if err = a.abandon(ctx, bot, taken, err); err != nil {
			return "", err
		}
		return create(&again)
	} else if err != nil {
		return "", errs.Temporary(fmt.Errorf("look into the room that was made earlier: %w", err), 0)
	}
	if err = complete(ctx, bot, found.RoomID, req, state); err != nil {
		return "", errs.Temporary(err, 0)
	}
	bot.Log.Info().Stringer("room_id", found.RoomID).Msg("Room of an earlier attempt adopted")
	return found.RoomID, nil
}

// abandon gives an alias free whose room its maker cannot see: it never came to be, or was left for good. For some time
// it may still come, and the error says so.
func (a *adoption) abandon(ctx context.Context, bot *appservice.IntentAPI, alias id.RoomAlias, cause error) error {
	a.mu.Lock()
	since, known := a.closed[alias]
	if !known {
		since = a.clock.Now()
		a.closed[alias] = since
	}
	a.mu.Unlock()
	if a.clock.Now().Sub(since) < abandonAfter {
		return errs.Temporary(fmt.Errorf("the homeserver is still making the room: %w", cause), 2*time.Second)
	}
	if _, err := bot.DeleteAlias(ctx, alias); err != nil && !errors.Is(err, mautrix.MNotFound) {
		return errs.Temporary(fmt.Errorf("give the alias of an abandoned room free: %w", err), 0)
	}
	a.mu.Lock()
	delete(a.closed, alias)
	a.mu.Unlock()
	bot.Log.Warn().Str("alias", alias.String()).Msg("A room that was begun never came to be; another one is made")
	return nil
}

// complete does what of a room's making is missing: its state, and who was to be invited and is not there. Whoever has
// left or declined is left alone.
func complete(ctx context.Context, bot *appservice.IntentAPI, room id.RoomID, req *mautrix.ReqCreateRoom, state mautrix.RoomStateMap) error {
	for _, wanted := range req.InitialState {
		kind := wanted.Type
		kind.Class = event.StateEventType
		if there := state[kind][wanted.GetStateKey()]; there != nil && sameContent(&there.Content, &wanted.Content) {
			continue
		}
		if _, err := bot.SendStateEvent(ctx, room, kind, wanted.GetStateKey(), &wanted.Content); err != nil {
			return fmt.Errorf("complete the %s of an adopted room: %w", kind.Type, err)
		}
	}
	for _, user := range req.Invite {
		if state[event.StateMember][user.String()] != nil {
			continue
		}
		if _, err := bot.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: user}); err != nil {
			return fmt.Errorf("invite %s into an adopted room: %w", user, err)
		}
	}
	return nil
}

// sameContent compares what two events say on the wire.
func sameContent(one, other *event.Content) bool {
	var a, b map[string]any
	for content, into := range map[*event.Content]*map[string]any{one: &a, other: &b} {
		encoded, err := json.Marshal(content)
		if err != nil || json.Unmarshal(encoded, into) != nil {
			return false
		}
	}
	return reflect.DeepEqual(a, b)
}
