package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/base/journal"
	"puente/core/desk/channel"
)

// typingIsStale is after how long a typing notice says nothing any more.
const typingIsStale = 20 * time.Second

// handleMatrixEntry gives one thing from the homeserver to its one owner: the bridge whose room it is, the front
// for people's own rooms with Puente, or nobody.
func (h *Hub) handleMatrixEntry(ctx context.Context, entry journal.Entry) error {
	if entry.Earlier {
		defer h.doubts.begin()()
	}
	evt, err := parseEvent(entry.Kind, entry.Payload)
	if err != nil {
		return err
	}
	// What is not known is kept raw; what is known but malformed is refused by whoever needs its content.
	if err = evt.Content.ParseRaw(evt.Type); err != nil && !errors.Is(err, event.ErrUnsupportedContentType) {
		h.Log.Debug().Stringer("event_id", evt.ID).Str("event_type", evt.Type.Type).Msg("Content of event not understood")
	}
	switch entry.Kind {
	case kindEphemeral:
		return h.routeEphemeral(ctx, evt, entry)
	case kindEncrypted:
		return nil // the bridges read device messages by /sync, which repeats what was not confirmed
	}
	if evt.Type.IsState() {
		mautrix.UpdateStateStore(ctx, h.as.StateStore, evt)
		if evt.Type == event.StateMember {
			if err = h.agents.memberChanged(ctx, evt); err != nil {
				return err
			}
			if err = h.rekey(ctx, evt); err != nil {
				return err
			}
		}
	}
	return h.routeEvent(ctx, evt, entry)
}

// rekey has an encrypted room use a new key when somebody came or left, whoever's doing it was.
func (h *Hub) rekey(ctx context.Context, evt *event.Event) error {
	if h.IsPuppet(id.UserID(evt.GetStateKey())) {
		return nil // they have no devices of their own
	}
	owner, ok, err := h.rooms.find(ctx, evt.RoomID)
	if err != nil {
		return errs.Temporary(err, 0)
	}
	if b := h.byID[owner.network]; ok && b != nil && b.matrix.Crypto != nil {
		b.matrix.Crypto.HandleMemberEvent(ctx, evt)
	}
	return nil
}

func (h *Hub) routeEvent(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	if h.IsPuppet(evt.Sender) {
		return nil // our own doing
	}
	if evt.Type == event.StateMember && h.IsOurs(id.UserID(evt.GetStateKey())) {
		return h.invited(ctx, evt)
	}
	owner, ok, err := h.rooms.find(ctx, evt.RoomID)
	if err != nil {
		return errs.Temporary(err, 0)
	} else if ok {
		b := h.byID[owner.network]
		if b == nil {
			return fmt.Errorf("room of network %q, which is not in this program: %w", owner.network, errs.ErrNotFound)
		}
		return b.handleMatrix(ctx, evt, entry)
	}
	return h.handleUnowned(ctx, evt, entry)
}

// invited answers an invitation of one of our users: the front comes to whoever may talk to it, ghosts and bots do
// not come to rooms that no conversation made.
func (h *Hub) invited(ctx context.Context, evt *event.Event) error {
	if evt.Content.AsMember().Membership != event.MembershipInvite {
		return nil
	}
	invitee := id.UserID(evt.GetStateKey())
	if invitee == h.Front() {
		return h.front.invited(ctx, evt)
	}
	if _, ok, err := h.rooms.find(ctx, evt.RoomID); err != nil {
		return errs.Temporary(err, 0)
	} else if ok {
		return nil
	}
	_, err := h.as.Intent(invitee).LeaveRoom(ctx, evt.RoomID, &mautrix.ReqLeave{
		Reason: fmt.Sprintf("Invite %s instead and ask it for help", h.Front()),
	})
	if err != nil && !isRefusal(err) {
		return errs.Temporary(fmt.Errorf("decline an invitation: %w", err), 0)
	}
	return nil
}

// routeEphemeral gives receipts and typing to the bridge that owns the room, as if the business's own user had
// read or typed: bridgev2 drops those of people without a login of their own.
func (h *Hub) routeEphemeral(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	if evt.Type == event.EphemeralEventPresence {
		return h.presenceChanged(ctx, evt, entry)
	}
	owner, ok, err := h.rooms.find(ctx, evt.RoomID)
	if err != nil {
		return errs.Temporary(err, 0)
	}
	b := h.byID[owner.network]
	if !ok || b == nil {
		return nil
	}
	switch evt.Type {
	case event.EphemeralEventReceipt:
		if some, err := b.ownReceipts(ctx, evt); err != nil || !some {
			return err
		}
	case event.EphemeralEventTyping:
		if h.Clock.Now().Sub(entry.ReceivedAt) > typingIsStale {
			return nil
		}
		h.ownTyping(evt)
	default:
		return nil
	}
	return limitPanics(b.result(b.bridge.QueueMatrixEvent(ctx, evt)), entry.Attempts)
}

// presenceIsStale is after how long presence says nothing any more: the homeserver tells it again when it changes.
const presenceIsStale = 10 * time.Minute

// presenceChanged tells the business floor whether one of our people is there.
func (h *Hub) presenceChanged(ctx context.Context, evt *event.Event, entry journal.Entry) error {
	content, ok := evt.Content.Parsed.(*event.PresenceEventContent)
	if h.Listener == nil || !ok || !h.agents.Is(evt.Sender) || h.Clock.Now().Sub(entry.ReceivedAt) > presenceIsStale {
		return nil
	}
	return errs.Temporary(h.Listener.HandleChannelEvent(ctx, channel.PresenceChanged{
		Base: channel.Base{Key: entry.Key, At: entry.ReceivedAt}, Who: evt.Sender.String(), Presence: string(content.Presence),
	}), 0)
}

// ownReceipts turns the receipts of people into the business's; it tells whether any is left. That somebody read on in a
// thread of the team is nothing to the customer.
func (b *hosted) ownReceipts(ctx context.Context, evt *event.Event) (some bool, err error) {
	own := event.ReceiptEventContent{}
	for eventID, byType := range *evt.Content.AsReceipt() {
		for user, receipt := range byType[event.ReceiptTypeRead] {
			if b.hub.IsPuppet(user) {
				continue
			}
			if outside, err := b.isThreadOutward(ctx, evt.RoomID, receipt.ThreadID); err != nil {
				return false, err
			} else if outside {
				own.Set(eventID, event.ReceiptTypeRead, b.hub.Desk(), receipt)
			}
		}
	}
	evt.Content.Parsed = &own
	return len(own) > 0, nil
}

// isThreadOutward tells whether a thread is one that the customer has, as the room's main timeline is.
func (b *hosted) isThreadOutward(ctx context.Context, room id.RoomID, thread event.ThreadID) (bool, error) {
	if thread == "" || thread == event.ReadReceiptThreadMain {
		return true, nil
	}
	found, err := b.whose(ctx, room, id.EventID(thread))
	return found == outward, err
}

func (h *Hub) ownTyping(evt *event.Event) {
	content := evt.Content.AsTyping()
	someone := false
	for _, user := range content.UserIDs {
		someone = someone || !h.IsPuppet(user)
	}
	content.UserIDs = nil
	if someone {
		content.UserIDs = []id.UserID{h.Desk()}
	}
}
