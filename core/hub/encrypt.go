package hub

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
)

// sendMessage sends an event as one of the bridge's users, encrypted if the room is. With encryption.mode off it goes
// out unencrypted even then: bridgev2 would refuse to send it, and nobody would read the customer, or why an answer was
// refused.
func (b *hosted) sendMessage(ctx context.Context, as *matrix.ASIntent, room id.RoomID, kind event.Type, content *event.Content, extra *bridgev2.MatrixSendExtra) (*mautrix.RespSendEvent, error) {
	if b.matrix.Crypto != nil || kind == event.EventRedaction {
		return as.SendMessage(ctx, room, kind, content, extra)
	}
	encrypted, err := b.hub.as.StateStore.IsEncrypted(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("ask whether %s is encrypted: %w", room, err)
	} else if !encrypted {
		return as.SendMessage(ctx, room, kind, content, extra)
	}
	var req mautrix.ReqSendEvent
	if extra != nil {
		req.Timestamp = extra.Timestamp.UnixMilli()
	}
	return as.Matrix.SendMessageEvent(ctx, room, kind, content, req)
}

// encryptRoom is the command by which people encrypt a room that is not: only the room's maker may, and that is the
// bridge's bot.
func encryptRoom(ctx context.Context, _ *Hub, req request) (string, error) {
	done, err := req.bridge.encrypt(ctx, req.room)
	if err != nil {
		return "", errs.Temporary(err, 0)
	} else if !done {
		return "This room is encrypted already.", nil
	}
	return "This room is encrypted from now on.", nil
}

// encrypt switches encryption on in a room, for good; done is false if it was on.
func (b *hosted) encrypt(ctx context.Context, room id.RoomID) (done bool, err error) {
	encrypted, err := b.hub.as.StateStore.IsEncrypted(ctx, room)
	if err != nil {
		return false, fmt.Errorf("ask whether %s is encrypted: %w", room, err)
	} else if encrypted {
		return false, nil
	}
	content := &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}
	if _, err = b.matrix.Bot.SendStateEvent(ctx, room, event.StateEncryption, "", content); err != nil {
		return false, fmt.Errorf("encrypt %s: %w", room, err)
	}
	return true, nil
}

// encryptOldRooms encrypts those from before encryption was required: their people's clients would not encrypt, and
// whatever they write would be refused.
func (h *Hub) encryptOldRooms(ctx context.Context) {
	rooms, err := h.rooms.all(ctx)
	if err != nil {
		h.Log.Error().Err(err).Msg("Could not look for rooms to encrypt")
		return
	}
	count := 0
	for _, room := range rooms {
		owner, ok, err := h.rooms.find(ctx, room)
		if b := h.byID[owner.network]; err == nil && ok && b != nil {
			var done bool
			if done, err = b.encrypt(ctx, room); done {
				count++
			}
		}
		if err != nil && ctx.Err() == nil {
			h.Log.Warn().Err(err).Stringer("room_id", room).Msg("Could not encrypt a room; what is written there is refused")
		}
	}
	if count > 0 {
		h.Log.Info().Int("rooms", count).Msg("Rooms from before encryption was required are encrypted now")
	}
}
