package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// The hub is the business floor's way to the team.
var _ channel.Rooms = (*Hub)(nil)

// verbs are the business floor's commands of which fact holds.
func (h *Hub) verbs(fact func(channel.Verb) bool) (list []channel.Verb) {
	if h.Clerk == nil {
		return nil
	}
	for _, verb := range h.Clerk.Verbs() {
		if fact(verb) {
			list = append(list, verb)
		}
	}
	return list
}

// deskCommand runs a command of the business floor in a conversation's room.
func deskCommand(verb channel.Verb) func(context.Context, *Hub, request) (string, error) {
	return func(ctx context.Context, h *Hub, req request) (string, error) {
		if verb.Operator && !h.isOperator(req.sender) {
			return onlyOperators, nil
		}
		if err := req.bridge.openRoom(ctx, req.room); err != nil {
			return "", errs.Temporary(err, 0)
		}
		ref, err := req.bridge.refOf(ctx, req.room)
		if err != nil {
			return "", err
		}
		return h.Clerk.Run(ctx, req.command(h, verb, ref, req.bridge.agentParty(ctx, req.room, req.sender)))
	}
}

// all are the front's own commands and those of the business floor.
func (f *front) all() []command {
	list := f.commands
	for _, verb := range f.hub.verbs(func(v channel.Verb) bool { return v.Chat }) {
		list = append(list[:len(list):len(list)], command{
			name: verb.Name, args: verb.Args, help: verb.Help, operator: verb.Operator, team: true,
			run: func(ctx context.Context, req request) (string, error) {
				who, err := f.hub.party(ctx, req.sender)
				if err != nil {
					return "", err
				}
				return f.hub.Clerk.Run(ctx, req.command(f.hub, verb, channel.Ref{}, who))
			},
		})
	}
	return list
}

func (r request) command(h *Hub, verb channel.Verb, ref channel.Ref, by channel.Party) channel.Command {
	cmd := channel.Command{
		Ref: ref, ID: r.event.String(), By: by, Operator: h.isOperator(r.sender), Name: verb.Name, Text: r.rest, At: r.at,
	}
	if r.bridge != nil {
		cmd.Target = r.args[0]
	}
	for _, user := range r.mentions {
		cmd.Mentions = append(cmd.Mentions, user.String())
	}
	return cmd
}

// mentionsIn is whom a message mentions.
func mentionsIn(evt *event.Event) []id.UserID {
	if msg, ok := evt.Content.Parsed.(*event.MessageEventContent); ok && msg.Mentions != nil {
		return msg.Mentions.UserIDs
	}
	return nil
}

// refOf is the conversation of a room as the business floor names it.
func (b *hosted) refOf(ctx context.Context, room id.RoomID) (channel.Ref, error) {
	found, ok, err := b.hub.rooms.find(ctx, room)
	if err != nil {
		return channel.Ref{}, errs.Temporary(err, 0)
	} else if !ok {
		return channel.Ref{}, fmt.Errorf("conversation of %s: %w", room, errs.ErrNotFound)
	}
	return found.ref(room), nil
}

// bridgeOf is the bridge of a conversation.
func (h *Hub) bridgeOf(ref channel.Ref) (*hosted, error) {
	if b := h.byID[ref.Network]; b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("room of network %q, which is not in this program: %w", ref.Network, errs.ErrNotFound)
}

// Notify implements channel.Rooms.
func (h *Hub) Notify(ctx context.Context, ref channel.Ref, key, to, text string) error {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return err
	}
	return b.answer(withTxn(ctx, "notify", key), id.RoomID(ref.Room), id.EventID(to), text)
}

// Send implements channel.Rooms.
func (h *Hub) Send(ctx context.Context, ref channel.Ref, said channel.Message) (string, error) {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return "", err
	}
	raw := map[string]any{}
	if said.By != "" {
		raw[network.AuthorKey] = said.By
	}
	if said.Purpose != "" {
		raw[network.PurposeKey] = said.Purpose
	}
	msg := format.RenderMarkdown(said.Text, true, false)
	if len(said.Choices) > 0 {
		question := network.ChoicesContent{Body: said.Text, Choice: choices(said.Choices)}
		msg = event.MessageEventContent{MsgType: event.MsgText, Body: choicesText(question)}
		raw[network.ChoicesKey] = question
	}
	sent, err := b.write(ctx, id.RoomID(ref.Room), said.Key, &msg, raw)
	return sent.String(), err
}

