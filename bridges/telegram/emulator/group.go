package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Group is a group, supergroup or channel.
type Group struct {
	// ID is negative; -100… of supergroups and channels. Its ending may be one of MagicNumbers. 0 has one made.
	ID         int64
	Title      string
	Username   string // public supergroups and channels
	Supergroup bool
	Channel    bool
	Forum      bool // needs Supergroup
	// Members are user IDs of people; the first one owns it.
	Members []int64
	// Bots are IDs of bots that are in it as ordinary members, Admins of those that are administrators.
	Bots, Admins []int64
}

// AddGroup makes a group, with the lines and updates that its first bots get.
func (e *Emulator) AddGroup(g Group) (Group, error) {
	if g.Title == "" || len(g.Members) == 0 || g.Forum && !g.Supergroup {
		return Group{}, fmt.Errorf("group of the emulator: a title and a member are needed, and a forum is a supergroup: %w", errs.ErrInvalid)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	one := &chat{Kind: kindGroup, Title: g.Title, Username: g.Username, Forum: g.Forum}
	switch {
	case g.Channel:
		one.Kind = kindChannel
	case g.Supergroup:
		one.Kind = kindSupergroup
	}
	if g.ID == 0 {
		g.ID = e.newGroupID(one.Kind != kindGroup)
	}
	if g.ID > 0 || e.st.chat(groupKey(g.ID)) != nil {
		return Group{}, fmt.Errorf("group of the emulator: the ID is taken or positive: %w", errs.ErrConflict)
	}
	for i, id := range g.Members {
		if e.st.person(id) == nil {
			return Group{}, fmt.Errorf("member of an emulated group: %w", errs.ErrNotFound)
		}
		status := statusMember
		if i == 0 {
			status = statusCreator
		}
		one.Members = append(one.Members, &member{ID: id, Status: status, Since: e.clock.Now()})
	}
	bots := slices.Concat(g.Bots, g.Admins)
	for _, id := range bots {
		if e.st.bot(id) == nil {
			return Group{}, fmt.Errorf("bot of an emulated group: %w", errs.ErrNotFound)
		}
	}
	one.ID, one.Key = g.ID, groupKey(g.ID)
	e.st.Chats = append(e.st.Chats, one)
	for _, id := range bots {
		e.join(one, g.Members[0], id)
	}
	for _, id := range g.Admins {
		e.setStatus(one, g.Members[0], id, statusAdmin)
	}
	e.touch()
	return g, nil
}

// newGroupID makes an ID of a group, or one that begins with -100. The caller holds mu.
func (e *Emulator) newGroupID(long bool) int64 {
	n := 2_000_000_000 + e.st.next()*10_000 + 1112
	if long {
		return -1_000_000_000_000 - n
	}
	return -n
}

// join lets somebody into a group, with the line that everybody sees. The caller holds mu.
func (e *Emulator) join(one *chat, by, id int64) {
	if one.has(id) {
		return
	}
	status := statusMember
	if one.Kind == kindChannel && e.st.bot(id) != nil {
		status = statusAdmin // a bot can be in a channel only as that
	}
	e.setStatus(one, by, id, status)
	if one.Kind != kindChannel {
		e.service(one, by, object{"new_chat_members": []any{e.wireUser(id)}})
	}
}
