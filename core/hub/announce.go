package hub

import (
	"context"
	"fmt"
	"sync"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"

	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// announced remembers which conversations the business floor has been told of since the program started: the
// contract is "at least once", and asking the database before each message would cost more than a repetition.
type announced struct {
	mu    sync.Mutex
	rooms map[id.RoomID]bool
}

func (a *announced) first(room id.RoomID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.rooms[room]
}

func (a *announced) mark(room id.RoomID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rooms == nil {
		a.rooms = map[id.RoomID]bool{}
	}
	a.rooms[room] = true
}

// tell hands an event to the business floor, preceded by the opening of its conversation if that is news.
func (b *hosted) tell(ctx context.Context, room id.RoomID, makeEvent func(channel.Ref) channel.Event) error {
	if b.hub.Listener == nil {
		return nil
	}
	portal, err := b.bridge.GetPortalByMXID(ctx, room)
	if err != nil {
		return fmt.Errorf("find the conversation of %s: %w", room, err)
	} else if portal == nil {
		return nil // a room of ours that is no conversation
	}
	if err = b.open(ctx, room, portal); err != nil {
		return err
	}
	ref := owner{network: b.network.ID, key: portal.PortalKey}.ref(room)
	if err = b.hub.Listener.HandleChannelEvent(ctx, makeEvent(ref)); err != nil {
		return fmt.Errorf("tell the desk: %w", err)
	}
	return nil
}

// open tells the business floor of a conversation, unless it knows it since the program started.
func (b *hosted) open(ctx context.Context, room id.RoomID, portal *bridgev2.Portal) error {
	if b.hub.Listener == nil || !b.announced.first(room) {
		return nil
	}
	ref := owner{network: b.network.ID, key: portal.PortalKey}.ref(room)
	if err := b.hub.Listener.HandleChannelEvent(ctx, b.opened(ctx, ref, portal)); err != nil {
		return fmt.Errorf("tell the desk of a new conversation: %w", err)
	}
	b.announced.mark(room)
	return nil
}

// openRoom is open for a room of which only the ID is known: the customer's words may stand there a moment before the
// business floor knows of it. A room that is no conversation's is none to be told of.
func (b *hosted) openRoom(ctx context.Context, room id.RoomID) error {
	if b.hub.Listener == nil || !b.announced.first(room) {
		return nil
	}
	portal, err := b.bridge.GetPortalByMXID(ctx, room)
	if err != nil || portal == nil {
		return err
	}
	return b.open(ctx, room, portal)
}

func (b *hosted) opened(ctx context.Context, ref channel.Ref, portal *bridgev2.Portal) channel.PortalOpened {
	customer := channel.Party{ID: string(portal.OtherUserID), Name: portal.Name}
	if portal.OtherUserID != "" {
		if ghost, err := b.bridge.GetExistingGhostByID(ctx, portal.OtherUserID); err == nil && ghost != nil {
			customer.Name = ghost.Name
		}
	}
	customer.Name = network.OneLine(customer.Name) // the business floor shows it among its own words
	return channel.PortalOpened{
		Base:     channel.Base{Ref: ref, Key: "opened:" + ref.Room, At: b.hub.Clock.Now()},
		Customer: customer, Group: portal.OtherUserID == "",
	}
}

// ghostName is what a ghost is called; empty if that is not known.
func (b *hosted) ghostName(ctx context.Context, user id.UserID) string {
	ghostID, ok := b.matrix.ParseGhostMXID(user)
	if !ok {
		return ""
	}
	ghost, err := b.bridge.GetExistingGhostByID(ctx, ghostID)
	if err != nil || ghost == nil {
		return ""
	}
	return network.OneLine(ghost.Name)
}

// announceIn tells of what a customer wrote.
func (b *hosted) announceIn(ctx context.Context, room id.RoomID, eventID id.EventID, from id.UserID, said channel.Content, at time.Time) error {
	ghostID, _ := b.matrix.ParseGhostMXID(from)
	party := channel.Party{ID: string(ghostID), Name: b.ghostName(ctx, from)}
	return b.tell(ctx, room, func(ref channel.Ref) channel.Event {
		return channel.MessageIn{
			Base: channel.Base{Ref: ref, Key: "in:" + eventID.String(), At: at}, ID: eventID.String(), From: party, Content: said,
		}
	})
}

// announceOut tells of what one of our own people wrote.
func (b *hosted) announceOut(ctx context.Context, room id.RoomID, eventID id.EventID, from channel.Party, said channel.Content, at time.Time) error {
	return b.tell(ctx, room, func(ref channel.Ref) channel.Event {
		return channel.MessageOut{
			Base: channel.Base{Ref: ref, Key: "out:" + eventID.String(), At: at}, ID: eventID.String(), From: from, Content: said,
		}
	})
}