// Invite implements channel.Rooms.
func (h *Hub) Invite(ctx context.Context, ref channel.Ref, user string) error {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return err
	}
	return b.matrix.Bot.EnsureInvited(ctx, id.RoomID(ref.Room), id.UserID(user))
}

// Remove implements channel.Rooms.
func (h *Hub) Remove(ctx context.Context, ref channel.Ref, user, reason string) error {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return err
	}
	_, err = b.matrix.Bot.KickUser(ctx, id.RoomID(ref.Room), &mautrix.ReqKickUser{UserID: id.UserID(user), Reason: reason})
	if isRefusal(err) {
		return nil // was not in the room
	}
	return err
}

// Templates implements channel.Rooms.
func (h *Hub) Templates(ctx context.Context, ref channel.Ref) ([]channel.Template, error) {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return nil, err
	}
	list, err := b.templates(ctx, id.RoomID(ref.Room))
	if errors.Is(err, errs.ErrUnsupported) {
		return nil, nil
	}
	return list, err
}

// Team implements channel.Rooms.
func (h *Hub) Team(ctx context.Context) ([]channel.Party, error) {
	var team []channel.Party
	for _, user := range h.agents.List() {
		who, err := h.party(ctx, user)
		if err != nil {
			return nil, err
		}
		team = append(team, who)
	}
	return team, nil
}

const memberNameQuery = `SELECT displayname FROM mx_user_profile WHERE user_id=$1 AND displayname<>'' LIMIT 1`

// party is one of our people by the name that some room knows, or else their profile.
func (h *Hub) party(ctx context.Context, user id.UserID) (channel.Party, error) {
	who := channel.Party{ID: user.String(), Name: user.Localpart()}
	err := h.DB.QueryRow(ctx, memberNameQuery, user).Scan(&who.Name)
	if err == nil {
		return who, nil
	} else if !errors.Is(err, sql.ErrNoRows) {
		return who, errs.Temporary(fmt.Errorf("find the name of %s: %w", user, err), 0)
	}
	if known, ok := h.profiles.Load(user); ok {
		who.Name = known.(string)
		return who, nil
	}
	if since, ok := h.nameless.Load(user); ok && h.Clock.Now().Sub(since.(time.Time)) < namelessFor {
		return who, nil
	}
	profile, err := h.bot.GetDisplayName(mautrix.WithMaxRetries(ctx, 0), user) // mautrix would ask for half a minute
	if err != nil && !isRefusal(err) {
		// Their homeserver may be down; what waits for a list of the team must not wait for it.
		h.nameless.Store(user, h.Clock.Now())
		h.Log.Debug().Err(err).Stringer("user_id", user).Msg("Could not ask for the name of one of the team")
		return who, nil
	} else if err == nil && profile.DisplayName != "" {
		who.Name = profile.DisplayName
	}
	h.profiles.Store(user, who.Name)
	return who, nil
}

// namelessFor is for how long somebody whose profile could not be read is not asked for again.
const namelessFor = time.Minute

// Rules implements channel.Rooms. A network that is not in this program takes nothing in any case.
func (h *Hub) Rules(ref channel.Ref) channel.Rules {
	b, err := h.bridgeOf(ref)
	if err != nil {
		return channel.Rules{}
	}
	return b.connector.Rules()
}

// NetworkName implements channel.Rooms. One that is not in this program is called by its ID.
func (h *Hub) NetworkName(networkID string) string {
	if b := h.byID[networkID]; b != nil {
		return b.network.DisplayName
	}
	return networkID
}

// Link implements channel.Rooms. ref: Matrix specification, matrix.to navigation
func (h *Hub) Link(ref channel.Ref, message string) string {
	parts := []string{"https://matrix.to/#", ref.Room}
	if message != "" {
		parts = append(parts, message)
	}
	return strings.Join(parts, "/") + "?via=" + h.Domain
}
