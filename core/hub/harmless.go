package hub

import (
	"context"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
)

// longestName is how many characters a name may have; Synapse refuses display names of more than 256.
const longestName = 200

// shownName is what somebody is called on a network, as everybody's client can show it.
func shownName(name string) string {
	runes := []rune(network.OneLine(name))
	return string(runes[:min(len(runes), longestName)])
}

// quiet sees to it that a customer's message pings nobody but whom the bridge has it mention. Without m.mentions, clients
// would look for names and @room in its text.
func quiet(content *event.Content) {
	msg, ok := content.Parsed.(*event.MessageEventContent)
	for ; ok && msg != nil; msg = msg.NewContent {
		if msg.Mentions == nil {
			msg.Mentions = &event.Mentions{}
		}
		msg.Mentions.Room = false
	}
}

// SetDisplayName calls a ghost by a name that can be shown.
func (i *intent) SetDisplayName(ctx context.Context, name string) error {
	return i.ASIntent.SetDisplayName(ctx, shownName(name))
}

// SendState calls a room by a name that can be shown.
func (i *intent) SendState(ctx context.Context, roomID id.RoomID, eventType event.Type, stateKey string, content *event.Content, at time.Time) (*mautrix.RespSendEvent, error) {
	nameRoom(content)
	return i.ASIntent.SendState(ctx, roomID, eventType, stateKey, content, at)
}

func nameRoom(content *event.Content) {
	if named, ok := content.Parsed.(*event.RoomNameEventContent); ok {
		named.Name = shownName(named.Name)
	}
}
