package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.mau.fi/util/dbutil"
	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// views are lists of conversations as spaces of @puente (tables pu_view and pu_view_room): a client shows the space, and
// in it the rooms that its user is in. Putting a conversation into one, or taking it out, is one state event.
type views struct {
	hub   *Hub
	mu    sync.Mutex // one view is made or changed at a time
	rooms sync.Map   // key → id.RoomID
}

func newViews(h *Hub) *views { return &views{hub: h} }

const (
	viewQuery     = `SELECT room_id, name, topic, members FROM pu_view WHERE key=$1`
	keepViewQuery = `INSERT INTO pu_view (key, room_id, name, topic, members) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET room_id=excluded.room_id, name=excluded.name, topic=excluded.topic, members=excluded.members`
	placesQuery    = `SELECT view, place FROM pu_view_room WHERE room_id=$1`
	keepPlaceQuery = `INSERT INTO pu_view_room (room_id, view, place) VALUES ($1, $2, $3)
		ON CONFLICT (room_id, view) DO UPDATE SET place=excluded.place`
	dropPlaceQuery = `DELETE FROM pu_view_room WHERE room_id=$1 AND view=$2`
)

// viewRow is what is shown of a view.
type viewRow struct {
	room        id.RoomID
	name, topic string
	members     []string
	doors       []string // the rooms whose members may come in
}

// ShowView implements channel.Rooms.
func (h *Hub) ShowView(ctx context.Context, view channel.View) error {
	h.views.mu.Lock()
	defer h.views.mu.Unlock()
	return h.views.show(ctx, view)
}

func (v *views) show(ctx context.Context, view channel.View) error {
	row, err := v.load(ctx, view.Key)
	if errors.Is(err, errs.ErrNotFound) {
		if row, err = v.make(ctx, view); err == nil {
			err = v.keep(ctx, view.Key, row)
		}
	}
	if err != nil {
		return err
	}
	return v.update(ctx, row, view)
}

func (v *views) load(ctx context.Context, key string) (row viewRow, err error) {
	var members string
	err = v.hub.DB.QueryRow(ctx, viewQuery, key).Scan(&row.room, &row.name, &row.topic, &members)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fmt.Errorf("view %s: %w", key, errs.ErrNotFound)
	} else if err != nil {
		return row, fmt.Errorf("read the view %s: %w", key, err)
	}
	for _, one := range strings.Fields(members) {
		if strings.HasPrefix(one, "!") {
			row.doors = append(row.doors, one)
		} else {
			row.members = append(row.members, one)
		}
	}
	return row, nil
}

func (v *views) keep(ctx context.Context, key string, row viewRow) error {
	_, err := v.hub.DB.Exec(ctx, keepViewQuery, key, row.room, row.name, row.topic, strings.Join(slices.Concat(row.members, row.doors), " "))
	if err != nil {
		return fmt.Errorf("note the view %s: %w", key, err)
	}
	v.rooms.Store(key, row.room)
	return nil
}

// onlyPuente lets nobody but its maker say or change anything in a space.
func onlyPuente() *event.PowerLevelsEventContent {
	everything := 100
	return &event.PowerLevelsEventContent{EventsDefault: everything, StateDefaultPtr: &everything, InvitePtr: &everything}
}

// make makes the space, with those of its members invited who are of our homeserver. Its name and topic are part of its
// state from the start, so that they are set right when an earlier attempt, which was to be called otherwise, is adopted.
func (v *views) make(ctx context.Context, view channel.View) (viewRow, error) {
	bot := v.hub.bot
	near := slices.DeleteFunc(userIDs(view.Members), func(user id.UserID) bool { return !v.hub.isNear(user) })
	room, err := v.hub.adoption.room(ctx, bot, v.hub.aliasOf("view", view.Key), &mautrix.ReqCreateRoom{
		Preset: "private_chat", Invite: near,
		InitialState: []*event.Event{
			stateOf(event.StateRoomName, &event.RoomNameEventContent{Name: view.Name}),
			stateOf(event.StateTopic, &event.TopicEventContent{Topic: view.Topic}),
		},
		CreationContent: map[string]any{"type": event.RoomTypeSpace}, PowerLevelOverride: onlyPuente(),
	}, func(req *mautrix.ReqCreateRoom) (id.RoomID, error) {
		created, err := bot.CreateRoom(ctx, req)
		if err != nil {
			return "", err
		}
		return created.RoomID, nil
	})
	if err != nil {
		return viewRow{}, fmt.Errorf("make the view %s: %w", view.Key, err)
	}
	made := viewRow{room: room, name: view.Name, topic: view.Topic}
	for _, user := range near {
		made.members = append(made.members, user.String())
	}
	return made, nil
}

func stateOf(kind event.Type, content any) *event.Event {
	return &event.Event{Type: kind, StateKey: ptr.Ptr(""), Content: event.Content{Parsed: content}}
}

