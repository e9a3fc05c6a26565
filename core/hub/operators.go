package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
)

// sourceOperators is the journal's name for what the operators are to be told: it waits there until the homeserver
// has it.
const sourceOperators = "operators"

// operators are told what they must act on, in a room of their own. It implements network.Operators.
type operators struct {
	hub *Hub

	mu      sync.Mutex
	last    map[string]string // key → what was said last under it
	room    id.RoomID
	invited bool // all operators, since the program started
}

func newOperators(h *Hub) *operators { return &operators{hub: h, last: map[string]string{}} }

// Tell implements network.Operators. Without operators there is nobody to tell, and the log must do.
func (o *operators) Tell(ctx context.Context, key, markdown string) {
	o.mu.Lock()
	known := o.last[key] == markdown
	o.last[key] = markdown
	o.mu.Unlock()
	if known || (len(o.hub.Agents.Operators) == 0 && o.hub.Agents.OperatorsRoom == "") {
		return
	}
	entry := journal.Entry{Source: sourceOperators, Key: rand.Text(), Lane: "room", Kind: "notice", Payload: []byte(markdown)}
	if err := o.hub.Journal.Append(context.WithoutCancel(ctx), entry); err != nil {
		o.hub.Log.Error().Err(err).Msg("Could not keep what the operators should be told")
	}
}

// handle says one thing in the operators' room.
func (o *operators) handle(ctx context.Context, entry journal.Entry) error {
	room, err := o.ensureRoom(ctx)
	if err != nil {
		return errs.Temporary(err, 0)
	}
	content := format.RenderMarkdown(string(entry.Payload), true, false)
	content.MsgType, content.Mentions = event.MsgNotice, &event.Mentions{}
	_, err = o.hub.bot.SendMessageEvent(withTxn(ctx, "operators", entry.Key), room, event.EventMessage, &content)
	if isRefusal(err) {
		o.forget(room) // somebody removed @puente: another room is made, or the configured one entered again
	}
	if err != nil {
		return errs.Temporary(fmt.Errorf("tell the operators in %s: %w", room, err), 0)
	}
	return nil
}

// roomRecord is what @puente's account remembers of the operators' room.
type roomRecord struct {
	RoomID id.RoomID `json:"room_id"`
}

const operatorsRoomKey = "dev.puente.operators_room"

// ensureRoom returns the operators' room with @puente and all operators in it or invited.
func (o *operators) ensureRoom(ctx context.Context) (id.RoomID, error) {
	o.mu.Lock()
	room, invited := o.room, o.invited
	o.mu.Unlock()
	if room != "" && invited {
		return room, nil
	}
	var err error
	if room == "" {
		if room, err = o.findRoom(ctx); err != nil {
			return "", err
		}
	}
	if err = o.invite(ctx, room); err != nil {
		return "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.room, o.invited = room, true
	return room, nil
}

// findRoom is the room that the config names, or the one that @puente made before, or a new one.
func (o *operators) findRoom(ctx context.Context) (id.RoomID, error) {
	if configured := o.hub.Agents.OperatorsRoom; configured != "" {
		return o.enter(ctx, configured)
	}
	var record roomRecord
	err := o.hub.bot.GetAccountData(ctx, operatorsRoomKey, &record)
	if err != nil && !errors.Is(err, mautrix.MNotFound) {
		return "", fmt.Errorf("look for the operators' room: %w", err)
	}
	if record.RoomID != "" {
		if _, err = o.hub.bot.JoinedMembers(ctx, record.RoomID); err == nil {
			return record.RoomID, nil
		} else if !isRefusal(err) {
			return "", fmt.Errorf("look into the operators' room: %w", err)
		}
	}
	return o.makeRoom(ctx)
}

func (o *operators) enter(ctx context.Context, room string) (id.RoomID, error) {
	roomID := id.RoomID(room)
	if strings.HasPrefix(room, "#") {
		resolved, err := o.hub.bot.ResolveAlias(ctx, id.RoomAlias(room))
		if err != nil {
			return "", fmt.Errorf("find agents.operators_room %s: %w", room, err)
		}
		roomID = resolved.RoomID
	}
	if err := o.hub.bot.EnsureJoined(ctx, roomID); err != nil {
		return "", fmt.Errorf("enter agents.operators_room (invite %s into it): %w", o.hub.Front(), err)
	}
	return roomID, nil
}

func (o *operators) makeRoom(ctx context.Context) (id.RoomID, error) {
	room, err := o.hub.adoption.room(ctx, o.hub.bot, o.hub.Prefix+"operators", &mautrix.ReqCreateRoom{
		Preset: "private_chat", Name: "Puente operators", Invite: slices.Clone(o.hub.Agents.Operators),
		Topic: "Where Puente says what it needs from those who run it. Commands start with " + CommandPrefix + ".",
	}, func(req *mautrix.ReqCreateRoom) (id.RoomID, error) {
		created, err := o.hub.bot.CreateRoom(ctx, req)
		if err != nil {
			return "", err
		}
		return created.RoomID, nil
	})
	if err != nil {
		return "", fmt.Errorf("make the operators' room: %w", err)
	}
	if err = o.hub.bot.SetAccountData(ctx, operatorsRoomKey, roomRecord{RoomID: room}); err != nil {
		return "", fmt.Errorf("remember the operators' room: %w", err)
	}
	return room, nil
}

// invite brings those in who became operators since the room was made. One who cannot be invited holds nothing up.
func (o *operators) invite(ctx context.Context, room id.RoomID) error {
	if o.hub.Agents.OperatorsRoom != "" {
		return nil // whoever named the room decides who is in it
	}
	members, err := o.hub.bot.Members(ctx, room)
	if err != nil {
		return fmt.Errorf("read who is in the operators' room: %w", err)
	}
	present := map[id.UserID]bool{}
	for _, evt := range members.Chunk {
		if evt.Content.ParseRaw(evt.Type) == nil || evt.Content.Parsed != nil {
			membership := evt.Content.AsMember().Membership
			present[id.UserID(evt.GetStateKey())] = membership == event.MembershipJoin || membership == event.MembershipInvite
		}
	}
	for _, user := range o.hub.Agents.Operators {
		if present[user] {
			continue
		}
		if _, err = o.hub.bot.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: user}); err != nil {
			o.hub.Log.Warn().Err(err).Stringer("user_id", user).Msg("An operator cannot be invited into the operators' room")
		}
	}
	return nil
}

func (o *operators) forget(room id.RoomID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.room == room {
		o.room, o.invited = "", false
	}
}

// isRoom tells whether it is the operators' room.
func (o *operators) isRoom(room id.RoomID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.room != "" && o.room == room
}
