package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// shown is what a client shows of a conversation's room.
type shown struct {
	topic  string
	facts  map[string]any
	pinned []id.EventID
	cards  map[id.EventID]string // the bots' notices by the event that they are, or change; the last word of each
}

// card is what the pinned card says.
func (s *shown) card() string {
	if len(s.pinned) != 1 {
		return ""
	}
	return s.cards[s.pinned[0]]
}

// snapshot is what the client of the one who is in all rooms shows of them, by one request.
func (o *office) snapshot() map[id.RoomID]*shown {
	o.Helper()
	type part = map[string]any
	none := part{"types": []string{}}
	kinds := []string{"m.room.topic", "m.room.pinned_events", factsEvent.Type}
	filter, err := json.Marshal(part{
		"presence": none, "account_data": none,
		"room": part{
			"ephemeral": none, "account_data": none, "state": part{"types": kinds},
			// What is newer than the timeline's begin is in the timeline alone.
			"timeline": part{"types": append(kinds, "m.room.message"), "limit": 60},
		},
	})
	o.must(err)
	lead := o.lead()
	lead.Client.Client.Timeout = o.opts.patience
	synced, err := lead.FullSyncRequest(o.ctx, mautrix.ReqSync{FilterID: string(filter)})
	o.must(err)
	all := map[id.RoomID]*shown{}
	for room, joined := range synced.Rooms.Join {
		one := &shown{cards: map[id.EventID]string{}}
		for _, evt := range slices.Concat(joined.State.Events, joined.Timeline.Events) {
			o.must(one.take(evt))
		}
		all[room] = one
	}
	return all
}

// take learns from one event, which is newer than all before.
func (s *shown) take(evt *event.Event) error {
	switch evt.Type.Type {
	case "m.room.topic":
		s.topic, _ = evt.Content.Raw["topic"].(string)
		return nil
	case factsEvent.Type:
		s.facts = evt.Content.Raw
		return nil
	}
	evt.Type.Class = event.StateEventType
	if evt.StateKey == nil {
		evt.Type.Class = event.MessageEventType
	}
	if err := evt.Content.ParseRaw(evt.Type); err != nil {
		return fmt.Errorf("read an event of type %s: %w", evt.Type.Type, err)
	}
	switch content := evt.Content.Parsed.(type) {
	case *event.PinnedEventsEventContent:
		s.pinned = content.Pinned
	case *event.MessageEventContent:
		if target := content.RelatesTo.GetReplaceID(); target != "" && content.NewContent != nil {
			s.cards[target] = content.NewContent.Body
		} else {
			s.cards[evt.ID] = content.Body
		}
	}
	return nil
}

// conversation is what the desk's table says.
type conversation struct {
	room, name, status, assignee, team, labels string
	opened                                     int64
}

const conversationsQuery = `SELECT room_id, name, status, assignee, team, labels, opened_at FROM pu_conversation`

func (o *office) conversations() (list []conversation) {
	o.Helper()
	rows, err := o.app.DB.Query(o.ctx, conversationsQuery)
	o.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c conversation
		o.must(rows.Scan(&c.room, &c.name, &c.status, &c.assignee, &c.team, &c.labels, &c.opened))
		list = append(list, c)
	}
	o.must(rows.Err())
	return list
}

// views are the keys of the views that it must be in. ref: docs/desk.md, "Views"
func (c conversation) views() (keys []string) {
	active := c.status == "open" || c.status == "pending"
	switch {
	case c.status == "snoozed":
		keys = append(keys, "snoozed")
	case c.status == "open" && c.assignee == "":
		keys = append(keys, "unassigned")
	case active && c.assignee != "":
		keys = append(keys, "mine:"+c.assignee)
	}
	if active && c.team != "" {
		keys = append(keys, "team:"+c.team)
	}
	return keys
}

// order is its place in them.
func (c conversation) order() string { return fmt.Sprintf("%015d", c.opened) }

// spaces are the rooms in each view with their order, by its key, as the client of somebody whose view it is has them.
func (o *office) spaces() map[string]map[string]string {
	o.Helper()
	rows, err := o.app.DB.Query(o.ctx, `SELECT key, room_id FROM pu_view`)
	o.must(err)
	places := map[string]id.RoomID{}
	for rows.Next() {
		var key, room string
		o.must(rows.Scan(&key, &room))
		places[key] = id.RoomID(room)
	}
	o.must(rows.Err())
	o.must(rows.Close())
	found := map[string]map[string]string{}
	for key, room := range places {
		found[key] = o.children(o.whose(key), room)
	}
	return found
}

func (o *office) children(reader *agent, space id.RoomID) map[string]string {
	o.Helper()
	_, err := reader.JoinRoomByID(o.ctx, space)
	o.must(err)
	state, err := reader.State(o.ctx, space)
	o.must(err)
	inside := map[string]string{}
	for room, evt := range state[event.StateSpaceChild] {
		if child := evt.Content.AsSpaceChild(); len(child.Via) > 0 {
			inside[room] = child.Order
		}
	}
	return inside
}

// whose is somebody who is in a view.
func (o *office) whose(key string) *agent {
	user, own := strings.CutPrefix(key, "mine:")
	team, teams := strings.CutPrefix(key, "team:")
	for _, a := range o.agents {
		if own && a.UserID.String() == user {
			return a
		}
	}
	switch {
	case teams && team == "sales":
		return o.sales()[0]
	case teams && team == "support":
		return o.support()[0]
	case teams:
		return o.clerk()
	}
	return o.lead()
}
