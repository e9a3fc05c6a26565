package crash

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
)

// view is all that can be seen from outside at one moment: the rooms as an agent's client shows them, and the phones.
type view struct {
	in        map[int][]shown // by chat, customers' messages in the rooms
	out       map[int][]shown // by chat, agents' messages on the phones
	changes   map[change]int
	rooms     map[int][]id.RoomID // by chat, those in which its messages are
	status    map[id.EventID]event.MessageStatus
	whys      map[id.EventID]string // of what failed
	orphans   []orphan
	operators []string           // what @puente said to them
	pages     map[token][]string // where each message is, for a report
}

// orphan is a room of Puente's that belongs to no conversation.
type orphan struct {
	Room    id.RoomID `json:"room"`
	Name    string    `json:"name"`
	Creator string    `json:"creator"`
	Members int       `json:"members"`
}

// observe looks at everything anew.
func (l *load) observe(ctx context.Context) (*view, error) {
	v := &view{
		in: map[int][]shown{}, out: map[int][]shown{}, changes: map[change]int{}, rooms: map[int][]id.RoomID{},
		status: map[id.EventID]event.MessageStatus{}, whys: map[id.EventID]string{}, pages: map[token][]string{},
	}
	joined, err := l.w.alice.JoinedRooms(ctx)
	if err != nil {
		return nil, fmt.Errorf("list an agent's rooms: %w", err)
	}
	for _, room := range joined.JoinedRooms {
		events, err := timeline(ctx, l.w.alice.Client, room)
		if err != nil {
			return nil, err
		}
		v.addRoom(l, room, events)
	}
	for _, c := range l.all() {
		messages, err := c.messages()
		if err != nil {
			return nil, fmt.Errorf("look at the phone of %s: %w", c.name(), err)
		}
		v.addPhone(c, messages)
	}
	v.addDeletions(l)
	v.orphans, err = l.w.orphans(ctx, v)
	return v, err
}

// timeline reads all of a room as a user sees it, the oldest first.
func timeline(ctx context.Context, client *mautrix.Client, room id.RoomID) ([]*event.Event, error) {
	var events []*event.Event
	for from := ""; ; {
		page, err := client.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 500)
		if err != nil {
			return nil, fmt.Errorf("read the room %s: %w", room, err)
		}
		events = append(events, page.Chunk...)
		if page.End == "" || len(page.Chunk) == 0 {
			break
		}
		from = page.End
	}
	slices.Reverse(events)
	for _, evt := range events {
		_ = evt.Content.ParseRaw(evt.Type) // what cannot be read has no words
	}
	return events, nil
}

// addRoom takes in a room's timeline.
func (v *view) addRoom(l *load, room id.RoomID, events []*event.Event) {
	var blanks []shown
	owner := 0
	targets := l.ownEvents()
	for _, evt := range events {
		if status, ok := evt.Content.Parsed.(*event.BeeperMessageStatusEventContent); ok {
			v.status[status.RelatesTo.EventID] = status.Status
			v.whys[status.RelatesTo.EventID] = status.Message
			continue
		}
		if _, ghost := isGhost(evt.Sender); !ghost {
			v.addNotice(evt)
			continue
		}
		switch parsed := evt.Content.Parsed.(type) {
		case *event.ReactionEventContent:
			if t, ok := targets[parsed.RelatesTo.EventID]; ok {
				v.changes[change{kind: reacted, target: t, dir: in}]++
			}
		case *event.MessageEventContent:
			t, ok := findToken(words(parsed))
			switch {
			case evt.Unsigned.RedactedBecause != nil:
				blanks = append(blanks, shown{blank: true, id: evt.ID.String()})
			case parsed.RelatesTo != nil && parsed.RelatesTo.Type == event.RelReplace:
				if ok && parsed.NewContent != nil && strings.Contains(parsed.NewContent.Body, changedWords) {
					v.changes[change{kind: edited, target: t, dir: in}]++
				}
			case ok && t.dir == in:
				owner = t.chat
				v.in[t.chat] = append(v.in[t.chat], shown{token: t, id: evt.ID.String()})
				v.pages[t] = append(v.pages[t], fmt.Sprintf("event %s in %s", evt.ID, room))
				if !slices.Contains(v.rooms[t.chat], room) {
					v.rooms[t.chat] = append(v.rooms[t.chat], room)
				}
			}
		}
	}
	if owner != 0 {
		v.in[owner] = append(v.in[owner], blanks...)
	}
}

