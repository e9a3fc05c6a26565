package hub

import (
	"strings"

	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
)

// measure says by what entries are measured that keep failing. What a network sent needs the homeserver: that it notes how
// far messages got meanwhile, for which it needs nobody, does not make a message's failure its own. What people do in a
// room needs the room's network: that others take messages meanwhile does not either.
func (h *Hub) measure() {
	homeserver := func(journal.Entry) int64 { return h.progress.Load() }
	for _, source := range []string{sourceOperators, sourceShown, sourceTakeBack} {
		h.Journal.By(source, homeserver)
	}
	for _, b := range h.bridges {
		h.Journal.By(b.network.ID, homeserver)
	}
	h.Journal.By(sourceMatrix, func(entry journal.Entry) int64 {
		if b := h.byID[h.rooms.known(roomOf(entry)).network]; b != nil {
			return b.progress.Load()
		}
		return h.progress.Load()
	})
}

// roomOf is the room of an entry of the homeserver, or nothing like a room if it has none.
func roomOf(entry journal.Entry) id.RoomID {
	return id.RoomID(strings.TrimPrefix(entry.Lane, entry.Kind+":")) // receipts and typing have lanes beside their rooms'
}
