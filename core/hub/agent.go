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
}

// agents is everybody who is invited to each conversation. None of them needs an account on any network.
type agents struct {
	hub *Hub

	mu      sync.RWMutex
	roomID  id.RoomID
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
	for user := range joined.Joined {
		if !a.hub.IsOurs(user) {
			a.members[user] = true
		}
	}
	return nil
}

// isRoom tells whether the room is the agents' room.
func (a *agents) isRoom(room id.RoomID) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.roomID != "" && a.roomID == room
}

// memberChanged follows who comes into the agents' room and who leaves it: whoever comes is invited to every
// conversation, whoever leaves loses them all.
func (a *agents) memberChanged(ctx context.Context, evt *event.Event) {
	user := id.UserID(evt.GetStateKey())
	if !a.isRoom(evt.RoomID) || a.hub.IsOurs(user) {
		return
	}
	joined := evt.Content.AsMember().Membership == event.MembershipJoin
	a.mu.Lock()
	was := a.members[user]
	if joined {
		a.members[user] = true
	} else {
		delete(a.members, user)
	}
	a.mu.Unlock()
	if was == joined || (!joined && a.Is(user)) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	a.hub.goDo(func() { a.changeEverywhere(ctx, user, joined) })
}

// changeEverywhere invites the user to all conversations, or removes the user from them.
func (a *agents) changeEverywhere(ctx context.Context, user id.UserID, invite bool) {
	rooms, err := a.hub.rooms.all(ctx)
	if err != nil {
		a.hub.Log.Error().Err(err).Msg("Could not list the conversations for an agent's change")
		return
	}
	var failures int
	for _, room := range rooms {
		if !a.hub.ready.Load() {
			return
		}
		if err = a.changeIn(ctx, room, user, invite); err != nil {
			failures++
			a.hub.Log.Warn().Err(err).Stringer("room_id", room).Msg("Could not change an agent's membership")
		}
	}
	a.hub.Log.Info().Stringer("user_id", user).Bool("invited", invite).Int("rooms", len(rooms)).Int("failed", failures).
		Msg("Agent's memberships changed")
}

func (a *agents) changeIn(ctx context.Context, room id.RoomID, user id.UserID, invite bool) error {
	owner, ok, err := a.hub.rooms.find(ctx, room)
	if err != nil {
		return err
	} else if !ok || a.hub.byID[owner.network] == nil {
		return fmt.Errorf("owner of %s: %w", room, errs.ErrNotFound)
	}
	bot := a.hub.byID[owner.network].matrix.Bot
	if invite {
		return bot.EnsureInvited(ctx, room, user)
	}
	_, err = bot.KickUser(ctx, room, &mautrix.ReqKickUser{UserID: user, Reason: "No longer on the team"})
	if errors.Is(err, mautrix.MForbidden) {
		return nil // was not in the room
	}
	return err
}
