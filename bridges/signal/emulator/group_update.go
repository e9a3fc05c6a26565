package emulator

import (
	"fmt"
	"strings"
)

// groupEdit is a change of a group on its way, and what people read of it.
type groupEdit struct {
	e     *Emulator
	b     *business
	g     *group
	p     params
	lines []string
	gone  []string // ACIs that are no longer in it
}

func doUpdateGroup(c *call, b *business, p params) (any, error) {
	e := c.e
	id := p.text("groupId")
	edit := &groupEdit{e: e, b: b, p: p}
	if id == nil {
		edit.g = &group{Group: Group{ID: newGroupID(), Members: []Member{{ACI: b.ACI, Admin: true}}}, LinkCode: newFileID(), Known: []string{b.ACI}}
		edit.lines = append(edit.lines, "made the group")
	} else if g, err := e.memberGroup(b, *id); err != nil {
		return nil, err
	} else {
		edit.g = g
	}
	if err := edit.allowed(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{edit.details, edit.people, edit.admins, edit.rights, edit.timer, edit.label} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if id == nil {
		e.st.Groups = append(e.st.Groups, edit.g)
	}
	response := object{}
	if len(edit.lines) > 0 {
		at := e.groupChanged(edit.g, b.party(), b.party().name()+" "+strings.Join(edit.lines, ", "), true, edit.gone...)
		response["timestamp"], response["results"] = at, e.groupResults(b, edit.g)
	}
	if id == nil {
		response["groupId"] = edit.g.ID
	}
	return response, nil
}

// allowed checks that the account may do what it asks for: the server refuses the rest.
func (g *groupEdit) allowed() error {
	if g.g.member(g.b.ACI).Admin {
		return nil
	}
	denied := internalError("Failed to send message: StatusCode: 403 (AuthorizationFailedException)")
	for _, key := range []string{"admin", "removeAdmin", "removeMember", "ban", "unban", "link", "resetLink",
		"setPermissionAddMember", "setPermissionEditDetails", "setPermissionSendMessages"} {
		if g.p.has(key) {
			return denied
		}
	}
	for _, key := range []string{"name", "description", "avatar", "expiration"} {
		if g.p.has(key) && g.g.OnlyAdminsEdit {
			return denied
		}
	}
	if g.p.has("member") && g.g.OnlyAdminsAdd {
		return denied
	}
	return nil
}

// details reads name, description and avatar.
func (g *groupEdit) details() error {
	if name := g.p.text("name"); name != nil && *name != g.g.Name {
		g.g.Name = *name
		g.lines = append(g.lines, "named the group “"+*name+"”")
	}
	if description := g.p.text("description"); description != nil {
		g.g.Description = *description
		g.lines = append(g.lines, "changed the description")
	}
	if picture := g.p.text("avatar"); picture != nil {
		f, err := dataURI(*picture)
		if err != nil {
			return userError("Failed to add avatar attachment for group\": " + err.Error())
		}
		g.g.Avatar = g.e.keep(f)
		g.lines = append(g.lines, "changed the picture")
	}
	return nil
}

// people reads member, removeMember, ban and unban.
func (g *groupEdit) people() error {
	do := map[string]func(*party){
		"member": func(p *party) {
			g.g.join(p.aci)
			g.lines = append(g.lines, "added "+p.name())
		},
		"removeMember": func(p *party) {
			g.g.leave(p.aci)
			g.gone = append(g.gone, p.aci)
			g.lines = append(g.lines, "removed "+p.name())
		},
		"ban": func(p *party) {
			g.g.leave(p.aci)
			g.gone = append(g.gone, p.aci)
			g.g.Banned = append(without(g.g.Banned, p.aci), p.aci)
			g.lines = append(g.lines, "banned "+p.name())
		},
		"unban": func(p *party) { g.g.Banned = without(g.g.Banned, p.aci) },
	}
	for _, key := range []string{"member", "removeMember", "ban", "unban"} {
		whom, err := g.e.partiesIn(g.b, g.p, key)
		if err != nil {
			return err
		}
		for _, p := range whom {
			if p.person == nil && p.business == nil {
				return unregisteredError{p.aci}
			}
			do[key](p)
		}
	}
	return nil
}

// admins reads admin and removeAdmin.
func (g *groupEdit) admins() error {
	for _, change := range []struct {
		key, line string
		admin     bool
	}{{"admin", "gave an admin's rights to ", true}, {"removeAdmin", "took the admin's rights from ", false}} {
		whom, err := g.e.partiesIn(g.b, g.p, change.key)
		if err != nil {
			return err
		}
		for _, p := range whom {
			if m := g.g.member(p.aci); m != nil && m.Admin != change.admin {
				m.Admin = change.admin
				g.lines = append(g.lines, change.line+p.name())
			}
		}
	}
	return nil
}

// rights reads link, resetLink and the permissions.
func (g *groupEdit) rights() error {
	if link := g.p.text("link"); link != nil {
		to, ok := map[string]string{
			"enabled": "enabled", "enabledWithApproval": "enabledWithApproval", "enabled-with-approval": "enabledWithApproval", "disabled": "",
		}[*link]
		if !ok {
			return userError("Invalid group link state: " + *link)
		}
		g.g.Link = to
		g.lines = append(g.lines, "changed the group's link")
	}
	if g.p.flag("resetLink") {
		g.g.LinkCode = newFileID()
		g.lines = append(g.lines, "reset the group's link")
	}
	for key, right := range map[string]*bool{
		"setPermissionAddMember": &g.g.OnlyAdminsAdd, "setPermissionEditDetails": &g.g.OnlyAdminsEdit,
		"setPermissionSendMessages": &g.g.OnlyAdminsSend,
	} {
		value := g.p.text(key)
		if value == nil {
			continue
		}
		if *value != "every-member" && *value != "only-admins" {
			return userError("Invalid group permission: " + *value)
		}
		*right = *value == "only-admins"
		g.lines = append(g.lines, "changed the group's rights")
	}
	return nil
}

// timer reads expiration.
func (g *groupEdit) timer() error {
	if seconds := g.p.number("expiration"); seconds != nil {
		g.e.st.groupThread(g.g.ID).Timer = int(*seconds)
		g.lines = append(g.lines, timerLine(int(*seconds)))
	}
	return nil
}

// label reads memberLabel and memberLabelEmoji, which are the account's own.
func (g *groupEdit) label() error {
	label, emoji, me := g.p.text("memberLabel"), g.p.text("memberLabelEmoji"), g.g.member(g.b.ACI)
	if label == nil && emoji == nil {
		return nil
	}
	if label != nil {
		me.Label = *label
	}
	if emoji != nil {
		me.Emoji = *emoji
	}
	g.lines = append(g.lines, "changed their label")
	return nil
}

// timerLine says what happened to the disappearing messages.
func timerLine(seconds int) string {
	if seconds == 0 {
		return "switched disappearing messages off"
	}
	return fmt.Sprintf("set messages to disappear after %d s", seconds)
}
