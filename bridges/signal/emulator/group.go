package emulator

import (
	"fmt"
	"slices"

	"puente/core/base/errs"
)

// Group is a Signal group.
type Group struct {
	ID          string   `json:"id"` // base64 of 32 bytes; made if empty
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Members     []Member `json:"members"`
	// OnlyAdminsSend makes it a group of announcements; the other two say who may add people and change details.
	OnlyAdminsSend bool `json:"only_admins_send"`
	OnlyAdminsAdd  bool `json:"only_admins_add"`
	OnlyAdminsEdit bool `json:"only_admins_edit"`
}

// Member is somebody in a group.
type Member struct {
	ACI   string `json:"aci"`
	Admin bool   `json:"admin"`
	Label string `json:"label"`
	Emoji string `json:"emoji"` // of the label
}

// group is a group and all that changes with it.
type group struct {
	Group
	Revision   int      `json:"revision"`
	Pending    []string `json:"pending"`    // invited
	Requesting []string `json:"requesting"` // waiting to be let in by link
	Banned     []string `json:"banned"`
	Link       string   `json:"link"` // enabled, enabledWithApproval or empty
	LinkCode   string   `json:"link_code"`
	Avatar     string   `json:"avatar"`     // file ID
	Known      []string `json:"known"`      // accounts that have the group, also after they left
	BlockedBy  []string `json:"blocked_by"` // accounts that blocked it
}

func (g *group) member(aci string) *Member {
	for i := range g.Members {
		if g.Members[i].ACI == aci {
			return &g.Members[i]
		}
	}
	return nil
}

func (g *group) knows(aci string) bool {
	return g.member(aci) != nil || slices.Contains(g.Known, aci) || slices.Contains(g.Pending, aci)
}

func (g *group) join(aci string) {
	g.Pending = without(g.Pending, aci)
	g.Requesting = without(g.Requesting, aci)
	if g.member(aci) == nil {
		g.Members = append(g.Members, Member{ACI: aci})
	}
	if !slices.Contains(g.Known, aci) {
		g.Known = append(g.Known, aci)
	}
}

func (g *group) leave(aci string) {
	g.Members = slices.DeleteFunc(g.Members, func(m Member) bool { return m.ACI == aci })
	g.Pending = without(g.Pending, aci)
}

func (g *group) lastAdmin(aci string) bool {
	me := g.member(aci)
	if me == nil || !me.Admin || len(g.Members) == 1 {
		return false
	}
	return !slices.ContainsFunc(g.Members, func(m Member) bool { return m.ACI != aci && m.Admin })
}

func (g *group) url() string {
	if g.Link == "" {
		return ""
	}
	return "https://signal.group/#" + g.LinkCode
}

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == one })
}

func (s *state) group(id string) *group {
	for _, g := range s.Groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// AddGroup makes a group. Members are customers and, by ACI, accounts of the business; the first one made it and is
// its admin. The business hears of it.
func (e *Emulator) AddGroup(g Group) (Group, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if g.ID == "" {
		g.ID = newGroupID()
	}
	if len(g.Members) == 0 || g.Name == "" {
		return Group{}, fmt.Errorf("group of the emulator: it needs a name and members: %w", errs.ErrInvalid)
	}
	if e.st.group(g.ID) != nil {
		return Group{}, fmt.Errorf("group of the emulator: %w", errs.ErrConflict)
	}
	g.Members = slices.Clone(g.Members)
	g.Members[0].Admin = true
	made := &group{Group: g, LinkCode: newFileID()}
	for _, m := range g.Members {
		if e.st.party(m.ACI) == nil {
			return Group{}, fmt.Errorf("member of an emulated group: %w", errs.ErrNotFound)
		}
		made.Known = append(made.Known, m.ACI)
	}
	made.Avatar = e.keep(Sample("group.jpg"))
	e.st.Groups = append(e.st.Groups, made)
	author := e.known(g.Members[0].ACI)
	e.groupChanged(made, author, author.name()+" made the group", false)
	return g, nil
}

// GroupInfo returns what a group is now.
func (e *Emulator) GroupInfo(id string) (Group, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.st.group(id)
	if g == nil {
		return Group{}, fmt.Errorf("group of the emulator: %w", errs.ErrNotFound)
	}
	out := g.Group
	out.Members = slices.Clone(g.Members)
	return out, nil
}

// Groups lists all groups in the order in which they were made.
func (e *Emulator) Groups() []Group {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Group
	for _, g := range e.st.Groups {
		one := g.Group
		one.Members = slices.Clone(g.Members)
		out = append(out, one)
	}
	return out
}

// groupChanged counts a change of a group, shows it as a line and tells the business's accounts, also those that are
// no longer in it. It returns the timestamp. The caller holds mu.
func (e *Emulator) groupChanged(g *group, author *party, line string, fromDaemon bool, also ...string) int64 {
	g.Revision++
	t := e.st.groupThread(g.ID)
	at := e.stamp(author.aci)
	e.addLine(t, author.aci, at, line)
	ev := event{author: author, thread: t, at: at, fromDaemon: fromDaemon, data: e.groupUpdate(g, t)}
	e.tell(ev)
	for _, aci := range append(also, g.Pending...) {
		if b := e.st.account(aci); b != nil && b.ACI != author.aci && g.member(aci) == nil {
			e.tellOther(b, ev)
		}
	}
	e.touch()
	return at
}

// groupUpdate writes a dataMessage that says only that the group changed. ref: reference/signal-cli.md §5, groupInfo
func (e *Emulator) groupUpdate(g *group, t *thread) func(*business) object {
	return func(b *business) object {
		out := e.plain(b, t, t.Timer)
		out["groupInfo"] = object{"groupId": g.ID, "groupName": g.Name, "revision": g.Revision, "type": "UPDATE"}
		return out
	}
}

// InviteAccount has a member invite an account of the business, which then decides by sendMessageRequestResponse.
func (e *Emulator) InviteAccount(groupID, byACI, accountNumber string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, b := e.st.group(groupID), e.st.account(accountNumber)
	if g == nil || b == nil || g.member(byACI) == nil {
		return fmt.Errorf("invite an account into an emulated group: %w", errs.ErrNotFound)
	}
	g.Pending = append(without(g.Pending, b.ACI), b.ACI)
	by := e.known(byACI)
	e.groupChanged(g, by, by.name()+" invited "+b.party().name(), false)
	return nil
}

// acceptInvite lets an invited account in.
func (e *Emulator) acceptInvite(b *business, g *group) {
	if !slices.Contains(g.Pending, b.ACI) {
		return
	}
	g.join(b.ACI)
	e.groupChanged(g, b.party(), b.party().name()+" joined", true)
}
