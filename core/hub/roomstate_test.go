package hub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// stateChange is a state event that somebody put into a room after it was made.
type stateChange struct {
	Room      id.RoomID
	Type, Key string
	Sender    id.UserID
	Content   map[string]any
}

// initialState is what a room is created with.
func initialState(body object) []any {
	all, _ := body["initial_state"].([]any)
	add := func(kind string, content object) {
		all = append(all, object{"type": kind, "state_key": "", "content": content})
	}
	if name, _ := body["name"].(string); name != "" {
		add("m.room.name", object{"name": name})
	}
	if topic, _ := body["topic"].(string); topic != "" {
		add("m.room.topic", object{"topic": topic})
	}
	return all
}

// states are a room's state events but for its members. hs.mu is held.
func (hs *homeserver) stateEvents(room id.RoomID) []object {
	type place struct{ kind, key string }
	var order []place
	found := map[place]object{}
	put := func(kind, key string, content any) {
		at := place{kind, key}
		if found[at] == nil {
			order = append(order, at)
		}
		found[at] = object{"type": kind, "state_key": key, "content": content}
	}
	initial, _ := hs.states[room].([]any)
	for _, raw := range initial {
		evt := maps.Clone(raw.(object))
		key, _ := evt["state_key"].(string)
		put(evt["type"].(string), key, evt["content"])
	}
	for _, change := range hs.changes {
		if change.Room == room {
			put(change.Type, change.Key, change.Content)
		}
	}
	all := make([]object, len(order))
	for i, at := range order {
		all[i] = found[at]
	}
	return all
}

// state is all of a room's state, with its members.
func (hs *homeserver) state(user id.UserID, room id.RoomID) (int, any) {
	if hs.members[room][user] != event.MembershipJoin {
		return 403, object{"errcode": "M_FORBIDDEN", "error": "User not in room"}
	}
	all := hs.stateEvents(room)
	for member, membership := range hs.members[room] {
		all = append(all, object{"type": "m.room.member", "state_key": member, "sender": member, "content": object{"membership": membership}})
	}
	return 200, all
}

// oneState reads or changes one of a room's states. Like Synapse, it makes no event of a state that is there already.
func (hs *homeserver) oneState(method string, user id.UserID, at stateChange) (int, any) {
	if hs.members[at.Room][user] != event.MembershipJoin {
		return 403, object{"errcode": "M_FORBIDDEN", "error": "User not in room"}
	}
	var there any
	for _, evt := range hs.stateEvents(at.Room) {
		if evt["type"] == at.Type && evt["state_key"] == at.Key {
			there = evt["content"]
		}
	}
	switch {
	case method == http.MethodPut && !sameJSON(there, at.Content):
		hs.changes = append(hs.changes, at)
		fallthrough
	case method == http.MethodPut:
		hs.next++
		return 200, object{"event_id": fmt.Sprintf("$state%d", hs.next)}
	case there == nil:
		return 404, object{"errcode": "M_NOT_FOUND"}
	}
	return 200, there
}

func sameJSON(one, other any) bool {
	var a, b any
	for value, into := range map[*any]*any{&one: &a, &other: &b} {
		raw, err := json.Marshal(*value)
		if err != nil || json.Unmarshal(raw, into) != nil {
			return false
		}
	}
	return reflect.DeepEqual(a, b)
}

// setState changes a room's state as somebody outside of Puente does.
func (hs *homeserver) setState(room id.RoomID, kind event.Type, key string, content object) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.changes = append(hs.changes, stateChange{Room: room, Type: kind.Type, Key: key, Content: content})
}

// changed returns the contents that a state of a room was given since it was made, in order.
func (hs *homeserver) changed(room id.RoomID, kind event.Type, key string) (list []object) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, change := range hs.changes {
		if change.Room == room && change.Type == kind.Type && change.Key == key {
			list = append(list, change.Content)
		}
	}
	return list
}

// shows is the content of one of a room's states; nil if it has none.
func (hs *homeserver) shows(room id.RoomID, kind event.Type, key string) object {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, evt := range hs.stateEvents(room) {
		if evt["type"] == kind.Type && evt["state_key"] == key {
			content, _ := evt["content"].(object)
			return content
		}
	}
	return nil
}

// loseWith has the homeserver do what is asked for, and say otherwise where the test wants.
func (hs *homeserver) loseWith(lose func(r *http.Request, parts []string) int) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.lose = lose
}