// update changes what is not as wanted. A member who cannot be invited holds nothing up.
func (v *views) update(ctx context.Context, row viewRow, view channel.View) error {
	wanted := viewRow{room: row.room, name: view.Name, topic: view.Topic, members: view.Members, doors: view.Rooms}
	if row.name != wanted.name {
		if _, err := v.hub.bot.SendStateEvent(ctx, row.room, event.StateRoomName, "", &event.RoomNameEventContent{Name: view.Name}); err != nil {
			return fmt.Errorf("rename the view %s: %w", view.Key, err)
		}
	}
	if row.topic != wanted.topic {
		if _, err := v.hub.bot.SendStateEvent(ctx, row.room, event.StateTopic, "", &event.TopicEventContent{Topic: view.Topic}); err != nil {
			return fmt.Errorf("describe the view %s: %w", view.Key, err)
		}
	}
	for _, member := range wanted.members {
		if !slices.Contains(row.members, member) {
			if err := v.invite(ctx, row.room, id.UserID(member)); err != nil {
				return fmt.Errorf("let somebody into the view %s: %w", view.Key, err)
			}
		}
	}
	for _, member := range row.members {
		if !slices.Contains(wanted.members, member) {
			_, err := v.hub.bot.KickUser(ctx, row.room, &mautrix.ReqKickUser{UserID: id.UserID(member), Reason: "This view is no longer yours"})
			if err != nil && !isRefusal(err) {
				return fmt.Errorf("take somebody out of the view %s: %w", view.Key, err)
			}
		}
	}
	if !slices.Equal(row.doors, wanted.doors) {
		if err := v.setDoors(ctx, row.room, wanted.doors); err != nil {
			return fmt.Errorf("say who may come into the view %s: %w", view.Key, err)
		}
	}
	if row.name == wanted.name && row.topic == wanted.topic && slices.Equal(row.members, wanted.members) && slices.Equal(row.doors, wanted.doors) {
		v.rooms.Store(view.Key, row.room)
		return nil
	}
	return v.keep(ctx, view.Key, wanted)
}

// invite lets somebody in, sooner or later.
func (v *views) invite(ctx context.Context, space id.RoomID, member id.UserID) error {
	if !v.hub.isNear(member) {
		return v.hub.inviteLater(ctx, invitation{Room: space, User: member})
	}
	if err := v.hub.bot.EnsureInvited(ctx, space, member); err != nil && !isRefusal(err) {
		return err
	}
	return nil
}

// setDoors lets those in who are in one of the rooms. ref: Matrix specification, restricted rooms
func (v *views) setDoors(ctx context.Context, space id.RoomID, rooms []string) error {
	content := &event.JoinRulesEventContent{JoinRule: event.JoinRuleRestricted}
	for _, room := range rooms {
		content.Allow = append(content.Allow, event.JoinRuleAllow{Type: event.JoinRuleAllowRoomMembership, RoomID: id.RoomID(room)})
	}
	_, err := v.hub.bot.SendStateEvent(ctx, space, event.StateJoinRules, "", content)
	return err
}

// ViewLink implements channel.Rooms.
func (h *Hub) ViewLink(ctx context.Context, key string) (string, error) {
	row, err := h.views.load(ctx, key)
	if err != nil {
		return "", err
	}
	return h.Link(channel.Ref{Room: row.room.String()}, ""), nil
}

// place puts a room into the views and takes it out of all others.
func (v *views) place(ctx context.Context, room id.RoomID, wanted []string, order string) error {
	rows, err := v.hub.DB.Query(ctx, placesQuery, room)
	scan := func(row dbutil.Scannable) (place [2]string, err error) { return place, row.Scan(&place[0], &place[1]) }
	there, err := dbutil.NewRowIterWithError(rows, scan, err).AsList()
	if err != nil {
		return fmt.Errorf("read in which views %s is: %w", room, err)
	}
	places := map[string]string{}
	for _, place := range there {
		places[place[0]] = place[1]
	}
	for _, key := range wanted {
		if place, in := places[key]; in && place == order {
			continue
		}
		if err = v.set(ctx, key, room, &event.SpaceChildEventContent{Via: []string{v.hub.Domain}, Order: order}); err != nil {
			return err
		}
		if _, err = v.hub.DB.Exec(ctx, keepPlaceQuery, room, key, order); err != nil {
			return fmt.Errorf("note that %s is in the view %s: %w", room, key, err)
		}
	}
	for key := range places {
		if slices.Contains(wanted, key) {
			continue
		}
		if err = v.set(ctx, key, room, &event.SpaceChildEventContent{}); err != nil {
			return err
		}
		if _, err = v.hub.DB.Exec(ctx, dropPlaceQuery, room, key); err != nil {
			return fmt.Errorf("note that %s is not in the view %s: %w", room, key, err)
		}
	}
	return nil
}

func (v *views) set(ctx context.Context, key string, room id.RoomID, content *event.SpaceChildEventContent) error {
	space, ok := v.rooms.Load(key)
	if !ok {
		row, err := v.load(ctx, key)
		if errors.Is(err, errs.ErrNotFound) {
			return fmt.Errorf("change the view %s, which was not shown yet: %w", key, errs.ErrConflict) // the room itself is there
		} else if err != nil {
			return err
		}
		v.rooms.Store(key, row.room)
		space = row.room
	}
	if _, err := v.hub.bot.SendStateEvent(ctx, space.(id.RoomID), event.StateSpaceChild, room.String(), content); err != nil {
		return fmt.Errorf("change the view %s: %w", key, err)
	}
	return nil
}

func userIDs(list []string) []id.UserID {
	users := make([]id.UserID, len(list))
	for i, user := range list {
		users[i] = id.UserID(user)
	}
	return users
}
