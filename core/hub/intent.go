package hub

import (
	"context"
	"slices"
	"strconv"
	"time"

	"go.mau.fi/util/ptr"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// intent is a ghost or a bridge's bot as bridgev2 uses it, with what Puente adds: sends that can be repeated, the
// business floor told of them, and rooms that the agents are invited to from their first moment.
type intent struct {
	*matrix.ASIntent
	bridge *hosted
	ghost  bool
}

// errorNoticeKey marks the notice that bridgev2 sends for every failed conversion. The journal tries again and
// tells the room once, at the end; the notice would stand there after each attempt.
const errorNoticeKey = "fi.mau.bridge.internal_error"

// SendMessage sends a message or redaction, encrypted if the room is. Repeating it gives the same event.
func (i *intent) SendMessage(ctx context.Context, roomID id.RoomID, eventType event.Type, content *event.Content, extra *bridgev2.MatrixSendExtra) (*mautrix.RespSendEvent, error) {
	if _, isErrorNotice := content.Raw[errorNoticeKey]; isErrorNotice {
		return &mautrix.RespSendEvent{}, nil
	}
	if i.ghost {
		quiet(content)
	}
	said := contentOf(eventType, content) // before encryption takes it away
	if key := sendKey(i.GetMXID(), roomID, eventType, content, extra); key != nil {
		ctx = withTxn(ctx, key...)
	}
	i.bridge.hub.lull.messagePasses(i.bridge.hub.Clock)
	resp, err := i.bridge.sendMessage(ctx, i.ASIntent, roomID, eventType, content, extra)
	at := i.bridge.hub.Clock.Now()
	if extra != nil && !extra.Timestamp.IsZero() {
		at = extra.Timestamp
	}
	remote := bridgev2.GetRemoteEventFromContext(ctx)
	own := remote != nil && remote.GetSender().IsFromMe
	if redaction, ok := content.Parsed.(*event.RedactionEventContent); ok && err != nil && !isRefusal(err) {
		what := takeBack{As: i.GetMXID(), Redacts: redaction.Redacts, Reason: redaction.Reason, At: at, Own: own}
		return &mautrix.RespSendEvent{}, i.bridge.takeBackLater(context.WithoutCancel(ctx), roomID, what)
	} else if err != nil {
		return nil, err
	}
	if said != nil {
		if err = i.bridge.announceSaid(ctx, roomID, resp.EventID, i.GetMXID(), own, *said, at); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// announceSaid tells the business floor who said it: the customer, or the business itself by the provider's own app. What
// the bridge's bot says by itself is no part of the conversation.
func (b *hosted) announceSaid(ctx context.Context, roomID id.RoomID, eventID id.EventID, who id.UserID, own bool, said channel.Content, at time.Time) error {
	if own {
		return b.announceOut(ctx, roomID, eventID, channel.Party{ID: who.String(), Name: b.ghostName(ctx, who)}, said, at)
	} else if !b.hub.IsGhost(who) {
		return nil
	}
	return b.announceIn(ctx, roomID, eventID, who, said, at)
}

// sendKey is what makes a send the same send: who, where, and what of the network's it stands for; nil if that is
// not known, and two sends may be two things. It does not contain the content, which may differ between attempts (an
// upload has a new address each time), but for an edit's words: two edits of a message may carry the same second. Nor
// does it contain what a message answers, which may be deleted between attempts, and is then quoted in words.
func sendKey(sender id.UserID, roomID id.RoomID, eventType event.Type, content *event.Content, extra *bridgev2.MatrixSendExtra) []string {
	key := []string{"send", sender.String(), roomID.String(), eventType.Type}
	known := false
	if extra != nil {
		key = append(key, strconv.FormatInt(extra.Timestamp.UnixMilli(), 10), strconv.Itoa(extra.PartIndex))
		if meta := extra.MessageMeta; meta != nil {
			key = append(key, "message", string(meta.ID), string(meta.PartID))
			known = meta.ID != ""
		}
		if meta := extra.ReactionMeta; meta != nil {
			key = append(key, "reaction", string(meta.MessageID), string(meta.SenderID), string(meta.EmojiID), meta.Emoji)
			known = true
		}
	}
	switch parsed := content.Parsed.(type) {
	case *event.RedactionEventContent:
		key = append(key, "redacts", parsed.Redacts.String())
		known = true
	case event.Relatable:
		if rel := parsed.OptionalGetRelatesTo(); rel != nil && rel.Type != "" && rel.Type != event.RelThread {
			key = append(key, string(rel.Type), rel.EventID.String(), rel.Key)
		}
		if msg, ok := parsed.(*event.MessageEventContent); ok && msg.NewContent != nil {
			key = append(key, string(msg.NewContent.MsgType), msg.NewContent.Body, msg.NewContent.FormattedBody)
		}
	}
	if !known {
		return nil
	}
	return key
}

// CreateRoom creates a room that is a shared inbox from its first moment: the agents and the customer's ghost are
// invited by the same request, but for agents of other homeservers, which may be down. What bridgev2 calls the local
// room ID names the conversation; a second attempt for the same conversation adopts what the first one made.
func (i *intent) CreateRoom(ctx context.Context, req *mautrix.ReqCreateRoom) (id.RoomID, error) {
	var far []id.UserID
	if req.CreationContent["type"] != event.RoomTypeSpace {
		// bridgev2 would invite the desk's user, who owns the login, with the second message.
		for _, user := range append(i.bridge.hub.agents.List(), i.bridge.hub.Desk()) {
			if !i.bridge.hub.isNear(user) {
				far = append(far, user)
			} else if !slices.Contains(req.Invite, user) {
				req.Invite = append(req.Invite, user)
			}
		}
		if ghost := i.bridge.senderOf(ctx); ghost != "" && !slices.Contains(req.Invite, ghost) {
			req.Invite = append(req.Invite, ghost)
		}
		// A team's room is no private chat between two: clients would file it under "people" and name it after one.
		req.IsDirect = false
		onlyBotsInvite(req)
	}
	for _, state := range req.InitialState {
		nameRoom(&state.Content)
	}
	room, err := i.makeRoom(ctx, req)
	if err != nil {
		return "", err
	}
	for _, user := range far {
		if err = i.bridge.hub.inviteLater(ctx, invitation{Room: room, User: user, Network: i.bridge.network.ID}); err != nil {
			return "", errs.Temporary(err, 0)
		}
	}
	return room, nil
}

// makeRoom makes the room of a request, or adopts what an earlier attempt made.
func (i *intent) makeRoom(ctx context.Context, req *mautrix.ReqCreateRoom) (id.RoomID, error) {
	create := func(req *mautrix.ReqCreateRoom) (id.RoomID, error) { return i.createRoom(ctx, req) }
	name := req.BeeperLocalRoomID
	if name == "" {
		return create(req)
	}
	req.BeeperLocalRoomID = "" // means nothing to Synapse
	hub := i.bridge.hub
	return hub.adoption.room(ctx, i.Matrix, hub.aliasOf(i.bridge.network.ID, name.String()), req, create)
}

// onlyBotsInvite keeps guests from letting others in, who would read all that the customer and the team write.
func onlyBotsInvite(req *mautrix.ReqCreateRoom) {
	levels := req.PowerLevelOverride.Clone() // it may be the same for several rooms
	if levels == nil {
		levels = &event.PowerLevelsEventContent{}
	}
	levels.InvitePtr = ptr.Ptr(50)
	req.PowerLevelOverride = levels
}

// createRoom creates a room. Its members are those whom the request names, so nobody needs to ask who they are.
func (i *intent) createRoom(ctx context.Context, req *mautrix.ReqCreateRoom) (id.RoomID, error) {
	room, err := i.ASIntent.CreateRoom(ctx, req)
	if err != nil {
		return "", err
	}
	if err = i.Matrix.StateStore.MarkMembersFetched(ctx, room); err != nil {
		i.bridge.log.Warn().Err(err).Stringer("room_id", room).Msg("Could not note that a new room's members are known")
	}
	return room, nil
}
