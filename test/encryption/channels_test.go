package encryption

import (
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/cmd/puente/demo/cross"
	"puente/core/hub"
	"puente/test/company"
)

// TestEveryTypeOnEveryChannel plays what the demonstration plays, in encrypted rooms.
func TestEveryTypeOnEveryChannel(t *testing.T) {
	t.Parallel()
	w := build(t, hub.EncryptionDefault)
	cast := cross.Cast{Alice: w.alice, Bob: w.bob, Names: w.place.Identity("").Names, Limit: patience}
	for _, n := range company.Networks() {
		w.opens(n.ID)
	}
	steps := map[cross.Verdict]int{}
	err := cross.Play(w.ctx, cast, w.emulated.Lines(), func(r cross.Result) {
		steps[r.Verdict]++
		if r.Verdict == cross.Failed {
			t.Errorf("%s, %s, from the customer: %v: %s", r.Network, r.Type, r.In, r.Why)
		}
	})
	w.must(err)
	t.Logf("%d steps arrived, %d are not possible and were refused", steps[cross.OK], steps[cross.No])

	t.Run("NothingIsLeftUnread", func(t *testing.T) {
		for _, one := range []*agent{w.alice, w.bob} {
			if locked := one.Locked(); len(locked) != 0 {
				t.Errorf("%s could not decrypt %+v", one.UserID, locked)
			}
		}
	})
	t.Run("OnlyWhatCannotBeIsUnencrypted", func(t *testing.T) {
		open := map[event.Type]bool{
			event.EventReaction: true, event.EventRedaction: true, // relations are open in any case, and the SDK sends them so
			event.EphemeralEventReceipt: true, event.EphemeralEventTyping: true, event.BeeperMessageStatus: true,
		}
		rooms, encrypted := w.encryptedRooms(), map[event.Type]int{}
		if len(rooms) < len(w.emulated.Lines()) {
			t.Fatalf("only %d rooms are encrypted", len(rooms))
		}
		for _, evt := range w.bob.Seen(0, func(evt *event.Event) bool { return evt.StateKey == nil && rooms[evt.RoomID] }) {
			wire := w.bob.Look(evt.ID).WireType
			if wire == event.EventEncrypted.Type {
				encrypted[evt.Type]++
			} else if !open[evt.Type] {
				t.Errorf("%s of %s came unencrypted", evt.Type.Type, evt.Sender)
			}
		}
		for _, kind := range []event.Type{event.EventMessage, event.EventSticker, event.EventUnstablePollStart} {
			if encrypted[kind] == 0 {
				t.Errorf("no encrypted %s came", kind.Type)
			}
		}
	})
}
