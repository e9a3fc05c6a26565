package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// AgentOptions say who works in the shared inbox.
type AgentOptions struct {
	Users     []id.UserID // agents by name
	Room      string      // a room or space, by ID or alias: its members are agents too
	Operators []id.UserID // who may log in and out, see failures and retry; operators are not agents by themselves
	// OperatorsRoom is where the operators are told what they must act on, by ID or alias; empty: @puente makes one.
	OperatorsRoom string
}

// agents is everybody who is invited to each conversation. None of them needs an account on any network.
type agents struct {
	hub *Hub

	mu      sync.RWMutex
	roomID  id.RoomID
	read    bool // the members of the room are known
	members map[id.UserID]bool
}

func newAgents(h *Hub) *agents { return &agents{hub: h, members: map[id.UserID]bool{}} }

// List returns the agents, sorted.
func (a *agents) List() []id.UserID {
	a.mu.RLock()
	defer a.mu.RUnlock()
	list := slices.Clone(a.hub.Agents.Users)
	for user := range a.members {
		list = append(list, user)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Is tells whether the user is an agent.
func (a *agents) Is(user id.UserID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.members[user] || slices.Contains(a.hub.Agents.Users, user)
}

// isOperator tells whether the user may change how Puente is connected.
func (h *Hub) isOperator(user id.UserID) bool { return slices.Contains(h.Agents.Operators, user) }

// isTeam tells whether the user is one of the company's people who work here: others may be in a customer's room too, as
// guests, and may write to Puente from the same homeserver.
func (h *Hub) isTeam(user id.UserID) bool { return h.agents.Is(user) || h.isOperator(user) }

const onlyTeam = "Only the team may do that."

// load reads the members of the agents' room. A room that @puente cannot enter is told and does not hold up the
// start: conversations must not wait for it.
func (a *agents) load(ctx context.Context) error {
	if a.hub.Agents.Room == "" {
		return nil
	}
	roomID, err := a.join(ctx)
	if err != nil {
		a.hub.Log.Error().Err(err).Str("room", a.hub.Agents.Room).
			Msg("agents.room cannot be entered: invite " + a.hub.Front().String() + " into it; until then only agents.users are agents")
		return nil
	}
	return a.readMembers(ctx, roomID)
}

func (a *agents) join(ctx context.Context) (id.RoomID, error) {
	if !strings.HasPrefix(a.hub.Agents.Room, "#") {
		roomID := id.RoomID(a.hub.Agents.Room)
		a.setRoom(roomID)
		return roomID, a.hub.bot.EnsureJoined(ctx, roomID)
	}
	resolved, err := a.hub.bot.ResolveAlias(ctx, id.RoomAlias(a.hub.Agents.Room))
	if err != nil {
		return "", fmt.Errorf("find %s: %w", a.hub.Agents.Room, err)
	}
	a.setRoom(resolved.RoomID)
	return resolved.RoomID, a.hub.bot.EnsureJoined(ctx, resolved.RoomID)
}

func (a *agents) setRoom(roomID id.RoomID) {
	a.mu.Lock()
	a.roomID = roomID
	a.mu.Unlock()
}

func (a *agents) readMembers(ctx context.Context, roomID id.RoomID) error {
	joined, err := a.hub.bot.JoinedMembers(ctx, roomID)
	if err != nil {
		return fmt.Errorf("read the members of agents.room: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.read = true
	for user := range joined.Joined {
		if !a.hub.IsOurs(user) {
			a.members[user] = true
		}
	}
	return nil
}

// readLate reads the members after the start, and brings them into the conversations that are there already.
func (a *agents) readLate(ctx context.Context, roomID id.RoomID) error {
	if err := a.readMembers(ctx, roomID); err != nil {
		return err
	}
	a.hub.goDo(func() { a.catchUp(a.hub.background) })
	return nil
}

// retryJoin looks for the agents' room again if it could not be entered or read at the start: its alias may resolve by now.
func (a *agents) retryJoin(ctx context.Context) {
	a.mu.RLock()
	known := a.read
	a.mu.RUnlock()
	if known || a.hub.Agents.Room == "" {
		return
	}
	roomID, err := a.join(ctx)
	if err == nil {
		err = a.readLate(ctx, roomID)
	}
	if err != nil {
		a.hub.Log.Warn().Err(err).Str("room", a.hub.Agents.Room).Msg("agents.room cannot be entered yet")
	}
}

// isRoom tells whether the room is the agents' room.
func (a *agents) isRoom(room id.RoomID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.roomID != "" && a.roomID == room
}

// memberChanged follows who comes into the agents' room and who leaves it: whoever comes is invited to every
// conversation, whoever leaves loses them all. It runs in the journal, which repeats it until all rooms are done;
// what is remembered of the room decides nothing, for at a start it already knows what the events still tell.
func (a *agents) memberChanged(ctx context.Context, evt *event.Event) error {
	user := id.UserID(evt.GetStateKey())
	if !a.isRoom(evt.RoomID) || a.hub.IsOurs(user) {
		return nil
	}
	joined := evt.Content.AsMember().Membership == event.MembershipJoin
	a.mu.Lock()
	if joined {
		a.members[user] = true
	} else {
		delete(a.members, user)
	}
	a.mu.Unlock()
	if wasJoined, known := joinedBefore(evt); (known && wasJoined == joined) || (!joined && a.Is(user)) {
		return nil // a new name or picture, or an invitation declined; or an agent by name
	}
	return a.changeEverywhere(ctx, user, joined)
}

// joinedBefore tells whether the member was in the room before the event, if the homeserver says so.
func joinedBefore(evt *event.Event) (joined, known bool) {
	prev := evt.Unsigned.PrevContent
	if prev == nil {
		return false, false
	}
	if prev.Parsed == nil && prev.ParseRaw(event.StateMember) != nil {
		return false, false
	}
	return prev.AsMember().Membership == event.MembershipJoin, true
}

// changeEverywhere invites the user to all conversations, or removes the user from them. Rooms that forbid it are
// told in the log; anything else is tried again.
func (a *agents) changeEverywhere(ctx context.Context, user id.UserID, invite bool) error {
	rooms, err := a.hub.rooms.all(ctx)
	if err != nil {
		return errs.Temporary(err, 0)
	}
	var failed error
	for _, room := range rooms {
		err = a.changeIn(ctx, room, user, invite)
		switch {
		case err == nil:
		case isRefusal(err), errors.Is(err, errs.ErrNotFound):
			a.hub.Log.Warn().Err(err).Stringer("room_id", room).Stringer("user_id", user).Msg("An agent's membership cannot be changed")
		case ctx.Err() != nil:
			return errs.Temporary(fmt.Errorf("change the rooms of an agent: %w", ctx.Err()), 0)
		default:
			failed = fmt.Errorf("change the membership of %s in %s: %w", user, room, err)
		}
	}
	if failed == nil {
		failed = a.enrol(ctx, user, invite)
	}
	if failed != nil {
		return errs.Temporary(failed, 0)
	}
	a.hub.Log.Info().Stringer("user_id", user).Bool("invited", invite).Int("rooms", len(rooms)).Msg("Agent's memberships changed")
	return nil
}

func (a *agents) changeIn(ctx context.Context, room id.RoomID, user id.UserID, invite bool) error {
	owner, ok, err := a.hub.rooms.find(ctx, room)
	if err != nil {
		return err
	} else if !ok || a.hub.byID[owner.network] == nil {
		return fmt.Errorf("owner of %s: %w", room, errs.ErrNotFound)
	}
	bot := a.hub.byID[owner.network].matrix.Bot
	switch {
	case !invite:
		_, err = bot.KickUser(ctx, room, &mautrix.ReqKickUser{UserID: user, Reason: "No longer on the team"})
		if errors.Is(err, mautrix.MForbidden) {
			return nil // was not in the room
		}
		return err
	case !a.hub.isNear(user):
		return a.hub.inviteLater(ctx, invitation{Room: room, User: user, Network: owner.network})
	}
	return bot.EnsureInvited(ctx, room, user)
}
