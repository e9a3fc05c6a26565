package inbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"puente/core/desk/channel"
)

// rooms are the team's rooms, which remember what they were told. What is said under a key is said once, as the seam
// demands.
type rooms struct {
	channel.Rooms // nil: what no test should call

	mu      sync.Mutex
	team    []channel.Party
	faces   map[string]channel.Face // by room, as it looks now
	painted map[string]int          // how often each room was told how to look
	views   map[string]channel.View // by key
	sent    map[string]channel.Message
	guests  map[string]string // by user, "in" or why they were removed
	fail    func(what, about string) error
	paint   func(room string) // while a room is told how to look
}

func newRooms(team ...channel.Party) *rooms {
	return &rooms{
		team: team, faces: map[string]channel.Face{}, painted: map[string]int{}, views: map[string]channel.View{},
		sent: map[string]channel.Message{}, guests: map[string]string{},
	}
}

// does is one thing that the rooms are told, unless they shall fail.
func (r *rooms) does(what, about string, do func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(what, about); err != nil {
			return fmt.Errorf("%s %s: %w", what, about, err)
		}
	}
	do()
	return nil
}

func (r *rooms) ShowFace(_ context.Context, ref channel.Ref, face channel.Face) error {
	r.mu.Lock()
	paint := r.paint
	r.painted[ref.Room]++
	r.mu.Unlock()
	if paint != nil {
		paint(ref.Room)
	}
	return r.does("face", ref.Room, func() { r.faces[ref.Room] = face })
}

func (r *rooms) ShowView(_ context.Context, view channel.View) error {
	return r.does("view", view.Key, func() { r.views[view.Key] = view })
}

func (r *rooms) ViewLink(_ context.Context, key string) (string, error) {
	return "https://chat/" + key, nil
}

func (r *rooms) Send(_ context.Context, _ channel.Ref, msg channel.Message) (string, error) {
	return "$" + msg.Key, r.does("send", msg.Key, func() {
		if _, again := r.sent[msg.Key]; !again {
			r.sent[msg.Key] = msg
		}
	})
}

func (r *rooms) Invite(_ context.Context, _ channel.Ref, user string) error {
	return r.does("invite", user, func() { r.guests[user] = "in" })
}

func (r *rooms) Remove(_ context.Context, _ channel.Ref, user, reason string) error {
	return r.does("remove", user, func() { r.guests[user] = reason })
}

// guest is "in", or why somebody was removed.
func (r *rooms) guest(user string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.guests[user]
}

// Rules are those of WhatsApp, whatever the network.
func (r *rooms) NetworkName(network string) string { return network }

func (r *rooms) Rules(channel.Ref) channel.Rules {
	return channel.Rules{FreeTextWindow: 24 * time.Hour}
}

func (r *rooms) Team(context.Context) (team []channel.Party, err error) {
	return team, r.does("team", "", func() { team = slices.Clone(r.team) })
}

func (r *rooms) Link(ref channel.Ref, message string) string {
	return strings.TrimSuffix("https://chat/"+ref.Room+"/"+message, "/")
}

// failWith has the rooms fail; nil mends them.
func (r *rooms) failWith(fail func(what, about string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

// setTeam changes who is on the team.
func (r *rooms) setTeam(team ...channel.Party) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.team = team
}

// looks is how a room looks now, and how often it was told to.
func (r *rooms) looks(room string) (channel.Face, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faces[room], r.painted[room]
}

// seen are the views that were shown, by key.
func (r *rooms) seen() map[string]channel.View {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.views)
}

// said are the messages that were sent to customers, by key.
func (r *rooms) said() map[string]channel.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.sent)
}
