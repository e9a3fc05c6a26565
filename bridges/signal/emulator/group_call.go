package emulator

import (
	"fmt"
	"slices"
	"strings"
)

func doListGroups(c *call, b *business, p params) (any, error) {
	ids := p.texts("groupId")
	out := []object{}
	for _, id := range ids {
		g, err := c.e.groupFor(b, id)
		if err != nil {
			return nil, err
		}
		out = append(out, c.e.groupOut(b, g))
	}
	if len(ids) > 0 {
		return out, nil
	}
	for _, g := range c.e.st.Groups {
		if g.knows(b.ACI) {
			out = append(out, c.e.groupOut(b, g))
		}
	}
	return out, nil
}

// groupOut writes a group as an account sees it. ref: reference/signal-cli.md §3, listGroups
func (e *Emulator) groupOut(b *business, g *group) object {
	members, admins := []object{}, []object{}
	for _, m := range g.Members {
		one := e.memberOut(b, m.ACI)
		if m.Admin {
			admins = append(admins, e.memberOut(b, m.ACI))
		}
		one["isAdmin"] = m.Admin
		if m.Label != "" {
			one["label"] = m.Label
		}
		if m.Emoji != "" {
			one["labelEmoji"] = m.Emoji
		}
		members = append(members, one)
	}
	several := func(acis []string) []object {
		return each(acis, func(aci string) object { return e.memberOut(b, aci) })
	}
	return object{
		"id": g.ID, "name": g.Name, "description": g.Description, "isMember": g.member(b.ACI) != nil, "isBlocked": slices.Contains(g.BlockedBy, b.ACI),
		"messageExpirationTime": e.st.groupThread(g.ID).Timer, "members": members, "admins": admins,
		"pendingMembers": several(g.Pending), "requestingMembers": several(g.Requesting), "banned": several(g.Banned),
		"permissionAddMember": permission(g.OnlyAdminsAdd), "permissionEditDetails": permission(g.OnlyAdminsEdit),
		"permissionSendMessage": permission(g.OnlyAdminsSend), "groupInviteLink": orNull(g.url()),
	}
}

func (e *Emulator) memberOut(b *business, aci string) object {
	return object{"number": orNull(b.numberOf(e.known(aci))), "uuid": aci}
}

func permission(onlyAdmins bool) string {
	if onlyAdmins {
		return "ONLY_ADMINS"
	}
	return "EVERY_MEMBER"
}

func doJoinGroup(c *call, b *business, p params) (any, error) {
	uri := p.textOr("uri")
	code, ok := strings.CutPrefix(uri, "https://signal.group/#")
	if !ok {
		return nil, userError("Link is not a signal group invitation link")
	}
	for _, g := range c.e.st.Groups {
		if g.LinkCode != code || g.Link == "" || slices.Contains(g.Banned, b.ACI) {
			continue
		}
		if g.Link == "enabledWithApproval" && g.member(b.ACI) == nil {
			g.Requesting = append(without(g.Requesting, b.ACI), b.ACI)
			g.Known = append(without(g.Known, b.ACI), b.ACI)
			at := c.e.groupChanged(g, b.party(), b.party().name()+" asks to join", true)
			return object{"timestamp": at, "results": []object{}, "groupId": g.ID, "onlyRequested": true}, nil
		}
		g.join(b.ACI)
		at := c.e.groupChanged(g, b.party(), b.party().name()+" joined by the link", true)
		return object{"timestamp": at, "results": c.e.groupResults(b, g), "groupId": g.ID}, nil
	}
	return nil, userError("Group link is not valid: Group link inactive")
}

func doQuitGroup(c *call, b *business, p params) (any, error) {
	e := c.e
	id := p.textOr("groupId")
	g, err := e.groupFor(b, id)
	if err != nil {
		return nil, userError("Failed to send to group: " + err.Error())
	}
	heirs, err := e.partiesIn(b, p, "admin")
	if err != nil {
		return nil, err
	}
	for _, heir := range heirs {
		if m := g.member(heir.aci); m != nil {
			m.Admin = true
		}
	}
	forget := p.flag("delete")
	var result any
	if g.knows(b.ACI) && (g.member(b.ACI) != nil || slices.Contains(g.Pending, b.ACI)) {
		if g.lastAdmin(b.ACI) {
			return nil, userError(fmt.Sprintf("You need to specify a new admin with --admin: User is last admin in group: %s (%s)", g.Name, g.ID))
		}
		g.leave(b.ACI)
		at := e.groupChanged(g, b.party(), b.party().name()+" left the group", true)
		result = object{"timestamp": at, "results": e.groupResults(b, g)}
	}
	if forget {
		g.Known = without(g.Known, b.ACI)
	}
	return result, nil
}

// groupResults are the results of a change of a group: it reached all members.
func (e *Emulator) groupResults(b *business, g *group) []object {
	out := []object{}
	for _, m := range g.Members {
		if m.ACI != b.ACI {
			// Without groupId: only sends to a group name it in each result.
			out = append(out, object{"recipientAddress": b.address(e.known(m.ACI)), "type": Success})
		}
	}
	return out
}

// partiesIn reads a list of recipients that must exist.
func (e *Emulator) partiesIn(b *business, p params, key string) ([]*party, error) {
	names := p.texts(key)
	var out []*party
	for _, name := range names {
		who, err := e.resolveFor(b, name)
		if err != nil {
			return nil, err
		}
		out = append(out, who)
	}
	return out, nil
}
