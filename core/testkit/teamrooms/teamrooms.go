// Package teamrooms stands in for the team's rooms in tests of the desk: it remembers what it was told. What is said under a
// key is said once, as channel.Rooms demands; what is copied, in each room once, as the homeserver has it.
package teamrooms

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"puente/core/desk/channel"
)

// Rooms implements channel.Rooms, but for what no test has needed yet. Its fields are set before it is used, and read when
// nothing runs any more.
type Rooms struct {
	channel.Rooms // nil

	Members   []channel.Party
	Approved  []channel.Template
	Window    channel.Rules
	Err       error // of everything that may fail
	NoticeErr error // of what the team is told
	mu        sync.Mutex
	said      map[string]Said
	told      map[string]told
	copied    map[string]Copied
	order     []string // of the keys of copied
	reachable func(channel.Ref) error
}

// Said is a message to a customer.
type Said struct {
	channel.Message
	To channel.Ref
}

// told is a notice to the team.
type told struct{ answered, text string }

// Copied is something that was said again.
type Copied struct {
	channel.Copy
	To channel.Ref
}

// New makes rooms of a team.
func New(members ...channel.Party) *Rooms {
	return &Rooms{Members: members, said: map[string]Said{}, told: map[string]told{}, copied: map[string]Copied{}}
}

// once notes something under its key, unless that is known or everything fails.
func once[T any](r *Rooms, all map[string]T, key string, one T) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := all[key]; !again && r.Err == nil {
		all[key] = one
	}
	return r.Err
}

// Send implements channel.Rooms. The message's ID is "$" and its key.
func (r *Rooms) Send(_ context.Context, ref channel.Ref, msg channel.Message) (string, error) {
	return "$" + msg.Key, once(r, r.said, msg.Key, Said{msg, ref})
}

// Notify implements channel.Rooms.
func (r *Rooms) Notify(_ context.Context, ref channel.Ref, key, to, text string) error {
	if r.NoticeErr != nil {
		return r.NoticeErr
	}
	return once(r, r.told, key, told{to, text})
}

// Copy implements channel.Rooms. The copy's ID is "$" and its key: nobody needs copies of one key in two rooms. It fails as CopiesFail has it.
func (r *Rooms) Copy(_ context.Context, to channel.Ref, what channel.Copy) (string, error) {
	if r.reachable != nil {
		if err := r.reachable(to); err != nil {
			return "", err
		}
	}
	key := to.Room + " " + what.Key
	r.mu.Lock()
	if _, again := r.copied[key]; !again && r.Err == nil {
		r.order = append(r.order, key)
	}
	r.mu.Unlock()
	return "$" + what.Key, once(r, r.copied, key, Copied{what, to})
}

// CopiesFail has copying fail as told; nil mends it.
func (r *Rooms) CopiesFail(how func(to channel.Ref) error) { r.reachable = how }

// Templates implements channel.Rooms.
func (r *Rooms) Templates(context.Context, channel.Ref) ([]channel.Template, error) {
	return r.Approved, r.Err
}

// Invite implements channel.Rooms.
func (r *Rooms) Invite(context.Context, channel.Ref, string) error { return nil }

// Rules implements channel.Rooms.
func (r *Rooms) Rules(channel.Ref) channel.Rules { return r.Window }

// NetworkName implements channel.Rooms.
func (r *Rooms) NetworkName(network string) string { return network }

// Team implements channel.Rooms.
func (r *Rooms) Team(context.Context) ([]channel.Party, error) { return r.Members, nil }

// Link implements channel.Rooms.
func (r *Rooms) Link(ref channel.Ref, message string) string {
	return strings.TrimSuffix("https://chat/"+ref.Room+"/"+message, "/")
}

// Said returns what customers were told, by key.
func (r *Rooms) Said() map[string]Said {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.said)
}

// Copies returns what was copied, in its order.
func (r *Rooms) Copies() []Copied {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Copied
	for _, key := range r.order {
		list = append(list, r.copied[key])
	}
	return list
}

// Notices returns what the team was told in any room, behind what it answers, if it answers something; sorted.
func (r *Rooms) Notices() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.told {
		list = append(list, strings.TrimPrefix(one.answered+": "+one.text, ": "))
	}
	slices.Sort(list)
	return list
}