// ownEvents are the agents' messages by their events.
func (l *load) ownEvents() map[id.EventID]token {
	events := map[id.EventID]token{}
	for _, c := range l.all() {
		for _, one := range c.lines(out) {
			events[one.event] = one.token
		}
	}
	return events
}

// addPhone takes in what a phone shows of a chat.
func (v *view) addPhone(c *chat, messages []phone.Message) {
	for _, m := range messages {
		t, ok := findToken(m.Text)
		switch {
		case m.Line != "":
		case !ok && m.Deleted && !m.Mine && m.From == "":
			v.out[c.n] = append(v.out[c.n], shown{blank: true, id: m.ID})
		case ok && t.dir == out:
			v.out[c.n] = append(v.out[c.n], shown{token: t, deleted: m.Deleted, id: m.ID})
			v.pages[t] = append(v.pages[t], fmt.Sprintf("message %s of %s on the phone", m.ID, m.At.Format("15:04:05.000")))
			if m.Edited && strings.Contains(m.Text, changedWords) {
				v.changes[change{kind: edited, target: t, dir: out}]++
			}
		case ok:
			for _, emoji := range m.Reactions {
				if strings.HasPrefix(emoji, thumb) {
					v.changes[change{kind: reacted, target: t, dir: out}]++
				}
			}
		}
	}
}

// addDeletions counts as shown those deletions whose message can be read no more.
func (v *view) addDeletions(l *load) {
	for _, c := range l.all() {
		for _, side := range []struct {
			dir  string
			seen []shown
		}{{in, v.in[c.n]}, {out, v.out[c.n]}} {
			for _, one := range c.lines(side.dir) {
				if one.deleted && !slices.ContainsFunc(side.seen, func(s shown) bool { return s.token == one.token && !s.deleted && !s.blank }) {
					v.changes[change{kind: removed, target: one.token, dir: side.dir}] = 1
				}
			}
		}
	}
}

// operatorsRoom is what Puente calls the room in which it speaks to the operators.
const operatorsRoom = "Puente operators"

// orphans lists the rooms of Puente's in which somebody still is and which belong to no conversation.
func (w *world) orphans(ctx context.Context, v *view) ([]orphan, error) {
	known := map[id.RoomID]bool{}
	for _, rooms := range v.rooms {
		known[rooms[0]] = true // a second one for the same conversation is an orphan
	}
	var found []orphan
	told := false
	for from := 0; ; {
		var page struct {
			Rooms []struct {
				ID      id.RoomID `json:"room_id"`
				Name    string    `json:"name"`
				Creator string    `json:"creator"`
				Members int       `json:"joined_members"`
				Type    string    `json:"room_type"`
			} `json:"rooms"`
			Next int `json:"next_batch"`
		}
		address := w.admin.BuildURLWithQuery(mautrix.SynapseAdminURLPath{"v1", "rooms"}, map[string]string{"limit": "500", "from": fmt.Sprint(from)})
		if _, err := w.admin.MakeRequest(ctx, http.MethodGet, address, nil, &page); err != nil {
			return nil, fmt.Errorf("list the homeserver's rooms: %w", err)
		}
		for _, room := range page.Rooms {
			ours := strings.HasPrefix(room.Creator, "@puente")
			if !ours || room.Members == 0 || known[room.ID] || room.Type == string(event.RoomTypeSpace) {
				continue
			}
			if room.Name == operatorsRoom && !told {
				told = true
				continue
			}
			found = append(found, orphan{Room: room.ID, Name: room.Name, Creator: room.Creator, Members: room.Members})
		}
		if page.Next == 0 {
			return found, nil
		}
		from = page.Next
	}
}
